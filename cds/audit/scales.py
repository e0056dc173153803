"""The thresholds of a chapter, gathered on one scale for each term: what a ladder draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cds.audit.levels import ENDLESS, common, held, level_of
from cds.forms.comparing import Twice
from cds.quantity import Interval
from cds.rulebook.model import Finding, Form, RuleBook
from cds.rulebook.model.form import Comparison

DAYS = "days"


class Stretch(NamedTuple):
    """Where on a scale a finding holds: surely, and perhaps (where the limit is the patient's own).

    ``marks`` are the usual numbers of its thresholds; ``note`` says what it needs beside one value.
    """

    finding: str
    sure: Interval
    may: Interval
    marks: tuple[float, ...]
    note: str = ""


class Scale(NamedTuple):
    """All thresholds on one term in one unit; ``days`` scales measure time instead of the term's value."""

    term: str
    unit: str
    title: str
    stretches: tuple[Stretch, ...]

    @property
    def marks(self) -> tuple[float, ...]:
        """Every threshold, in order."""
        return tuple(sorted({mark for stretch in self.stretches for mark in stretch.marks}))


def scales_of(book: RuleBook, findings: Iterable[Finding]) -> list[Scale]:
    """The scales on which these findings have thresholds, in the order of the findings; days last."""
    found: dict[tuple[str, str, str], list[Stretch]] = {}
    for finding in findings:
        for key, stretch in _stretches(book, finding):
            found.setdefault(key, []).append(stretch)
    scales = (
        Scale(*key, tuple(sorted(stretches, key=lambda item: (item.may.low, item.may.high, item.finding))))
        for key, stretches in found.items()
    )
    return sorted(scales, key=lambda scale: scale.unit == DAYS)


def _stretches(book: RuleBook, finding: Finding) -> Iterator[tuple[tuple[str, str, str], Stretch]]:
    form = finding.definition
    for scale, own in by_scale(book, form):
        term = form.terms[0]
        unit = book.topic.scales[scale] if scale else book.terms[term].unit
        note = "in two results" if isinstance(form, Twice) else ""
        yield (term, unit, f"{term}, {scale}" if scale else term), _compared(book, finding.name, own, scale, note)
    if form.time:
        title, within = form.time
        marks = tuple(end for end in (within.low, within.high) if end not in (0, float("inf")))
        yield (form.terms[0], DAYS, title), Stretch(finding.name, within, within, marks)


def by_scale(book: RuleBook, form: Form) -> Iterator[tuple[str, list[Comparison]]]:
    """The comparisons of a form on the scale of its term (''), and on each other scale that has some."""
    for scale in ("", *book.topic.scales) if form.thresholds else ():
        if own := [item for item, written in form.thresholds if written == scale] or _by_limits(book, form, scale):
            yield scale, own


def _by_limits(book: RuleBook, form: Form, scale: str) -> list[Comparison]:
    """The comparisons of a form on a scale for which it writes none: with limits that have a number of that scale."""
    limits = (getattr(book.terms.get(item.bound.term), "numbers", {}) for item, _ in form.thresholds)
    return [item for item, _ in form.thresholds] if all(f"{scale} default" in own for own in limits) else []


def _compared(book: RuleBook, name: str, comparisons: list[Comparison], scale: str, note: str) -> Stretch:
    sure, may, marks = ENDLESS, ENDLESS, tuple[float, ...]()
    for comparison in comparisons:
        level = level_of(book, comparison.bound, scale)
        surely, perhaps = held(comparison.word, level)
        sure, may, marks = common(sure, surely), common(may, perhaps), (*marks, *level.usual)
    return Stretch(name, sure, may, marks, note)
