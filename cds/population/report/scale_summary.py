"""A counted scale as JSON data: its thresholds, the patients on each step, and the bins of its picture."""

from __future__ import annotations

from math import inf

from cds.audit.amounts import Unit, other_unit, short_number
from cds.audit.scales import HeldRange, ThresholdScale
from cds.cards.wording import unit_text
from cds.jsontypes import Json
from cds.population.report.bins import Bin, bins_of
from cds.population.report.distributions import NOTHING, CountedScale
from cds.population.report.small_cells import Cell, SmallCells
from cds.quantity import Interval
from cds.rulebook.model import RuleBook

WITHOUT, ACROSS = -2, -1
"""Beside the steps of a scale: patients without a value in its unit, and with an interval across a threshold."""


def scale_summary(book: RuleBook, counted: CountedScale, answered: int, cells: SmallCells) -> Json:
    """A scale; of a step that is not shown there are no bins, of patients without a value only their number."""
    counts = {WITHOUT: answered - counted.with_value, ACROSS: counted.across, **dict(enumerate(counted.steps))}
    shown = cells.partition(counts)
    scale, other = counted.scale, other_unit(book, counted.scale.term, counted.scale.unit)
    with_value = (cells.cell if isinstance(shown[WITHOUT], int) else cells.hidden)(counted.with_value)
    return {
        "title": scale.title,
        "term": scale.term,
        "unit": unit_text(scale.unit),
        **({"otherUnit": other.name} if other else {}),
        **({"fromNothing": True} if counted.cuts[0] == NOTHING else {}),
        "withValue": with_value,
        "withoutValue": shown[WITHOUT],
        "acrossAThreshold": shown[ACROSS],
        "thresholds": [_threshold(scale, mark, other) for mark in scale.marks],
        "steps": [
            _step(counted, step, shown[step], cells.per_100(shown[step], with_value), other)
            for step in range(len(counted.cuts) + 1)
        ],
        "bins": [_bin(held) for step, held in _shown_bins(counted, shown, cells)],
    }


def _shown_bins(counted: CountedScale, shown: dict[int, Cell], cells: SmallCells) -> list[tuple[int, Bin]]:
    found = bins_of(counted, cells)
    return [(step, held) for step, bins in found.items() if isinstance(shown[step], int) for held in bins]


def _threshold(scale: ThresholdScale, mark: float, other: Unit | None) -> Json:
    drawn = [held for held in scale.stretches if mark in held.marks]
    return {
        "at": mark,
        **({"other": mark / other.factor} if other else {}),
        "findings": [held.finding for held in drawn],
        "patientsOwnLimit": [held.finding for held in drawn if held.may != held.sure],
    }


def _step(counted: CountedScale, step: int, patients: Cell, per_100: float | None, other: Unit | None) -> Json:
    span, unit = counted.span(step), Unit(unit_text(counted.scale.unit), 1.0)
    return {
        "from": None if span.low == -inf else span.low,
        "to": None if span.high == inf else span.high,
        "range": range_text(span, unit),
        **({"otherRange": range_text(span, other)} if other else {}),
        "patients": patients,
        "per100": per_100,
        "findings": [held.finding for held in counted.scale.stretches if _holds(held.sure, span)],
        "perhaps": [held.finding for held in counted.scale.stretches if _only_perhaps(held, span)],
    }


def range_text(span: Interval, unit: Unit) -> str:
    """``below 12 ng/mL``, ``12 to below 20 ng/mL``, ``above 150 ng/mL``, in a unit."""
    low, high = (_number(end, unit) for end in (span.low, span.high))
    if span.is_point:
        return f"{low} {unit.name}".strip()
    if span.low == -inf:
        return f"below {high} {unit.name}".strip() if span.high_open else f"{high} {unit.name}".strip() + " or less"
    if span.high == inf:
        return f"above {low} {unit.name}".strip() if span.low_open else f"{low} {unit.name}".strip() + " or more"
    return f"{'above ' * span.low_open}{low} to {'below ' * span.high_open}{high} {unit.name}".strip()


def _number(value: float, unit: Unit) -> str:
    return f"{value:g}" if unit.factor == 1 or abs(value) == inf else short_number(value / unit.factor)


def _holds(where: Interval, span: Interval) -> bool:
    """Whether all of a step lies where a finding holds."""
    starts = where.low < span.low or (where.low == span.low and (span.low_open or not where.low_open))
    ends = where.high > span.high or (where.high == span.high and (span.high_open or not where.high_open))
    return starts and ends


def _only_perhaps(held: HeldRange, span: Interval) -> bool:
    """Whether a finding may hold on some of a step, depending on the patient's own limit, or on part of it only."""
    if held.may == held.sure or _holds(held.sure, span):
        return False
    below = held.may.high < span.low or (held.may.high == span.low and (held.may.high_open or span.low_open))
    above = held.may.low > span.high or (held.may.low == span.high and (held.may.low_open or span.high_open))
    return not below and not above


def _bin(held: Bin) -> Json:
    return {
        "from": None if held.low == -inf else held.low,
        "to": None if held.high == inf else held.high,
        "patients": held.patients,
    }
