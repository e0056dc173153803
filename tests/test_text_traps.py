"""Words before a name that change what it means, and references that lead to nobody."""

from __future__ import annotations

from datetime import date

import pytest
from people import bundle, condition, dosage, observation, patient, statement

from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.quantity import UNKNOWN
from cds.rulebook.model import RuleBook

DAY = date(2026, 1, 10)


def read(book: RuleBook, *resources: dict[str, object]) -> Record:
    return read_record(bundle(patient(), *resources), book, DAY)


@pytest.mark.parametrize(
    "text", ["no fever; calciphylaxis of the leg", "Not infected. Calciphylaxis.", "calciphylaxis"]
)
def test_a_denial_ends_with_its_clause(book: RuleBook, text: str) -> None:
    assert "calciphylaxis" in read(book, condition(text=text)).mentions


@pytest.mark.parametrize("text", ["no calciphylaxis", "calciphylaxis ruled out", "family history of calciphylaxis"])
def test_a_denied_condition_is_not_there(book: RuleBook, text: str) -> None:
    assert "calciphylaxis" not in read(book, condition(text=text)).mentions


@pytest.mark.parametrize("text", ["rule out calciphylaxis", "history of calciphylaxis"])
def test_a_condition_that_is_active_and_in_question_or_past_is_not_known(book: RuleBook, text: str) -> None:
    assert [item.state for item in read(book, condition(text=text)).mentions["calciphylaxis"]] == [UNKNOWN]


def without_status(text: str) -> dict[str, object]:
    past = condition(text=text)
    del past["clinicalStatus"]
    return past


@pytest.mark.parametrize("text", ["history of sarcoidosis", "status post sarcoidosis", "Z.n. Sarkoidose"])
def test_a_condition_of_the_past_without_a_status_may_last(book: RuleBook, text: str) -> None:
    assert [item.state for item in read(book, without_status(text)).mentions["granulomatous disease"]] == [UNKNOWN]


@pytest.mark.parametrize("text", ["Post renal transplant", "prior kidney transplant", "st.n. niertransplantatie"])
def test_an_operation_of_the_past_is_not_over(book: RuleBook, text: str) -> None:
    assert [item.state for item in read(book, without_status(text)).mentions["kidney transplant"]] == [UNKNOWN]


@pytest.mark.parametrize("text", ["resolved calciphylaxis", "sarcoidosis, resolved", "history of acute kidney injury"])
def test_a_condition_that_is_over_is_not_there(book: RuleBook, text: str) -> None:
    assert read(book, without_status(text)).mentions == {}


def test_a_denied_product_is_none(book: RuleBook) -> None:
    assert read(book, statement("", dosage(1), text="no calcium supplement")).products == []


def test_an_amount_after_as_salt_is_the_element(book: RuleBook) -> None:
    (product,) = read(book, statement("", dosage(1), text="calcium (as citrate) 250 mg")).products
    assert product.amounts["calcium"][0] == (250, 250, False, False)


def test_a_subject_by_search_is_the_one_patient_with_an_issue(book: RuleBook) -> None:
    result = observation("LOINC 17861-6", 9.4, "mg/dL", subject={"reference": "Patient?identifier=x|1"})
    record = read(book, result)
    assert "serum calcium" in record.readings
    assert "subject-unclear" in {issue.code for issue in record.issues}


def test_an_empty_status_is_no_sign_of_another_release(book: RuleBook) -> None:
    assert read(book, {**condition(text="osteoporosis"), "clinicalStatus": ""}).patient == "Patient/p"
