"""Numbers of sentences with which no result can be compared in earnest: a mistyped one decides about nobody."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from cds.errors import Problem
from cds.quantity import unit_key
from cds.rulebook.model import Finding, RuleBook
from cds.rulebook.model.form import Threshold
from cds.rulebook.scales import Scale, scales_of

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
SHIFTS = (10.0, 0.1, 100.0, 0.01)
"""By what a number is another one when its decimal point moves, the nearest places first."""


def impossible_thresholds(book: RuleBook) -> Iterator[Problem]:
    """The numbers outside the range of what their term can be, each with the nearest one that was perhaps meant."""
    for finding in book.findings.values():
        for threshold in finding.definition.thresholds:
            scale = _scale(book, finding, threshold)
            if scale and not threshold.comparison.bound.term and not _can_be(threshold.comparison.bound.number, scale):
                yield _problem(finding, threshold.comparison.bound.number, scale)


def _scale(book: RuleBook, finding: Finding, threshold: Threshold) -> Scale | None:
    """The scale of a term on which a threshold stands; None where the files say no range of it."""
    term = book.terms[finding.definition.terms[0]]
    unit = book.topic.scales.get(threshold.scale, term.unit)
    return next((scale for scale in scales_of(term, book.terms) if unit_key(scale.unit) == unit_key(unit)), None)


def _can_be(number: float, scale: Scale) -> bool:
    return scale.plausible.low <= number <= scale.plausible.high


def _problem(finding: Finding, number: float, scale: Scale) -> Problem:
    low, high, unit = scale.plausible.low, scale.plausible.high, f" {scale.unit}" if scale.unit else ""
    possible = f"{low:g} to {high:g}{unit}" if math.isfinite(high) else f"{low:g}{unit} or more"
    term = finding.definition.terms[0]
    what = f"'{_as_written(finding.text, number)}' is outside what {term} can be, {possible}."
    moved = next((number * shift for shift in SHIFTS if _can_be(number * shift, scale)), None)
    todo = "Mend the number or its unit." if moved is None else f"Did you mean {moved:g}{unit}?"
    return Problem(*(finding.sentence or finding.spot), finding.name, what, todo, "impossible-threshold")


def _as_written(text: str, number: float) -> str:
    """A number as the sentence has it: 6.0, not 6."""
    return next((found for found in _NUMBER.findall(text) if float(found) == number), f"{number:g}")
