"""What a sentence of a finding may be compared with: a number in the unit of its term, or another term of that unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from cds.quantity import spelled, unit_key
from cds.rulebook.model import AnyTerm, Definition, Joined
from cds.rulebook.report import Where
from cds.rulebook.sentences import Bound, Compared, SomeResult, Twice, comparisons_of

IONISED_UNIT = "mmol/L"
Comparing: TypeAlias = Compared | SomeResult | Twice


def check_bounds(sentence: Comparing, where: Where, terms: Mapping[str, AnyTerm]) -> None:
    """Report bounds of another unit than the term, and those that this form of sentence does not read."""
    for comparison, ionised in comparisons_of(sentence):
        bound = comparison.bound
        if bound.term:
            _check_term(bound, sentence, where, terms)
        if bound.number or not bound.term:
            _check_unit(bound, sentence.term, IONISED_UNIT if ionised else terms[sentence.term].unit, where)


def _check_unit(bound: Bound, term: str, unit: str, where: Where) -> None:
    if unit_key(bound.unit or "1") != unit_key(unit or "1"):
        what = f"'{bound.unit or 'no unit'}' is not the unit of {term}."
        todo = f"Write the number in {spelled(unit)}." if unit else "Write the number alone."
        where.problem(what, todo, "unknown-unit")


def _check_term(bound: Bound, sentence: Comparing, where: Where, terms: Mapping[str, AnyTerm]) -> None:
    """A term of another unit is no bound; past results and single ones are not compared with any term."""
    other, own = terms[bound.term], terms[sentence.term]
    if unit_key(other.unit or "1") != unit_key(own.unit or "1"):
        what = f"'{bound.term}' has not the unit of {sentence.term}."
        where.problem(what, "Compare it with a term of the same unit.", "unknown-unit")
    elif isinstance(sentence, Twice):
        where.problem(f"'{bound}' is no number.", "Compare past results with a number.", "bad-sentence")
    elif isinstance(sentence, SomeResult) and (bound.number or not _is_limit(other)):
        todo = "Compare single results with a number or with a reference limit."
        where.problem(f"'{bound}' is not known for a single result.", todo, "bad-sentence")


def _is_limit(term: AnyTerm) -> bool:
    return str(getattr(term, "formula", "")).endswith(" reference limit")


def holds_a_number(definition: Definition) -> bool:
    """Whether a finding rests on a number of its own, which needs a source."""
    if isinstance(definition, Joined):
        return False
    bounds = [comparison.bound for comparison, _ in comparisons_of(definition)]
    return bool(getattr(definition, "days", 0)) or any(bound.number or not bound.term for bound in bounds)
