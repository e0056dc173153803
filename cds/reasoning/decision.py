"""Rules that fire -> one outcome, its decider, the rules that are left and what their cards say.

Order of work (rules/silencing.yaml): the patient's data silence, then rules that are still there, then the tiers
decide, then the outcome silences; what is left is said, and never two codes that contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from cds.quantity import PRESENT
from cds.reasoning.conditions import Condition, Entry, Numbers, Speech, entries_of, speeches_of
from cds.reasoning.inference import Inferred
from cds.rulebook.model import Clause, Removal, Rule, RuleBook, Tier

SWITCHED_OFF = "switched-off"
"""What stands in place of the deciding rule in an answer that is not given, because a rule is switched off."""
ACTS = ("today", "visit", "later")
"""When somebody can act on a card, the soonest first."""
NOT_SAID = "visit"
"""When, where the rule file does not say."""


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


class Switched(NamedTuple):
    """What the rules that are switched off would have done for this patient.

    ``rules`` are those whose card is not shown or without whom the answer would be another one, the strongest first.
    ``outcome`` and ``decided_by`` are the answer of the whole rulebook. ``in_force`` are outcome and decider of the
    other rules, where they pause or stop as the whole rulebook does, and no answer is given all the same.
    """

    rules: tuple[str, ...]
    outcome: str
    decided_by: str
    in_force: tuple[str, str] | None = None


class Decision(NamedTuple):
    """The answer as data: a pure function of the states of findings.

    ``shadowed`` are the rules in shadow that would have fired; ``switched`` is there when one that is switched off
    would have. Where that leaves no answer, ``decided_by`` is ``SWITCHED_OFF``.
    """

    outcome: str
    decided_by: str
    said: tuple[Said, ...]
    overruled: tuple[tuple[str, str], ...]
    silenced: tuple[Silenced, ...]
    contradictions: tuple[tuple[str, str], ...]
    shadowed: tuple[str, ...] = ()
    switched: Switched | None = None


class _Order(NamedTuple):
    """What follows from a rulebook for every decision.

    ``entries`` are those of silencing.yaml by stage, ``tiers`` by name; ``places`` say in which order rules speak, and
    ``listed`` in which order they are written.
    """

    entries: dict[str, tuple[Entry, ...]]
    speeches: dict[str, Speech]
    tiers: dict[str, Tier]
    places: dict[str, tuple[int, int, str]]
    listed: dict[str, int]
    codes: dict[str, frozenset[str]]
    """All codes that each rule may say."""
    acts: dict[str, int]
    """How soon somebody can act on the card of each rule."""


@lru_cache(maxsize=32)
def _order_of(book: RuleBook, numbers: Numbers) -> _Order:
    return _Order(
        entries_of(book.removals, numbers),
        speeches_of(book, numbers),
        {tier.name: tier for tier in book.tiers},
        {name: _rank(book, rule) for name, rule in book.rules.items()},
        {name: place for place, name in enumerate(book.rules)},
        {name: frozenset([saying.code for saying in rule.advice]) for name, rule in book.rules.items()},
        {name: ACTS.index(rule.card.act or NOT_SAID) for name, rule in book.rules.items()},
    )


class _Floor:
    """The rules on the floor while their answer is worked out."""

    def __init__(self, book: RuleBook, inferred: Inferred, fired: frozenset[str], muted: frozenset[str]) -> None:
        self.book, self.inferred, self.fired, self.muted = book, inferred, fired, muted
        self.states, self.numbers = inferred.states, inferred.program.numbers
        self.order = _order_of(book, self.numbers)
        self.shown: dict[str, Rule] = {
            name: book.rules[name] for name in sorted(fired, key=self.order.listed.__getitem__)
        }
        self.voteless: set[str] = set()
        self.unsaid: dict[str, set[str]] = {}
        self.overruled: dict[str, str] = {}
        self.silenced: list[Silenced] = []
        self.acting: set[str] = set()
        self.outcome, self.decided_by, self.tier = "", "", ""

    def apply(self, stage: str) -> None:
        """Let the entries of one stage act, in their order."""
        for removal, when, only_if in self.order.entries.get(stage, ()):
            if self.any_holds(when) and self.all_hold(only_if):
                self.acting.add(removal.name)
                self.remove(removal)

    def remove(self, entry: Removal) -> None:
        by = self.answers_for(entry)
        shown, silenced = self.shown, self.silenced
        for name in _among(shown, entry.cards):
            del shown[name]
            self.overruled[name] = by
            silenced.append(Silenced(name, "card", by, entry.name))
        for name in _among(shown, entry.votes):
            if name not in self.voteless:
                self.voteless.add(name)
                silenced.append(Silenced(name, "decision", by, entry.name))
        for code, rules in entry.codes.items():
            for name in _among(shown, rules):
                if code in self.order.codes[name]:
                    self.unsaid.setdefault(name, set()).add(code)
                    silenced.append(Silenced(name, code, by, entry.name))

    def answers_for(self, entry: Removal) -> str:
        if entry.stage == "outcome":
            return self.decided_by
        return next((rule for rule in entry.by if rule in self.fired), entry.by[0])

    def holds(self, clause: Clause, rule: str = "") -> bool:
        """Whether a clause about what is left of the answer is true."""
        kind, value, negated, _ = clause
        if kind == "fires":
            true = value in self.fired
        elif kind == "shown":
            true = value in self.shown
        elif kind == "decider":
            true = self.decided_by == value
        elif kind == "outcome":
            true = self.outcome == value
        else:
            true = self.votes_for(rule, value)
        return true is not negated

    def any_holds(self, condition: Condition) -> bool:
        """Whether one of the clauses is true; unknown findings are not."""
        states = self.states
        for number, true in condition.findings:
            if true[states[number]]:
                return True
        if condition.fires and not condition.fires.isdisjoint(self.fired):
            return True
        return bool(condition.others) and any(map(self.holds, condition.others))

    def all_hold(self, condition: Condition, rule: str = "") -> bool:
        """Whether all of the clauses are true; unknown findings are not."""
        states = self.states
        for number, true in condition.findings:
            if not true[states[number]]:
                return False
        if condition.fires and not condition.fires <= self.fired:
            return False
        return not condition.others or all(map(self.holds, condition.others, repeat(rule)))

    def votes_for(self, rule: str, outcome: str) -> bool:
        """Whether the rule's vote stands and is for an outcome ('' any); a pause counts only as the outcome."""
        tier = self.vote(rule)
        if tier is None or (outcome and tier.outcome != outcome):
            return False
        return outcome != self.book.pause or self.outcome == outcome

    def vote(self, name: str) -> Tier | None:
        """The tier in which a rule decides: that of its first branch that is true."""
        if name in self.voteless or name in self.muted or name not in self.shown:
            return None
        for vote in self.shown[name].votes:
            if not vote.finding or self.states[self.numbers[vote.finding]] == PRESENT:
                return self.order.tiers[vote.tier]
        return None

    def decide(self) -> None:
        """Set outcome and decider: the first tier with a vote, and its first rule that votes."""
        tiers: dict[str, set[str]] = {}
        for name in self.shown:
            if (found := self.vote(name)) is not None:
                tiers.setdefault(found.name, set()).add(name)
        for tier in self.book.tiers:
            votes = tiers.get(tier.name, ())
            for name in tier.rules if votes else ():
                if name in votes:
                    self.outcome, self.decided_by, self.tier = tier.outcome, name, tier.name
                    return
        default = self.book.rules[self.book.default].votes[0].tier
        self.outcome = self.order.tiers[default].outcome
        self.decided_by, self.tier = self.book.default, default

    def give_none(self) -> None:
        """Set the outcome that is no answer: a rule that is switched off would have counted."""
        self.outcome, self.decided_by = self.book.no_answer, SWITCHED_OFF

    def say(self, rule: Rule) -> Said:
        name, all_hold = rule.id, self.all_hold
        unsaid, speech = self.unsaid.get(name, ()), self.order.speeches[name]
        codes = [code for code, condition in speech.codes if code not in unsaid and all_hold(condition, name)]
        return Said(name, tuple(codes), self.text_of(name, speech), self.indicator_of(name, speech))

    def place_of(self, said: Said) -> tuple[bool, int, bool, int, tuple[int, int, str]]:
        """Where a card stands: critical ones, the deciding one, warnings, information.

        Of one kind the deciding one comes first, then what can be done sooner, then by the tiers.
        """
        rule, decides = said.rule, said.rule == self.decided_by
        kind = 0 if said.indicator == "critical" else 1 if decides else 2 if said.indicator == "warning" else 3
        is_last = rule in self.book.cards.stands_last
        return is_last, kind, not decides, self.order.acts[rule], self.order.places[rule]

    def text_of(self, rule: str, speech: Speech) -> int:
        """The first text that has no conditions, or one of whose lines is true."""
        for index, lines in enumerate(speech.texts):
            if not lines:
                return index
            for line in lines:
                if self.all_hold(line, rule):
                    return index
        raise LookupError(rule)

    def indicator_of(self, rule: str, speech: Speech) -> str:
        """The first indicator whose conditions are true."""
        for word, condition in speech.indicators:
            if self.all_hold(condition, rule):
                return word
        return "info"


def _among(shown: dict[str, Rule], rules: frozenset[str]) -> list[str]:
    """Those of some rules that are shown, in their order."""
    return [] if rules.isdisjoint(shown) else [name for name in shown if name in rules]


def answer_of(
    book: RuleBook, inferred: Inferred, fired: frozenset[str], muted: frozenset[str] = frozenset()
) -> Decision:
    """The decision that follows when some rules fire; every patient gets exactly one outcome.

    ``muted`` are those of them that silence others as ever, and neither decide nor speak themselves.
    """
    return _decision(_Floor(book, inferred, fired, muted), _Floor.decide)


def outcome_of(book: RuleBook, inferred: Inferred) -> str:
    """The outcome of the whole rulebook, rules that are switched off among it; what is said is not worked out."""
    floor = _Floor(book, inferred, inferred.fired | inferred.withheld, frozenset())
    floor.apply("finding")
    floor.apply("rule")
    floor.decide()
    return floor.outcome


def acting_in(book: RuleBook, inferred: Inferred) -> frozenset[str]:
    """The entries of silencing.yaml whose conditions hold in the whole rulebook, whether they take anything away."""
    floor = _Floor(book, inferred, inferred.fired | inferred.withheld, frozenset())
    _silenced(floor, _Floor.decide)
    return frozenset(floor.acting)


def meant_to_be_said(book: RuleBook, inferred: Inferred) -> tuple[Said, ...]:
    """What the cards of the whole rulebook would say, the strongest first, if codes that contradict were let pass."""
    floor = _Floor(book, inferred, inferred.fired | inferred.withheld, frozenset())
    _silenced(floor, _Floor.decide)
    return tuple(_spoken(floor))


def no_answer_of(book: RuleBook, inferred: Inferred, fired: frozenset[str], muted: frozenset[str]) -> Decision:
    """What is left to say when these rules fire and none of them may decide, because the muted ones count."""
    return _decision(_Floor(book, inferred, fired, muted), _Floor.give_none)


def _silenced(floor: _Floor, decide: Callable[[_Floor], None]) -> None:
    """All that silences, in its order; the decision stands in between."""
    floor.apply("finding")
    floor.apply("rule")
    decide(floor)
    floor.apply("outcome")


def _spoken(floor: _Floor) -> list[Said]:
    """What the cards that are left say, the strongest rule first."""
    speaking = [name for name in floor.shown if name not in floor.muted]
    return [floor.say(floor.shown[name]) for name in sorted(speaking, key=floor.order.places.__getitem__)]


def _decision(floor: _Floor, decide: Callable[[_Floor], None]) -> Decision:
    _silenced(floor, decide)
    said, contradictions = _without_contradictions(floor.book, _spoken(floor))
    return Decision(
        outcome=floor.outcome,
        decided_by=floor.decided_by,
        said=tuple(sorted(said, key=floor.place_of)),
        overruled=tuple(sorted(floor.overruled.items())),
        silenced=tuple(floor.silenced),
        contradictions=contradictions,
        shadowed=tuple(sorted(floor.inferred.shadowed)),
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
        kept.append(item if len(codes) == len(item.codes) else item._replace(codes=tuple(codes)))
    return tuple(kept), tuple(pairs)
