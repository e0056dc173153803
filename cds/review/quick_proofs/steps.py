"""The steps of a ladder, exactly and without a solver: which of them hold for a value.

What a band says is the same for all values between two neighbouring thresholds, so each threshold and one value of each
stretch between them stand for every number, and two of these for every interval. All of them together stand for a value
that nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import NamedTuple

from cds.forms.comparing import Compared, holds
from cds.quantity import PRESENT, UNKNOWN, Interval, State, point
from cds.review.quick_proofs.ladder import Ladder, sentences
from cds.rulebook.model import Computed, Joined, Measurement, RuleBook
from cds.rulebook.model.form import Comparison

OWN_SCALE = ""


class Scale(NamedTuple):
    """The term of a ladder on one scale, and the values that stand for all others, from low to high.

    ``name`` is that of another scale than the term's own, ``unit`` the unit of the numbers.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    thresholds: frozenset[float]

    def intervals(self) -> Iterator[Interval]:
        """Single numbers, then all that lies between two of them."""
        yield from map(point, self.values)
        yield from (Interval(low, high) for low, high in combinations(self.values, 2))


def scales_of_ladder(book: RuleBook, ladder: Ladder) -> Iterator[Scale]:
    """The scale of the term, then each other one on which a sentence of a step compares with numbers alone."""
    known = {sentence for step in ladder.steps for part in step.band.parts for sentence in sentences(book, part)}
    compared = [sentence for sentence in known if isinstance(sentence, Compared)]
    names = {s.other_scale.name for s in compared if s.other_scale}
    term = book.terms[ladder.term]
    for name in (OWN_SCALE, *sorted(names if isinstance(term, Computed) else ())):
        used = [c for sentence in compared for c in _compared_on(sentence, name)]
        if not any(c.bound.term for c in used):
            marks = sorted({c.bound.number for c in used})
            unit = book.topic.scales[name] if name else term.unit
            yield Scale(name, unit, tuple(_values(marks, _ends(book, ladder.term, marks, name))), frozenset(marks))


def _ends(book: RuleBook, name: str, marks: list[float], scale: str) -> Interval:
    """What can be plausible, so far as the file says it of the term itself; else a little beyond the thresholds."""
    term = book.terms[name]
    if isinstance(term, Measurement) and not scale:
        return term.plausible
    return Interval(marks[0] - 1, marks[-1] + 1)


def _values(marks: list[float], ends: Interval) -> Iterator[float]:
    inside = [mark for mark in marks if ends.low <= mark <= ends.high]
    for one, other in pairwise(sorted({ends.low, *inside, ends.high})):
        yield from (one, (one + other) / 2)
    yield ends.high


def _compared_on(sentence: Compared, scale: str) -> tuple[Comparison, ...]:
    """The comparisons for a value on a scale; none where the sentence has no word for it."""
    if not scale:
        return sentence.comparisons
    other = sentence.other_scale
    return other.comparisons if other and other.name == scale else ()


def state_at(book: RuleBook, band: Joined, value: Interval, scale: str = OWN_SCALE) -> State:
    """The state of a band for a value on a scale."""
    states = [part.sense.table[_state_of(book, part.finding, value, scale)] for part in band.parts]
    return min(states) if band.how == "all" else max(states)


def _state_of(book: RuleBook, finding: str, value: Interval, scale: str) -> State:
    definition = book.findings[finding].definition
    if isinstance(definition, Joined):
        return state_at(book, definition, value, scale)
    compared = _compared_on(definition, scale) if isinstance(definition, Compared) else ()
    if not compared:
        return UNKNOWN
    return min(holds(one, value, point(one.bound.number)) for one in compared)


def holding(book: RuleBook, ladder: Ladder, value: Interval, scale: str = OWN_SCALE) -> tuple[str, ...]:
    """The rules whose step surely holds for a value."""
    return tuple(step.rule for step in ladder.steps if state_at(book, step.band, value, scale) is PRESENT)
