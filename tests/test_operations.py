"""When something happened: operations of the neck as Procedures record them, and the forms that ask for day and age."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from people import AS_OF, SUBJECT, Json, bundle, codes_of, concept, condition, patient, read, resource

from cds.facts.chart import chart_of
from cds.intake.reading import read_record
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import RuleBook

TOTAL = "CPT 60240"
RECENT = "neck surgery in the last 365 days"


def ago(days: int) -> str:
    return str(AS_OF - timedelta(days=days))


def operation(code: str = "", text: str = "", day: str | None = None, **more: Any) -> Json:
    when = {"performedDateTime": day} if day else {}
    parts: Json = {"status": "completed", "subject": SUBJECT, "code": concept(code, text), **when}
    return resource("Procedure", "done", **{**parts, **more})


def state(book: RuleBook, *resources: Json, finding: str = RECENT) -> State:
    return chart_of(read(book, *resources), book, AS_OF).state(finding)


@pytest.mark.parametrize(("days", "within_30", "within_365"), [
    (0, PRESENT, PRESENT), (30, PRESENT, PRESENT), (31, ABSENT, PRESENT), (365, ABSENT, PRESENT),
    (366, ABSENT, ABSENT),
])  # fmt: skip
def test_an_operation_counts_to_the_last_day_of_its_time(
    book: RuleBook, days: int, within_30: State, within_365: State
) -> None:
    done = operation(TOTAL, day=ago(days))
    assert state(book, done) is within_365
    assert state(book, done, finding="neck surgery in the last 30 days") is within_30


OPERATED = {
    "the code of parathyroidectomy": {"code": "SNOMED 53304009"},
    "a code of the United States that begins so": {"code": "ICD-10-PCS 0GTL0ZZ"},
    "a code of the United Kingdom that begins so": {"code": "OPCS-4 B14.2"},
    "total thyroidectomy in words": {"text": "Total thyroidectomy"},
    "thyroidectomy without more": {"text": "Thyroidectomy"},
    "parathyroidectomy beside a lobe": {"text": "Parathyroidectomy with thyroid lobectomy"},
    "in German": {"text": "Totale Thyreoidektomie beidseits"},
    "in Turkish": {"text": "Total tiroidektomi"},
    "parathyroidectomy in Turkish": {"text": "Paratiroidektomi"},
    "parathyroidectomy in Czech": {"text": "Subtotální paratyreoidektomie"},
    "parathyroidectomy in Norwegian": {"text": "Paratyroidektomi"},
    "parathyroidectomy in Greek": {"text": "Ολική παραθυρεοειδεκτομή"},
    "parathyroidectomy in Finnish": {"text": "Lisäkilpirauhasen poisto"},
    "parathyroidectomy in Hebrew": {"text": "כריתת בלוטת יותרת התריס"},
    "parathyroidectomy in Arabic": {"text": "استئصال جارات الدرق"},
    "thyroidectomy in Russian": {"text": "Тиреоидэктомия"},
}
"""Invented entries of operations of the neck."""


@pytest.mark.parametrize("said", OPERATED)
def test_an_operation_of_the_neck_is_read_by_its_code_or_its_words(book: RuleBook, said: str) -> None:
    assert state(book, operation(**OPERATED[said], day=ago(20))) is PRESENT


OTHERS = {
    "one lobe by code": {"code": "CPT 60220"},
    "one lobe in words": {"text": "Right thyroid lobectomy (partial thyroidectomy)"},
    "half of the gland": {"text": "Hemithyroidectomy"},
    "a part": {"text": "Thyroidectomy, partial"},
    "a scan": {"text": "Parathyroid surgery planning scan"},
    "the throat": {"text": "Tonsillectomy"},
    "half of the gland in Turkish": {"text": "Hemitiroidektomi"},
    "half of the gland in Russian": {"text": "Гемитиреоидэктомия"},
    "a thyroidectomy in Turkish that nobody calls total": {"text": "Tiroidektomi"},
    "not done": {"code": TOTAL, "status": "not-done"},
}


@pytest.mark.parametrize("said", OTHERS)
def test_another_operation_and_one_that_was_not_done_are_none(book: RuleBook, said: str) -> None:
    assert state(book, operation(**{"day": ago(20), **OTHERS[said]})) is ABSENT


DATED_OTHERWISE: dict[str, tuple[Json, State]] = {
    "the end of a period": ({"performedPeriod": {"start": ago(400), "end": ago(365)}}, PRESENT),
    "the start where there is no end": ({"performedPeriod": {"start": ago(366)}}, ABSENT),
    "an age": ({"performedAge": {"value": 75, "unit": "a"}}, UNKNOWN),
    "words": ({"performedString": "last spring"}, UNKNOWN),
    "nothing": ({}, UNKNOWN),
    "the year in which the time ends": ({"performedDateTime": "2025"}, UNKNOWN),
    "a year long ago": ({"performedDateTime": "2019"}, ABSENT),
    "tomorrow": ({"performedDateTime": str(AS_OF + timedelta(days=1))}, ABSENT),
}


@pytest.mark.parametrize("dated", DATED_OTHERWISE)
def test_an_operation_without_a_day_may_lie_within_the_time(book: RuleBook, dated: str) -> None:
    when, expected = DATED_OTHERWISE[dated]
    assert state(book, operation(TOTAL, **when)) is expected


def test_the_latest_operation_decides(book: RuleBook) -> None:
    long_ago = operation(TOTAL, day=ago(2000))
    assert state(book, long_ago, {**operation(TOTAL, day=ago(20)), "id": "second"}) is PRESENT
    assert state(book, long_ago, {**operation(TOTAL), "id": "undated"}) is UNKNOWN


def test_a_status_that_is_not_known_leaves_the_operation_unknown(book: RuleBook) -> None:
    found = read(book, operation(TOTAL, day=ago(20), status="unknown"))
    assert chart_of(found, book, AS_OF).state(RECENT) is UNKNOWN
    assert "unclear-condition" in codes_of(found)


def test_among_diagnoses_only_the_code_of_an_operation_counts(book: RuleBook) -> None:
    assert state(book, condition(text="Hypothyroidism after thyroidectomy", recordedDate=ago(20))) is ABSENT
    assert state(book, condition(text="Status post thyroidectomy", recordedDate=ago(20))) is ABSENT
    assert state(book, condition("ICD-10-CM E89.0", recordedDate=ago(20))) is ABSENT
    assert state(book, condition("SNOMED 24443003", onsetDateTime=ago(20), clinical="resolved")) is PRESENT
    assert state(book, condition("SNOMED 24443003")) is UNKNOWN


def test_what_was_not_read_leaves_an_operation_unknown(book: RuleBook) -> None:
    unread = {**bundle(patient()), "link": [{"relation": "next", "url": "Procedure?page=2"}]}
    assert chart_of(read_record(unread, book, AS_OF), book, AS_OF).state(RECENT) is UNKNOWN


STOMACHS = ["Total gastrectomy", "Gastrectomía total", "Tüp mide ameliyatı", "胃全摘術", "위전절제술"]


@pytest.mark.parametrize("text", STOMACHS)
def test_a_stomach_that_was_taken_out_or_by_passed_is_read_in_other_languages(book: RuleBook, text: str) -> None:
    found = read(book, operation(text=text, day=ago(2000))).mentions
    assert [each.state for each in found.get("malabsorption or bariatric surgery", ())] == [PRESENT]


def test_a_part_of_the_stomach_is_no_total_gastrectomy(book: RuleBook) -> None:
    assert not read(book, operation(text="Partial gastrectomy", day=ago(2000))).mentions
