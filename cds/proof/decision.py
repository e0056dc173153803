"""The decision as formulas, stage by stage: what fires, what is silenced, who decides, what is said.

It says again, independently, what ``cds.reasoning.decision`` computes; every witness that is run through the product
compares the two. What-if questions are answered exactly where asked: the decision is worked out for each of the values
that a question compares, in which, as in ``cds.evaluation``, all what-if findings are absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import z3

from cds.forms.whatif import ChangedBy, DependsOn
from cds.proof.patient import Patient
from cds.proof.three_valued import FALSE, SURE, TRUE, Bool, conjunction, disjunction, exact, sensed
from cds.proof.values import SolverValue, chosen, point_value
from cds.quantity import ABSENT
from cds.reasoning.program import program_of
from cds.rulebook.model import SEXES, AnyTerm, Clause, Removal, RuleBook, Vote, is_sex


class Decided:
    """What follows for a patient; every attribute holds formulas by name.

    ``fires``, ``shown`` (after all silencing), ``votes`` (by rule and tier, before the tiers decide), ``decides`` (by
    rule and tier), ``outcome``, ``nobody`` (no rule votes: the default stands in), ``says`` (by rule and code, before
    the safeguard), ``text`` (by rule and number of the card's text), ``acts`` (by entry of silencing.yaml).

    Of rules, ``absent`` says when one never fires, ``muted`` when one silences others and neither votes nor speaks.
    """

    def __init__(
        self, patient: Patient, absent: Mapping[str, Bool] | None = None, muted: Mapping[str, Bool] | None = None
    ) -> None:
        self.book, self.patient = patient.book, patient
        self.absent, self.muted = absent or {}, muted or {}
        silent = self.book.off | self.book.shadow
        named = patient.named
        self.fires = {name: FALSE if name in silent else named(self._fires(name)) for name in self.book.rules}
        self.shown = dict(self.fires)
        self.voteless = dict.fromkeys(self.book.rules, FALSE)
        self.unsaid: dict[tuple[str, str], Bool] = {}
        self.acts: dict[str, Bool] = {}
        self.outcome: dict[str, Bool] = dict.fromkeys(self.book.outcomes, FALSE)
        self.decides: dict[tuple[str, str], Bool] = {}
        self.nobody: Bool = FALSE
        self._apply("finding")
        self._apply("rule")
        self.votes = self._votes()
        self._decide()
        self._apply("outcome")
        self.shown = {name: named(formula) for name, formula in self.shown.items()}
        self.says = {said: named(disjunction(ways)) for said, ways in self._ways_to_say().items()}
        self.text = {text: named(formula) for text, formula in self._texts()}

    def decided_by(self, rule: str) -> Bool:
        """The rule decides, in any of its tiers, or by default."""
        by_default = self.nobody if rule == self.book.default else FALSE
        return z3.Or(by_default, *(formula for (name, _), formula in self.decides.items() if name == rule))

    def said(self, code: str) -> Bool:
        """Some card says the code."""
        return disjunction(formula for (_, said), formula in self.says.items() if said == code)

    def _fires(self, name: str) -> Bool:
        condition = self._condition(name)
        return z3.And(condition, z3.Not(self.absent[name])) if name in self.absent else condition

    def _speaks(self, rule: str) -> Bool:
        """The rule is shown, and may vote and speak."""
        return z3.And(self.shown[rule], z3.Not(self.muted[rule])) if rule in self.muted else self.shown[rule]

    def _condition(self, name: str) -> Bool:
        when = self.book.rules[name].when
        parts = [sensed(self.patient.state(part.finding), part.sense).sure for part in when.parts]
        return conjunction(parts) if when.how == "all" else disjunction(parts)

    def _apply(self, stage: str) -> None:
        for entry in self.book.removals:
            if entry.stage == stage:
                self._remove(entry)

    def _remove(self, entry: Removal) -> None:
        acts = z3.And(disjunction(map(self.holds, entry.when)), *map(self.holds, entry.only_if))
        self.acts[entry.name] = acts = self.patient.named(acts)
        for rule in entry.cards:
            self.shown[rule] = z3.And(self.shown[rule], z3.Not(acts))
        for rule in entry.votes:
            self.voteless[rule] = z3.Or(self.voteless[rule], acts)
        for code, rules in entry.codes.items():
            for rule in rules:
                self.unsaid[rule, code] = z3.Or(self.unsaid.get((rule, code), FALSE), acts)

    def holds(self, clause: Clause, rule: str = "") -> Bool:
        """Whether a condition on the answer is true; unknown findings are not."""
        match clause.kind:
            case "finding":
                true = sensed(self.patient.state(clause.value), clause.sense).sure
            case "fires":
                true = self.fires[clause.value]
            case "shown":
                true = self.shown[clause.value]
            case "decider":
                true = self.decided_by(clause.value)
            case "outcome":
                true = self.outcome[clause.value]
            case _:
                true = self._votes_for(rule, clause.value)
        return z3.Not(true) if clause.negated else true

    def _votes_for(self, rule: str, outcome: str) -> Bool:
        tiers = [tier for tier in self.book.tiers if not outcome or tier.outcome == outcome]
        votes = disjunction(self._vote(rule, tier.name) for tier in tiers)
        return z3.And(votes, self.outcome[outcome]) if outcome == self.book.pause else votes

    def _vote(self, rule: str, tier: str) -> Bool:
        """The rule decides in this tier: by its first branch that is true."""
        branches: list[Bool] = []
        earlier: list[Bool] = []
        for vote in self.book.rules[rule].votes:
            holds = self._branch(vote)
            if vote.tier == tier:
                branches.append(z3.And(holds, *map(z3.Not, earlier)))
            earlier.append(holds)
        return z3.And(self._speaks(rule), z3.Not(self.voteless[rule]), disjunction(branches)) if branches else FALSE

    def _branch(self, vote: Vote) -> Bool:
        return self.patient.state(vote.finding).sure if vote.finding else TRUE

    def _votes(self) -> dict[tuple[str, str], Bool]:
        ways = ((rule, tier.name) for tier in self.book.tiers for rule in tier.rules)
        return {way: self.patient.named(self._vote(*way)) for way in ways}

    def _decide(self) -> None:
        """The first tier with a vote, and its first rule that votes; the default where nobody does."""
        nobody_yet: Bool = TRUE
        ways: dict[str, list[Bool]] = {outcome: [] for outcome in self.book.outcomes}
        for tier in self.book.tiers:
            for rule in tier.rules:
                vote = self.votes[rule, tier.name]
                self.decides[rule, tier.name] = self.patient.named(z3.And(nobody_yet, vote))
                nobody_yet = self.patient.named(z3.And(nobody_yet, z3.Not(vote)))
                ways.setdefault(tier.outcome, []).append(self.decides[rule, tier.name])
        self.nobody = nobody_yet
        ways[default_outcome(self.book)].append(nobody_yet)
        self.outcome = {outcome: self.patient.named(disjunction(formulas)) for outcome, formulas in ways.items()}

    def _ways_to_say(self) -> dict[tuple[str, str], list[Bool]]:
        """For each rule and code, the conditions of each line that says it."""
        ways: dict[tuple[str, str], list[Bool]] = {}
        for rule in self.book.rules.values():
            for code, conditions in rule.advice:
                ways.setdefault((rule.id, code), []).append(self._says(rule.id, code, conditions))
        return ways

    def _says(self, rule: str, code: str, conditions: Iterable[Clause]) -> Bool:
        unsaid = self.unsaid.get((rule, code), FALSE)
        return z3.And(self._speaks(rule), z3.Not(unsaid), *(self.holds(c, rule) for c in conditions))

    def _texts(self) -> Iterable[tuple[tuple[str, int], Bool]]:
        """The first text of a card with no condition or a line that is true."""
        for rule in self.book.rules.values():
            earlier: list[Bool] = []
            for number, text in enumerate(rule.card.texts):
                lines = [conjunction(self.holds(c, rule.id) for c in line) for line in text.when]
                true = disjunction(lines) if text.when else TRUE
                yield (rule.id, number), z3.And(self._speaks(rule.id), true, *map(z3.Not, earlier))
                earlier.append(true)


def default_outcome(book: RuleBook) -> str:
    """The outcome while no rule decides."""
    tier = book.rules[book.default].votes[0].tier
    return next(t.outcome for t in book.tiers if t.name == tier)


def settling_laws(patient: Patient) -> list[Bool]:
    """What makes every what-if finding of a patient say whether the outcomes that it compares differ."""
    laws: list[Bool] = []
    for name in program_of(patient.book).whatif:
        answers = [Decided(one) for one in _variants(patient, name)]
        laws += [law for answer in answers for law in answer.patient.laws]
        laws.append(patient.state(name).sure == _differs(patient.book, answers))
    return laws


def _variants(patient: Patient, name: str) -> Iterator[Patient]:
    definition = patient.book.findings[name].definition
    absent = dict.fromkeys(program_of(patient.book).whatif, SURE[ABSENT])
    if isinstance(definition, ChangedBy):
        own, other = patient.value(definition.term), patient.value(definition.by)
        replaced = chosen(z3.And(own.known, other.known), other, own)
        ends: list[Mapping[str, SolverValue]] = [{}, {definition.term: replaced}]
    elif isinstance(definition, DependsOn):
        ends = [
            {term: _end(patient.book.terms[term], patient.value(term), end) for term in definition.open_terms}
            for end in (0, 1)
        ]
    else:
        ends = []
    for given in ends:
        yield Patient(patient.book, patient.variables, given, absent)


def _end(term: AnyTerm, value: SolverValue, end: int) -> SolverValue:
    """The low or the high end of an interval; one sex and the other where it is not known."""
    if is_sex(term):
        return chosen(value.known, value, point_value(exact(sorted(SEXES.values())[end])))
    number = (value.low, value.high)[end]
    closed = z3.BoolVal(False)
    return chosen(value.is_point, value, value.but(low=number, high=number, low_open=closed, high_open=closed))


def _differs(book: RuleBook, answers: list[Decided]) -> Bool:
    if len(answers) < 2:
        return z3.BoolVal(False)
    one, other = answers
    return z3.Or([one.outcome[name] != other.outcome[name] for name in book.outcomes])
