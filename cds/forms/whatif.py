"""Forms that compare whole outcomes: reasoning answers them, and states the result (see ``cds.evaluation``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cds.forms.of_terms import OfTerm
from cds.quantity import ABSENT
from cds.rulebook.model.form import Asked, AskedPatient, Check, Form, Unread
from cds.rulebook.model.term import is_sex


@dataclass(frozen=True, slots=True)
class DependsOn(Form):
    """The outcome is not the same at both ends of the terms' intervals (all at the low, or all at the high end)."""

    open_terms: tuple[str, ...]

    text = "the outcome depends on {terms}"
    example = "the outcome depends on VALUE, DOSE"
    when_unread = Unread.AS_IT_IS
    compares_outcomes = True

    @classmethod
    def read(cls, match: re.Match[str]) -> DependsOn:
        """The terms between commas."""
        return cls(tuple(match["terms"].split(", ")))

    def __str__(self) -> str:
        """As the rule file says it."""
        return f"the outcome depends on {', '.join(self.open_terms)}"

    @property
    def terms(self) -> tuple[str, ...]:
        """The open terms."""
        return self.open_terms

    def check(self, _: Asked) -> Check:
        """Absent until the outcomes were compared."""
        return lambda _: ABSENT

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Free while one of the terms is open: an interval, or a sex that is not known."""
        differs, logic = patient.variables.boolean(f"finding {name}"), patient.logic
        values = [(term, patient.value(term)) for term in self.open_terms]
        is_open = [
            logic.Not(v.known) if is_sex(patient.book.terms[term]) else logic.And(v.known, logic.Not(v.is_point))
            for term, v in values
        ]
        patient.laws.append(logic.Implies(differs, logic.Or(is_open)))
        return logic.two_valued(differs)


@dataclass(frozen=True, slots=True)
class ChangedBy(OfTerm):
    """The outcome would be another one if the term named last had the value of the first."""

    by: str

    text = "the outcome changes when {by} replaces {term}"
    example = "the outcome changes when OTHER DOSE replaces DOSE"
    when_unread = Unread.AS_IT_IS
    compares_outcomes = True

    @property
    def terms(self) -> tuple[str, ...]:
        """Both terms."""
        return (self.term, self.by)

    def check(self, _: Asked) -> Check:
        """Absent until the outcomes were compared."""
        return lambda _: ABSENT

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Free while both are known."""
        differs, logic = patient.variables.boolean(f"finding {name}"), patient.logic
        known = logic.And(patient.value(self.term).known, patient.value(self.by).known)
        patient.laws.append(logic.Implies(differs, known))
        return logic.two_valued(differs)
