"""A scale as a ladder, drawn to scale as SVG with its gaps and overlaps, and its decision table, ready for a page.

One row for each finding. A filled end belongs to the finding, a hollow one does not, an arrow goes on; a pale part
holds or not, depending on the patient's own limit. Below: how many findings hold on each step, and what is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from cds.audit import svg
from cds.audit.addresses import slug
from cds.audit.amounts import other_unit
from cds.audit.axis_labels import DIGIT, LEFT, LINE, Labelled, numbers_above, numbers_below
from cds.audit.decisions import look_of
from cds.audit.scales import (
    IN_DAYS,
    HeldRange,
    ScaleStep,
    ThresholdScale,
    reach_of,
    scale_steps,
    step_text,
    threshold_scales,
)
from cds.audit.two_units import Kind, converted, kind_of
from cds.cards.wording import unit_text
from cds.evaluation import Evaluator, evaluator_of
from cds.quantity import Interval
from cds.rulebook.model import Finding, Overlay, RuleBook

RIGHT, BAR = 850.0, 12.0
"""Where the axis ends, and the height of a bar."""
NARROWEST = 15.0


@dataclass(frozen=True)
class Axis:
    """From the values of a scale to places in its picture."""

    reach: Interval

    def x(self, value: float) -> float:
        """Where a value stands; values outside stand at the ends."""
        inside = min(max(value, self.reach.low), self.reach.high)
        return LEFT + (RIGHT - LEFT) * (inside - self.reach.low) / (self.reach.high - self.reach.low)


def ladder(book: RuleBook, scale: ThresholdScale, steps: Sequence[ScaleStep]) -> Markup:
    """The picture of a scale."""
    axis = Axis(reach_of(scale))
    other = None if scale.unit == IN_DAYS else other_unit(book, scale.term, scale.unit)
    unit = unit_text(scale.unit) or "value"
    own = Labelled([(axis.x(mark), f"{mark:g}") for mark in scale.marks], unit)
    more = (
        Labelled([(axis.x(mark), converted(mark / other.factor)) for mark in scale.marks], other.name)
        if other
        else None
    )
    top = numbers_above(more, own, 14.0)
    y = top.height + 4
    rows, bottom = _rows(scale, axis, y + 8)
    strips, end = _strips(book, scale, steps, axis, bottom + 6)
    foot = numbers_below(own, more, end + 14)
    grid = "".join(svg.line(axis.x(mark), y, axis.x(mark), end, class_="grid") for mark in scale.marks)
    inner = grid + "".join(rows) + "".join(strips) + top.drawn + foot.drawn
    title = f"Ladder of {scale.title}"
    return svg.picture(foot.height + 6, title, _described(scale), inner, data_first=kind_of(unit))


def _described(scale: ThresholdScale) -> str:
    names = ", ".join(item.finding for item in scale.stretches)
    marks = ", ".join(f"{mark:g}" for mark in scale.marks)
    return f"Thresholds at {marks} {unit_text(scale.unit)}; findings: {names}."


def _rows(scale: ThresholdScale, axis: Axis, y: float) -> tuple[list[str], float]:
    drawn = []
    for item in scale.stretches:
        lines = svg.wrapped(item.finding + (f" ({item.note})" if item.note else ""), 36)
        height = max(LINE * len(lines), BAR) + 9
        middle = y + height / 2
        first = middle - LINE * (len(lines) - 1) / 2 + 5
        drawn += [
            svg.text(LEFT - 22, first + LINE * n, words, text_anchor="end", class_="name")
            for n, words in enumerate(lines)
        ]
        drawn += _bar(item, axis, middle)
        y += height
    return drawn, y


def _bar(item: HeldRange, axis: Axis, y: float) -> Iterator[str]:
    yield svg.line(LEFT, y, RIGHT, y, class_="rail")
    for part, look in ((item.may, "may"), (item.sure, "sure")):
        if part.low <= part.high and (look == "sure" or item.may != item.sure):
            yield svg.rect(axis.x(part.low), y - BAR / 2, axis.x(part.high) - axis.x(part.low), BAR, class_=look)
    yield from _ends(item, axis, y)


def _ends(item: HeldRange, axis: Axis, y: float) -> Iterator[str]:
    may = item.may
    for value, is_open, way in ((may.low, may.low_open, -1), (may.high, may.high_open, 1)):
        x = axis.x(value)
        if not axis.reach.inside(value, value) and abs(value) == float("inf"):
            left, top, half = svg.coordinate(x), svg.coordinate(y - BAR), svg.coordinate(BAR)
            d = f"M{left} {top} l{way * 12} {half} l{-way * 12} {half} z"
            yield svg.element("path", d=d, class_="sure")
        else:
            yield svg.circle(x, y, 5.5, class_="hollow" if is_open else "filled")
    if may != item.sure:
        yield from (svg.line(axis.x(mark), y - BAR, axis.x(mark), y + BAR, class_="usual") for mark in item.marks)


def _strips(
    book: RuleBook, scale: ThresholdScale, steps: Sequence[ScaleStep], axis: Axis, y: float
) -> tuple[list[str], float]:
    if not steps:
        return [], y
    drawn = [
        svg.text(LEFT - 22, y + 15, "how many of them hold", text_anchor="end", class_="unit"),
        svg.text(LEFT - 22, y + 41, "decided for the case patient", text_anchor="end", class_="unit"),
    ]
    for step in steps:
        if not step.part.is_point:
            drawn += _step(scale, step, look_of(book, step.outcome), axis, y)
    return drawn, y + 50


def _step(scale: ThresholdScale, step: ScaleStep, look: str, axis: Axis, y: float) -> Iterator[str]:
    x, width = axis.x(step.part.low), axis.x(step.part.high) - axis.x(step.part.low)
    count = len(step.findings)
    told = svg.element("title", f"{step_text(step, scale)}: {step.outcome}, decided by {step.decided_by}")
    yield svg.rect(x, y, width, 22, class_=f"count count-{min(count, 3)}")
    if width >= NARROWEST:
        yield svg.text(x + width / 2, y + 15, str(count) if count else "–", text_anchor="middle", class_="tick")
    yield svg.element("g", svg.rect(x, y + 26, width, 22, class_=look) + told)
    words = next((w for w in (step.outcome, step.outcome[:4] + ".") if len(w) * DIGIT < width - 4), "")
    if words:
        yield svg.text(x + width / 2, y + 41, words, text_anchor="middle", class_="on-colour")


class Line(NamedTuple):
    """A step in words, in the unit of the term and in the other system."""

    text: str
    other: str
    step: ScaleStep


class Drawing(NamedTuple):
    """A scale, its place on the page, its picture, and its steps; ``other`` names the unit of the other system."""

    id: str
    scale: ThresholdScale
    picture: Markup
    other: str
    steps: tuple[Line, ...]

    @property
    def unit(self) -> str:
        """The unit of its own system as people write it."""
        return unit_text(self.scale.unit)

    @property
    def first(self) -> Kind:
        """The system of units that stands first."""
        return kind_of(self.unit)


def drawings_of(evaluator: Evaluator, findings: Iterable[Finding]) -> tuple[Drawing, ...]:
    """The ladders of these findings."""
    return tuple(_drawing(evaluator, scale) for scale in threshold_scales(evaluator.book, findings))


def _drawing(evaluator: Evaluator, scale: ThresholdScale) -> Drawing:
    book, steps = evaluator.book, scale_steps(evaluator, scale)
    other = None if scale.unit == IN_DAYS else other_unit(book, scale.term, scale.unit)
    lines = tuple(Line(step_text(s, scale), step_text(s, scale, other) if other else "", s) for s in steps)
    picture = ladder(book, scale, steps)
    return Drawing(f"ladder-{slug(scale.title)}", scale, picture, other.name if other else "", lines)


def ladders_beside(evaluator: Evaluator, overlay: Overlay) -> list[tuple[str, Markup | None, Markup | None]]:
    """For each value whose thresholds an overlay replaces, its ladder in the base and here."""
    before, after = (_touched(one, overlay) for one in (evaluator_of(overlay.base), evaluator))
    return [(title, before.get(title), after.get(title)) for title in dict.fromkeys((*before, *after))]


def _touched(evaluator: Evaluator, overlay: Overlay) -> dict[str, Markup]:
    findings = (finding for finding in evaluator.book.findings.values() if finding.chapter)
    scales = threshold_scales(evaluator.book, findings)
    touched = [s for s in scales if {item.finding for item in s.stretches} & set(overlay.replaced)]
    return {scale.title: _drawing(evaluator, scale).picture for scale in touched}
