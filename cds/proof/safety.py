"""Monotone safety: a patient who gets worse, or a result that is lost, never makes the answer more permissive.

Two patients are compared who are the same but for one thing: what that is, and where the answer may become more
permissive all the same, safety.yaml says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import z3

from cds.proof.decision import Decided, settling_laws
from cds.proof.patient import Patient
from cds.proof.patient_changes import CHANGES_BY_WAY, PatientChange, Two
from cds.proof.report import Verdict
from cds.proof.search import Search
from cds.proof.three_valued import Bool
from cds.proof.values import Variables
from cds.reasoning.program import program_of
from cds.rulebook.model import (
    AtTime,
    Occasion,
    Occurrence,
    RuleBook,
    SafeProperty,
    Safety,
    SafetyException,
    Statement,
    Way,
)

OCCASIONS: dict[Way, Occasion] = {
    "added": "getting worse",
    "lower": "getting worse",
    "higher": "getting worse",
    "normal result lost": "a lost result",
    "result lost": "a lost result",
}
"""What a change is to the exceptions."""
WAYS: dict[Way, str] = {
    "added": "something is added",
    "lower": "a value is lower",
    "higher": "a value is higher",
    "normal result lost": "a normal result is lost",
    "result lost": "any result is lost",
}
"""The changes in words."""


class Pair:
    """The same patient before and after a change.

    ``search`` leaves what-if questions open, which proves most; ``closer`` settles them where that is not enough.
    """

    def __init__(self, book: RuleBook, before: Decided) -> None:
        self.book = book
        self.two = Two(before, Decided(Patient(book, Variables("'"))))
        self.search = Search(self.two)
        self.always = frozenset(f"finding {name}" for name in program_of(book).whatif)

    @cached_property
    def closer(self) -> Search:
        """The search in which what-if questions are settled."""
        return Search(self.two, [law for answer in self.two for law in settling_laws(answer.patient)])

    def safe(self, safety: Safety, asked: SafeProperty) -> Iterator[Verdict]:
        """For each change that can make an answer more permissive a verdict; one that holds where none can."""
        exceptions = [item for item in safety.exceptions if OCCASIONS[asked.way] in item.of]
        unexcused = z3.Not(excused(exceptions, *self.two))
        tried = []
        for change in CHANGES_BY_WAY[asked.way](self.two, asked):
            tried.append(change.says)
            yield from self._verdicts(change, unexcused)
        yield Verdict(True, f"{len(tried)} changes tried: {'; '.join(tried)}.", asked=len(tried))

    def _verdicts(self, change: PatientChange, unexcused: Bool) -> Iterator[Verdict]:
        """What patients who change so get a looser answer: none may, but there must be such patients.

        Each outcome before with each looser one after is a question of its own: the solver finds most of them out at
        once, and all of them together not in time.
        """
        before, after = (answer.patient.variables for answer in self.two)
        such = [after.same_but(before, change.about | self.always), *change.how]
        looser = list(more_permissive(*self.two))
        open_ = [way for way in looser if not self.search.is_impossible(way, unexcused, *such)]
        if not open_ and self.search.is_impossible(*such):
            yield Verdict(None, f"{change.says}: no patient is such, so nothing was tried.")
        for way in open_:
            if verdict := self._closer_verdict(change, way, unexcused, *such):
                yield verdict

    def _closer_verdict(self, change: PatientChange, *such: Bool) -> Verdict | None:
        """None where with all what-if questions settled no patient is such."""
        impossible = self.closer.is_impossible(*such)
        if impossible:
            return None
        found = self.closer.find(f"safety: {change.says}", *such)
        if impossible is None and found is None:
            return Verdict(None, f"{change.says}: the solver did not find out in time.")
        if found is None:
            return Verdict(None, f"{change.says}: the answer may become more permissive; possible, not confirmed.")
        one, other = found.seen
        says = f"{change.says}: {one.outcome} ({one.decided_by}) becomes {other.outcome} ({other.decided_by})."
        return Verdict(False, says, (one.decided_by, other.decided_by), found)


def not_asked(book: RuleBook) -> Iterator[Verdict]:
    """That some changes were not asked about, as safety.yaml does not speak of them."""
    asked = {item.way for item in book.safety.properties.values()} if book.safety else set()
    missing = [words for way, words in WAYS.items() if way not in asked]
    if missing:
        lacks = "names no property of it" if book.safety else "is not there"
        says = f"whether the answer never becomes more permissive where {', or '.join(missing)}"
        yield Verdict(None, f"Not asked, as safety.yaml {lacks}: {says}.")


def more_permissive(before: Decided, after: Decided) -> Iterator[Bool]:
    """The ways in which the answer after is looser than the one before, by the order of outcomes in precedence.yaml."""
    order = before.book.compared
    for place, one in enumerate(order):
        yield from (z3.And(before.outcome[one], after.outcome[other]) for other in order[place + 1 :])


def excused(exceptions: Iterable[SafetyException], before: Decided, after: Decided) -> Bool:
    """One of the exceptions applies."""
    return z3.Or([occurs(exception.when.occurs, before, after) for exception in exceptions])


def occurs(when: Occurrence, before: Decided, after: Decided) -> Bool:
    """A condition is true of the answers before and after a change."""
    if isinstance(when, AtTime):
        formula = statement_holds(when.statement, after if when.after else before)
        return z3.Not(formula) if when.negated else formula
    parts = [occurs(part, before, after) for part in when.parts]
    return z3.And(parts) if when.how == "all" else z3.Or(parts)


def statement_holds(statement: Statement, answer: Decided) -> Bool:
    """A statement is true of an answer."""
    name = statement.name
    match statement.says:
        case "decides":
            return answer.decided_by(name)
        case "fires":
            return answer.fires[name]
        case "present":
            return answer.patient.state(name).sure
        case "possible":
            return answer.patient.state(name).maybe
        case "known":
            return answer.patient.value(name).known
        case "acts":
            return answer.acts[name]
        case "outcome":
            return answer.outcome[name]
