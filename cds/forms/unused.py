"""Forms about results that are on record and could not be used: they may say something else than those that could."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cds.forms.limits import limits_of
from cds.forms.of_terms import OfTerm, yes
from cds.quantity import ABSENT, UNKNOWN, Interval, State
from cds.rulebook.model.form import Asked, AskedChart, AskedPatient, Check, Form
from cds.rulebook.model.term import Measurement

WITHDRAWN = frozenset({"withdrawn-result"})
"""The issues of results that never were: whoever withdrew one says so."""
SAYS_NOTHING = WITHDRAWN | {"spoiled-result", "future-date", "refused-code", "no-value"}
"""Those of results that nobody need look at before an older one is believed."""


@dataclass(frozen=True, slots=True)
class ResultUnused(Form):
    """A result of a term that rules read was on record and could not be used."""

    text = "a result could not be used"
    example = "a result could not be used"

    @property
    def reads_issues(self) -> bool:
        """Nothing else."""
        return True

    def check(self, _: Asked) -> Check:
        """Never unknown."""
        return lambda chart: yes(bool(chart.unused()))

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Free."""
        return patient.logic.two_valued(patient.variables.boolean(f"finding {name}"))


@dataclass(frozen=True, slots=True)
class ResultOfTermUnused(OfTerm):
    """A result of one term was on record and could not be used."""

    text = "a result of {term} could not be used"
    example = "a result of RESULT could not be used"

    @property
    def reads_issues(self) -> bool:
        """The issues of its term."""
        return True

    def check(self, _: Asked) -> Check:
        """Never unknown."""
        return lambda chart: yes(any(i.term == self.term and i.code not in WITHDRAWN for i in chart.unused()))

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Free where some result could not be used; in a plain patient as it is written there."""
        said, logic = patient.variables.boolean(f"finding {name}"), patient.logic
        patient.laws.append(logic.Implies(said, some_unused(patient)))
        patient.plain.append(said == unused_as_written(patient, self.term))
        return logic.two_valued(said)


@dataclass(frozen=True, slots=True)
class NewerResultUnused(OfTerm):
    """A result of one term that may be newer than the value of another could not be used: that value is not the last.

    One that was withdrawn, that lies in the future or has a code that is never read does not count, nor one that has
    neither a value nor a flag. One without a known code is either normal or of another test, where its value would be
    within the limits that hold for the older one.
    """

    other: str

    text = "a result of {term} newer than {other} could not be used"
    example = "a result of RESULT newer than VALUE could not be used"

    @property
    def terms(self) -> tuple[str, ...]:
        """The term, and the one whose value would be older."""
        return (self.term, self.other)

    @property
    def reads_issues(self) -> bool:
        """The issues of its term."""
        return True

    def check(self, book: Asked) -> Check:
        """Unknown where there is no value to be older."""
        unit, limits = book.terms[self.term].unit, tuple(term.name for term in limits_of(self.other, book.terms))

        def matters(chart: AskedChart, issue: Any, older: Any) -> bool:
            alike = bool(limits) and older.unit == unit
            return not (alike and _is_normal(issue.may_be, chart, older, limits))

        def check(chart: AskedChart) -> State:
            older = chart.value(self.other)
            own = [i for i in chart.unused_after(older) if i.term == self.term and i.code not in SAYS_NOTHING]
            if older is None:
                return UNKNOWN if own else ABSENT
            return yes(any(matters(chart, issue, older) for issue in own))

        return check

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Free where some result could not be used; that of a plain patient is one of today."""
        said, logic, older = patient.variables.boolean(f"finding {name}"), patient.logic, patient.value(self.other)
        written, is_newer = unused_as_written(patient, self.term), logic.Or(logic.Not(older.known), older.age >= 1)
        patient.laws.append(logic.Implies(said, some_unused(patient)))
        patient.plain.append(said == logic.And(written, is_newer))
        return logic.ThreeValued(logic.And(said, older.known), said)


def _is_normal(value: Interval | None, chart: AskedChart, older: Any, limits: tuple[str, ...]) -> bool:
    """Whether a value is within the limits of an older one that is measured as it is."""
    lower, upper = (chart.limit_for(older, name) for name in limits)
    return value is not None and lower <= value.low and value.high <= upper


def unused_as_written(patient: AskedPatient, term: str) -> Any:
    """Whether a plain patient is written down with a result of a term, of today, that cannot be used.

    Where some result could not be used one of the first measurement is; others are free beside it.
    """
    some = some_unused(patient)
    if term == next(name for name, known in patient.book.terms.items() if isinstance(known, Measurement)):
        return some
    return patient.logic.And(some, patient.variables.boolean(f"term {term}", "a result could not be used"))


def some_unused(patient: AskedPatient) -> Any:
    """That some result could not be used."""
    findings = patient.book.findings.items()
    unused = [name for name, found in findings if isinstance(found.definition, ResultUnused)]
    return patient.logic.disjunction(patient.state(name).sure for name in unused)
