"""What the code and the words of a Procedure mean in the rulebook: conditions, and injections.

A code decides. Where none is known, a term is found by one of its words for procedures anywhere in the text, unless the
text says that it is about something else, or that nothing was done yet: what is planned, offered or declined was not
done, whatever its status is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from cds.intake.elements import codings, plain, remembered, texts
from cds.intake.lookup import meanings
from cds.intake.medicines.administrations import read_when_given
from cds.intake.terminology.denials import NOT_YET, TAKEN_BACK
from cds.intake.terminology.word_patterns import names_of_others
from cds.intake.vocabulary import Vocabulary, vocabulary
from cds.rulebook.model import Condition, RuleBook


class ProcedureMeaning(NamedTuple):
    """The condition terms and the medicine terms of a procedure; whether words alone led to them.

    ``planned``: its words say that it was not done, beside a code that is one of a term.
    """

    terms: tuple[str, ...]
    medicines: tuple[str, ...]
    by_name: bool = False
    planned: bool = False


@lru_cache(maxsize=8)
def procedure_meanings(book: RuleBook) -> Callable[[Any], ProcedureMeaning]:
    """What the code of a Procedure means in a rulebook, remembered."""
    words, named = vocabulary(book), _named_by_procedures(book)
    by_words = [(term.name, _anywhere(term.procedures), names_of_others(term.other_procedures)) for term in named]
    return remembered(lambda code: _meaning(code, words, by_words))


@lru_cache(maxsize=8)
def procedure_words(book: RuleBook) -> tuple[re.Pattern[str], ...]:
    """The words by which procedures are known, also where a text says that they are about something else."""
    return tuple(_anywhere(term.procedures) for term in _named_by_procedures(book))


def _named_by_procedures(book: RuleBook) -> list[Condition]:
    return [term for term in book.terms.values() if isinstance(term, Condition) and term.procedures]


def _anywhere(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern for whole words; what is written without spaces between words is found inside of others."""
    parts = (re.escape(plain(name)).replace(r"\ ", r"[\s-]+") for name in names)
    return re.compile("|".join(rf"(?<!\w){part}(?!\w)" if part[0] < "\u2e80" else part for part in parts), re.I)


ByWords = list[tuple[str, re.Pattern[str], re.Pattern[str]]]


def _meaning(code: Any, words: Vocabulary, by_words: ByWords) -> ProcedureMeaning:
    read = {name for name, _, _ in by_words}
    coded = [(c.get("system"), c.get("code")) for c in codings(code)]
    found = dict.fromkeys(t for each in coded for t, _ in words.conditions.find(*each) if t in read)
    medicines = dict.fromkeys(t for each in coded for t, _ in words.medications.find(*each))
    given = tuple(term.name for term in read_when_given(medicines, words.book))
    said = texts(code)
    if found or given:
        return ProcedureMeaning(tuple(found), given, planned=any(map(NOT_YET.search, said)))
    named = tuple(name for name, ours, others in by_words if any(_says(text, ours, others) for text in said))
    injected = () if any(map(NOT_YET.search, said)) else _injected(code, words.book)
    return ProcedureMeaning(named, injected, by_name=bool(named or injected))


def _injected(code: Any, book: RuleBook) -> tuple[str, ...]:
    """The medicines that words name and that are always injected; of others a procedure may be a test."""
    found = read_when_given(meanings(book).medicine(code, ()).terms, book)
    return tuple(term.name for term in found) if any(term.acts_for is not None for term in found) else ()


def _says(text: str, ours: re.Pattern[str], others: re.Pattern[str]) -> bool:
    """Whether a text names a procedure that was done."""
    if NOT_YET.search(text) or others.search(text):
        return False
    return any(not TAKEN_BACK.search(text[: match.start()]) for match in ours.finditer(text))
