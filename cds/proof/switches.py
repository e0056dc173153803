"""Whatever rules are switched off: the outcome is that of the whole rulebook, or no answer is given.

Proved for every patient and every set of switches, off or in shadow. That the product does what the formulas say is
confirmed with a patient for each rule that can decide, evaluated with that rule switched off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import z3

from cds.evaluation import Evaluator
from cds.facts.chart import chart_of
from cds.intake.reading import read_record
from cds.proof.bundles import witness_bundle
from cds.proof.decision import Decided
from cds.proof.patient import Patient
from cds.proof.plain import WITNESS_DAY
from cds.proof.report import Verdict
from cds.proof.search import Search, Single
from cds.proof.three_valued import Bool, Model, disjunction
from cds.proof.values import Variables
from cds.reasoning.decision import SWITCHED_OFF, Decision
from cds.reasoning.inference import PlainReasoner
from cds.reasoning.program import program_of
from cds.rulebook.graph import FINDING, graph_of
from cds.rulebook.model import RuleBook


def whole_of(book: RuleBook) -> RuleBook:
    """The rulebook with every rule in force but those that a hospital leaves out and answers for."""
    return replace(book, off=book.off & book.left_out, shadow=book.shadow & book.left_out)


class Switching(Single):
    """One patient, any, and any set of switches.

    ``answer`` is that of the whole rulebook, ``left`` and ``alone`` are as in ``cds.reasoning.switched_off``;
    ``off`` says of each rule that it is switched, ``outcome`` what is answered then.
    """

    def __init__(self, book: RuleBook) -> None:
        self.book, patient = book, Patient(book, Variables())
        fixed = {book.default, *book.off, *book.shadow}
        self.off: dict[str, Bool] = {rule: z3.Bool(f"{rule} switched") for rule in book.rules if rule not in fixed}
        self.answer = Decided(patient)
        self.left = Decided(patient, muted=self.off)
        self.alone = Decided(patient, absent=self.off)
        self.none = patient.named(z3.And(self._counts(), z3.Not(self._agree())))
        self.outcome = {
            name: z3.If(self.none, z3.BoolVal(name == book.no_answer), self.left.outcome[name])
            for name in book.outcomes
        }
        self.search = Search([self.answer])

    def only(self, rule: str) -> Bool:
        """One rule is switched, and no other."""
        return z3.And([switched == z3.BoolVal(name == rule) for name, switched in self.off.items()])

    def strict(self) -> Bool:
        """The whole rulebook gives an outcome that is stricter than no answer."""
        return disjunction(self.answer.outcome[name] for name in self.book.outcomes if self.book.takes_away(name))

    def _counts(self) -> Bool:
        return disjunction(z3.And(self.answer.fires[rule], switched) for rule, switched in self.off.items())

    def _agree(self) -> Bool:
        same = disjunction(z3.And(self.answer.outcome[o], self.left.outcome[o]) for o in self.book.outcomes)
        return z3.And(same, z3.Or(self.strict(), z3.Not(self._differ())))

    def _differ(self) -> Bool:
        whole, alone = self.answer, self.alone
        found = [whole.outcome[o] != alone.outcome[o] for o in self.book.outcomes]
        found += [whole.decided_by(rule) != alone.decided_by(rule) for rule in self.book.rules]
        found += [z3.And(says, z3.Not(whole.says[code])) for code, says in alone.says.items()]
        found += [z3.And(shown, z3.Not(whole.text[text])) for text, shown in alone.text.items()]
        return disjunction(found)


def switched(case: Switching) -> Iterator[Verdict]:
    """No set of switches gives an outcome that the whole rulebook does not give, but for none at all."""
    tried = [verdict for rule in _deciding(case) for verdict in _confirmed(case, rule)]
    yield from (verdict for verdict in tried if not verdict.holds)
    questions = list(_questions(case))
    for says, formula in questions:
        impossible = case.search.is_impossible(formula)
        if not impossible:
            open_ = "" if impossible is False else ": the solver did not find out in time"
            yield Verdict(impossible, f"with some rules switched off, {says}{open_}.")
    says = "the outcome stays that of the whole rulebook, or no answer is given"
    yield Verdict(
        True if tried else None,
        f"{len(case.off)} rules, any of them switched off: {says}; for {len(tried)} "
        "rules that decide the product said so of a patient.",
        asked=len(tried) + len(questions),
    )


def _questions(case: Switching) -> Iterator[tuple[str, Bool]]:
    """What must be impossible, in words and as a formula."""
    others = [name for name in case.book.outcomes if name != case.book.no_answer]
    other = disjunction(z3.And(case.outcome[name], z3.Not(case.answer.outcome[name])) for name in others)
    yield "another outcome than that of the whole rulebook is given", other
    decider = disjunction(z3.And(off, case.answer.decided_by(rule)) for rule, off in case.off.items())
    says = "the rule that decides is among them, and an answer is given that neither pauses nor stops"
    yield says, z3.And(decider, z3.Not(case.none), z3.Not(case.strict()))


def _deciding(case: Switching) -> list[str]:
    """The rules that can decide, but for those that ask 'what if': to find a patient for these takes long."""
    whatif = {(FINDING, name) for name in program_of(case.book).whatif}
    deciding = [rule for rule in case.off if any(name == rule for name, _ in case.answer.decides)]
    return [rule for rule in deciding if not whatif & graph_of(case.book).behind_rule(case.book.rules[rule])]


def _confirmed(case: Switching, rule: str) -> Iterator[Verdict]:
    """Whether the product, with one rule off, answers a patient for whom it decides as the formulas say."""
    found = case.search.find_model(f"{rule} is off", z3.And(case.answer.decided_by(rule), case.only(rule)))
    if found is None:  # whether there is anybody is another property: 'reachable'
        return
    expected = next(name for name, formula in case.outcome.items() if found.is_true(formula))
    decision = _answered(case, rule, found)
    same = decision.outcome == expected and found.is_true(case.none) == (decision.decided_by == SWITCHED_OFF)
    says = f"with {rule} off the product says {decision.outcome} ({decision.decided_by}), the formulas {expected}."
    yield Verdict(same, says, (rule,))


def _answered(case: Switching, rule: str, model: Model) -> Decision:
    book = replace(case.book, off=case.book.off | {rule})
    record = read_record(witness_bundle(case.answer.patient, model, f"{rule} is off"), book, WITNESS_DAY)
    return Evaluator(book, PlainReasoner(book)).evaluate(chart_of(record, book, WITNESS_DAY)).decision
