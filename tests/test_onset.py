"""When a condition began is read in all its forms; what cannot be read leaves it undated, and that is said."""

from __future__ import annotations

from typing import Any

import pytest
from people import AS_OF, CARBONATE_500, Json, bundle, condition, dosage, patient, quantity, statement

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

KIDNEY_INJURY, PREGNANCY = "SNOMED 14669001", "SNOMED 77386006"
INJURED = "acute kidney injury diagnosis"
ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}


def answer(book: RuleBook, code: str, birth: str | None = "1950-07-01", **parts: Any) -> Json:
    data = bundle(patient(birth=birth), statement(CARBONATE_500, dosage()), condition(code, **parts))
    return result_of(evaluate(read_record(data, book, AS_OF), book, AS_OF))


def codes(result: Json) -> set[str]:
    return {issue["code"] for issue in result["issues"]} & {"onset-unclear", "future-date", "unclear-condition"}


def test_a_pregnancy_that_began_at_28_leaves_a_patient_of_75_in_scope(book: RuleBook) -> None:
    assert answer(book, PREGNANCY)["decidedBy"] == "SCOPE-02"
    assert answer(book, PREGNANCY, onsetAge=quantity(28, "a"))["decidedBy"] != "SCOPE-02"


FORMS: list[tuple[Json, str, set[str]]] = [
    ({"onsetAge": quantity(50, "a")}, "absent", set()),
    ({"onsetAge": quantity(75, "a")}, "unknown", {"unclear-condition"}),
    ({"onsetRange": {"low": quantity(50, "a"), "high": quantity(60, "a")}}, "absent", set()),
    ({"onsetPeriod": {"start": "2009", "end": "2010"}}, "absent", set()),
    ({"onsetPeriod": {"start": "2026-01-10"}}, "present", set()),
    ({"onsetString": "2009"}, "absent", set()), ({"onsetDateTime": "2009-05-01"}, "absent", set()),
    ({"assertedDate": "2009-05-01"}, "absent", set()), ({"assertedDate": "2026-01-10"}, "present", set()),
    ({"onsetString": "after the operation"}, "present", {"onset-unclear"}),
    ({"onsetString": "after the operation", "recordedDate": "2009"}, "absent", {"onset-unclear"}),
    ({"onsetDateTime": "soon"}, "present", {"onset-unclear"}),
    ({"_onsetDateTime": ABSENT}, "present", {"onset-unclear"}),
    ({"onsetAge": quantity(2015, "a"), "recordedDate": None}, "present", {"onset-unclear"}),
    ({"onsetAge": {"value": 50}}, "present", {"onset-unclear"}), ({"onsetAge": 50}, "present", {"onset-unclear"}),
    ({"onsetRange": {"high": quantity(50, "a")}}, "present", {"onset-unclear"}),
    ({"onsetDateTime": "2025"}, "unknown", {"unclear-condition"}),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "state", "issues"), FORMS)
def test_an_onset_of_any_form_is_read_or_leaves_the_condition_undated_with_an_issue(
    book: RuleBook, parts: Json, state: str, issues: set[str]
) -> None:
    result = answer(book, KIDNEY_INJURY, **parts)
    assert (result["findings"][INJURED], codes(result)) == (state, issues)


def test_an_age_of_onset_without_a_birth_date_is_not_understood(book: RuleBook) -> None:
    assert codes(answer(book, KIDNEY_INJURY, birth=None, onsetAge=quantity(20, "a"))) == {"onset-unclear"}


@pytest.mark.parametrize(
    ("time", "state"),
    [
        ("2026-01-16T00:30:00+13:00", "present"), ("2026-01-15T23:30:00-10:00", "present"),
        ("2026-01-16T00:30:00Z", "absent"), ("2026-01-16T13:30:00+13:00", "absent"), ("2026-01-16", "absent"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("element", ["recordedDate", "onsetDateTime"])
def test_a_condition_that_only_its_time_zone_puts_on_the_next_day_counts(
    book: RuleBook, element: str, time: str, state: str
) -> None:
    result = answer(book, KIDNEY_INJURY, **{element: time})
    assert result["findings"][INJURED] == state
    assert ("future-date" in codes(result)) is (state == "absent")


def test_a_condition_that_was_recorded_before_it_is_said_to_have_begun_is_not_certain(book: RuleBook) -> None:
    result = answer(book, KIDNEY_INJURY, onsetDateTime="2062-01-10", recordedDate="2026-01-10")
    assert (result["findings"][INJURED], codes(result)) == ("unknown", {"future-date", "unclear-condition"})
    assert "recorded before the day on which it is said to have begun" in result["cards"][0]["detail"]
    ended = answer(book, KIDNEY_INJURY, onsetDateTime="2062-01-10", recordedDate="2026-01-10", clinical="resolved")
    assert ended["findings"][INJURED] == "absent"
