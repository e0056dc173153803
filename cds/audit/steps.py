"""The decision table of a scale: what is found, and what is decided, on each step between two thresholds.

Nothing is drawn by hand: the invented patient of rulebook.yaml is evaluated with one value on each step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.audit.amounts import Unit, number
from cds.audit.scales import DAYS, Scale
from cds.cards.wording import unit_text
from cds.evaluation import Evaluator
from cds.quantity import PRESENT, Interval, point
from cds.review.cases import chart_with
from cds.rulebook.cases import Given
from cds.rulebook.model import Computed, RuleBook

OUTSIDE = 0.25
"""How far a scale reaches beyond its outermost thresholds, as a share of what lies between them."""


class Step(NamedTuple):
    """A part of a scale on which everything is the same: the findings that are present, and the answer."""

    part: Interval
    findings: tuple[str, ...]
    outcome: str
    decided_by: str


def reach_of(scale: Scale) -> Interval:
    """The part of a scale that is drawn: all thresholds, also a patient's own, and something on both sides."""
    ends = [end for item in scale.stretches for part in (item.sure, item.may) for end in (part.low, part.high)]
    known = [*scale.marks, *(end for end in ends if abs(end) != float("inf"))]
    low, high = min(known), max(known)
    beyond = OUTSIDE * (high - low) if high > low else max(abs(high) * OUTSIDE * 2, 1.0)
    floor = 0.0 if low >= 0 else float("-inf")
    return Interval(max(floor, low - beyond), high + beyond)


def steps_of(evaluator: Evaluator, scale: Scale) -> list[Step]:
    """The steps of a scale from the lowest; none for a scale of days."""
    found: list[Step] = []
    for part in _parts(scale) if scale.unit != DAYS else ():
        step = _step(evaluator, scale, part)
        if found and found[-1][1:] == step[1:]:
            before = found[-1].part
            found[-1] = step._replace(part=Interval(before.low, part.high, before.low_open, part.high_open))
        else:
            found.append(step)
    return found


def _parts(scale: Scale) -> Iterator[Interval]:
    """Every threshold by itself, and every gap between two of them."""
    reach = reach_of(scale)
    before, is_open = reach.low, False
    for mark in scale.marks:
        if mark > before or is_open:
            yield Interval(before, mark, is_open, high_open=True)
        yield Interval(mark, mark)
        before, is_open = mark, True
    yield Interval(before, reach.high, low_open=True)


def _step(evaluator: Evaluator, scale: Scale, part: Interval) -> Step:
    value = Given(point(round((part.low + part.high) / 2, 6)), scale.unit)
    answer = evaluator.evaluate(chart_with(evaluator.book, _reported(evaluator.book, scale.term), value)).answer
    states = {item.finding: answer.inferred.state(item.finding) for item in scale.stretches}
    present = tuple(name for name, state in states.items() if state == PRESENT)
    return Step(part, present, answer.decision.outcome, answer.decision.decided_by)


def _reported(book: RuleBook, name: str) -> str:
    """The term itself, or the one whose value it passes on: the limits of calcium follow the scale of the latter."""
    term = book.terms[name]
    if isinstance(term, Computed) and term.formula == "the same while usable":
        return _reported(book, term.inputs[0])
    return name


def step_text(step: Step, scale: Scale, unit: Unit | None = None) -> str:
    """``below 12 ng/mL``, ``12 to below 20 ng/mL``, ``150 ng/mL or more``; in another unit where one is given."""
    reach, part = reach_of(scale), step.part
    words = unit.name if unit else unit_text(scale.unit)
    low, high = (number(end / unit.factor) if unit else f"{end:g}" for end in (part.low, part.high))
    if part.is_point:
        return f"{low} {words}".strip()
    if part.low == reach.low and part.high == reach.high:
        return "any"
    if part.low == reach.low:
        return f"below {high} {words}".strip() if part.high_open else f"{high} {words}".strip() + " or less"
    if part.high == reach.high:
        return f"above {low} {words}".strip() if part.low_open else f"{low} {words}".strip() + " or more"
    return f"{'above ' if part.low_open else ''}{low} to {'below ' if part.high_open else ''}{high} {words}".strip()
