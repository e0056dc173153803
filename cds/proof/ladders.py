"""The rules of a chapter that are steps of one ladder of values: their bands neither overlap nor leave a gap.

A ladder is made of the comparisons with numbers of one term that rules of one chapter name first (``steps`` takes
them), of which at least one has two sides. A value without a step may only lie in the range that holds the usual value
of the term.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import z3

from cds.proof.always import Single
from cds.proof.rails import Bool, Number, exact
from cds.proof.steps import Ladder, holds_at, ladders_of, state_of
from cds.proof.values import point_value
from cds.proof.verdict import Verdict
from cds.rulebook.graph import measured_by
from cds.rulebook.model import Measurement, RuleBook


def ladders(single: Single) -> Iterator[Verdict]:
    """No two steps of a ladder hold for one value, and no value outside the usual range is without one."""
    listed = list(ladders_of(single.book))
    for ladder in listed:
        yield from _not_taken(ladder)
        for one, other in itertools.combinations(ladder.steps, 2):
            states = [state_of(step.band, single.answer.patient.state).sure for step in (one, other)]
            says = f"{one} ({one.rule}) and {other} ({other.rule}) overlap"
            if verdict := single.ask("overlap", says, (one.rule, other.rule), *states):
                yield verdict
        yield from _gaps(single, ladder)
    pairs = sum(len(ladder.steps) * (len(ladder.steps) - 1) // 2 for ladder in listed)
    gaps = sum(_usual(single.book, ladder.term) is not None for ladder in listed)
    names = "; ".join(map(_in_words, listed))
    yield Verdict(True, f"{len(listed)} ladders have neither gap nor overlap ({names}).", asked=pairs + gaps)


def _not_taken(ladder: Ladder) -> Iterator[Verdict]:
    """A rule that compares the term first and is no step leaves the ladder open: nobody knows where it holds."""
    for rule in ladder.mixed:
        says = (
            f"{rule} compares '{ladder.term}' and joins that with something else, so that its step cannot be taken. "
            "Let it name first a finding that compares nothing but this term with numbers."
        )
        yield Verdict(None, says, (rule,))


def _in_words(ladder: Ladder) -> str:
    """The rules of a ladder, and those that compare its term and are no steps, as they name something else first."""
    beside = f", and as a condition only {', '.join(ladder.beside)}" if ladder.beside else ""
    return f"{ladder.term}: {', '.join(step.rule for step in ladder.steps)}{beside}"


def _gaps(single: Single, ladder: Ladder) -> Iterator[Verdict]:
    """A value without a step, between which and the usual value lies one with a step."""
    usual = _usual(single.book, ladder.term)
    if usual is None or ladder.mixed:
        return
    value, other = single.answer.patient.value(ladder.term), z3.Real(f"{ladder.term}|between")
    between = z3.Or(z3.And(value.low < other, other <= exact(usual)), z3.And(exact(usual) <= other, other < value.low))
    gap = z3.And(value.known, value.is_point, z3.Not(value.low_open), z3.Not(value.high_open),
                 z3.Not(_covered(single.book, ladder, value.low)), between,
                 _covered(single.book, ladder, other))  # fmt: skip
    rules = tuple(step.rule for step in ladder.steps)
    if verdict := single.ask("gap", f"a value of '{ladder.term}' outside the usual range is on no step", rules, gap):
        yield verdict


def _covered(book: RuleBook, ladder: Ladder, number: Number) -> Bool:
    return z3.Or([holds_at(book, step.band, point_value(number)).sure for step in ladder.steps])


def _usual(book: RuleBook, term: str) -> float | None:
    measured = sorted(measured_by(term, book.terms), key=lambda found: (found.name != term, found.name))
    return next((t.usual for t in reversed(measured) if isinstance(t, Measurement)), None)
