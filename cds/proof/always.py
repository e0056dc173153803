"""What holds for every patient: no error, one outcome, no contradiction, no claim that no card may make."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cached_property

import z3

from cds.proof.decision import Decided
from cds.proof.formulas import FORMULAS
from cds.proof.model import Model
from cds.proof.names import undefined
from cds.proof.needed import ADULT, OUTSIDE, SCOPE, not_tried
from cds.proof.patient import Patient
from cds.proof.rails import Bool, Rails, both, disjunction, either
from cds.proof.search import Search
from cds.proof.variables import Variables
from cds.proof.verdict import Verdict
from cds.proof.whatif import settling_laws
from cds.quantity import State
from cds.reasoning.compiler import rails_of
from cds.rulebook.model import NOT_APPLICABLE, Computed, Measurement, RuleBook, Sense


class Single:
    """One patient, any, and what the rulebook answers.

    ``search`` leaves what-if questions open; ``closer`` settles them, which takes longer, where the first finds nobody.
    """

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.answer = Decided(Patient(book, Variables()))
        self.search = Search([self.answer])

    @cached_property
    def closer(self) -> Search:
        """The search in which what-if questions are settled."""
        return Search([self.answer], settling_laws(self.answer.patient))

    def ask(self, title: str, says: str, rules: tuple[str, ...], *formulas: Bool) -> Verdict | None:
        """None where no patient is such; else the verdict that the rulebook is broken, or may be."""
        if self.search.is_impossible(*formulas):
            return None
        found = self.search.find(title, *formulas)
        impossible = None
        if found is None:
            impossible = self.closer.is_impossible(*formulas)
            if impossible:
                return None
            found = self.closer.find(title, *formulas)
        if found is not None:
            return Verdict(False, f"{says}.", rules, found)
        open_ = "the solver did not find out in time" if impossible is None else "possible, not confirmed"
        return Verdict(None, f"{says}: {open_}.", rules)

    def shows(self, formula: Bool) -> Model | bool | None:
        """A patient whom the product answers so; False where there is none, None where none was found."""
        for search in (self.search, self.closer):
            if search.is_impossible(formula):
                return False
            if (model := search.find_model("reach", formula)) is not None:
                return model
        return None


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
    """The rails that the engine is given and the table of the reference evaluator say the same, for *all* and *any*."""
    for sense in Sense:
        for state in State:
            rails = {"s": state == 2, "m": state >= 1, "a": state == 0, "n": state <= 1, "u": state == 1, "": True}
            sure, maybe = (rails[rail] for rail in rails_of(sense))
            if sense.table[state] != (2 if sure else 1 if maybe else 0):
                yield Verdict(False, f"engine and reference evaluator read '{sense}' of {state.word} differently.")
    one, other = Rails(*z3.Bools("s1 m1")), Rails(*z3.Bools("s2 m2"))
    for join, name in ((both, "all"), (either, "any")):
        joined = join([one, other])
        for left, right in itertools.product(State, repeat=2):
            expected = min(left, right) if name == "all" else max(left, right)
            solver = z3.Solver()
            solver.add(one.is_state(left), other.is_state(right), z3.Implies(one.sure, one.maybe),
                       z3.Implies(other.sure, other.maybe), z3.Not(joined.is_state(expected)))  # fmt: skip
            if solver.check() != z3.unsat:
                yield Verdict(False, f"'{name}' of {left.word} and {right.word} is not {expected.word}.")


def _divisors(book: RuleBook) -> Iterator[Verdict]:
    """CKD-EPI 2021, the rise of creatinine and the disagreement of eGFR divide by values of creatinine."""
    for term in book.terms.values():
        if isinstance(term, Computed) and term.formula in ("CKD-EPI 2021", "rise over baseline"):
            measured = book.terms[term.inputs[0]]
            if isinstance(measured, Measurement) and measured.plausible.low <= 0:
                yield Verdict(False, f"'{term.name}' divides by '{measured.name}', which may be zero.")


def one_outcome(single: Single) -> Iterator[Verdict]:
    """Every patient gets exactly one outcome by exactly one rule.

    Complete: where nobody votes, the default rule itself fires, so that an adult with a calcium product is answered by
    a rule about him. Exclusive: of all ways to an outcome exactly one is taken.
    """
    answer, book = single.answer, single.book
    ways = [*answer.decides.values(), answer.nobody]
    outcomes = [z3.If(formula, 1, 0) for name, formula in answer.outcome.items() if name in book.outcomes]
    questions = (
        ("overlap", "two rules decide at once, or none", z3.Sum([z3.If(way, 1, 0) for way in ways]) != 1),
        ("overlap", "the outcome is not exactly one", z3.Sum(outcomes) != 1),
        ("gap", f"nobody decides, and the default {book.default} does not fire",
         z3.And(answer.nobody, z3.Not(answer.fires[book.default]))),
    )  # fmt: skip
    for title, says, formula in questions:
        if verdict := single.ask(title, says, (), formula):
            yield verdict
    yield from not_tried(book, SCOPE)
    if not undefined(book, SCOPE):
        adult, patient = answer.patient.state(ADULT), answer.patient
        explained = disjunction(patient.state(finding).maybe for finding in OUTSIDE)
        outside = z3.And(adult.sure, answer.outcome[NOT_APPLICABLE], z3.Not(explained))
        if verdict := single.ask("gap", f"an {ADULT} is outside the scope", (), outside):
            yield verdict
    says = f"Of {len(answer.decides)} ways to decide and the default, exactly one is taken for every patient."
    yield Verdict(True, says, asked=len(questions) + 1)


def no_contradictions(single: Single) -> Iterator[Verdict]:
    """No two advice codes that contradict each other are said together: the safeguard never has to leave one out."""
    answer, book = single.answer, single.book
    pairs = sorted({tuple(sorted((code, other))) for code in book.advice for other in book.advice[code].contradicts})
    for one, other in pairs:
        title = f"{one} and {other}"
        said = answer.said(one), answer.said(other)
        says = f"'{one}' and '{other}' are said together (the safeguard leaves one out)"
        verdict = single.ask(title, says, (), *said)
        if verdict is not None:
            yield verdict._replace(rules=_rules_that_say(book, one, other))
    says = f"{len(pairs)} pairs of codes that contradict each other are never said together."
    yield Verdict(True, says, asked=len(pairs))


def _rules_that_say(book: RuleBook, *codes: str) -> tuple[str, ...]:
    return tuple(r.id for r in book.rules.values() if any(saying.code in codes for saying in r.advice))


def no_never_claims(single: Single) -> Iterator[Verdict]:
    """No text or code that can be shown makes a claim that no card may make."""
    answer, book = single.answer, single.book
    phrases = [(claim.code, re.compile(rf"\b{re.escape(phrase)}\b", re.I)) for claim in book.never.values()
               for phrase in claim.phrases]  # fmt: skip
    texts = 0
    for rule in book.rules.values():
        for number, text in enumerate(rule.card.texts):
            texts += 1
            whole = " ".join(f"{text.summary} {text.detail}".split())
            for claim, phrase in phrases:
                if phrase.search(whole) and (v := _claim(single, rule.id, claim, answer.text[rule.id, number])):
                    yield v
        for saying in rule.advice:
            words = book.advice[saying.code].says
            claims = [claim for claim, phrase in phrases if phrase.search(words)]
            claims += [saying.code] if saying.code in book.never or saying.code in rule.never else []
            for claim in claims:
                if v := _claim(single, rule.id, claim, answer.says[rule.id, saying.code]):
                    yield v
    said = f"{texts} texts of cards and {len(book.advice)} advice codes"
    asked = len(phrases) * (texts + len(book.advice)) + len(book.never) * len(answer.says)
    yield Verdict(True, f"{said} make none of {len(book.never)} claims, said in {len(phrases)} ways.", asked=asked)


def _claim(single: Single, rule: str, claim: str, formula: Bool) -> Verdict | None:
    return single.ask(f"claim {claim}", f"{rule} makes a claim that no card may make ({claim})", (rule,), formula)
