"""The numbers of findings and terms, with their units, and whether a number of a text is one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from cds.review.number_words import base_unit
from cds.review.written_numbers import YEAR_OF_AGE, WrittenNumber
from cds.rulebook.graph import FINDING, TERM, Node, measured_by
from cds.rulebook.lines import OLDEST
from cds.rulebook.model import AnyTerm, Computed, Dose, Finding, Frozen, Measurement, RuleBook
from cds.rulebook.model.form import DAY, PERCENT
from cds.rulebook.scales import scales_of

Factors = tuple[tuple[str, float], ...]
"""Units, by their keys, with what one is worth in the unit of a number."""
HOURS_A_DAY = 24
UCUM_DAY = "d"
MOST_IN_DAYS = {"month": 31 / 30, "year": 366 / 365}
"""Months and years have no fixed number of days: three months are 90 to 93."""


class RuleNumber(NamedTuple):
    """A number of a finding or a term; ``per`` is the time it is an amount of, ``factors`` the other units for it."""

    value: float
    unit: str
    per: str = ""
    factors: Factors = ()


def numbers_of(book: RuleBook, nodes: Iterable[Node]) -> set[RuleNumber]:
    """The numbers of findings and terms: thresholds, days, defaults, amounts of tables."""
    found: set[RuleNumber] = set()
    for kind, name in nodes:
        if kind == FINDING:
            found.update(_of_finding(book, book.findings[name]))
        elif kind == TERM:
            found.update(_of_term(book, book.terms[name]))
    return found


def _of_finding(book: RuleBook, finding: Finding) -> Iterator[RuleNumber]:
    for value, unit, term in finding.definition.amounts(book):
        yield _number(book, term, value, unit) if term else RuleNumber(value, unit)


def _of_term(book: RuleBook, term: AnyTerm) -> Iterator[RuleNumber]:
    for window in getattr(term, "windows", ()):
        yield from (_number(book, term.name, v) for v in (window.at_most, window.below) if v is not None)
    days = [window.days for window in getattr(term, "windows", ())]
    days += [getattr(term, field, None) for field in ("forgotten_after", "unknown_after", "acts_for")]
    yield from (RuleNumber(number, DAY) for number in days if number is not None)
    if isinstance(term, Measurement) and term.conflict is not None:
        yield RuleNumber(term.conflict, PERCENT)
    if isinstance(term, Computed):
        yield from _of_computed(book, term)


def _of_computed(book: RuleBook, term: Computed) -> Iterator[RuleNumber]:
    for name, value in term.numbers.items():
        if "day" in name or "course" in name:
            yield RuleNumber(value, DAY)
        elif "hour" in name:
            yield RuleNumber(value / HOURS_A_DAY, DAY)
        elif "years" in name:
            yield RuleNumber(value, YEAR_OF_AGE)
        elif "percent" in name:
            yield RuleNumber(value, PERCENT)
        else:
            scales = book.topic.scales.items()
            yield _number(book, term.name, value, next((own for s, own in scales if name.startswith(f"{s} ")), ""))
    for row in term.rows:
        yield _number(book, term.name, row.amount)
        yield from (RuleNumber(age, YEAR_OF_AGE) for age in (row.first, row.last) if 0 < age < OLDEST)
    yield from (_number(book, term.name, item.amount) for item in term.instead if item.amount is not None)


def _number(book: RuleBook, term: str, value: float, unit: str = "") -> RuleNumber:
    base, per = base_unit(unit or book.terms[term].unit or "1")
    if base == UCUM_DAY:
        return RuleNumber(value, DAY)
    return RuleNumber(value, base, per, factors_of(book.terms, term, base))


@lru_cache(maxsize=1024)
def factors_of(terms: Frozen[str, AnyTerm], term: str, unit: str) -> Factors:
    """The units in which numbers of a term may be written, with what one is worth in one of its units."""
    doses = (found for found in measured_by(term, terms) if isinstance(found, Dose))
    of_nutrient = next((dose.factors for dose in doses), Frozen())
    found = dict(of_nutrient) if unit in of_nutrient else {}
    for scale in scales_of(terms[term], terms):
        if base_unit(scale.unit or "1")[0] == unit:
            found |= {base_unit(key)[0]: factor for key, factor in scale.factors.items()}
    return tuple(found.items())


@lru_cache(maxsize=64)
def all_factors(terms: Frozen[str, AnyTerm], unit: str) -> tuple[Factors, ...]:
    """The ways in which any term, or the nutrient of a dose, gives a number of a unit in other units."""
    ways = [factors_of(terms, name, unit) for name in terms]
    doses = [term.factors for term in terms.values() if isinstance(term, Dose)]
    ways += [tuple((key, factor / units[unit]) for key, factor in units.items()) for units in doses if unit in units]
    return tuple(dict.fromkeys(way for way in ways if way))


def says(mention: WrittenNumber, number: RuleNumber, others: Iterable[Factors] = ()) -> bool:
    """Whether a number of a text is this number: equal in its own unit, within rounding in another one.

    ``others`` are factors to try where the number has none of its own.
    """
    if not mention.unit:
        return _is(mention, mention.written, number.value)
    if mention.unit == DAY:
        return _is_time(mention, number)
    if mention.per and mention.per != number.per:
        return False  # 2500 mg a week are not 2500 mg a day; a text that says neither may mean both
    if mention.unit == number.unit:
        return _is(mention, mention.number, number.value)
    ways = [number.factors] if len(number.factors) > 1 else others
    factors = (dict(way).get(mention.unit) for way in ways)
    return any(_is_about(mention, number.value / factor) for factor in factors if factor)


def _is(mention: WrittenNumber, written: float, value: float) -> bool:
    """Equal; the end of a range may be the number next to an open end (``12 to 19`` for below 20)."""
    return any(abs(written - value) < 1e-9 for written in _readings(mention, written))


def _readings(mention: WrittenNumber, written: float) -> tuple[float, ...]:
    last = float(10**-mention.decimals)
    return (written, written + mention.side * last) if mention.side else (written,)


def _is_about(mention: WrittenNumber, value: float) -> bool:
    """Equal as far as the text has digits; numbers of 100 and more may be rounded to 5 (375 nmol/L for 374.4)."""
    fives = mention.number >= 100 and mention.number % 5 == 0
    near = 2.5 if fives else 0.5 * 10**-mention.decimals
    return any(abs(written - value) <= near + 1e-9 for written in _readings(mention, mention.number))


def _is_time(mention: WrittenNumber, number: RuleNumber) -> bool:
    if number.unit == YEAR_OF_AGE:
        return mention.time == "year" and _is(mention, mention.written, number.value)
    if number.unit != DAY:
        return False
    most = MOST_IN_DAYS.get(mention.time, 1)
    return any(low - 1e-9 <= number.value <= low * most + 1e-9 for low in _readings(mention, mention.number))
