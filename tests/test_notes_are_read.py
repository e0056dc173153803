"""What notes say: that the patient stopped a medicine, and that a result cannot be relied on."""

from __future__ import annotations

from typing import Any

import pytest
from people import AS_OF, CALCIUM, Json, bundle, codes_of, dosage, observation, patient, read, request, statement

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.quantity import PRESENT, UNKNOWN, State
from cds.result import result_of
from cds.rulebook.model import RuleBook

STOPPED = (
    "Patiënte is in januari zelf gestopt met de kalktabletten",
    "Patient stopped taking this in January 2026",
    "Good tolerance at first. Stopped by the patient",
    "Von der Patientin im Januar abgesetzt",
    "Nimmt sie nicht mehr",
    "La patiente a arrêté les comprimés",
    "Dejó de tomarlo en enero",
    "Ha smesso di prenderlo",
    "Deixou de tomar",
    "Har slutat ta tabletterna",
    "Przestała brać w styczniu",
    "Sama přestala brát",
    "自己中断",
    "患者已停药",
    "환자가 복용 중단",
)
GOES_ON = (
    "Patient has not stopped",
    "Do not stop without talking to your doctor",
    "Wurde nicht abgesetzt",
    "Started over a year ago",
    "Patient requires an administration aid.",
    "患者自购",
)
NOTED = "A note or reason of a medicine says that it is not taken any more; whether it is taken is not certain."


def noted(text: Any) -> Json:
    return {"note": [{"text": text}]}


def taken(book: RuleBook, item: Json) -> list[State]:
    return [course.state for course in read(book, item).products]


@pytest.mark.parametrize("text", STOPPED)
def test_a_note_that_it_was_stopped_is_a_doubt_and_no_fact(book: RuleBook, text: str) -> None:
    for item in (
        statement("RxNorm 282465", dosage(), **noted(text)),
        request("RxNorm 282465", dosage(), **noted(text)),
        statement("RxNorm 282465", dosage(), statusReason=[{"text": text}]),
        request("RxNorm 282465", dosage(), statusReason={"text": text}),
    ):
        assert taken(book, item) == [UNKNOWN]
        assert [issue.text for issue in read(book, item).issues if issue.code == "said-to-stop"] == [NOTED]


@pytest.mark.parametrize("text", [*GOES_ON, 5, None, ["x"]])
def test_any_other_note_leaves_it_taken(book: RuleBook, text: Any) -> None:
    for item in (
        statement("RxNorm 282465", dosage(), **noted(text)),
        request("RxNorm 282465", dosage(), **noted(text)),
    ):
        assert taken(book, item) == [PRESENT]


def test_the_card_says_so(book: RuleBook) -> None:
    data = bundle(
        patient(), statement("RxNorm 282465", dosage(), **noted(STOPPED[0])), observation(CALCIUM, 9.4, "mg/dL")
    )
    found = result_of(evaluate(read_record(data, book, AS_OF), book, AS_OF))
    assert any(NOTED in card["detail"] for card in found["cards"])
    assert found["outcome"] != "continue"


SPOILED = (
    "Achtung: aus Infusionsarm, EDTA-Kontamination, Wert nicht verwertbar",
    "hemolysed", "Haemolysed sample", "haemolytisch", "Probe hämolytisch", "Grossly hemolyzed", "sample contaminated",
    "Échantillon hémolysé", "campione emolizzato", "muestra hemolizada, no valorable", "amostra hemolisada",
    "gehemolyseerd", "Hæmolyseret prøve", "hemolyserat prov", "surowica zhemolizowana",
    "Vzorek byl poškozen při transportu", "溶血あり", "标本溶血", "용혈", "Specimen clotted",
    "Result should not be used", "Haemolysis: 3+",
)  # fmt: skip
SOUND = (
    "No hemolysis", "not hemolysed", "Slightly hemolysed", "leicht hämolytisch", "keine Hämolyse", "Hemolysis: none",
    "Hemolysis index: 0", "pas d'hémolyse", "溶血なし", "溶血(-)", "軽度溶血", "Confirmed by repeat", "fasting sample",
    "Only valid in steady state", "yes",
)  # fmt: skip


def calcium(text: Any, key: str = "note") -> Json:
    note = [{"text": text}] if key == "note" else text
    return observation(CALCIUM, 12.6, "mg/dL", **{key: note})


@pytest.mark.parametrize("text", SPOILED)
def test_a_result_that_its_note_calls_spoiled_is_not_used_and_reaches_a_card(book: RuleBook, text: str) -> None:
    for item in (calcium(text), calcium(text, "comment")):
        data = bundle(patient(), statement("RxNorm 282465", dosage()), item)
        found = result_of(evaluate(read_record(data, book, AS_OF), book, AS_OF))
        (issue,) = [issue for issue in found["issues"] if issue["code"] == "spoiled-result"]
        assert (
            issue["text"] == "A result of serum calcium has a note that it is spoiled or not reliable; it was not used."
        )
        assert "DATA-06" in found["fired"]
        assert "serum calcium" not in [fact["term"] for fact in found["facts"]]


@pytest.mark.parametrize("text", [*SOUND, 5, None, {"x": 1}])
def test_any_other_note_leaves_a_result_as_it_is(book: RuleBook, text: Any) -> None:
    record = read(book, calcium(text))
    assert "spoiled-result" not in codes_of(record)
    assert [reading.value.low for reading in record.readings["serum calcium"]] == [12.6]


def test_the_note_of_a_panel_is_about_its_components(book: RuleBook) -> None:
    part = {"code": {"coding": [{"system": "http://loinc.org", "code": "17861-6"}]}, "valueQuantity": {
        "value": 9.4, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"}}  # fmt: skip
    panel = observation("LOINC 24323-8", 0, valueQuantity=None, component=[part], **noted("hemolysed"))
    assert "spoiled-result" in codes_of(read(book, panel))
