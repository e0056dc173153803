"""Forms about what is not there: nothing recorded of several findings, and results that could not be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds.forms.comparing import Compared
from cds.forms.limits import OutsideLimits, limits_of
from cds.forms.of_terms import OfTerm, yes
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval, State
from cds.rulebook.graph import graph_of
from cds.rulebook.model.form import Asked, AskedChart, AskedPatient, Check, Form, Unread
from cds.rulebook.model.term import AnyTerm, Measurement

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
        patient.laws.append(logic.Implies(said, _some_unused(patient)))
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
        patient.laws.append(logic.Implies(said, _some_unused(patient)))
        patient.plain.append(said == logic.And(written, is_newer))
        return logic.ThreeValued(logic.And(said, older.known), said)


@dataclass(frozen=True, slots=True)
class NoneRecorded(Form):
    """Each of the findings is absent, or unknown only because nothing at all is recorded about it.

    Not even a result that was not used. Where nobody can say what a medicine or condition on record is, it may be one
    of these findings: then unknown.
    """

    named: tuple[str, ...]

    when_unread = Unread.NOTHING_MISSING

    def __str__(self) -> str:
        """``no record of any of: a; b``."""
        return f"no record of any of: {'; '.join(self.named)}"

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings."""
        return self.named

    @property
    def reads_issues(self) -> bool:
        """What was not used or not recognised stands among the issues too."""
        return True

    def more_terms(self, findings: Mapping[str, Any], _: Mapping[str, AnyTerm]) -> Iterator[str]:
        """The terms of the findings."""
        for name in self.named:
            yield from findings[name].definition.terms if name in findings else ()

    def check(self, book: Asked) -> Check:
        """Absent while a result behind one of the findings could not be used."""
        silent = {name: term for name in self.named if (term := _silent(book, name))}

        def clear(chart: AskedChart, name: str) -> bool:
            state = chart.state(name)
            if state is UNKNOWN:
                return name in silent and chart.value(silent[name]) is None
            return state is ABSENT

        def check(chart: AskedChart) -> State:
            lost = {issue.term for issue in chart.unused() if issue.code not in WITHDRAWN}
            if lost and any(graph_of(book).roots[name] & lost for name in self.named):  # type: ignore[arg-type]
                return ABSENT
            for name in self.named:
                if not clear(chart, name):
                    return ABSENT
            return UNKNOWN if chart.has_unrecognised() else PRESENT

        return check

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Absent where a result of one of the findings was not used, unknown where something was not understood."""
        lost, unclear = (patient.variables.boolean(f"finding {name}", part) for part in ("lost", "not recognised"))
        logic = patient.logic
        patient.plain += [lost == _some_unused(patient), logic.Not(unclear)]
        clear = logic.And(logic.Not(lost), *(_clear(patient, other) for other in self.named))
        return logic.ThreeValued(logic.And(clear, logic.Not(unclear)), clear)


def _some_unused(patient: AskedPatient) -> Any:
    """That some result could not be used."""
    findings = patient.book.findings.items()
    unused = [name for name, found in findings if isinstance(found.definition, ResultUnused)]
    return patient.logic.disjunction(patient.state(name).sure for name in unused)


def _is_normal(value: Interval | None, chart: AskedChart, older: Any, limits: tuple[str, ...]) -> bool:
    """Whether a value is within the limits of an older one that is measured as it is."""
    lower, upper = (chart.limit_for(older, name) for name in limits)
    return value is not None and lower <= value.low and value.high <= upper


def unused_as_written(patient: AskedPatient, term: str) -> Any:
    """Whether a plain patient is written down with a result of a term, of today, that cannot be used.

    Where some result could not be used one of the first measurement is; others are free beside it.
    """
    some = _some_unused(patient)
    if term == next(name for name, known in patient.book.terms.items() if isinstance(known, Measurement)):
        return some
    return patient.logic.And(some, patient.variables.boolean(f"term {term}", "a result could not be used"))


def _silent(book: Asked, name: str) -> str:
    """The term of which nothing may be on record where a finding is unknown; '' for findings of other forms."""
    definition = book.findings[name].definition
    return definition.term if isinstance(definition, (Compared, OutsideLimits)) else ""


def _clear(patient: AskedPatient, name: str) -> Any:
    state, logic, term = patient.state(name), patient.logic, _silent(patient.book, name)
    if not term:
        return logic.Not(state.maybe)
    nothing = logic.Not(patient.value(term).known)
    return logic.Or(logic.Not(state.maybe), logic.And(logic.Not(state.sure), nothing))
