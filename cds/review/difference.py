"""What a change of the rules does: the change in words, and the patients who get another outcome or other advice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from cds.boundary import error_boundary
from cds.errors import CdsError, with_code
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.review.changes import Change, changes, proposed_version
from cds.review.people import Person
from cds.rulebook.model import RuleBook

Direction: TypeAlias = Literal["none", "stricter", "looser", "mixed", "other"]
DIRECTIONS: tuple[Direction, ...] = ("stricter", "looser", "mixed", "other")
EXAMPLES = 3


class Voice(NamedTuple):
    """What the card of a rule says to a patient: its advice codes and its indicator."""

    rule: str
    codes: tuple[str, ...]
    indicator: str = "info"


class Standing(NamedTuple):
    """What one rulebook says to a patient: outcome, deciding rule, and the rules that speak, by id."""

    outcome: str
    decided_by: str
    said: tuple[Voice, ...]

    @property
    def advice(self) -> frozenset[str]:
        """The advice codes, whichever rule says them."""
        return frozenset(code for voice in self.said for code in voice.codes)

    def voice(self, rule: str) -> Voice | None:
        """What one rule says; None while it is silent."""
        return next((voice for voice in self.said if voice.rule == rule), None)


class Effect(NamedTuple):
    """A patient whose answer is another one after the change."""

    patient: str
    before: Standing
    after: Standing

    @property
    def outcome_changes(self) -> bool:
        """Whether the outcome is another one; else only who decides, who speaks, or what is advised."""
        return self.before.outcome != self.after.outcome

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that decide, speak or advise otherwise."""
        different = {voice.rule for voice in {*self.before.said} ^ {*self.after.said}}
        if self.before.decided_by != self.after.decided_by:
            different |= {self.before.decided_by, self.after.decided_by}
        return tuple(sorted(different))


class OfRule(NamedTuple):
    """The patients to whom a rule speaks otherwise than before, by name."""

    rule: str
    newly: tuple[str, ...]
    no_longer: tuple[str, ...]
    otherwise: tuple[str, ...]
    newly_decides: tuple[str, ...]
    no_longer_decides: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """The whole comparison of two rulebooks.

    ``patients`` is how many were evaluated by both; ``unread`` are those who could not be, with the reason.
    """

    old: RuleBook
    new: RuleBook
    changes: list[Change]
    patients: int = 0
    effects: list[Effect] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)

    @property
    def proposed(self) -> str:
        """The version number that the changes call for."""
        return proposed_version(self.old, self.changes)

    @property
    def direction(self) -> Direction:
        """Whether the patients who change get stricter answers, looser ones, or both."""
        seen = self.directions
        if {"stricter", "looser"} <= seen.keys() or "mixed" in seen:
            return "mixed"
        return next((word for word in DIRECTIONS if word in seen), "none")

    @property
    def directions(self) -> dict[Direction, int]:
        """How many patients change in each direction."""
        seen = [direction_of(self.old, effect) for effect in self.effects]
        return {word: seen.count(word) for word in DIRECTIONS if word in seen}


def difference(old: RuleBook, new: RuleBook, people: Iterable[Person]) -> Difference:
    """The comparison of two rulebooks over patients; every patient is evaluated in full by both."""
    patients, effects, unread = 0, [], []
    for person in people:
        try:
            with error_boundary():
                before, after = (standing_of(person.evaluated(book)) for book in (old, new))
        except CdsError as error:
            unread.append((person.name, with_code(error)))
            continue
        patients += 1
        if before != after:
            effects.append(Effect(person.name, before, after))
    return Difference(old, new, changes(old, new), patients, effects, unread)


def standing_of(evaluation: Evaluation) -> Standing:
    """What an evaluation says, without its texts."""
    decision = evaluation.decision
    said = sorted(Voice(said.rule, tuple(sorted(said.codes)), said.indicator) for said in decision.said)
    return Standing(decision.outcome, decision.decided_by, tuple(said))


def direction_of(book: RuleBook, effect: Effect) -> Direction:
    """Stricter takes more calcium away (by the order in precedence.yaml, else more codes that hold or stop).

    No answer has its place in that order: whoever may go on without the data that were asked for has a looser answer.
    ``other``: a change to or from outside the scope, or of advice that neither holds nor stops.
    """
    if effect.outcome_changes:
        before, after = effect.before.outcome, effect.after.outcome
        order = book.compared
        if not {before, after} <= set(order):
            return "other"
        return "stricter" if order.index(after) < order.index(before) else "looser"
    was, now = (_acting(book, item.advice) for item in (effect.before, effect.after))
    if was == now:
        return "other"
    return "stricter" if was < now else "looser" if now < was else "mixed"


def _acting(book: RuleBook, advice: Iterable[str]) -> set[str]:
    return {code for code in advice if code in book.advice and book.advice[code].action}


def by_rule(effects: list[Effect]) -> Iterator[OfRule]:
    """For each rule that speaks or decides otherwise, the patients, those of most patients first."""
    touched: dict[str, list[Effect]] = {}
    for effect in effects:
        for rule in effect.rules:
            touched.setdefault(rule, []).append(effect)
    for rule, own in sorted(touched.items(), key=lambda item: (-len(item[1]), item[0])):
        yield _of_rule(rule, own)


def _of_rule(rule: str, effects: list[Effect]) -> OfRule:
    seen = [(e, e.before.voice(rule), e.after.voice(rule)) for e in effects]
    return OfRule(
        rule,
        newly=tuple(e.patient for e, was, now in seen if was is None and now is not None),
        no_longer=tuple(e.patient for e, was, now in seen if was is not None and now is None),
        otherwise=tuple(e.patient for e, was, now in seen if None not in (was, now) and was != now),
        newly_decides=tuple(e.patient for e in effects if e.after.decided_by == rule != e.before.decided_by),
        no_longer_decides=tuple(e.patient for e in effects if e.before.decided_by == rule != e.after.decided_by),
    )


def moves(effects: list[Effect]) -> dict[tuple[str, str], list[Effect]]:
    """The patients whose outcome changes, by outcome before and after."""
    found: dict[tuple[str, str], list[Effect]] = {}
    for effect in effects:
        if effect.outcome_changes:
            found.setdefault((effect.before.outcome, effect.after.outcome), []).append(effect)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def difference_data(found: Difference) -> Json:
    """The comparison as JSON data: for ``cds diff --json`` and for the audit book."""
    return {
        "old": {"version": found.old.version, "sha256": found.old.sha256},
        "new": {"version": found.new.version, "sha256": found.new.sha256},
        "proposedVersion": found.proposed,
        "direction": found.direction,
        "directions": found.directions,
        "changes": [change._asdict() for change in found.changes],
        "patients": {
            "evaluated": found.patients,
            "unread": [{"patient": name, "error": text} for name, text in found.unread],
            "outcomeChanges": sum(effect.outcome_changes for effect in found.effects),
            "adviceChanges": sum(effect.before.advice != effect.after.advice for effect in found.effects),
            "changed": [_effect_data(found.old, effect) for effect in found.effects],
        },
        "outcomes": [
            {"before": before, "after": after, "patients": len(own)}
            for (before, after), own in moves(found.effects).items()
        ],
        "byRule": [of_rule._asdict() for of_rule in by_rule(found.effects)],
    }


def _effect_data(book: RuleBook, effect: Effect) -> Json:
    before, after = effect.before, effect.after
    return {
        "patient": effect.patient,
        "direction": direction_of(book, effect),
        "outcome": {"before": before.outcome, "after": after.outcome},
        "decidedBy": {"before": before.decided_by, "after": after.decided_by},
        "adviceAdded": sorted(after.advice - before.advice),
        "adviceRemoved": sorted(before.advice - after.advice),
        "rules": list(effect.rules),
    }
