"""Treatment that costs bone, as records name it and as clinics give it, and whose it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from people import AS_OF, SUBJECT, Json, concept, patient, read, resource, statement

from cds.facts.chart import chart_of
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import RuleBook


def ago(days: int) -> str:
    return str(AS_OF - timedelta(days=days))


def given(text: str, days: int, **more: Any) -> Json:
    parts: Json = {"status": "completed", "subject": SUBJECT, "medicationCodeableConcept": concept(text=text)}
    return resource("MedicationAdministration", "given", **{**parts, "effectiveDateTime": ago(days), **more})


def state(book: RuleBook, finding: str, *resources: Json, gender: str | None = "male") -> State:
    record = read(book, patient(gender=gender), *resources, with_patient=False)
    return chart_of(record, book, AS_OF).state(finding)


DEPOT = "Leuprorelin depot 11.25 mg"


@pytest.mark.parametrize(("gender", "expected"), [("male", PRESENT), ("female", ABSENT), (None, UNKNOWN)])
def test_a_gnrh_medicine_is_androgen_deprivation_in_a_man(book: RuleBook, gender: str | None, expected: State) -> None:
    assert state(book, "androgen deprivation", statement("", text=DEPOT), gender=gender) is expected


@pytest.mark.parametrize(("days", "expected"), [(183, PRESENT), (184, ABSENT)])
def test_an_injection_that_a_clinic_gave_counts_for_half_a_year(book: RuleBook, days: int, expected: State) -> None:
    assert state(book, "androgen deprivation", given(DEPOT, days)) is expected


def test_an_injection_that_was_not_given_is_none(book: RuleBook) -> None:
    assert state(book, "androgen deprivation", given(DEPOT, 20, status="not-done")) is ABSENT


@pytest.mark.parametrize(("text", "expected"), [
    ("Anastrozole 1 mg", PRESENT), ("Femara", PRESENT), ("来曲唑片", PRESENT), ("Tamoxifen 20 mg", ABSENT),
])  # fmt: skip
def test_aromatase_inhibitors_are_read_by_name_and_tamoxifen_is_none(
    book: RuleBook, text: str, expected: State
) -> None:
    assert state(book, "aromatase inhibitor", statement("", text=text), gender="female") is expected


@pytest.mark.parametrize(("text", "expected"), [
    ("rifampicin 600 mg", PRESENT), ("Efavirenz 600", PRESENT), ("Orlistat 120 mg", PRESENT), ("Questran", PRESENT),
    ("Primidone", PRESENT), ("levetiracetam 500 mg", ABSENT), ("valproate", ABSENT),
])  # fmt: skip
def test_what_lowers_vitamin_d_is_read_and_its_neighbours_are_not(book: RuleBook, text: str, expected: State) -> None:
    assert state(book, "medicine that lowers vitamin D", statement("", text=text)) is expected
