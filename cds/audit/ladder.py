"""A ladder: the thresholds of one scale drawn to scale, with gaps and overlaps, as SVG.

One row for each finding. A filled end belongs to the finding, a hollow one does not, an arrow goes on; a pale part
holds or not, depending on the patient's own limit. Below: how many findings hold on each step, and what is decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cds.audit import svg
from cds.audit.amounts import number, other_unit
from cds.audit.decisions import look_of
from cds.audit.scales import DAYS, Scale, Stretch
from cds.audit.steps import Step, reach_of, step_text
from cds.cards.wording import unit_text
from cds.quantity import Interval
from cds.rulebook.model import RuleBook

WIDTH, LEFT, RIGHT = 880.0, 300.0, 850.0
LINE, BAR, DIGIT = 17.0, 12.0, 7.6
"""The height of a line of text, that of a bar, and the width of a digit."""
NARROWEST = 15.0


@dataclass(frozen=True)
class Axis:
    """From the values of a scale to places in its picture."""

    reach: Interval

    def x(self, value: float) -> float:
        """Where a value stands; values outside stand at the ends."""
        inside = min(max(value, self.reach.low), self.reach.high)
        return LEFT + (RIGHT - LEFT) * (inside - self.reach.low) / (self.reach.high - self.reach.low)


def ladder(book: RuleBook, scale: Scale, steps: Sequence[Step]) -> str:
    """The picture of a scale."""
    axis = Axis(reach_of(scale))
    other = None if scale.unit == DAYS else other_unit(book, scale.term, scale.unit)
    above = [(axis.x(mark), number(mark / other.factor)) for mark in scale.marks] if other else []
    below = [(axis.x(mark), f"{mark:g}") for mark in scale.marks]
    top = _labels(above, 14.0, other.name if other else "", downwards=False)
    y = top.height + 4
    rows, bottom = _rows(scale, axis, y + 8)
    strips, end = _strips(book, scale, steps, axis, bottom + 6)
    foot = _labels(below, end + 14, unit_text(scale.unit) or "value", downwards=True)
    grid = "".join(svg.line(axis.x(mark), y, axis.x(mark), end, class_="grid") for mark in scale.marks)
    inner = grid + "".join(rows) + "".join(strips) + top.drawn + foot.drawn
    title = f"Ladder of {scale.title}"
    return svg.picture(WIDTH, foot.height + 6, title, _described(scale), inner)


def _described(scale: Scale) -> str:
    names = ", ".join(item.finding for item in scale.stretches)
    marks = ", ".join(f"{mark:g}" for mark in scale.marks)
    return f"Thresholds at {marks} {unit_text(scale.unit)}; findings: {names}."


@dataclass(frozen=True)
class Labels:
    """Numbers along the axis, in as many lines as they need, and where they end."""

    drawn: str
    height: float


def _labels(labels: list[tuple[float, str]], y: float, unit: str, *, downwards: bool) -> Labels:
    """Numbers that would touch stand in different lines; the nearest line to the rows is filled first."""
    if not labels:
        return Labels("", 0.0 if not downwards else y)
    lanes: list[float] = []
    placed = []
    for x, words in labels:
        half = (len(words) * DIGIT + 6) / 2
        lane = next((n for n, end in enumerate(lanes) if end <= x - half), len(lanes))
        lanes[lane : lane + 1] = [x + half]
        placed.append((x, words, lane))
    last = len(lanes) - 1
    drawn = [
        svg.text(x, y + LINE * (lane if downwards else last - lane), words, text_anchor="middle", class_="tick")
        for x, words, lane in placed
    ]
    unit_y = y if downwards else y + LINE * last
    drawn.append(svg.text(LEFT - 22, unit_y, unit, text_anchor="end", class_="unit"))
    return Labels("".join(drawn), y + LINE * last)


def _rows(scale: Scale, axis: Axis, y: float) -> tuple[list[str], float]:
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


def _bar(item: Stretch, axis: Axis, y: float) -> Iterator[str]:
    yield svg.line(LEFT, y, RIGHT, y, class_="rail")
    for part, look in ((item.may, "may"), (item.sure, "sure")):
        if part.low <= part.high and (look == "sure" or item.may != item.sure):
            yield svg.rect(axis.x(part.low), y - BAR / 2, axis.x(part.high) - axis.x(part.low), BAR, class_=look)
    yield from _ends(item, axis, y)


def _ends(item: Stretch, axis: Axis, y: float) -> Iterator[str]:
    may = item.may
    for value, is_open, way in ((may.low, may.low_open, -1), (may.high, may.high_open, 1)):
        x = axis.x(value)
        if not axis.reach.inside(value, value) and abs(value) == float("inf"):
            d = f"M{svg.number(x)} {svg.number(y - BAR)} l{way * 12} {svg.number(BAR)} l{-way * 12} {svg.number(BAR)} z"
            yield svg.element("path", d=d, class_="sure")
        else:
            yield svg.circle(x, y, 5.5, class_="hollow" if is_open else "filled")
    if may != item.sure:
        yield from (svg.line(axis.x(mark), y - BAR, axis.x(mark), y + BAR, class_="usual") for mark in item.marks)


def _strips(book: RuleBook, scale: Scale, steps: Sequence[Step], axis: Axis, y: float) -> tuple[list[str], float]:
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


def _step(scale: Scale, step: Step, look: str, axis: Axis, y: float) -> Iterator[str]:
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
