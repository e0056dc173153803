"""The rules of a chapter that are steps of one ladder of values: their bands neither overlap nor leave a gap.

A ladder is made of the comparisons with numbers of one term that rules of one chapter name first, of which at least
one has two sides. A value without a step may only lie in the range that holds the usual value of the term.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import z3

from cds.proof.always import Single
from cds.proof.comparisons import holds_for
from cds.proof.rails import Bool, Number, exact
from cds.proof.safety import reached_from
from cds.proof.values import Value, point_value
from cds.proof.verdict import Verdict
from cds.rulebook.model import Measurement, RuleBook
from cds.rulebook.sentences import Compared


class Step(NamedTuple):
    """One band of a ladder and the rule that it belongs to."""

    rule: str
    finding: str
    sentence: Compared


def ladders(single: Single) -> Iterator[Verdict]:
    """No two steps of a ladder hold for one value, and no value outside the usual range is without one."""
    listed = list(_ladders(single.book))
    for term, steps in listed:
        value = single.answer.patient.value(term)
        for one, other in itertools.combinations(steps, 2):
            states = [single.answer.patient.state(step.finding).sure for step in (one, other)]
            says = f"'{one.finding}' ({one.rule}) and '{other.finding}' ({other.rule}) overlap"
            if verdict := single.ask("overlap", says, (one.rule, other.rule), *states):
                yield verdict
        yield from _gaps(single, term, steps, value)
    names = "; ".join(f"{term}: {', '.join(step.rule for step in steps)}" for term, steps in listed)
    pairs = sum(len(steps) * (len(steps) - 1) // 2 for _, steps in listed)
    gaps = sum(_usual(single.book, term) is not None for term, _ in listed)
    yield Verdict(True, f"{len(listed)} ladders have neither gap nor overlap ({names}).", asked=pairs + gaps)


def _ladders(book: RuleBook) -> Iterator[tuple[str, list[Step]]]:
    found: dict[tuple[str, str], list[Step]] = {}
    for rule in book.rules.values():
        first = book.findings[rule.when.parts[0].finding]
        sentence = first.definition
        if isinstance(sentence, Compared) and rule.when.parts[0].sense == "is" and _by_numbers(sentence):
            found.setdefault((rule.chapter, sentence.term), []).append(Step(rule.id, first.name, sentence))
    for (_, term), steps in found.items():
        if len(steps) > 2 and any(len(step.sentence.comparisons) == 2 for step in steps):
            yield term, steps


def _by_numbers(sentence: Compared) -> bool:
    return not any(comparison.bound.term for comparison in sentence.comparisons)


def _gaps(single: Single, term: str, steps: list[Step], value: Value) -> Iterator[Verdict]:
    """A value without a step, between which and the usual value lies one with a step."""
    usual = _usual(single.book, term)
    if usual is None:
        return
    other = z3.Real(f"{term}|between")
    between = z3.Or(z3.And(value.low < other, other <= exact(usual)), z3.And(exact(usual) <= other, other < value.low))
    gap = z3.And(value.known, value.is_point, z3.Not(value.low_open), z3.Not(value.high_open),
                 z3.Not(_covered(steps, value.low)), between, _covered(steps, other))  # fmt: skip
    rules = tuple(step.rule for step in steps)
    if verdict := single.ask("gap", f"a value of '{term}' outside the usual range is on no step", rules, gap):
        yield verdict


def _covered(steps: list[Step], number: Number) -> Bool:
    return z3.Or([holds_for(point_value(number), step.sentence.comparisons) for step in steps])


def _usual(book: RuleBook, term: str) -> float | None:
    measured = [book.terms[name] for name in (term, *sorted(name for _, name in reached_from(book, term)))]
    return next((t.usual for t in reversed(measured) if isinstance(t, Measurement)), None)
