"""Patients who can be written down: one result for each measurement, one record for each condition, medicine, product.

The laws here narrow a search for a witness; a proof never rests on them. Codes and products are read back through the
product's own intake, so that what a code also means is a law here as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import z3

from cds.facts.doses import product_state
from cds.forms.comparing import Twice
from cds.forms.results import Repeated
from cds.forms.unused import ResultUnused
from cds.intake.reading import read_record
from cds.intake.record import Course, Record
from cds.jsontypes import Json
from cds.proof.patient import Patient
from cds.proof.record_laws import second_result, twice_measured
from cds.proof.three_valued import Bool, Number, ThreeValued, either, exact, two_valued
from cds.proof.values import ZERO
from cds.quantity import ABSENT, PRESENT
from cds.review.quick_proofs.written import meant
from cds.rulebook.model import (
    BIRTH_DATE,
    GENDER,
    Computed,
    Condition,
    Dose,
    Measurement,
    Medication,
    ProductTerm,
    RuleBook,
    counts_only,
)

WITNESS_DAY = date(2026, 1, 1)
"""The day on which every witness is evaluated."""
LONGEST_AGO = 3000
INTAKES = (1, 2, 4)
MOST_TABLETS = 50


class TakenProduct(NamedTuple):
    """A product of a witness as formulas: whether it is taken, tablets a day, and in how many intakes."""

    text: str
    course: Course
    on: ThreeValued
    low: Number
    high: Number
    intakes: tuple[Bool, ...]
    twice: Bool
    ordered: Bool

    def counts_for(self, dose: Dose) -> bool:
        """Whether the dose counts this product, if it is ordered or not as the dose wants it."""
        return dose.nutrient in self.course.holds and (not dose.intents or self.course.intent in dose.intents)

    def counts_as(self, term: Dose | ProductTerm) -> Bool:
        """Whether it is ordered or not as the term wants it: who is written down with an order is prescribed it too."""
        as_order = counts_only(term.only, prescribed=True, ordered=True)
        as_statement = counts_only(term.only, prescribed=False, ordered=False)
        return z3.If(self.ordered, z3.BoolVal(as_order), z3.BoolVal(as_statement))

    def amount(self, dose: Dose) -> tuple[Number, Number]:
        """The least and the most of a nutrient a day, or in one intake; none of a product that does not count."""
        if not self.counts_for(dose):
            return ZERO, ZERO
        each = exact(self.course.amounts[dose.nutrient][0].low)
        counts = self.counts_as(dose)
        least = z3.If(z3.And(self.on.sure, counts), self._of(self.low, dose) * each, ZERO)
        return least, z3.If(z3.And(self.on.maybe, counts), self._of(self.high, dose) * each, ZERO)

    def _of(self, tablets: Number, dose: Dose) -> Number:
        if not dose.single:
            return tablets
        found = tablets
        for times, true in zip(INTAKES[1:], self.intakes, strict=True):
            found = z3.If(true, tablets / times, found)
        return found


@lru_cache(maxsize=8)
def products(book: RuleBook) -> tuple[tuple[str, Course], ...]:
    """The products of witnesses, by their text, that the rulebook names and reads with a certain amount."""
    named = book.safety.products if book.safety else ()
    person = {"resourceType": "Patient", "id": "p"}
    records = ((text, read_record([person, statement(text, 1, 1, 1, "active")], book, WITNESS_DAY)) for text in named)
    courses = ((text, course) for text, record in records for course in record.products)
    return tuple((text, c) for text, c in courses if all(amount[0].is_point for amount in c.amounts.values()))


def statement(text: str, low: float, high: float, intakes: int, status: str) -> Json:
    """A MedicationStatement: so many tablets a day in so many intakes, for three years (see ``as_order``)."""
    tablet = {"unit": "tablet"}
    dose: Json = {"doseQuantity": {"value": low, **tablet}}
    if low != high:
        dose = {"doseRange": {"low": {"value": low, **tablet}, "high": {"value": high, **tablet}}}
    timing = {"repeat": {"frequency": intakes, "period": 1, "periodUnit": "d"}}
    return {
        "resourceType": "MedicationStatement",
        "id": "m",
        "status": status,
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": text},
        "effectivePeriod": {"start": "2023-01-01"},
        "dosage": [{"timing": timing, "doseAndRate": [dose]}],
    }


def as_order(stated: Json) -> Json:
    """The order of a clinician for what a statement says, from the same day."""
    order = {key: value for key, value in stated.items() if key not in ("effectivePeriod", "dosage")}
    bounds = {"boundsPeriod": stated["effectivePeriod"]}
    dosages = [{**d, "timing": {"repeat": {**d["timing"]["repeat"], **bounds}}} for d in stated["dosage"]]
    return {**order, "resourceType": "MedicationRequest", "intent": "order", "dosageInstruction": dosages}


def taken_by(patient: Patient) -> list[TakenProduct]:
    """The products that a plain patient may take."""
    v = patient.variables
    return [
        TakenProduct(
            text,
            course,
            v.three_valued(text),
            v.real(text, "low"),
            v.real(text, "high"),
            tuple(v.boolean(text, f"{times} intakes") for times in INTAKES[1:]),
            v.boolean(text, "recorded twice"),
            v.boolean(text, "ordered"),
        )
        for text, course in products(patient.book)
    ]


def plain_laws(patient: Patient) -> list[Bool]:
    """Everything that makes a patient easy to write down."""
    return [*patient.plain, *_results(patient), *_records(patient), *_products(patient)]


def simple_laws(patient: Patient) -> list[Bool]:
    """Further: no intervals, a known sex, nothing unclear; so that no what-if question arises."""
    values = [patient.value(n) for n, t in patient.book.terms.items() if isinstance(t, (Measurement, Dose))]
    age, sex = patient.demographic(BIRTH_DATE), patient.demographic(GENDER)
    certain = [z3.Implies(value.known, value.is_point) for value in (*values, age)]
    return [*certain, sex.known, *(z3.Not(item.twice) for item in taken_by(patient))]


def on_record(patient: Patient) -> list[Bool]:
    """Everything that may be on record, each as the formula that says: it is."""
    terms = patient.book.terms
    found = [patient.recorded(n).maybe for n, t in terms.items() if isinstance(t, (Condition, Medication))]
    found += [item.on.maybe for item in taken_by(patient)]
    found += [patient.value(n).known for n, t in terms.items() if isinstance(t, Measurement)]
    if name := twice_measured(patient.book):
        found.append(second_result(patient, name).known)
    more = (ResultUnused, Repeated, Twice)
    return found + [patient.state(n).maybe for n, f in patient.book.findings.items() if isinstance(f.definition, more)]


def _results(patient: Patient) -> Iterator[Bool]:
    written = meant(patient.book)
    for name, term in patient.book.terms.items():
        if isinstance(term, Measurement):
            value = patient.value(name)
            yield value.age <= LONGEST_AGO
            if name not in written or written[name].also:
                yield z3.Not(value.known)
            for part, number in (("low", value.low), ("high", value.high)):
                steps = patient.variables.integer(name, f"{part} in steps")
                yield number == z3.ToReal(steps) / 10 ** (term.decimals or 3)
    if name := twice_measured(patient.book):
        steps = patient.variables.integer(name, "second result in steps")
        yield second_result(patient, name).low == z3.ToReal(steps) / 100


def _records(patient: Patient) -> Iterator[Bool]:
    written = meant(patient.book)
    for name, term in patient.book.terms.items():
        if isinstance(term, (Condition, Medication)):
            state = patient.recorded(name)
            if name not in written:
                yield z3.Not(state.maybe)
                continue
            for other in written[name].also:
                yield state.at_most(patient.recorded(other))


def _products(patient: Patient) -> Iterator[Bool]:
    listed = taken_by(patient)
    for item in listed:
        yield z3.Implies(item.on.sure, item.on.maybe)
        yield z3.And(item.low > ZERO, item.low <= item.high, z3.AtMost(*item.intakes, 1))
        yield z3.Implies(item.twice, item.on.sure)
        for part, tablets in (("low", item.low), ("high", item.high)):
            eighths = patient.variables.integer(item.text, f"{part} in eighths")
            yield z3.And(tablets == z3.ToReal(eighths) / 8, tablets <= MOST_TABLETS)
    for term in patient.book.terms.values():
        if isinstance(term, ProductTerm):
            yield patient.recorded(term.name).equals(either(_state(item, term) for item in listed))
        elif isinstance(term, Dose):
            value, amounts = patient.value(term.name), [item.amount(term) for item in listed]
            join = _greatest if term.single else _sum
            yield z3.And(value.low == join([low for low, _ in amounts]), value.high == join([h for _, h in amounts]))
        elif isinstance(term, Computed) and term.formula == "dose counting doubles":
            yield from _doubled(patient, term, listed)


def _doubled(patient: Patient, term: Computed, listed: list[TakenProduct]) -> Iterator[Bool]:
    """The dose and once more all that is recorded twice."""
    dose, found, once = patient.book.terms[term.inputs[0]], patient.value(term.name), patient.value(term.inputs[0])
    if isinstance(dose, Dose):
        counted = [item for item in listed if item.counts_for(dose)]
        more = [[z3.If(item.twice, item.amount(dose)[end], ZERO) for item in counted] for end in (0, 1)]
        yield found.known == z3.Or([item.twice for item in counted])
        ends = z3.And(found.low == once.low + _sum(more[0]), found.high == once.high + _sum(more[1]))
        yield z3.Implies(found.known, ends)


def _state(item: TakenProduct, term: ProductTerm) -> ThreeValued:
    """The state of a product term by one product."""
    state = product_state(Record("", products=[item.course._replace(state=PRESENT)]), term._replace(only="all"))
    if state is ABSENT:
        return two_valued(z3.BoolVal(False))
    counts = item.counts_as(term)
    sure = z3.And(item.on.sure, counts) if state is PRESENT else z3.BoolVal(False)
    return ThreeValued(sure, z3.And(item.on.maybe, counts))


def _sum(numbers: list[Any]) -> Number:
    return z3.Sum(numbers)


def _greatest(numbers: list[Any]) -> Number:
    found = ZERO
    for number in numbers:
        found = z3.If(number > found, number, found)
    return found
