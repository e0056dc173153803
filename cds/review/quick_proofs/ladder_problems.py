"""Gaps and overlaps of ladders: each with its rules and the values, at the line of the step that is to be mended."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from cds.errors import Problem
from cds.quantity import PRESENT, Interval
from cds.review.quick_proofs.ladder import Ladder, LadderStep, ladders_of, usual_of
from cds.review.quick_proofs.steps import OWN_SCALE, Scale, holding, scales_of_ladder, state_at
from cds.review.quick_proofs.stretches import Stretch, stretches_where
from cds.rulebook.model import RuleBook, Spot


def ladder_problems(book: RuleBook) -> Iterator[Problem]:
    """What is wrong with the ladders of a rulebook; exact, as what a step says changes at its thresholds alone."""
    for ladder in ladders_of(book):
        yield from _not_taken(book, ladder)
        for scale in scales_of_ladder(book, ladder):
            yield from _overlaps(book, ladder, scale)
            if scale.name == OWN_SCALE and not ladder.mixed:
                yield from _gaps(book, ladder, scale)


def _not_taken(book: RuleBook, ladder: Ladder) -> Iterator[Problem]:
    for rule in ladder.mixed:
        what = f"it joins '{ladder.term}' with something else, so that nobody can say where its step ends."
        todo = "Let it name first a finding that compares nothing but this term with numbers."
        yield Problem(*book.rules[rule].spot, rule, what, todo, "ladder-open")


def _overlaps(book: RuleBook, ladder: Ladder, scale: Scale) -> Iterator[Problem]:
    for one, other in combinations(ladder.steps, 2):
        where = _where_both(book, scale, one, other)
        if where:
            what = f"{where} of '{ladder.term}' both {one.rule} ({one}) and {other.rule} ({other}) speak."
            todo = "Let one of them end where the other begins."
            yield Problem(*_spot(book, other), other.rule, what, todo, "ladder-overlap")


def _where_both(book: RuleBook, scale: Scale, *steps: LadderStep) -> str:
    """For which values both steps hold; '' where there is none."""

    def both(value: Interval) -> bool:
        return all(state_at(book, step.band, value, scale.name) is PRESENT for step in steps)

    numbers = list(stretches_where(scale, lambda value: both(Interval(value, value))))
    if numbers:
        return " and ".join(map(str, numbers))
    found = next((value for value in scale.intervals() if both(value)), None)
    return f"for a result that lies between {found.low:g} and {found.high:g}" if found else ""


def _gaps(book: RuleBook, ladder: Ladder, scale: Scale) -> Iterator[Problem]:
    """Values without a step, between which and the usual value lies one with a step."""
    usual = usual_of(book, ladder.term)
    covered = {value: holding(book, ladder, Interval(value, value)) for value in scale.values}
    with_a_step = [value for value, rules in covered.items() if rules]
    if usual is None:
        return

    def is_gap(value: float) -> bool:
        between = (other for other in with_a_step if value < other <= usual or usual <= other < value)
        return not covered[value] and next(between, None) is not None

    for gap in stretches_where(scale, is_gap):
        below, above = _rules_at(covered, gap, gap.first - 1), _rules_at(covered, gap, gap.last + 1)
        step = next(step for step in ladder.steps if step.rule in (above or below))
        what = f"{gap} of '{ladder.term}' no rule of this ladder speaks: {_ends(gap, below, above)}."
        yield Problem(*_spot(book, step), step.rule, what, "Let a rule include it.", "ladder-gap")


def _rules_at(covered: dict[float, tuple[str, ...]], gap: Stretch, place: int) -> tuple[str, ...]:
    """The rules of the value beside a gap."""
    values = gap.scale.values
    return covered[values[place]] if 0 <= place < len(values) else ()


def _ends(gap: Stretch, below: tuple[str, ...], above: tuple[str, ...]) -> str:
    """``VD-02 ends below 20, VD-03 begins at 21``."""
    said = []
    if below:
        said.append(f"{below[0]} ends {'below' if gap.holds_mark(gap.first) else 'at'} {gap.mark(gap.first, -1):g}")
    if above:
        said.append(f"{above[0]} begins {'above' if gap.holds_mark(gap.last) else 'at'} {gap.mark(gap.last, 1):g}")
    return ", ".join(said)


def _spot(book: RuleBook, step: LadderStep) -> Spot:
    """The line of the finding that the rule names first: there its numbers stand."""
    return book.findings[step.band.parts[0].finding].spot
