"""The rules of a chapter that are steps of one ladder of values: their bands neither overlap nor leave a gap.

A ladder is made of the comparisons with numbers of one term that rules of one chapter name first, of which at least one
has two sides. A step is what a rule names first, if that comes down to comparisons of one term with numbers: one
sentence, or findings that join such sentences. What the rule names besides of the same kind narrows it. A value without
a step may only lie in the range that holds the usual value of the term.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import z3

from cds.forms.comparing import Compared
from cds.proof.patient_changes import reached_from
from cds.proof.record_laws import holds_for
from cds.proof.report import Verdict
from cds.proof.search import Single
from cds.proof.three_valued import Bool, Number, ThreeValued, both, either, exact, sensed, two_valued
from cds.proof.values import SolverValue, point_value
from cds.rulebook.model import Joined, Measurement, Part, Rule, RuleBook
from cds.rulebook.model.form import Form


class LadderStep(NamedTuple):
    """One band of a ladder and the rule that it belongs to: what the rule's condition says of the term."""

    rule: str
    band: Joined

    def __str__(self) -> str:
        return f" {'and' if self.band.how == 'all' else 'or'} ".join(f"'{part}'" for part in self.band.parts)


class Ladder(NamedTuple):
    """The steps on one term in one chapter.

    ``mixed`` are rules that join its comparison with something else, so that nobody can say for which values they hold;
    ``beside`` those that name another finding first: the comparison is a condition of theirs, and no step.
    """

    term: str
    steps: tuple[LadderStep, ...]
    mixed: tuple[str, ...]
    beside: tuple[str, ...]


def ladders_of(book: RuleBook) -> Iterator[Ladder]:
    """The ladders: three rules or more that name the term first, two of them as steps, and one that has two ends."""
    known = book.rules.values()
    places = ((rule.chapter, term) for rule in known for term in _pure_terms(book, rule.when.parts[0]))
    for chapter, term in dict.fromkeys(places):
        rules = [rule for rule in known if rule.chapter == chapter]
        first = [rule for rule in rules if _compares(book, rule.when.parts[0], term)]
        ladder = _ladder(book, term, first, [rule for rule in rules if rule not in first])
        if len(first) > 2 and len(ladder.steps) > 1 and any(_ends(book, rule, term) > 1 for rule in first):
            yield ladder


def _ladder(book: RuleBook, term: str, first: list[Rule], others: list[Rule]) -> Ladder:
    bands = {rule.id: _band(book, rule, term) for rule in first}
    steps = tuple(LadderStep(name, band) for name, band in bands.items() if band)
    beside = (rule.id for rule in others if any(_is_pure(book, part, term) for part in rule.when.parts))
    return Ladder(term, steps, tuple(name for name, band in bands.items() if band is None), tuple(beside))


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


def _band(book: RuleBook, rule: Rule, term: str) -> Joined | None:
    """The parts of a condition that speak of nothing but the term; None where these do not say when it can hold."""
    parts = tuple(part for part in rule.when.parts if _is_pure(book, part, term))
    is_whole = parts == rule.when.parts or rule.when.how == "all"
    return Joined(rule.when.how, parts) if is_whole and rule.when.parts[0] in parts else None


def _sentences(book: RuleBook, part: Part) -> Iterator[Form]:
    """The sentences that a finding comes down to."""
    definition = book.findings[part.finding].definition
    if isinstance(definition, Joined):
        for inner in definition.parts:
            yield from _sentences(book, inner)
    else:
        yield definition


def _pure_terms(book: RuleBook, part: Part) -> Iterator[str]:
    """The term of which a finding compares nothing but values with numbers; none where there is more to it."""
    terms = {getattr(sentence, "term", "") for sentence in _sentences(book, part)}
    yield from (term for term in terms if len(terms) == 1 and _is_pure(book, part, term))


def _is_pure(book: RuleBook, part: Part, term: str) -> bool:
    return all(
        isinstance(sentence, Compared) and sentence.term == term and not any(c.bound.term for c in sentence.comparisons)
        for sentence in _sentences(book, part)
    )


def _compares(book: RuleBook, part: Part, term: str) -> bool:
    return any(getattr(s, "term", "") == term and s.thresholds for s in _sentences(book, part))


def _ends(book: RuleBook, rule: Rule, term: str) -> int:
    """How many comparisons of the term a condition comes down to."""
    listed = (s for part in rule.when.parts for s in _sentences(book, part))
    return sum(len(s.comparisons) for s in listed if isinstance(s, Compared) and s.term == term)


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


def _usual(book: RuleBook, term: str) -> float | None:
    measured = [book.terms[name] for name in (term, *sorted(name for _, name in reached_from(book, term)))]
    return next((t.usual for t in reversed(measured) if isinstance(t, Measurement)), None)
