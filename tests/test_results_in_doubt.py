"""A result that contradicts itself, is modified, or is about somebody else: not used, and that is said."""

from __future__ import annotations

import pytest
from people import AS_OF, CALCIUM, SUBJECT, Json, bundle, concept, dosage, observation, patient, quantity, statement

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

ERROR: Json = {"dataAbsentReason": {"coding": [{"code": "error"}]}}
MODIFIER: Json = {"modifierExtension": [{"url": "http://example.org/not-of-this-patient", "valueBoolean": True}]}
HIGH: Json = {"valueQuantity": quantity(12.6, "mg/dL")}
PREGNANT = "pregnancy or breastfeeding"


def answer(book: RuleBook, *resources: Json) -> Json:
    data = bundle(patient(birth="1990-07-01"), statement("RxNorm 282465", dosage(1)), *resources)
    return result_of(evaluate(read_record(data, book, AS_OF), book, AS_OF))


def calcium(**more: object) -> Json:
    return observation(CALCIUM, 12.6, "mg/dL", **more)


def panel(part: Json, **more: object) -> Json:
    return observation("LOINC 24323-8", 0, valueQuantity=None, component=[{"code": concept(CALCIUM), **part}], **more)


def pregnant(**more: object) -> Json:
    return observation("LOINC 82810-3", 0, valueQuantity=None, valueBoolean=True, **more)


DOUBTED = {
    "a reason why it has no value": (calcium(**ERROR), "value-and-reason"),
    "such a reason in a component": (panel({**HIGH, **ERROR}), "value-and-reason"),
    "a modifier": (calcium(**MODIFIER), "modifier-not-understood"),
    "a modifier of its component": (panel({**HIGH, **MODIFIER}), "modifier-not-understood"),
    "a modifier of its panel": (panel(HIGH, **MODIFIER), "modifier-not-understood"),
}


@pytest.mark.parametrize("kind", DOUBTED)
def test_a_value_that_stands_beside_what_takes_it_back_is_not_used_and_reaches_a_card(
    book: RuleBook, kind: str
) -> None:
    item, code = DOUBTED[kind]
    found = answer(book, item)
    (issue,) = [issue for issue in found["issues"] if issue["code"] == code]
    assert issue["text"].startswith("A result of serum calcium ")
    assert "DATA-06" in found["fired"]
    assert any(issue["text"] in card["detail"] for card in found["cards"])
    assert "serum calcium" not in [fact["term"] for fact in found["facts"]]


def test_a_reason_in_a_panel_says_nothing_about_the_values_of_its_components(book: RuleBook) -> None:
    assert "CA-02" in answer(book, panel(HIGH, **ERROR))["fired"]


@pytest.mark.parametrize(("more", "code"), [(ERROR, "value-and-reason"), (MODIFIER, "modifier-not-understood")])
def test_an_answer_that_stands_beside_what_takes_it_back_is_unknown(book: RuleBook, more: Json, code: str) -> None:
    found = answer(book, pregnant(**more))
    assert found["findings"][PREGNANT] == "unknown"
    assert code in [issue["code"] for issue in found["issues"]]
    assert answer(book, pregnant())["findings"][PREGNANT] == "present"


FOCUSES = {
    "a fetus": [{"reference": "Patient/fetus"}],
    "a donor": [{"reference": "RelatedPerson/donor"}],
    "somebody by name": [{"display": "donor"}],
    "the patient and a fetus": [SUBJECT, {"reference": "Patient/fetus"}],
    "no list": {"reference": "Patient/fetus"},
}


@pytest.mark.parametrize("kind", FOCUSES)
@pytest.mark.parametrize("item", [calcium(), panel(HIGH), pregnant()])
def test_a_result_about_somebody_else_in_her_record_is_not_hers_and_that_is_said(
    book: RuleBook, kind: str, item: Json
) -> None:
    found = answer(book, {**item, "focus": FOCUSES[kind]})
    assert [issue["code"] for issue in found["issues"]] == ["other-focus"]
    assert "1 test result, because it is about somebody or something else" in found["cards"][0]["detail"]
    assert "serum calcium" not in [fact["term"] for fact in found["facts"]]
    assert found["findings"][PREGNANT] == "absent"


def test_a_focus_that_is_the_patient_or_what_was_examined_of_her_changes_nothing(book: RuleBook) -> None:
    tube, visit = {"reference": "Specimen/1"}, {"reference": "http://x.example/Encounter/2/_history/1"}
    for focus in ([SUBJECT], [], None, [tube], [visit, SUBJECT], [{"type": "Condition", "display": "x"}]):
        assert "CA-02" in answer(book, calcium(focus=focus))["fired"]


def test_of_what_no_rule_reads_the_focus_does_not_matter(book: RuleBook) -> None:
    other = observation("LOINC 718-7", 12, "g/dL", focus=[{"reference": "Patient/fetus"}])
    assert answer(book, other)["issues"] == []
