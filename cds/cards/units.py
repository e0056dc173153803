"""In which units the values of a term are printed: first the unit of the rules, then, where both are wanted, another.

An overlay may want another unit first. This is the only place that chooses: texts with placeholders, the lines of
cards, explanations and the audit book ask here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cds.quantity import Interval, spelled, unit_key
from cds.rulebook.graph import measured_by
from cds.rulebook.model import AnyTerm, Frozen, RuleBook
from cds.rulebook.scales import ANYTHING, Scale, scales_of

CHEMICAL = "mol"
"""What the units of the SI in laboratories are made of, where conventional ones are made of grams."""


class PrintedUnit(NamedTuple):
    """A unit as people write it, and what one of it is worth in the unit of the value."""

    text: str
    factor: float


@lru_cache(maxsize=1024)
def units_shown(book: RuleBook, term: str, unit: str) -> tuple[PrintedUnit, ...]:
    """The unit that is printed first for values of a term which are held in ``unit``, and the second, if there is one.

    The first is that of the overlay where it names one in which the values may be written; then the second is the unit
    of the rules. Else the second is the first accepted one of the other kind: of the SI for a conventional one, and the
    other way round.
    """
    own = unit_key(unit)
    first = PrintedUnit(unit, 1.0)
    scale = _scale(book.terms, term, own)
    factors = {} if scale is None else scale.factors
    behind = (found.name for found in measured_by(term, book.terms)) if book.wording.units_of_terms else ()
    wanted = book.wording.first_unit(factors, unit, behind)
    if unit_key(wanted) != own:
        return PrintedUnit(wanted, factors[unit_key(wanted)] / factors[own]), first
    others = [key for key in factors if key != own and is_other_kind(own, key)]
    return (first, *(PrintedUnit(spelled(key), factors[key] / factors[own]) for key in others[:1]))


@lru_cache(maxsize=1024)
def range_of(book: RuleBook, term: str, unit: str) -> Interval:
    """What values of a term that are held in a unit can be: a value that reaches an end of it is open there."""
    scale = _scale(book.terms, term, unit_key(unit))
    return ANYTHING if scale is None else scale.plausible


def _scale(terms: Frozen[str, AnyTerm], term: str, own: str) -> Scale | None:
    """The scale of a unit."""
    return next((scale for scale in scales_of(terms[term], terms) if unit_key(scale.unit) == own), None)


def is_other_kind(own: str, key: str) -> bool:
    """Whether a unit is of the other kind than the one of the rules: of the SI for a conventional one, and back."""
    if CHEMICAL in own or CHEMICAL in key:
        return (CHEMICAL in own) != (CHEMICAL in key) and "eq" not in key
    return own.endswith("/dl") and key.endswith("/l") and "eq" not in key


def in_first_unit(book: RuleBook, term: str, value: Interval, unit: str) -> tuple[Interval, str, bool]:
    """A value of a term that is held in ``unit``, in the unit that is printed first; whether that is another one."""
    first = units_shown(book, term, unit)[0]
    if first.factor == 1:
        return value, unit, False
    factor = 1 / first.factor
    return value._replace(low=value.low * factor, high=value.high * factor), first.text, True
