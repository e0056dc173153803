"""Forms about who the patient is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cds.forms.of_terms import OfTerm, yes
from cds.quantity import UNKNOWN, State
from cds.rulebook.model import SEXES
from cds.rulebook.model.form import Asked, AskedChart, AskedPatient, Check, Place, Unread
from cds.rulebook.model.term import AnyTerm, is_sex


@dataclass(frozen=True, slots=True)
class OfSex(OfTerm):
    """The administrative gender on record is the one or the other."""

    gender: str

    example = "sex is male"
    when_unread = Unread.BY_DEFAULTS

    @classmethod
    def pattern(cls) -> str:
        """One of the two that have a number."""
        return rf"(?P<term>.+) is (?P<gender>{'|'.join(SEXES)})"

    def __str__(self) -> str:
        """As the rule file says it."""
        return f"{self.term} is {self.gender}"

    def problems(self, terms: Mapping[str, AnyTerm], scales: Mapping[str, str], where: Place) -> None:
        """Another term has no gender."""
        del scales
        if not is_sex(terms[self.term]):
            where.problem(f"'{self.term}' has no gender.", "Name the term that reads it.", "wrong-kind")

    def check(self, _: Asked) -> Check:
        """Unknown where it is neither, or not recorded."""

        def check(chart: AskedChart) -> State:
            fact = chart.value(self.term)
            return UNKNOWN if fact is None else yes(fact.value.low == SEXES[self.gender])

        return check

    def prove(self, patient: AskedPatient, _: str) -> Any:
        """By the sex, where it is known."""
        value, logic = patient.value(self.term), patient.logic
        is_it = value.low == logic.exact(SEXES[self.gender])
        return logic.ThreeValued(logic.And(value.known, is_it), logic.Or(logic.Not(value.known), is_it))
