"""The form about what is not there: nothing recorded of several findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds.forms.comparing import Compared
from cds.forms.limits import OutsideLimits
from cds.forms.unused import WITHDRAWN, some_unused
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.graph import graph_of
from cds.rulebook.model.form import Asked, AskedChart, AskedPatient, Check, Form, Unread
from cds.rulebook.model.term import AnyTerm


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
        silent = {name: _silent(book, name) for name in self.named}

        def check(chart: AskedChart) -> State:
            lost = {issue.term for issue in chart.unused() if issue.code not in WITHDRAWN}
            if lost and any(graph_of(book).roots[name] & lost for name in self.named):  # type: ignore[arg-type]
                return ABSENT
            for name, term in silent.items():
                state = chart.state(name)
                if state is PRESENT or (state is UNKNOWN and (not term or chart.value(term) is not None)):
                    return ABSENT
            return UNKNOWN if chart.has_unrecognised() else PRESENT

        return check

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Absent where a result of one of the findings was not used, unknown where something was not understood."""
        lost, unclear = (patient.variables.boolean(f"finding {name}", part) for part in ("lost", "not recognised"))
        logic = patient.logic
        patient.plain += [lost == some_unused(patient), logic.Not(unclear)]
        clear = logic.And(logic.Not(lost), *(_clear(patient, other) for other in self.named))
        return logic.ThreeValued(logic.And(clear, logic.Not(unclear)), clear)


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
