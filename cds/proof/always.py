"""What holds for every patient: no error, and exactly one outcome."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import z3

from cds.facts import formulas
from cds.proof.formulas import FORMULAS
from cds.proof.report import Verdict
from cds.proof.search import Single
from cds.proof.three_valued import ThreeValued, both, disjunction, either
from cds.quantity import State
from cds.reasoning.compiler import rails_of
from cds.rulebook.model import Computed, Measurement, RuleBook
from cds.rulebook.model.sense import Sense


def never_errors(single: Single) -> Iterator[Verdict]:
    """Nothing that the decision takes for granted can fail."""
    answer, book = single.answer, single.book
    yield from _sure_implies_maybe(single)
    yield from _engine_agrees()
    for rule in book.rules:
        texts = [formula for (name, _), formula in answer.text.items() if name == rule]
        one = z3.And(answer.shown[rule], z3.Sum([z3.If(t, 1, 0) for t in texts]) != 1)
        if not single.search.is_impossible(one):
            yield Verdict(False, f"The card of {rule} has not exactly one text.", (rule,))
    for term in book.terms.values():
        if isinstance(term, Computed) and term.formula in FORMULAS:
            value = answer.patient.value(term.name)
            says = f"'{term.name}' is no interval"
            if verdict := single.ask("interval", says, (), value.known, value.low > value.high):
                yield verdict
    yield from _divisors(book)
    computed = sum(isinstance(term, Computed) and term.formula in FORMULAS for term in book.terms.values())
    counts = f"{len(book.findings)} findings keep their three values, each of {len(book.rules)} cards has one text"
    others = "engine and reference read every sense alike, every computed value is an interval, no divisor is zero"
    yield Verdict(True, f"{counts}, {others}.", asked=len(book.findings) + len(book.rules) + computed)


def _sure_implies_maybe(single: Single) -> Iterator[Verdict]:
    states = single.answer.patient.states
    broken = z3.Or([z3.And(state.sure, z3.Not(state.maybe)) for state in states.values()])
    if verdict := single.ask("states", "a finding is present and absent at once", (), broken):
        yield verdict


def _engine_agrees() -> Iterator[Verdict]:
    """Engine and table of the reference evaluator say the same of every sense, and of *all* and *any*."""
    for sense in Sense:
        for state in State:
            said = {"s": state == 2, "m": state >= 1, "a": state == 0, "n": state <= 1, "u": state == 1, "": True}
            sure, maybe = (said[part] for part in rails_of(sense))
            if sense.table[state] != (2 if sure else 1 if maybe else 0):
                yield Verdict(False, f"engine and reference evaluator read '{sense}' of {state.word} differently.")
    one, other = ThreeValued(*z3.Bools("s1 m1")), ThreeValued(*z3.Bools("s2 m2"))
    for join, name in ((both, "all"), (either, "any")):
        joined = join([one, other])
        for left, right in itertools.product(State, repeat=2):
            expected = min(left, right) if name == "all" else max(left, right)
            solver = z3.Solver()
            solver.add(
                one.is_state(left),
                other.is_state(right),
                z3.Implies(one.sure, one.maybe),
                z3.Implies(other.sure, other.maybe),
                z3.Not(joined.is_state(expected)),
            )
            if solver.check() != z3.unsat:
                yield Verdict(False, f"'{name}' of {left.word} and {right.word} is not {expected.word}.")


def _divisors(book: RuleBook) -> Iterator[Verdict]:
    """What a formula divides by is never zero."""
    for term in book.terms.values():
        if isinstance(term, Computed) and formulas.FORMULAS[term.formula].divides:
            measured = book.terms[term.inputs[0]]
            if isinstance(measured, Measurement) and measured.plausible.low <= 0:
                yield Verdict(False, f"'{term.name}' divides by '{measured.name}', which may be zero.")


def one_outcome(single: Single) -> Iterator[Verdict]:
    """Every patient gets exactly one outcome by exactly one rule.

    Complete: where nobody votes, the default rule itself fires, so that whoever must be answered is answered by a rule
    about him, and is outside the scope only for a reason. Exclusive: of all ways to an outcome exactly one is taken.
    """
    answer, book = single.answer, single.book
    ways = [*answer.decides.values(), answer.nobody]
    outcomes = [z3.If(formula, 1, 0) for name, formula in answer.outcome.items() if name in book.outcomes]
    questions = (
        ("overlap", "two rules decide at once, or none", z3.Sum([z3.If(way, 1, 0) for way in ways]) != 1),
        ("overlap", "the outcome is not exactly one", z3.Sum(outcomes) != 1),
        (
            "gap",
            f"nobody decides, and the default {book.default} does not fire",
            z3.And(answer.nobody, z3.Not(answer.fires[book.default])),
        ),
    )
    for title, says, formula in questions:
        if verdict := single.ask(title, says, (), formula):
            yield verdict
    yield from _answered(single)
    says = f"Of {len(answer.decides)} ways to decide and the default, exactly one is taken for every patient."
    yield Verdict(True, says, asked=len(questions) + 1)


def _answered(single: Single) -> Iterator[Verdict]:
    """Whoever must be answered, as safety.yaml says, is outside the scope only for a reason that it names."""
    book, patient = single.book, single.answer.patient
    if book.safety is None or book.outside_scope is None:
        lacks = "an outcome that means 'outside the scope'" if book.safety else "safety.yaml, which says who must be"
        yield Verdict(None, f"Whether all are answered who must be was not asked: the rule files lack {lacks}.")
        return
    explained = disjunction(patient.state(finding).maybe for finding in book.safety.must_be_answered.unless)
    sure = patient.state(book.safety.must_be_answered.who).sure
    outside = z3.And(sure, single.answer.outcome[book.outside_scope], z3.Not(explained))
    if verdict := single.ask("gap", f"an {book.safety.must_be_answered.who} is outside the scope", (), outside):
        yield verdict
