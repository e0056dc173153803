"""A model of the solver -> an invented patient as a FHIR bundle, labelled as such."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

import z3

from cds.about import PROGRAM
from cds.code_systems import TERMINOLOGY, UCUM
from cds.forms.comparing import Twice
from cds.forms.events import Happened, HappenedAtAge
from cds.forms.records import After, DoseDateUnknown, Given, Lasted
from cds.forms.results import Repeated
from cds.forms.unused import ResultUnused, unused_as_written
from cds.jsontypes import Json
from cds.proof.formulas import EARLIER, WRITTEN
from cds.proof.patient import Patient
from cds.proof.plain import INTAKES, WITNESS_DAY, as_order, statement, taken_by
from cds.proof.record_laws import second_result, twice_measured
from cds.proof.three_valued import Model, ThreeValued
from cds.proof.twins import STATED_LIMIT
from cds.proof.values import SolverValue
from cds.quantity import ABSENT, PRESENT
from cds.review.quick_proofs.written import meant
from cds.rulebook.model import BIRTH_DATE, GENDER, SEX_NAMES, Computed, Condition, Measurement, Medication

TEST = {"system": f"{TERMINOLOGY}/v3-ActReason", "code": "HTEST", "display": "test health data"}
CLINICAL = f"{TERMINOLOGY}/condition-clinical"
VERIFICATION = f"{TERMINOLOGY}/condition-ver-status"
SUBJECT = {"reference": "Patient/invented"}
EVENT, LATER_EVENT = "2020-01-01", "2022-01-01"


def witness_bundle(patient: Patient, model: Model, title: str) -> Json:
    """The patient of a model as a FHIR bundle, labelled as invented."""
    resources = [
        _person(patient, model),
        *_observations(patient, model),
        *_conditions(patient, model),
        *_medicines(patient, model),
        *_products(patient, model),
    ]
    for number, resource in enumerate(resources[1:]):
        resource["id"] = f"r{number}"
        resource["subject"] = SUBJECT
    return {
        "resourceType": "Bundle",
        "id": "witness",
        "meta": {"tag": [TEST]},
        "type": "collection",
        "identifier": {"system": f"urn:{PROGRAM}:proof", "value": title},
        "timestamp": f"{WITNESS_DAY.isoformat()}T00:00:00Z",
        "entry": [{"resource": resource} for resource in resources],
    }


def _person(patient: Patient, model: Model) -> Json:
    found: Json = {
        "resourceType": "Patient",
        "id": "invented",
        "meta": {"tag": [TEST]},
        "name": [{"text": "Invented patient of a proof"}],
    }
    age, sex = patient.demographic(BIRTH_DATE), patient.demographic(GENDER)
    if model.is_true(sex.known):
        found["gender"] = SEX_NAMES[model.number(sex.low)]
    if model.is_true(age.known):
        low, high = int(model.number(age.low)), int(model.number(age.high))
        year = WITNESS_DAY.year - high
        found["birthDate"] = f"{year}" if low < high else f"{year}-{WITNESS_DAY:%m-%d}"
    return found


def _observations(patient: Patient, model: Model) -> Iterator[Json]:
    written = meant(patient.book)
    for name, term in patient.book.terms.items():
        value = patient.value(name) if isinstance(term, Measurement) else None
        if isinstance(term, Measurement) and value is not None and model.is_true(value.known) and name in written:
            for when, quantity in _results(patient, model, term, value):
                yield _observation(written[name].concept, when, quantity) | _stated_range(patient, model, term)
    for name in _unused(patient, model):
        yield _observation(written[name].concept, WITNESS_DAY.isoformat(), {"value": 1, "unit": "an unknown unit"})


def _unused(patient: Patient, model: Model) -> Iterator[str]:
    """The measurements of which a result of today cannot be used: of the first one, where there is any."""
    terms, written = patient.book.terms, meant(patient.book)
    if any(model.is_true(s.sure) for s in _of_kind(patient, ResultUnused)):
        measured = [name for name, term in terms.items() if isinstance(term, Measurement) and name in written]
        yield from (name for name in measured if model.is_true(unused_as_written(patient, name)))


def _observation(code: Json, when: str, quantity: Json) -> Json:
    found = {"code": code, "effectiveDateTime": when, "valueQuantity": quantity}
    return {"resourceType": "Observation", "status": "final", **found}


def _stated_range(patient: Patient, model: Model, term: Measurement) -> Json:
    """The laboratory's own upper limit, where a term asks for it and the model has one."""
    limits = (t for t in patient.book.terms.values() if isinstance(t, Computed) and t.formula == STATED_LIMIT)
    stated = (patient.value(limit.name) for limit in limits if limit.inputs == (term.name,))
    unit = {"unit": term.unit, "system": UCUM, "code": term.unit}
    ranges = [{"high": {"value": model.number(v.high), **unit}} for v in stated if model.is_true(v.known)]
    return {"referenceRange": ranges} if ranges else {}


def _results(patient: Patient, model: Model, term: Measurement, value: SolverValue) -> Iterator[tuple[str, Json]]:
    """The result, older equal ones where a sentence asks for two, and a second one of the same 24 hours."""
    day = WITNESS_DAY - timedelta(days=int(model.number(value.age)))
    half_a_day_before = f"{day - timedelta(days=1)}T12:00:00Z"
    unit = {"unit": term.unit, "system": UCUM, "code": term.unit}
    if model.is_true(value.conflict):
        yield half_a_day_before, {"value": model.number(value.low), **unit}
        yield day.isoformat(), {"value": model.number(value.high), **unit}
        return
    yield day.isoformat(), _quantity(patient, model, term, value)
    for days in _older(patient, model, term.name):
        yield (day - timedelta(days=days)).isoformat(), _quantity(patient, model, term, value)
    for days, times in _earlier(patient, model, term.name):
        quantity = _quantity(patient, model, term, value)
        yield (day - timedelta(days=days)).isoformat(), {**quantity, "value": times * quantity["value"]}
    if term.name == twice_measured(patient.book):
        second = second_result(patient, term.name)
        if model.is_true(second.known):
            yield half_a_day_before, {"value": model.number(second.low), **unit}


def _of_kind(patient: Patient, kind: type) -> Iterator[ThreeValued]:
    return (patient.state(name) for name, f in patient.book.findings.items() if isinstance(f.definition, kind))


def _older(patient: Patient, model: Model, name: str) -> Iterator[int]:
    """How many days earlier the equal results lie that sentences about two results ask for."""
    for finding, item in patient.book.findings.items():
        definition = item.definition
        if not isinstance(definition, (Twice, Repeated)) or not model.is_true(patient.state(finding).sure):
            continue
        if name in (definition.term, _source(patient, model, definition.term)):
            yield definition.days if isinstance(definition, Twice) else definition.days - 1


def _earlier(patient: Patient, model: Model, name: str) -> set[tuple[int, float]]:
    """The earlier results that computed terms compare with: how many days earlier, and how many times the newest."""
    computed = (t for t in patient.book.terms.values() if isinstance(t, Computed) and t.formula in EARLIER)
    found = (result for term in computed for result in EARLIER[term.formula](patient, model, term))
    return {(days, times) for measured, days, times in found if measured == name}


def _source(patient: Patient, model: Model, term: str) -> str:
    """The term that a computed value is taken from; the creatinine behind a computed eGFR."""
    taken = next((n for n, formula in patient.value(term).taken.items() if model.is_true(formula)), term)
    known = patient.book.terms[taken]
    return known.inputs[0] if isinstance(known, Computed) and known.inputs and taken != term else taken


def _quantity(patient: Patient, model: Model, term: Measurement, value: SolverValue) -> Json:
    unit = {} if term.unitless and not term.unit.strip("1") else {"unit": term.unit, "system": UCUM, "code": term.unit}
    low, high = model.number(value.low), model.number(value.high)
    if (number := _giving(patient, model, term.name)) is not None:
        return {"value": number, **unit}
    if low == high:
        return {"value": low, **unit}
    if high == term.plausible.high:
        return {"value": low, "comparator": ">" if model.is_true(value.low_open) else ">=", **unit}
    return {"value": high, "comparator": "<" if model.is_true(value.high_open) else "<=", **unit}


def _giving(patient: Patient, model: Model, name: str) -> float | None:
    """The number of a measurement that gives the value which the model has for a term computed from it."""
    for term in patient.book.terms.values():
        if isinstance(term, Computed) and term.formula in WRITTEN and name in term.inputs:
            if not model.is_true(patient.value(term.name).known):
                return None
            written, number = WRITTEN[term.formula](patient, model, term)
            if written == name:
                return number
    return None


def _conditions(patient: Patient, model: Model) -> Iterator[Json]:
    written, later = meant(patient.book), _later(patient, model)
    for name, term in patient.book.terms.items():
        if isinstance(term, Condition) and (state := model.state(patient.recorded(name))) is not ABSENT:
            verification = "confirmed" if state is PRESENT else "provisional"
            found: Json = {
                "resourceType": "Condition",
                "code": written[name].concept,
                "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
                "verificationStatus": {"coding": [{"system": VERIFICATION, "code": verification}]},
            }
            if when := later.get(name) or _happened(patient, model, name):
                found["onsetDateTime"] = when
            yield found


def _happened(patient: Patient, model: Model, name: str) -> str:
    """The date of a condition, where sentences ask when it happened and it is dated; else empty."""
    kinds, book = (Happened, HappenedAtAge), patient.book
    asked = {f.definition.term for f in book.findings.values() if isinstance(f.definition, kinds)}
    computed = [term for term in book.terms.values() if isinstance(term, Computed)]
    asked |= {term.role("diagnosis") for term in computed if "diagnosis" in term.roles}
    if name not in asked:
        return ""
    dated, most, _ = patient.last_event(name)
    days = timedelta(days=int(model.number(most)))
    return (WITNESS_DAY - days).isoformat() if model.is_true(dated) else ""


def _later(patient: Patient, model: Model) -> dict[str, str]:
    """The dates of conditions of which one is told to come after another."""
    dates = {}
    for finding, item in patient.book.findings.items():
        if isinstance(item.definition, After):
            after = model.is_true(patient.state(finding).sure)
            dates[item.definition.term] = LATER_EVENT if after else EVENT
            dates[item.definition.of] = EVENT if after else LATER_EVENT
    return dates


def _medicines(patient: Patient, model: Model) -> Iterator[Json]:
    written, injected = meant(patient.book), _injected(patient)
    for name, term in patient.book.terms.items():
        if isinstance(term, Medication) and (state := model.state(patient.recorded(name))) is not ABSENT:
            status = "active" if state is PRESENT else "unknown"
            found: Json = {
                "resourceType": "MedicationStatement",
                "status": status,
                "medicationCodeableConcept": written[name].concept,
            }
            there, most, _ = patient.last_dose(name) if name in injected else (z3.BoolVal(False), 0, 0)
            if model.is_true(there):
                found["effectiveDateTime"] = (WITNESS_DAY - timedelta(days=int(model.number(most)))).isoformat()
            else:
                found["effectivePeriod"] = {"start": _start(patient, model, {name})}
            yield found


def _injected(patient: Patient) -> set[str]:
    return {
        f.definition.term for f in patient.book.findings.values() if isinstance(f.definition, (Given, DoseDateUnknown))
    }


def _start(patient: Patient, model: Model, names: Collection[str]) -> str:
    """Long ago, unless a sentence about how long one of them has lasted is not true."""
    for finding, item in patient.book.findings.items():
        lasted = isinstance(item.definition, Lasted) and item.definition.term in names
        if lasted and not model.is_true(patient.state(finding).maybe):
            return (WITNESS_DAY - timedelta(days=1)).isoformat()
    return date(2023, 1, 1).isoformat()


def _products(patient: Patient, model: Model) -> Iterator[Json]:
    for item in taken_by(patient):
        state = model.state(item.on)
        if state is not ABSENT:
            times = next((t for t, f in zip(INTAKES[1:], item.intakes, strict=True) if model.is_true(f)), 1)
            low, high = (round(model.number(number) / times, 9) for number in (item.low, item.high))
            found = statement(item.text, low, high, times, "active" if state is PRESENT else "unknown")
            found["effectivePeriod"] = {"start": _start(patient, model, item.course.holds)}
            if model.is_true(item.ordered):
                found = as_order(found)
            yield found
            if model.is_true(item.twice):
                yield dict(found)
