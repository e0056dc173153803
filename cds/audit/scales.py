"""The thresholds of a chapter, gathered on one scale for each term: what a ladder draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from cds.audit.levels import ENDLESS, IONISED, common, held, level_of
from cds.quantity import Interval
from cds.rulebook.model import Finding, Joined, RuleBook
from cds.rulebook.sentences import (
    Comparison,
    Dated,
    DependsOn,
    Given,
    Lasted,
    NoneRecorded,
    OutsideLimits,
    Repeated,
    ResultUnused,
    Sentence,
    Started,
    Twice,
    comparisons_of,
)

DAYS = "days"
Compared: TypeAlias = "tuple[tuple[Comparison, bool], ...]"


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
    sentence = finding.definition
    if isinstance(sentence, (Joined, NoneRecorded, DependsOn, ResultUnused)):
        return
    compared = comparisons_of(sentence)
    for ionised, own in ((False, plain(compared)), (True, for_ionised(book, compared))):
        if own:
            term = sentence.term
            unit = IONISED if ionised else book.terms[term].unit
            title = f"{term}, ionised" if ionised else term
            note = "in two results" if isinstance(sentence, Twice) else ""
            yield (term, unit, title), _compared(book, finding.name, own, ionised=ionised)._replace(note=note)
    for rule in _TIMES:
        if (time := rule(sentence)) is not None:
            title, within = time
            marks = tuple(end for end in (within.low, within.high) if end not in (0, float("inf")))
            yield (sentence.term, DAYS, title), Stretch(finding.name, within, within, marks)


def plain(compared: Compared) -> list[Comparison]:
    """The comparisons in the term's own unit."""
    return [comparison for comparison, ionised in compared if not ionised]


def for_ionised(book: RuleBook, compared: Compared) -> list[Comparison]:
    """The comparisons for an ionised value: those written for it, else the limits that have an ionised number."""
    written = [comparison for comparison, ionised in compared if ionised]
    limits = (getattr(book.terms.get(item.bound.term), "numbers", {}) for item, _ in compared)
    return written or ([item for item, _ in compared] if all("ionised default" in own for own in limits) else [])


def _compared(book: RuleBook, name: str, comparisons: list[Comparison], *, ionised: bool) -> Stretch:
    sure, may, marks = ENDLESS, ENDLESS, tuple[float, ...]()
    for comparison in comparisons:
        level = level_of(book, comparison.bound, ionised=ionised)
        surely, perhaps = held(comparison.word, level)
        sure, may, marks = common(sure, surely), common(may, perhaps), (*marks, *level.usual)
    return Stretch(name, sure, may, marks)


def _within(days: int) -> Interval:
    return Interval(0, days)


def _dated(sentence: Sentence) -> tuple[str, Interval] | None:
    match sentence:
        case Dated():
            of = f" before or after {sentence.of}" if sentence.of else " before the evaluation"
            return f"{sentence.term}: days{of}", _within(sentence.days)
        case Given():
            return f"{sentence.term}: days since the last dose", _within(sentence.days)
        case Started():
            return f"{sentence.term}: days since it was started", _within(sentence.days)
        case OutsideLimits():
            return f"{sentence.term}: days since a result outside its limits", _within(sentence.days)
    return None


def _lasting(sentence: Sentence) -> tuple[str, Interval] | None:
    match sentence:
        case Lasted():
            return f"{sentence.term}: days that it has been taken", Interval(sentence.days, float("inf"))
        case Twice():
            return f"{sentence.term}: days between two results", Interval(sentence.days, float("inf"))
        case Repeated():
            return f"{sentence.term}: days between two results", Interval(0, sentence.days, high_open=True)
    return None


_TIMES: tuple[Callable[[Sentence], tuple[str, Interval] | None], ...] = (_dated, _lasting)
