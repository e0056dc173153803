"""The codes and names of the rulebook, turned round: from a code or a name in the record to the terms it feeds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from cds.intake.conditions.anywhere import Anywhere, anywhere_of
from cds.intake.conditions.condition_names import name_key
from cds.intake.conditions.mentions import longest_of
from cds.intake.conditions.other_kinds import OtherKind, other_kinds
from cds.intake.elements import plain
from cds.intake.record import CONDITIONS, MEDICINES
from cds.intake.terminology.codes import Codes, by_code
from cds.intake.terminology.spelling import is_of_ideographs
from cds.intake.terminology.word_patterns import (
    names_beside_signs,
    names_of_others,
    words_of_any_script,
)
from cds.rulebook.model import Condition, Measurement, Medication, RuleBook


class Vocabulary(NamedTuple):
    """Everything that intake needs from the rulebook, indexed once per rulebook."""

    book: RuleBook
    measurements: Codes
    refused: Codes
    result_names: re.Pattern[str]
    other_results: re.Pattern[str]
    beside_symbols: re.Pattern[str]
    result_terms: dict[str, str]
    conditions: Codes
    questions: Codes
    medications: Codes
    wider: Codes
    condition_names: dict[str, list[str]]
    wider_names: dict[str, list[str]]
    searched_conditions: dict[str, None]
    longest_condition: int
    other_conditions: frozenset[str]
    anywhere: tuple[Anywhere, ...]
    other_kinds: dict[str, OtherKind]

    def knows_condition(self, name: str) -> bool:
        """Whether a name is that of a condition, of a term or of another one."""
        return name in self.condition_names or name in self.wider_names or name in self.other_conditions

    def terms_named(self, name: str) -> tuple[str, ...]:
        """The conditions that a name is, or may be."""
        return (*self.condition_names.get(name, ()), *self.wider_names.get(name, ()))

    def may_mean(self, system: object, code: object) -> Iterable[str]:
        """The conditions of which a code is wider."""
        return (*(term for term, _ in self.wider.find(system, code)), *self.conditions.below(system, code))


@lru_cache(maxsize=8)
def vocabulary(book: RuleBook) -> Vocabulary:
    """The vocabulary of a rulebook."""
    terms = book.terms.values()
    measurements = [term for term in terms if isinstance(term, Measurement)]
    conditions = [term for term in terms if isinstance(term, Condition)]
    result_terms = {plain(word): term.name for term in measurements for word in term.known_as}
    searched = dict.fromkeys(_searched(conditions))
    return Vocabulary(
        book=book,
        measurements=by_code((term.codes, term.name) for term in measurements),
        refused=by_code((term.refused, term.name) for term in measurements),
        result_names=names_beside_signs(result_terms),
        other_results=names_of_others(book.topic.other_results),
        beside_symbols=words_of_any_script(book.topic.beside_symbols),
        result_terms=result_terms,
        conditions=by_code((term.codes, term.name) for term in conditions),
        questions=by_code((term.observations, term.name) for term in conditions),
        medications=by_code((term.codes, term.name) for term in terms if isinstance(term, Medication)),
        wider=by_code((term.wider, term.name) for term in conditions),
        condition_names=_by_name((term.name, term.names) for term in conditions),
        wider_names=_by_name((term.name, term.wider_names) for term in conditions),
        searched_conditions=searched,
        longest_condition=longest_of(searched),
        other_conditions=frozenset(map(name_key, book.other_conditions)),
        anywhere=anywhere_of(conditions),
        other_kinds=other_kinds(conditions),
    )


def _by_name(listed: Iterable[tuple[str, Iterable[str]]]) -> dict[str, list[str]]:
    """The terms that a name says, by the name as texts are compared."""
    found: dict[str, list[str]] = {}
    for term, names in listed:
        for name in names:
            found.setdefault(name_key(name), []).append(term)
    return found


def _searched(conditions: Iterable[Condition]) -> Iterator[str]:
    """The names that are looked for among other words; those that count anywhere have a way of their own.

    The words of a status stand in many texts that do not say it.
    """
    for term in conditions:
        yield from map(name_key, term.wider_names)
        found_anywhere = {name_key(name) for name in term.anywhere_names}
        for name in map(name_key, term.names if not term.questions else ()):
            if is_of_ideographs(name) or not (term.anywhere or name in found_anywhere):
                yield name


@lru_cache(maxsize=8)
def systems_of(book: RuleBook) -> dict[str, frozenset[str]]:
    """The code systems by which the rulebook knows medicines, and conditions.

    Those of products alone are none of them: a hospital that adds its few products by codes of a system of its own, or
    a list of salts, does not say that every other code of that system is something else.
    """
    words = vocabulary(book)
    return {
        MEDICINES: frozenset(words.medications.exact),
        CONDITIONS: frozenset(words.conditions.exact),
    }
