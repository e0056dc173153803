"""A patient with one thing otherwise: another result, another dose, a condition more or less.

A result on record is replaced where it stands, so that everything that reads it (corrections, histories, conflicts)
sees the same; what is not on record is supposed as of the day of the evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from typing import NamedTuple, TypeAlias, TypeVar

from cds.facts.chart import Chart, Supposed, chart_of
from cds.facts.doses import courses_of
from cds.facts.fact import Fact
from cds.intake.record import Course, Mention, Reading, Record
from cds.intake.times import MINUTES_A_DAY, Moment
from cds.quantity import PRESENT, State, point
from cds.rulebook.model import AnyTerm, Condition, Measurement, Medication, RuleBook

SUPPOSED = "supposed"
"""The source of what no resource says."""


class SupposedPatient(NamedTuple):
    """A record on a day, and what is supposed beside it."""

    record: Record
    book: RuleBook
    as_of: date
    facts: tuple[tuple[str, Fact], ...] = ()
    states: tuple[tuple[str, State], ...] = ()

    def chart(self) -> Chart:
        """A fresh chart."""
        return chart_of(self.record, self.book, self.as_of, Supposed(dict(self.facts), dict(self.states), {}))

    @property
    def today(self) -> Moment:
        """The day of the evaluation, as the date of what is supposed."""
        day = self.as_of.toordinal()
        return Moment(day, day, day * MINUTES_A_DAY, self.as_of.isoformat())


T = TypeVar("T")
Suppose: TypeAlias = "Callable[[SupposedPatient, float], SupposedPatient]"


def result_instead(names: tuple[str, ...], chosen: Reading) -> Suppose:
    """Another value in place of a result, under every term that reads it; date, source and reference limits stay."""

    def suppose(patient: SupposedPatient, value: float) -> SupposedPatient:
        other = chosen._replace(value=point(value))
        changed = {
            name: [other._replace(rank=own.rank) if is_same(own, chosen) else own for own in readings]
            for name, readings in patient.record.readings.items()
            if name in names
        }
        return _with_readings(patient, changed)

    return suppose


def result_today(names: tuple[str, ...]) -> Suppose:
    """A result of the day of the evaluation, beside those on record, under every term that would read it."""

    def suppose(patient: SupposedPatient, value: float) -> SupposedPatient:
        new = Reading(point(value), patient.today, SUPPOSED)
        return _with_readings(patient, {name: [*patient.record.readings.get(name, ()), new] for name in names})

    return suppose


def is_same(one: Reading, other: Reading) -> bool:
    """Whether two readings are of one result (the preference of its code may differ between terms)."""
    return one._replace(rank=0) == other._replace(rank=0)


def reading_of(record: Record, term: Measurement, fact: Fact) -> Reading | None:
    """The reading that a fact of a measurement is."""
    readings = record.readings.get(term.name, ())
    return next((r for r in readings if r.source in fact.sources[:1] and r.when == fact.when), None)


def sharing(book: RuleBook, codes: Collection[tuple[str, ...]]) -> tuple[str, ...]:
    """The measurements that read a result by one of these codes (system and code)."""
    measured = (term for term in book.terms.values() if isinstance(term, Measurement))
    return tuple(term.name for term in measured if any(code[:2] in codes for code in term.codes))


def _with_readings(patient: SupposedPatient, changed: dict[str, list[Reading]]) -> SupposedPatient:
    return patient._replace(record=replace(patient.record, readings={**patient.record.readings, **changed}))


def amount_instead(term: AnyTerm, unit: str) -> Suppose:
    """Another amount of a dose, another age or sex."""

    def suppose(patient: SupposedPatient, value: float) -> SupposedPatient:
        fact = patient.chart().value(term.name) or Fact(point(value), unit, taken_from=term.name)
        return patient._replace(facts=(*patient.facts, (term.name, fact._replace(value=point(value)))))

    return suppose


def with_it(patient: SupposedPatient, term: AnyTerm) -> SupposedPatient:
    """The patient with a condition, medicine or product on record as active, of today and without further details."""
    record, name = patient.record, term.name
    if isinstance(term, Condition):
        mention = Mention(PRESENT, patient.today, SUPPOSED)
        return patient._replace(record=replace(record, mentions={**record.mentions, name: [mention]}))
    if isinstance(term, Medication):
        course = Course(PRESENT, name, SUPPOSED)
        changed = replace(record, courses={**record.courses, name: [course]}, mentions=_without(record.mentions, name))
        return patient._replace(record=changed)
    return patient._replace(states=(*patient.states, (name, PRESENT)))


def without_it(patient: SupposedPatient, term: AnyTerm) -> SupposedPatient:
    """The patient without any record of a condition, medicine or product."""
    record, name = patient.record, term.name
    gone = {id(course) for course in courses_of(record, term, name)}
    changed = replace(
        record,
        mentions=_without(record.mentions, name),
        courses=_without(record.courses, name),
        products=[product for product in record.products if id(product) not in gone],
    )
    return patient._replace(record=changed)


def _without(entries: dict[str, list[T]], name: str) -> dict[str, list[T]]:
    return {key: value for key, value in entries.items() if key != name}
