"""A scale with its ladder and its decision table, ready for a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from markupsafe import Markup

from cds.audit.addresses import slug
from cds.audit.amounts import other_unit
from cds.audit.ladder import ladder
from cds.audit.pages import drawn
from cds.audit.scales import DAYS, Scale, scales_of
from cds.audit.steps import Step, step_text, steps_of
from cds.evaluation import Evaluator, evaluator_of
from cds.rulebook.model import Finding, Overlay


class Line(NamedTuple):
    """A step in words, in the unit of the term and in the other system."""

    text: str
    other: str
    step: Step


class Drawing(NamedTuple):
    """A scale, its place on the page, its picture, and its steps; ``other`` names the unit of the other system."""

    id: str
    scale: Scale
    picture: Markup
    other: str
    steps: tuple[Line, ...]


def drawings_of(evaluator: Evaluator, findings: Iterable[Finding]) -> tuple[Drawing, ...]:
    """The ladders of these findings."""
    return tuple(_drawing(evaluator, scale) for scale in scales_of(evaluator.book, findings))


def _drawing(evaluator: Evaluator, scale: Scale) -> Drawing:
    book, steps = evaluator.book, steps_of(evaluator, scale)
    other = None if scale.unit == DAYS else other_unit(book, scale.term, scale.unit)
    lines = tuple(Line(step_text(s, scale), step_text(s, scale, other) if other else "", s) for s in steps)
    picture = drawn(ladder(book, scale, steps))
    return Drawing(f"ladder-{slug(scale.title)}", scale, picture, other.name if other else "", lines)


def ladders_beside(evaluator: Evaluator, overlay: Overlay) -> list[tuple[str, Markup | None, Markup | None]]:
    """For each value whose thresholds an overlay replaces, its ladder in the base and here."""
    before, after = (_touched(one, overlay) for one in (evaluator_of(overlay.base), evaluator))
    return [(title, before.get(title), after.get(title)) for title in dict.fromkeys((*before, *after))]


def _touched(evaluator: Evaluator, overlay: Overlay) -> dict[str, Markup]:
    findings = (finding for finding in evaluator.book.findings.values() if finding.chapter)
    scales = scales_of(evaluator.book, findings)
    touched = [s for s in scales if {item.finding for item in s.stretches} & set(overlay.replaced)]
    return {scale.title: _drawing(evaluator, scale).picture for scale in touched}
