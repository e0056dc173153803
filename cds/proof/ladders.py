"""The bands of a ladder neither overlap nor leave a gap, for every patient.

What a ladder is says ``cds.review.quick_proofs.ladder``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import z3

from cds.proof.record_laws import holds_for
from cds.proof.report import Verdict
from cds.proof.search import Single
from cds.proof.three_valued import Bool, Number, ThreeValued, both, either, exact, sensed, two_valued
from cds.proof.values import SolverValue, point_value
from cds.review.quick_proofs.ladder import Ladder, ladders_of, usual_of
from cds.rulebook.model import Joined, RuleBook


def state_of(band: Joined, state: Callable[[str], ThreeValued]) -> ThreeValued:
    """The state of a band by the states of the findings that it joins."""
    parts = [sensed(state(part.finding), part.sense) for part in band.parts]
    return both(parts) if band.how == "all" else either(parts)


def holds_at(book: RuleBook, band: Joined, value: SolverValue) -> ThreeValued:
    """Whether a known value lies in a band."""

    def state(finding: str) -> ThreeValued:
        definition = book.findings[finding].definition
        if isinstance(definition, Joined):
            return state_of(definition, state)
        return two_valued(holds_for(value, getattr(definition, "comparisons", ())))

    return state_of(band, state)


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
    gaps = sum(usual_of(single.book, ladder.term) is not None for ladder in listed)
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
    usual = usual_of(single.book, ladder.term)
    if usual is None or ladder.mixed:
        return
    value, other = single.answer.patient.value(ladder.term), z3.Real(f"{ladder.term}|between")
    between = z3.Or(z3.And(value.low < other, other <= exact(usual)), z3.And(exact(usual) <= other, other < value.low))
    gap = z3.And(
        value.known,
        value.is_point,
        z3.Not(value.low_open),
        z3.Not(value.high_open),
        z3.Not(_covered(single.book, ladder, value.low)),
        between,
        _covered(single.book, ladder, other),
    )
    rules = tuple(step.rule for step in ladder.steps)
    if verdict := single.ask("gap", f"a value of '{ladder.term}' outside the usual range is on no step", rules, gap):
        yield verdict


def _covered(book: RuleBook, ladder: Ladder, number: Number) -> Bool:
    return z3.Or([holds_at(book, step.band, point_value(number)).sure for step in ladder.steps])
