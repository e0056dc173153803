"""What the code of a Condition means in the rulebook: its terms, each with how certain it is, or something else.

A code decides. Where no code is known the name does; where the code is wider than a term, or the name is only one word
among others, there is a question. A text that questions or denies what the code says makes it a question as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from cds.code_systems import CLASSIFICATIONS, SNOMED
from cds.intake.conditions.absence import Absence, absence_in
from cds.intake.conditions.anywhere import said_anywhere
from cds.intake.conditions.chinese import Named
from cds.intake.conditions.condition_names import behind, named_in, speaks_of_others
from cds.intake.conditions.contexts import Context
from cds.intake.conditions.german_certainty import certainty_of
from cds.intake.conditions.mentions import mentioned_in
from cds.intake.conditions.other_kinds import by_their_kind
from cds.intake.elements import codings, texts
from cds.intake.vocabulary import Vocabulary

LONGEST_NAME, LONGEST_TEXT = 300, 10_000
"""A longer text is no name; so much of it is looked through for names."""


class ConditionMeaning(NamedTuple):
    """The condition terms of a concept, each with its context; whether a name alone led to them.

    ``empty``: it says nothing at all. ``known``: it is a term, or known to be something else. ``absence``: it stands
    for none.
    """

    terms: tuple[str, ...]
    contexts: tuple[Context, ...]
    by_name: bool
    empty: bool
    known: bool
    absence: Absence | None


def condition_meaning(concept: Any, words: Vocabulary) -> ConditionMeaning:
    """What the code of a Condition means."""
    pairs = ((coding.get("system"), coding.get("code")) for coding in codings(concept))
    listed = [(system, code) for system, code in pairs if isinstance(system, str) and isinstance(code, str)]
    coded = dict(_coded(concept, words))
    if absence := None if coded else absence_in(listed, texts(concept)):
        return ConditionMeaning((), (), by_name=False, empty=False, known=True, absence=absence)
    classified = any(
        system in CLASSIFICATIONS and code and words.conditions.exact.get(system) for system, code in listed
    )
    spoken, is_other = _spoken(concept, words, classified=classified)
    if not spoken and _only_wider(coded) and _is_named_otherwise(concept, words):
        coded = {}
    found = _weighed(coded, spoken, certainty_of(concept))
    found |= {term: context for term, context in _from_anywhere(concept, words, spoken) if _is_open(coded, term)}
    meant = by_their_kind(found, texts(concept), words.other_kinds)
    said = {term: context for term, context in meant.items() if context not in _NOT_SAID}
    empty = not texts(concept) and not codings(concept)
    known = bool(found or is_other or classified)
    by_name = bool(said) and not coded
    return ConditionMeaning(tuple(said), tuple(said.values()), by_name, empty, known, None)


def _coded(concept: Any, words: Vocabulary) -> Iterator[tuple[str, Context]]:
    """The terms of the codes; of those that are wider, or only the focus of an expression, as questions."""
    pairs = ((coding.get("system"), coding.get("code")) for coding in codings(concept))
    listed = [(system, code) for system, code in pairs if isinstance(system, str) and isinstance(code, str)]
    stated = [code for code in listed if not _focus(*code)]
    focused = [(SNOMED, focus) for code in listed if (focus := _focus(*code))]
    wider = [term for code in listed for term in words.may_mean(*code)]
    wider += [term for code in focused for term, _ in words.conditions.find(*code)]
    yield from ((term, Context.POSSIBLE) for term in wider)
    yield from ((term, Context.STATED) for code in stated for term, _ in words.conditions.find(*code))


def _is_open(coded: dict[str, Context], term: str) -> bool:
    """Whether the codes leave it to the words if a term is meant."""
    return coded.get(term, Context.POSSIBLE) is Context.POSSIBLE


def _only_wider(coded: dict[str, Context]) -> bool:
    """Whether the codes leave open which of several diagnoses is meant."""
    return bool(coded) and all(context is Context.POSSIBLE for context in coded.values())


def _is_named_otherwise(concept: Any, words: Vocabulary) -> bool:
    """Whether each name says, as a whole, which other diagnosis a code that is wider stands for."""
    named = [named_in(text, words.knows_condition) for text in _texts(concept) if len(text) <= LONGEST_NAME]
    return bool(named) and all(found and not any(each.rest for each in found) for found in named)


_EXPRESSION = re.compile(r"(?:===|<<<)?\s*(\d{6,18})\s*(?:\|[^|]*\|)?\s*[:+]")


def _focus(system: object, code: object) -> str:
    """The concept that a postcoordinated expression of SNOMED CT begins with; empty for a code of one concept."""
    found = _EXPRESSION.match(code) if system == SNOMED and isinstance(code, str) else None
    return found[1] if found else ""


def _weighed(coded: dict[str, Context], spoken: dict[str, Context], certainty: Context) -> dict[str, Context]:
    """The terms of the code, as far as the name does not question them; of the name, where no code is known."""
    if not coded:
        return spoken
    stated = {term for term, context in spoken.items() if context is Context.STATED}
    wider = {term for term, context in coded.items() if context is Context.POSSIBLE}
    if stated and wider == coded.keys():
        coded = dict.fromkeys(stated & wider or stated, Context.STATED)
    doubts = (*_NOT_SAID, Context.POSSIBLE)
    weighed = {term: Context.POSSIBLE if spoken.get(term) in doubts else context for term, context in coded.items()}
    return {term: certainty if context is Context.STATED else context for term, context in weighed.items()}


def _spoken(concept: Any, words: Vocabulary, *, classified: bool) -> tuple[dict[str, Context], bool]:
    """The terms that the names of a concept say, and whether a name is known to be of something else.

    Beside a code of a classification, which has a place for every diagnosis, only a whole name counts.
    """
    found: dict[str, set[Context]] = {}
    is_other = False
    for text in _texts(concept):
        named = named_in(text, words.knows_condition) if len(text) <= LONGEST_NAME else []
        is_other = is_other or bool(named) or speaks_of_others(text)
        for term, contexts in _of_one_text(named, words).items():
            found.setdefault(term, set()).update(contexts)
        rests = [rest for _, _, rest in named if rest]
        for rest in rests if named else [behind(text) if speaks_of_others(text) else text]:
            for term in _questions(rest, words) if not classified else ():
                if not named or term not in found:
                    found.setdefault(term, set()).add(Context.POSSIBLE)
    return {term: _one_of(contexts) for term, contexts in found.items()}, is_other


_NOT_SAID = (Context.NEGATED, Context.NOT_HERS)


def _of_one_text(named: Iterable[Named], words: Vocabulary) -> dict[str, set[Context]]:
    """The terms that a text says; one that it states beside a history of it (an infarction) is stated."""
    found: dict[str, set[Context]] = {}
    for name, context, _ in named:
        for term in words.condition_names.get(name, ()):
            found.setdefault(term, set()).add(context)
        for term in words.wider_names.get(name, ()):
            found.setdefault(term, set()).add(context if context in _NOT_SAID else Context.POSSIBLE)
    lasting = {Context.STATED, Context.HISTORICAL}
    return {term: {Context.STATED} if said == lasting else said for term, said in found.items()}


def _texts(concept: Any) -> Iterable[str]:
    """The texts of a concept, that of itself almost whole."""
    own = concept.get("text") if isinstance(concept, dict) else None
    shown = [text for text in texts(concept) if not (isinstance(own, str) and own.startswith(text))]
    return dict.fromkeys([own[:LONGEST_TEXT], *shown] if isinstance(own, str) and own.strip() else shown)


def _questions(text: str, words: Vocabulary) -> list[str]:
    """The terms of which a text speaks among other words."""
    names = mentioned_in(text, words.searched_conditions, words.other_conditions, words.longest_condition)
    return [term for name in names for term in words.terms_named(name)]


def _one_of(contexts: set[Context]) -> Context:
    """One context of several texts; where they do not agree, there is a question."""
    return next(iter(contexts)) if len(contexts) == 1 else Context.POSSIBLE


def _from_anywhere(concept: Any, words: Vocabulary, spoken: dict[str, Context]) -> Iterator[tuple[str, Context]]:
    """What words anywhere in the texts say, unless a whole text was understood to deny or to date it."""
    for term, context in said_anywhere(concept, words.anywhere).items():
        if spoken.get(term) in (None, Context.POSSIBLE, Context.STATED):
            yield term, context
