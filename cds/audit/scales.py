"""The thresholds on one term, gathered on a scale, and its steps: what is found and decided between two thresholds.

Nothing is drawn by hand: the invented patient of rulebook.yaml is evaluated with one value on each step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cds.audit.amounts import ANY_NUMBER, Unit, common, holding, level_of
from cds.audit.two_units import converted
from cds.cards.wording import unit_text
from cds.evaluation import Evaluator
from cds.forms.comparing import Twice
from cds.quantity import PRESENT, Interval, point
from cds.review.cases import chart_with
from cds.rulebook.cases import Given
from cds.rulebook.model import Computed, Finding, Form, RuleBook
from cds.rulebook.model.form import Comparison

IN_DAYS = "days"


class HeldRange(NamedTuple):
    """Where on a scale a finding holds: surely, and perhaps (where the limit is the patient's own).

    ``marks`` are the usual numbers of its thresholds; ``note`` says what it needs beside one value.
    """

    finding: str
    sure: Interval
    may: Interval
    marks: tuple[float, ...]
    note: str = ""


class ThresholdScale(NamedTuple):
    """All thresholds on one term in one unit; ``days`` scales measure time instead of the term's value."""

    term: str
    unit: str
    title: str
    stretches: tuple[HeldRange, ...]

    @property
    def marks(self) -> tuple[float, ...]:
        """Every threshold, in order."""
        return tuple(sorted({mark for stretch in self.stretches for mark in stretch.marks}))


def threshold_scales(book: RuleBook, findings: Iterable[Finding]) -> list[ThresholdScale]:
    """The scales on which these findings have thresholds, in the order of the findings; days last."""
    found: dict[tuple[str, str, str], list[HeldRange]] = {}
    for finding in findings:
        for key, stretch in _stretches(book, finding):
            found.setdefault(key, []).append(stretch)
    scales = (
        ThresholdScale(*key, tuple(sorted(stretches, key=lambda item: (item.may.low, item.may.high, item.finding))))
        for key, stretches in found.items()
    )
    return sorted(scales, key=lambda scale: scale.unit == IN_DAYS)


def _stretches(book: RuleBook, finding: Finding) -> Iterator[tuple[tuple[str, str, str], HeldRange]]:
    form = finding.definition
    for scale, own in by_scale(book, form):
        term = form.terms[0]
        unit = book.topic.scales[scale] if scale else book.terms[term].unit
        note = "in two results" if isinstance(form, Twice) else ""
        yield (term, unit, f"{term}, {scale}" if scale else term), _compared(book, finding.name, own, scale, note)
    if form.time:
        title, within = form.time
        marks = tuple(end for end in (within.low, within.high) if end not in (0, float("inf")))
        yield (form.terms[0], IN_DAYS, title), HeldRange(finding.name, within, within, marks)


def by_scale(book: RuleBook, form: Form) -> Iterator[tuple[str, list[Comparison]]]:
    """The comparisons of a form on the scale of its term (''), and on each other scale that has some."""
    for scale in ("", *book.topic.scales) if form.thresholds else ():
        if own := [item for item, written in form.thresholds if written == scale] or _by_limits(book, form, scale):
            yield scale, own


def _by_limits(book: RuleBook, form: Form, scale: str) -> list[Comparison]:
    """The comparisons of a form on a scale for which it writes none: with limits that have a number of that scale."""
    limits = (getattr(book.terms.get(item.bound.term), "numbers", {}) for item, _ in form.thresholds)
    return [item for item, _ in form.thresholds] if all(f"{scale} default" in own for own in limits) else []


def _compared(book: RuleBook, name: str, comparisons: list[Comparison], scale: str, note: str) -> HeldRange:
    sure, may, marks = ANY_NUMBER, ANY_NUMBER, tuple[float, ...]()
    for comparison in comparisons:
        level = level_of(book, comparison.bound, scale)
        surely, perhaps = holding(comparison.word, level)
        sure, may, marks = common(sure, surely), common(may, perhaps), (*marks, *level.usual)
    return HeldRange(name, sure, may, marks, note)


OUTSIDE = 0.25
"""How far a scale reaches beyond its outermost thresholds, as a share of what lies between them."""


class ScaleStep(NamedTuple):
    """A part of a scale on which everything is the same: the findings that are present, and the answer."""

    part: Interval
    findings: tuple[str, ...]
    outcome: str
    decided_by: str


def reach_of(scale: ThresholdScale) -> Interval:
    """The part of a scale that is drawn: all thresholds, also a patient's own, and something on both sides."""
    ends = [end for item in scale.stretches for part in (item.sure, item.may) for end in (part.low, part.high)]
    known = [*scale.marks, *(end for end in ends if abs(end) != float("inf"))]
    low, high = min(known), max(known)
    beyond = OUTSIDE * (high - low) if high > low else max(abs(high) * OUTSIDE * 2, 1.0)
    floor = 0.0 if low >= 0 else float("-inf")
    return Interval(max(floor, low - beyond), high + beyond)


def scale_steps(evaluator: Evaluator, scale: ThresholdScale) -> list[ScaleStep]:
    """The steps of a scale from the lowest; none for a scale of days."""
    found: list[ScaleStep] = []
    for part in _parts(scale) if scale.unit != IN_DAYS else ():
        step = _step(evaluator, scale, part)
        if found and found[-1][1:] == step[1:]:
            before = found[-1].part
            found[-1] = step._replace(part=Interval(before.low, part.high, before.low_open, part.high_open))
        else:
            found.append(step)
    return found


def _parts(scale: ThresholdScale) -> Iterator[Interval]:
    """Every threshold by itself, and every gap between two of them."""
    reach = reach_of(scale)
    before, is_open = reach.low, False
    for mark in scale.marks:
        if mark > before or is_open:
            yield Interval(before, mark, is_open, high_open=True)
        yield Interval(mark, mark)
        before, is_open = mark, True
    yield Interval(before, reach.high, low_open=True)


def _step(evaluator: Evaluator, scale: ThresholdScale, part: Interval) -> ScaleStep:
    value = Given(point(round((part.low + part.high) / 2, 6)), scale.unit)
    answer = evaluator.evaluate(chart_with(evaluator.book, _reported(evaluator.book, scale.term), value)).answer
    states = {item.finding: answer.inferred.state(item.finding) for item in scale.stretches}
    present = tuple(name for name, state in states.items() if state == PRESENT)
    return ScaleStep(part, present, answer.decision.outcome, answer.decision.decided_by)


def _reported(book: RuleBook, name: str) -> str:
    """The term itself, or the one whose value it passes on: the limits of calcium follow the scale of the latter."""
    term = book.terms[name]
    if isinstance(term, Computed) and term.formula == "the same while usable":
        return _reported(book, term.inputs[0])
    return name


def step_text(step: ScaleStep, scale: ThresholdScale, unit: Unit | None = None) -> str:
    """``below 12 ng/mL``, ``12 to below 20 ng/mL``, ``150 ng/mL or more``; in another unit where one is given."""
    reach, part = reach_of(scale), step.part
    words = unit.name if unit else unit_text(scale.unit)
    low, high = (converted(end / unit.factor) if unit else f"{end:g}" for end in (part.low, part.high))
    if part.is_point:
        return f"{low} {words}".strip()
    if part.low == reach.low and part.high == reach.high:
        return "any"
    if part.low == reach.low:
        return f"below {high} {words}".strip() if part.high_open else f"{high} {words}".strip() + " or less"
    if part.high == reach.high:
        return f"above {low} {words}".strip() if part.low_open else f"{low} {words}".strip() + " or more"
    return f"{'above ' if part.low_open else ''}{low} to {'below ' if part.high_open else ''}{high} {words}".strip()
