"""What is in the data, is not read, and could say more is counted on the card that goes on or finds no product."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from calls import TODAY, call, searchset
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    CREATININE,
    EXTENSION,
    SUBJECT,
    Json,
    bundle,
    cds_services,
    concept,
    condition,
    deciding_card,
    dosage,
    observation,
    patient,
    resource,
    statement,
)

from cds.evaluation import evaluate
from cds.hooks.answering import answer as answer_to
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

AMOXICILLIN = concept("RxNorm 308182", "Amoxicillin 250 MG Oral Capsule")
USUAL = (
    statement(CARBONATE_500, dosage()), condition("ICD-10-CM M81.0", identity="bone"),
    observation(CALCIUM, 9.4, "mg/dL", identity="ca"), observation(ALBUMIN, 4.2, "g/dL", identity="alb"),
    observation(CREATININE, 0.8, "mg/dL", identity="crea"),
)  # fmt: skip


def given(code: str = CARBONATE_500, kind: str = "MedicationAdministration", **more: Any) -> Json:
    parts: Json = {"status": "completed", "subject": SUBJECT, "medicationCodeableConcept": concept(code)}
    return resource(kind, "d", **{**parts, **more})


def procedure(code: str = "", text: str = "", **more: Any) -> Json:
    return resource(
        "Procedure", "p", **{"status": "completed", "subject": SUBJECT, "code": concept(code, text), **more}
    )


def listing(*contained: Json) -> Json:
    return resource("List", "l", status="current", mode="working", subject=SUBJECT, contained=list(contained))


def asked(answer: Json) -> Json:
    return resource("QuestionnaireResponse", "q", status="completed", subject=SUBJECT,
                    item=[{"linkId": "1", "item": [{"linkId": "2", "answer": [answer]}]}])  # fmt: skip


REPORT = resource("DiagnosticReport", "r", status="final", subject=SUBJECT,
                  contained=[observation(CALCIUM, 13.4, "mg/dL")])  # fmt: skip
WORDS = {
    "a medicine that only a name tells of": "Wassertabletten", "a medicine that was given, by reference": "x",
    "a bone disease in words": "Osteoporosis",
    "a medicine in another script": "\u05d2\u05dc\u05d3\u05de\u05d5\u05df 60",
}  # fmt: skip
"""What the record calls what was passed over, by case."""
CASES: dict[str, tuple[Json, str, bool]] = {
    "a medicine that only a name tells of": (
        given(medicationCodeableConcept=concept(text="Wassertabletten")), "MedicationAdministration", False),
    "a medicine without a name": (
        given(medicationCodeableConcept=concept("RxNorm 308182")), "MedicationAdministration", False),
    "calcium that was given last month": (
        given(effectiveDateTime="2025-12-20"), "MedicationAdministration", True),
    "calcium that has been given since long": (
        given(effectivePeriod={"start": "2023-01-01"}),
        "MedicationAdministration", True),
    "a medicine that was given, by reference": (
        given(medicationCodeableConcept=None, medicationReference={"reference": "#m", "display": "x"},
              contained=[resource("Medication", "m", code=concept(CARBONATE_500))]),
        "MedicationAdministration", True),
    "calcium that was given": (given(), "MedicationAdministration", True),
    "a statement in a list": (listing(statement(CARBONATE_500)), "contained MedicationStatement", True),
    "a result in a report": (REPORT, "contained Observation", True),
    "a bone disease as a procedure": (procedure("SNOMED 64859006"), "Procedure", False),
    "calcium in a questionnaire": (asked({"valueString": "Calcium carbonate 500 mg"}), "QuestionnaireResponse", True),
    "a bone disease in words": (procedure(text="Osteoporosis"), "Procedure", False),
    "a medicine in another script": (
        given(medicationCodeableConcept=concept(text=WORDS["a medicine in another script"])),
        "MedicationAdministration", False),
    "a medicine of odd shape": (given(medicationReference=[5]), "MedicationAdministration", True),
}  # fmt: skip


def answer(book: RuleBook, *resources: Json) -> Json:
    return result_of(evaluate(read_record(bundle(patient(), *resources), book, AS_OF), book, AS_OF))


def told(result: Json) -> list[Json]:
    listed: list[Json] = deciding_card(result)["extension"][EXTENSION].get("notRead", [])
    return listed


def cards_with(book: RuleBook, item: Json) -> list[Json]:
    """What a workflow shows about a patient without a calcium product who also has this."""
    body = call(statements=searchset(), conditions=searchset(item))
    return answer_to(body, cds_services()["patient-view"], book, TODAY).cards


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_read_and_could_say_more_is_counted_where_no_product_is_found(book: RuleBook, case: str) -> None:
    item, kind, matters = CASES[case]
    words = WORDS.get(case, "")
    called, told_words = (f" ({words})", {"words": [words]}) if words else ("", {})
    for result in (answer(book, *USUAL[1:], item), answer(book, *USUAL, item)):
        assert told(result) == [{"type": kind, "count": 1, **told_words}]
        assert f"**Not read:** 1 {kind}{called}. What they say was not judged." in deciding_card(result)["detail"]
    assert bool(cards_with(book, item)) is matters


def test_several_types_are_counted_each(book: RuleBook) -> None:
    result = answer(book, given(), given() | {"id": "e"}, procedure("SNOMED 64859006"))
    assert "**Not read:** 2 MedicationAdministration, 1 Procedure." in deciding_card(result)["detail"]


NOTHING = {
    "another medicine that was given": given(medicationCodeableConcept=AMOXICILLIN),
    "a medicine that rules look for": given("RxNorm 10582"),
    "a procedure that is read": procedure("SNOMED 108241001", performedDateTime="2024-01-05"),
    "a statin that was given": given(
        medicationCodeableConcept=concept("RxNorm 312961", "simvastatin 20 MG Oral Tablet")),
    "the name of a known medicine": given(medicationCodeableConcept=concept(text="Amoxicillin 500 mg")),
    "calcium as the salt of a medicine": given("RxNorm 859424"),
    "calcium that was given two years ago": given(effectiveDateTime="2024-01-05"),
    "calcium that was given until two years ago": given(
        effectivePeriod={"start": "2023-01-01", "end": "2024-01-05"}),
    "a procedure about something else": procedure("SNOMED 80146002", "Appendectomy"),
    "a questionnaire about something else": asked({"valueString": "I feel fine"}),
    "not given": given(status="not-done"),
    "an empty list": listing(), "a medication that is referred to": listing(resource("Medication", "m")),
    "an encounter": resource("Encounter", "e", status="finished", subject=SUBJECT),
}  # fmt: skip


def test_how_long_ago_tells_something_is_said_by_the_topic(book: RuleBook) -> None:
    item = given(effectiveDateTime="2024-01-05")
    for days, counted in ((366, []), (1000, ["MedicationAdministration"]), (None, ["MedicationAdministration"])):
        of_days = replace(book, topic=book.topic._replace(handed_out_within=days))
        record = read_record(bundle(patient(), *USUAL, item), of_days, AS_OF)
        assert [item.kind for item in record.passed_over] == counted, days


@pytest.mark.parametrize("case", NOTHING)
def test_what_could_say_nothing_is_not_counted(book: RuleBook, case: str) -> None:
    assert told(answer(book, *USUAL, NOTHING[case])) == []
    assert cards_with(book, NOTHING[case]) == []


def test_each_name_is_told_once_and_no_more_than_a_few(book: RuleBook) -> None:
    many = [{**given(medicationCodeableConcept=concept(text=f"Drops *{n % 10}*")), "id": f"d{n}"} for n in range(20)]
    detail = deciding_card(answer(book, *USUAL, *many))["detail"]
    assert detail.count("Drops") == 8
    assert " and 2 more)" in detail
    assert "*0*" not in detail


def test_where_the_answer_is_stricter_nothing_is_counted(book: RuleBook) -> None:
    held = answer(book, *USUAL, observation(CALCIUM, 11.5, "mg/dL", day="2026-01-12", identity="high"), given())
    assert (held["outcome"], told(held)) == ("hold", [])
