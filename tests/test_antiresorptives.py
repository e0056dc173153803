"""Denosumab, zoledronate and romosozumab count under every name, wherever somebody recorded that they were given."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from people import AS_OF, CARBONATE_500, SUBJECT, Json, concept, read, request, resource, statement

from cds.facts.chart import chart_of
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import RuleBook

DENOSUMAB = "RxNorm 993449"


def ago(days: int) -> str:
    return str(AS_OF - timedelta(days=days))


def state(book: RuleBook, finding: str, *resources: Json) -> State:
    return chart_of(read(book, *resources), book, AS_OF).state(finding)


def given(code: str = DENOSUMAB, text: str = "", **more: Any) -> Json:
    parts: Json = {"status": "completed", "subject": SUBJECT, "medicationCodeableConcept": concept(code, text)}
    return resource("MedicationAdministration", "given", **{**parts, **more})


def injected(code: str, **more: Any) -> Json:
    parts: Json = {"status": "completed", "subject": SUBJECT, "code": concept(code)}
    return resource("Procedure", "injected", **{**parts, **more})


NAMES = {
    "denosumab": "פרוליה 60; Δενοσουμάμπη 60 mg; بروليا; Ospomyv 60 mg; Xbryk; "
    "denosumab-bmwo (Stoboclo); denosumab-desu; Jubereq; 地舒单抗; Xgeva 120 mg",
    "zoledronate": "Zometa 4 mg/5 mL; zoledronic acid; Aredia; 唑来膦酸",
    "romosozumab": "Evenity; romosozumab-aqqg; 罗莫佐单抗",
}


@pytest.mark.parametrize(("drug", "name"), [(drug, name) for drug in NAMES for name in NAMES[drug].split("; ")])
def test_a_brand_is_the_drug_and_a_drug_for_osteoporosis(book: RuleBook, drug: str, name: str) -> None:
    listed = read(book, statement("", text=name))
    assert [course.state for course in listed.courses[drug]] == [PRESENT]
    assert [course.state for course in listed.courses["osteoporosis drug"]] == [PRESENT]


def test_eldecalcitol_is_a_drug_for_osteoporosis_and_active_vitamin_d(book: RuleBook) -> None:
    assert {"osteoporosis drug", "active vitamin D other than calcifediol"} <= read(
        book, statement("", text="Edirol 0.75")
    ).courses.keys()


@pytest.mark.parametrize("code", ["HCPCS J0897", "HCPCS Q5136", "HCPCS Q5158"])
def test_the_bill_of_an_injection_is_a_dose(book: RuleBook, code: str) -> None:
    assert state(book, "denosumab in the last 183 days", injected(code, performedDateTime=ago(20))) is PRESENT
    assert state(book, "denosumab in the last 183 days", injected(code, performedDateTime=ago(184))) is ABSENT


ADMINISTERED: dict[str, tuple[Json, State]] = {
    "five days ago": ({"effectiveDateTime": ago(5)}, PRESENT),
    "stopped on the way": ({"effectiveDateTime": ago(5), "status": "stopped"}, PRESENT),
    "the end of its period": ({"effectivePeriod": {"start": ago(200), "end": ago(183)}}, PRESENT),
    "not done": ({"effectiveDateTime": ago(5), "status": "not-done"}, ABSENT),
    "on hold": ({"effectiveDateTime": ago(5), "status": "on-hold"}, ABSENT),
    "a dose of zero": ({"effectiveDateTime": ago(5), "dosage": {"dose": {"value": 0, "unit": "mg"}}}, ABSENT),
    "tomorrow": ({"effectiveDateTime": ago(-1)}, ABSENT),
    "day 184": ({"effectiveDateTime": ago(184)}, ABSENT),
}


@pytest.mark.parametrize("how", ADMINISTERED)
def test_an_administration_is_a_dose_by_its_status_and_its_day(book: RuleBook, how: str) -> None:
    parts, expected = ADMINISTERED[how]
    assert state(book, "denosumab in the last 183 days", given(**parts)) is expected


def test_an_administration_without_a_day_is_a_dose_of_an_unknown_day(book: RuleBook) -> None:
    assert state(book, "denosumab, day unknown", given()) is PRESENT
    assert state(book, "denosumab, day unknown", given(status="unknown")) is UNKNOWN


UNDATED = "denosumab, day unknown"


@pytest.mark.parametrize(("ordered", "expected"), [(300, ABSENT), (100, ABSENT), (99, PRESENT), (None, ABSENT)])
def test_an_order_hides_no_dose_that_was_given_since_it_began(
    book: RuleBook, ordered: int | None, expected: State
) -> None:
    order = request(DENOSUMAB, status="active", authoredOn=None if ordered is None else ago(ordered))
    dose = given(effectiveDateTime=ago(100))
    assert state(book, UNDATED, order) is PRESENT
    assert state(book, UNDATED, order, dose) is expected
    assert state(book, "denosumab in the last 183 days", order, dose) is PRESENT


def test_a_dose_that_is_not_certain_leaves_the_day_of_an_order_unknown(book: RuleBook) -> None:
    doubtful = given(effectiveDateTime=ago(100), status="unknown")
    assert state(book, UNDATED, request(DENOSUMAB, status="active", authoredOn=ago(300)), doubtful) is PRESENT


def test_what_a_ward_gave_is_no_product_at_home(book: RuleBook) -> None:
    assert read(book, given(CARBONATE_500, effectiveDateTime=ago(1))).products == []


def test_zoledronate_by_the_code_of_its_class_is_a_drug_for_osteoporosis(book: RuleBook) -> None:
    dose = given("ATC M05BA08", "Aclasta 5 mg Infusion", effectiveDateTime=ago(5))
    assert [course.state for course in read(book, dose).courses["osteoporosis drug"]] == [PRESENT]


@pytest.mark.parametrize(
    ("name", "days", "expected"),
    [
        ("Parsabiv", 5, PRESENT),
        ("Etelcalcetide 5 mg", 30, PRESENT),
        ("Parsabiv", 31, ABSENT),
        ("Mimpara 30 mg", 5, UNKNOWN),
    ],
)
def test_what_has_no_other_form_was_injected_whether_or_not_its_route_is_said(
    book: RuleBook, name: str, days: int, expected: State
) -> None:
    found = read(book, given("", name, effectiveDateTime=ago(days))).courses.get("calcimimetic", ())
    assert max((course.state for course in found), default=ABSENT) is expected


def test_what_is_only_injected_and_was_swallowed_says_the_record_was_not(book: RuleBook) -> None:
    swallowed = given("", "Parsabiv", effectiveDateTime=ago(5), dosage={"route": {"text": "oral"}})
    assert [course.state for course in read(book, swallowed).courses["calcimimetic"]] == [UNKNOWN]
