"""Results whose code leads nowhere, or is spelled in another way: read where that is certain, else named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from people import AS_OF, CALCIUM, Json, bundle, concept, dosage, observation, patient, quantity, statement

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

LOINC = "http://loinc.org"
UNLISTED = "99999-9"
"""A code that LOINC does not have, or not yet."""


def coding(code: str, display: str = "", system: str | None = LOINC) -> Json:
    named = {"system": system, "code": code, "display": display}
    return {"coding": [{key: value for key, value in named.items() if value}]}


def result(code: Any, value: float = 12.6, unit: str = "mg/dL", **more: Any) -> Json:
    return {**observation("", value, unit, identity="x", **more), "code": code}


def answer(book: RuleBook, *resources: Json) -> Json:
    data = bundle(patient(), statement("RxNorm 282465", dosage(1)), *resources)
    return result_of(evaluate(read_record(data, book, AS_OF), book, AS_OF))


def maybe(book: RuleBook, item: Json) -> list[str]:
    """What a result may be that was not read."""
    issues = [issue["text"] for issue in answer(book, item)["issues"] if issue["code"] == "possible-result"]
    return [text.removeprefix("A result without a known code may be ").split(";")[0] for text in issues]


def values(book: RuleBook, item: Json, term: str = "serum calcium") -> list[float]:
    readings = read_record(bundle(patient(), item), book, AS_OF).readings.get(term, [])
    return [reading.value.low for reading in readings]


NAMED = [
    ("Calcium", "serum calcium"),
    ("Calcium [Mass/volume] in Serum or Plasma --pre dialysis", "serum calcium"),
    ("Creatinine [Moles/volume] in Serum or Plasma --post dialysis", "creatinine"),
    ("Calcium.ionized [Moles/volume] in Arterial blood", "ionised calcium"),
    ("25-Hydroxyvitamin D3+25-Hydroxyvitamin D2 [Moles/volume] in Serum, Plasma or Blood", "total 25-OH vitamin D"),
    ("25-hydroxyvitamin D3 [Mass/volume] in Blood", "25-OH vitamin D3"),
    ("Parathyrin.intact [Mass/volume] in Blood", "intact PTH"),
    ("Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Blood", "reported eGFR"),
    ("INR in Capillary blood by Coagulation assay", "INR"),
    ("Kalzium i.S.", "serum calcium"),
    ("Kreatinin (Serum)", "creatinine"),
    ("GFR", "reported eGFR"),
    ("CT Coronary arteries for calcium scoring", "coronary calcium score"),
]


@pytest.mark.parametrize(("name", "term"), NAMED)
@pytest.mark.parametrize("system", [LOINC, "http://example.org/local", None])
def test_a_result_that_has_the_name_of_a_test_and_a_code_that_leads_nowhere_is_said(
    book: RuleBook, name: str, term: str, system: str | None
) -> None:
    found = answer(book, result(coding(UNLISTED, name, system)))
    text = f"A result without a known code may be {term}; it was not used."
    assert text in [issue["text"] for issue in found["issues"]]
    assert "DATA-06" in found["fired"]
    assert any(text in card["detail"] for card in found["cards"])


OTHER = [
    "Calcium [Mass/volume] in Urine",
    "Calcium [Mass/time] in 24 hour Urine",
    "Calcium oxalate crystals [Presence] in Urine",
    "Calcium oxalate dihydrate/Total in Stone",
    "Calcium in Kidney stone",
    "Calcium/Creatinine [Mass Ratio] in Urine",
    "Calcium [Moles/volume] in Body fluid",
    "Calcium [Moles/volume] in Cerebral spinal fluid",
    "Calcium.bound/Calcium.total",
    "Microalbumin Creatinine Ratio",
    "Protein/Creatinine [Mass Ratio]",
    "Creatinine renal clearance predicted",
    "Creatinine/Creatinine in Urine",
    "1,25-Dihydroxyvitamin D [Mass/volume] in Serum",
    "Vitamin D 1,25-dihydroxy",
    "Vitamin D binding protein [Mass/volume] in Serum",
    "Magnesium [Mass/volume] in Red Blood Cells",
    "Glucose-6-Phosphate dehydrogenase [Presence] in Blood",
    "Pyridoxal phosphate [Mass/volume] in Plasma",
    "Parathyroid hormone related protein [Moles/volume] in Plasma",
    "Parathyrin.C-terminal [Mass/volume] in Serum",
    "Calcium channel Ab [Moles/volume] in Serum",
    "Calcium carbonate",
    "Kalzium im Urin",
    "Kreatinin-Clearance",
    "Reason calcium not prescribed",
    "Fractional excretion of calcium",
    "Tubular reabsorption of phosphate",
    "Alkaline phosphatase",
    "Calcitonin",
]


@pytest.mark.parametrize("name", OTHER)
@pytest.mark.parametrize("system", [LOINC, "http://example.org/local"])
def test_a_name_that_means_another_specimen_substance_or_ratio_is_no_false_alarm(
    book: RuleBook, name: str, system: str
) -> None:
    assert maybe(book, result(coding(UNLISTED, name, system))) == []


def test_a_name_that_says_urine_speaks_for_the_short_one_beside_it(book: RuleBook) -> None:
    code = {**coding(UNLISTED, "Calcium [Mass/volume] in 24 hour Urine"), "text": "Calcium"}
    assert maybe(book, result(code)) == []


def test_creatinine_in_serum_plasma_or_blood_is_read(book: RuleBook) -> None:
    item = result(concept("LOINC 77140-2"), 480, "umol/L")
    assert values(book, item, "creatinine") == [pytest.approx(5.43, abs=0.01)]


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("http://loinc.org/", "17861-6"),
        ("https://loinc.org", "17861-6"),
        ("http://loinc.org  ", "17861-6"),
        ("http://www.loinc.org", "17861-6"),
        ("urn:oid:2.16.840.1.113883.6.1", "17861-6"),
        ("LN", "17861-6"),
        ("http://loinc.org", "17861-6 "),
        ("http://loinc.org", " 17861-6"),
    ],
)
def test_a_code_is_read_in_every_usual_spelling_of_its_system_and_with_blanks_around_it(
    book: RuleBook, system: str, code: str
) -> None:
    assert values(book, result(coding(code, system=system))) == [12.6]


@pytest.mark.parametrize("display", ["", "Calcium"])
def test_a_code_without_a_system_is_said_as_what_it_would_be_in_loinc_and_is_not_read(
    book: RuleBook, display: str
) -> None:
    item = result(coding("17861-6", display, system=None))
    assert maybe(book, item) == ["serum calcium"]
    assert values(book, item) == []
    assert "DATA-06" in answer(book, item)["fired"]


def test_a_heading_with_the_name_of_a_test_and_no_value_is_no_lost_result(book: RuleBook) -> None:
    assert maybe(book, result({"text": "Calcium and bone"}, valueQuantity=None)) == []


CALCIUM_PART = {"code": concept(CALCIUM), "valueQuantity": quantity(12.6, "mg/dL")}
MISSHAPEN = {
    "a component that is no list": result(coding("51990-0"), component=CALCIUM_PART),
    "a component that is a text": result(coding("51990-0"), component=["12.6"]),
    "a coding that is no list": result({"coding": {"system": LOINC, "code": "17861-6"}}),
    "a coding that is a text": result({"coding": ["17861-6"]}),
    "a code that is a list": result([concept(CALCIUM)]),
    "a code that is a text": result("17861-6"),
    "a component whose code is a list": result(
        coding("51990-0"), component=[{**CALCIUM_PART, "code": [concept(CALCIUM)]}]
    ),
}


@pytest.mark.parametrize("kind", MISSHAPEN)
def test_a_result_whose_code_or_components_have_a_wrong_form_is_said_on_the_card(book: RuleBook, kind: str) -> None:
    found = answer(book, MISSHAPEN[kind])
    assert [issue["code"] for issue in found["issues"]] == ["unreadable-resource"]
    assert "1 test result, because it cannot be read" in found["cards"][0]["detail"]


def test_what_can_be_read_beside_a_component_of_a_wrong_form_is_read(book: RuleBook) -> None:
    assert values(book, result(coding("51990-0"), component=[CALCIUM_PART, "12"])) == [12.6]


def test_a_withdrawn_result_of_a_wrong_form_is_no_loss(book: RuleBook) -> None:
    assert answer(book, result([concept(CALCIUM)], status="entered-in-error"))["issues"] == []


def test_the_words_of_other_results_are_those_of_the_topic(book: RuleBook) -> None:
    named = result({"text": "Calcium in urine"})
    assert maybe(book, named) == []
    assert maybe(replace(book, topic=book.topic._replace(other_results=())), named) == ["serum calcium"]


@pytest.mark.parametrize("name", ["Calcium.ionized [Moles/volume] in Blood", "Calcium.free [Moles/volume] in Serum"])
def test_a_fraction_of_calcium_is_the_ionised_one(book: RuleBook, name: str) -> None:
    assert maybe(book, result({"text": name})) == ["ionised calcium"]
