"""Rules that fire -> one outcome, its decider, the rules that are left and what their cards say.

Order of work (rules/silencing.yaml): the patient's data silence, then rules that are still there, then the tiers
decide, then the outcome silences; what is left is said, and never two codes that contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cds.quantity import PRESENT
from cds.reasoning.inference import Inferred
from cds.reasoning.program import SENSES
from cds.rulebook.model import HOLD, Clause, Removal, Rule, RuleBook, Tier


class Silenced(NamedTuple):
    """Something that would have been said or decided: what, and who silenced it by which entry."""

    rule: str
    what: str
    by: str
    entry: str


class Said(NamedTuple):
    """What the card of a rule says: its codes, which of its texts (an index), its indicator."""

    rule: str
    codes: tuple[str, ...]
    text: int
    indicator: str


class Decision(NamedTuple):
    """The answer as data: a pure function of the states of findings.

    ``shadowed`` are the rules in shadow that would have fired.
    """

    outcome: str
    decided_by: str
    said: tuple[Said, ...]
    overruled: tuple[tuple[str, str], ...]
    silenced: tuple[Silenced, ...]
    contradictions: tuple[tuple[str, str], ...]
    shadowed: tuple[str, ...] = ()


class _Floor:
    """The rules on the floor while their answer is worked out."""

    def __init__(self, book: RuleBook, inferred: Inferred) -> None:
        self.book, self.inferred = book, inferred
        self.shown: dict[str, Rule] = {name: rule for name, rule in book.rules.items() if name in inferred.fired}
        self.voteless: set[str] = set()
        self.unsaid: dict[str, set[str]] = {}
        self.overruled: dict[str, str] = {}
        self.silenced: list[Silenced] = []
        self.outcome, self.decided_by, self.tier = "", "", ""

    def apply(self, stage: str) -> None:
        """Let the entries of one stage act, in their order."""
        for entry in self.book.removals:
            if entry.stage == stage and self.acts(entry):
                self.remove(entry)

    def acts(self, entry: Removal) -> bool:
        return any(map(self.holds, entry.when)) and all(map(self.holds, entry.only_if))

    def remove(self, entry: Removal) -> None:
        by = self.answers_for(entry)
        for name in [rule for rule in self.shown if rule in entry.cards]:
            del self.shown[name]
            self.overruled[name] = by
            self.silenced.append(Silenced(name, "card", by, entry.name))
        for name in self.shown:
            if name in entry.votes and name not in self.voteless:
                self.voteless.add(name)
                self.silenced.append(Silenced(name, "decision", by, entry.name))
        for code, rules in entry.codes.items():
            for name in rules & self.shown.keys():
                if code in {saying.code for saying in self.shown[name].advice}:
                    self.unsaid.setdefault(name, set()).add(code)
                    self.silenced.append(Silenced(name, code, by, entry.name))

    def answers_for(self, entry: Removal) -> str:
        if entry.stage == "outcome":
            return self.decided_by
        return next((rule for rule in entry.by if rule in self.inferred.fired), entry.by[0])

    def holds(self, clause: Clause, rule: str = "") -> bool:
        """Whether a condition on the answer is true; unknown findings are not."""
        match clause.kind:
            case "finding":
                true = SENSES[clause.sense][self.inferred.state(clause.value)] == PRESENT
            case "fires":
                true = clause.value in self.inferred.fired
            case "shown":
                true = clause.value in self.shown
            case "decider":
                true = self.decided_by == clause.value
            case "outcome":
                true = self.outcome == clause.value
            case _:
                true = self.votes_for(rule, clause.value)
        return true is not clause.negated

    def votes_for(self, rule: str, outcome: str) -> bool:
        """Whether the rule's vote stands and is for an outcome ('' any); a hold counts only if the outcome is hold."""
        tier = self.vote(rule)
        if tier is None or (outcome and tier.outcome != outcome):
            return False
        return outcome != HOLD or self.outcome == HOLD

    def vote(self, name: str) -> Tier | None:
        """The tier in which a rule decides: that of its first branch that is true."""
        if name in self.voteless or name not in self.shown:
            return None
        for vote in self.shown[name].votes:
            if not vote.finding or self.inferred.state(vote.finding) == PRESENT:
                return next(tier for tier in self.book.tiers if tier.name == vote.tier)
        return None

    def decide(self) -> None:
        """Set outcome and decider: the first tier with a vote, and its first rule that votes."""
        for tier in self.book.tiers:
            for name in tier.rules:
                if self.vote(name) == tier:
                    self.outcome, self.decided_by, self.tier = tier.outcome, name, tier.name
                    return
        default = self.book.rules[self.book.default].votes[0].tier
        self.outcome = next(tier.outcome for tier in self.book.tiers if tier.name == default)
        self.decided_by, self.tier = self.book.default, default

    def say(self, rule: Rule) -> Said:
        unsaid = self.unsaid.get(rule.id, set())
        codes = (
            saying.code for saying in rule.advice
            if saying.code not in unsaid and all(self.holds(c, rule.id) for c in saying.conditions)
        )  # fmt: skip
        text = next(
            index for index, text in enumerate(rule.card.texts)
            if not text.when or any(all(self.holds(c, rule.id) for c in line) for line in text.when)
        )  # fmt: skip
        indicator = next(
            (word for word, clauses in rule.card.indicators if all(self.holds(c, rule.id) for c in clauses)), "info"
        )
        return Said(rule.id, tuple(codes), text, indicator)


def decide(book: RuleBook, inferred: Inferred) -> Decision:
    """The decision that follows from what was inferred; every patient gets exactly one outcome."""
    floor = _Floor(book, inferred)
    floor.apply("finding")
    floor.apply("rule")
    floor.decide()
    floor.apply("outcome")
    ranked = sorted(floor.shown.values(), key=lambda rule: _rank(book, rule))
    said, contradictions = _without_contradictions(book, [floor.say(rule) for rule in ranked])
    return Decision(
        outcome=floor.outcome,
        decided_by=floor.decided_by,
        said=tuple(sorted(said, key=lambda item: item.rule != floor.decided_by)),
        overruled=tuple(sorted(floor.overruled.items())),
        silenced=tuple(floor.silenced),
        contradictions=contradictions,
        shadowed=tuple(sorted(inferred.shadowed)),
    )


def _rank(book: RuleBook, rule: Rule) -> tuple[int, int, str]:
    """By the strongest tier in which a rule may decide, then by the order inside it, then by id."""
    tier = _home(book, rule)
    order = tier.rules.index(rule.id) if rule.id in tier.rules else len(tier.rules)
    return book.tiers.index(tier), order, rule.id


def _home(book: RuleBook, rule: Rule) -> Tier:
    """The strongest tier in which a rule may decide; the last one for rules that never do."""
    tiers = {vote.tier for vote in rule.votes}
    return next((tier for tier in book.tiers if tier.name in tiers), book.tiers[-1])


def _without_contradictions(
    book: RuleBook, said: Iterable[Said]
) -> tuple[tuple[Said, ...], tuple[tuple[str, str], ...]]:
    """Leave out a code that contradicts one of a stronger rule; which pairs met is part of the decision."""
    kept: list[Said] = []
    spoken: dict[str, str] = {}
    pairs: list[tuple[str, str]] = []
    for item in said:
        codes = []
        for code in item.codes:
            contradicts = book.advice[code].contradicts
            if contradicts.isdisjoint(spoken):
                codes.append(code)
            else:
                pairs.extend((enemy, code) for enemy in sorted(contradicts & spoken.keys()))
        spoken.update(dict.fromkeys(codes, item.rule))
        kept.append(item._replace(codes=tuple(codes)))
    return tuple(kept), tuple(pairs)
