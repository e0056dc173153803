"""Numbers and bounds in both systems of units: mg/dL and mmol/L, by the units and factors that the terms accept."""

from __future__ import annotations

from typing import NamedTuple

from cds.audit.two_units import converted
from cds.cards.units import units_shown
from cds.cards.wording import unit_text
from cds.quantity import Interval, spelled, tidy, unit_key
from cds.rulebook.graph import measured_by
from cds.rulebook.model import Computed, Dose, Measurement, Nutrient, RuleBook
from cds.rulebook.model.form import Bound, Comparison

ANY_NUMBER = Interval(float("-inf"), float("inf"), low_open=True, high_open=True)


class Unit(NamedTuple):
    """A unit as people write it, and what one of it is worth in the unit of its term."""

    name: str
    factor: float


def spoken_unit(key: str) -> str:
    """A unit that a term accepts (kept in small letters) as people write it."""
    return unit_text(spelled(key).replace("(24.h)", "d")).replace("ug", "µg").replace("umol", "µmol")


def short_number(value: float) -> str:
    """A number with three significant digits; whole numbers stay whole."""
    return f"{value:.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:.3g}"


def shown(value: float, unit: str) -> str:
    """A number with its unit: ``7.5 mg/dL``."""
    return f"{value:g} {unit_text(unit)}".strip()


def both(book: RuleBook, term: str, value: float, unit: str) -> str:
    """A number of a term in both systems, where there are two: ``10.5 mg/dL (2.62 mmol/L)``.

    Its own unit comes first, unless the wording wants the other one.
    """
    other = other_unit(book, term, unit)
    if other is None:
        return shown(value, unit)
    own, more = shown(value, unit), f"{converted(value / other.factor)} {other.name}"
    return f"{more} ({own})" if units_shown(book, term, unit)[0].factor != 1 else f"{own} ({more})"


def other_unit(book: RuleBook, term: str, unit: str) -> Unit | None:
    """The unit of the other system for a term whose numbers are in ``unit``; None where there is one system only."""
    for found in measured_by(term, book.terms):
        if isinstance(found, Dose) and book.products.nutrients[found.nutrient].other_unit:
            return _of_dose(found, book.products.nutrients[found.nutrient])
        if isinstance(found, Measurement) and unit_key(found.unit) == unit_key(unit):
            return _of_measurement(found)
    return None


def _of_dose(dose: Dose, nutrient: Nutrient) -> Unit:
    word = nutrient.other_unit
    per_day = "" if dose.single else "/day"
    return Unit(word.replace("ug", "µg") + per_day, nutrient.units[unit_key(word)])


def _of_measurement(measurement: Measurement) -> Unit | None:
    molar = "mol" not in measurement.unit
    for key, factor in measurement.units.items():
        if ("mol" in key) is molar and (molar or key.startswith("mg/")):
            return Unit(spoken_unit(key), factor)
    return None


class Level(NamedTuple):
    """A bound as numbers: the usual ones, and the lowest and highest that a patient can have."""

    lowest: float
    usual: tuple[float, ...]
    highest: float


def level_of(book: RuleBook, bound: Bound, scale: str = "") -> Level:
    """The numbers that a bound stands for; empty where the term names none."""
    if not bound.term:
        return Level(bound.number, (bound.number,), bound.number)
    numbers = _numbers(book, bound.term, f"{scale} ".lstrip())
    usual = tuple(sorted({tidy(value + bound.number) for value in numbers[0]}))
    every = [tidy(value + bound.number) for value in (*numbers[0], *numbers[1])] or [bound.number]
    return Level(min(every), usual, max(every))


def _numbers(book: RuleBook, name: str, scale: str) -> tuple[list[float], list[float]]:
    """The usual numbers of a limit, and the ends of what a laboratory may say instead."""
    term = book.terms.get(name)
    if not isinstance(term, Computed):
        return [], []
    usual = [term.numbers[f"{scale}default"]] if f"{scale}default" in term.numbers else []
    usual += [row.amount for row in term.rows]
    usual += [entry.amount for entry in term.instead if entry.amount is not None]
    named = [entry.term for entry in term.instead if entry.term] + ([] if usual else list(term.inputs))
    for other in named:
        usual += _numbers(book, other, scale)[0]
    ends = [term.numbers[key] for key in (f"{scale}plausible from", f"{scale}plausible to") if key in term.numbers]
    return usual, ends


def bound_text(book: RuleBook, term: str, comparison: Comparison, scale: str = "") -> str:
    """The comparison with its number in both systems; for a limit its usual numbers, and how far others may lie."""
    bound, unit = comparison.bound, comparison.bound.unit or book.topic.scales.get(scale, book.terms[term].unit)
    if not bound.term:
        return f"{comparison.word} {both(book, term, bound.number, unit)}"
    level = level_of(book, bound, scale)
    usual = " or ".join(both(book, term, value, unit) for value in level.usual)
    if not usual:
        return f"{comparison.word} {bound}"
    if (level.lowest, level.highest) != (level.usual[0], level.usual[-1]):
        own = _range_in_both(book, term, level, unit)
        return f"usually {comparison.word} {usual}; by the laboratory's own limit {own}"
    return f"{'usually ' if len(level.usual) == 1 else ''}{comparison.word} {usual}"


def _range_in_both(book: RuleBook, term: str, level: Level, unit: str) -> str:
    """From the lowest to the highest number that a patient's own limit can be, as ``both`` writes one number."""
    own, other = f"{level.lowest:g} to {shown(level.highest, unit)}", other_unit(book, term, unit)
    if other is None:
        return own
    more = " to ".join(converted(end / other.factor) for end in (level.lowest, level.highest)) + f" {other.name}"
    return f"{more} ({own})" if units_shown(book, term, unit)[0].factor != 1 else f"{own} ({more})"


def holding(word: str, level: Level) -> tuple[Interval, Interval]:
    """Where a comparison surely holds, and where it may, depending on the patient's own limit."""
    low, high, is_open = level.lowest, level.highest, word in ("above", "below")
    if word in ("above", "at least"):
        return ANY_NUMBER._replace(low=high, low_open=is_open), ANY_NUMBER._replace(low=low, low_open=is_open)
    return ANY_NUMBER._replace(high=low, high_open=is_open), ANY_NUMBER._replace(high=high, high_open=is_open)


def common(one: Interval, other: Interval) -> Interval:
    """The numbers that both hold; ``low`` is above ``high`` where there are none."""
    low, low_open = max((one.low, one.low_open), (other.low, other.low_open))
    high, high_closed = min((one.high, not one.high_open), (other.high, not other.high_open))
    return Interval(low, high, low_open, not high_closed)
