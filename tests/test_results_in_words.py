"""What a result in words, a flag and the prose of a report do to the answer, which never gets more permissive."""

from __future__ import annotations

from typing import Any

import pytest
from people import (
    AS_OF,
    CALCIUM,
    SUBJECT,
    Json,
    bundle,
    codes_of,
    dosage,
    observation,
    patient,
    quantity,
    read,
    resource,
    statement,
)

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.intake.results.written import numbers_in, written, written_range
from cds.quantity import UNKNOWN
from cds.result import result_of
from cds.rulebook.model import RuleBook

RANGE = {"low": quantity(8.5, "mg/dL"), "high": quantity(10.5, "mg/dL")}
HIGH = [{"coding": [{"code": "H"}]}]
SCORE = "SNOMED 450360000"


def answer(book: RuleBook, *resources: Json) -> Json:
    data = bundle(patient(), statement("RxNorm 282465", dosage(1)), *resources)
    return result_of(evaluate(read_record(data, book, AS_OF), book, AS_OF))


def in_words(text: str, **more: Any) -> Json:
    item = observation(CALCIUM, 0, valueString=text, **more)
    return {key: value for key, value in item.items() if key != "valueQuantity"}


def report(**parts: Any) -> Json:
    return resource(
        "DiagnosticReport",
        "r",
        **{"status": "final", "subject": SUBJECT, "effectiveDateTime": "2026-01-10", "code": {"text": "CT"}, **parts},
    )


def shown(found: Json) -> str:
    return "\n".join(card["summary"] + card["detail"] for card in found["cards"])


@pytest.mark.parametrize("text", ["11.8 mg/dL H", "2,94 mmol/l", "11.8 H (8.5-10.5)", ">11.5 mg/dL"])
def test_a_calcium_in_words_that_is_too_high_stops_the_supplement(book: RuleBook, text: str) -> None:
    assert answer(book, in_words(text))["outcome"] == answer(book, observation(CALCIUM, 11.8, "mg/dL"))["outcome"]


@pytest.mark.parametrize("text", ["normal", "not elevated", "9.4", "see comment", "9.4 mg/dL, haemolysed"])
def test_a_word_is_never_a_normal_result(book: RuleBook, text: str) -> None:
    found = answer(book, in_words(text))
    assert "serum calcium" not in [fact["term"] for fact in found["facts"]]
    assert "DATA-06" in found["fired"]


def test_a_range_in_the_text_is_the_range_of_the_result(book: RuleBook) -> None:
    (reading,) = read(book, in_words("9.4 mg/dL (8.5 - 10.2)")).readings["serum calcium"]
    assert reading.limits == (8.5, 10.2)
    (other,) = read(book, in_words("9.4 mg/dL (8.5 - 10.2)", referenceRange=[RANGE])).readings["serum calcium"]
    assert other.limits == (8.5, 10.5)


def test_a_flag_that_no_range_bears_out_is_said_where_one_goes_on(book: RuleBook) -> None:
    flagged = observation(CALCIUM, 10.2, "mg/dL", interpretation=HIGH, referenceRange=[RANGE])
    found = answer(book, flagged)
    text = "A result of serum calcium is flagged high, and no range that it states says so."
    assert text in [issue["text"] for issue in found["issues"]]
    assert found["outcome"] != "continue" or text in shown(found)
    above = observation(CALCIUM, 11.2, "mg/dL", interpretation=HIGH, referenceRange=[RANGE])
    assert "flag-not-borne-out" not in codes_of(read(book, above))


def test_a_number_in_a_report_is_never_a_value(book: RuleBook) -> None:
    record = read(book, report(conclusion="Agatston score 0. Calcium score 0."))
    assert not record.readings.get("coronary calcium score")
    (issue,) = [issue for issue in record.issues if issue.code == "report-names"]
    assert issue.term == "coronary calcium score"
    assert "Agatston" not in issue.text, "what a report says are data of the patient"


def test_a_diagnosis_in_a_report_is_a_question(book: RuleBook) -> None:
    record = read(book, report(conclusion="Osteoporosis of the lumbar spine."))
    assert [mention.state for mention in record.mentions["osteoporosis"]] == [UNKNOWN]
    assert not read(book, report(conclusion="No osteoporosis.")).mentions.get("osteoporosis")


def test_what_a_report_names_stands_on_the_card_and_can_do_no_harm_there(book: RuleBook) -> None:
    found = answer(book, report(conclusion="Agatston score 412 <script>alert(1)</script> [x](http://evil.example)"))
    assert "A report names coronary calcium score" in shown(found)
    assert "<script>" not in shown(found)
    assert "](http" not in shown(found)


def test_a_report_about_somebody_else_says_nothing(book: RuleBook) -> None:
    other = report(conclusion="Agatston score 412.", subject={"reference": "Patient/q"})
    assert "report-names" not in codes_of(read(book, other))


def test_a_measured_score_of_that_day_answers_what_the_report_asks(book: RuleBook) -> None:
    score = observation(SCORE, 412, identity="s")
    alone, both = (answer(book, report(conclusion="Agatston score 412."), *more) for more in ((), (score,)))
    assert "coronary calcium score" in [fact["term"] for fact in both["facts"]]
    assert "coronary calcium score" not in [fact["term"] for fact in alone["facts"]]


def test_a_contained_result_counts_once_and_is_not_said_to_be_unread(book: RuleBook) -> None:
    inside = {**observation(CALCIUM, 11.8, "mg/dL", identity="ca")}
    record = read(book, report(contained=[inside], result=[{"reference": "#ca"}, {"reference": "#ca"}]))
    (reading,) = record.readings["serum calcium"]
    assert reading.source == "Observation/r.ca"
    assert not record.passed_over


def test_a_report_in_error_takes_only_its_own_results(book: RuleBook) -> None:
    mine, other = observation(CALCIUM, 11.8, "mg/dL"), observation(CALCIUM, 9.4, "mg/dL", identity="p")
    record = read(book, mine, other, report(status="entered-in-error", result=[{"reference": "Observation/o"}]))
    assert [reading.source for reading in record.readings["serum calcium"]] == ["Observation/p"]
    assert "withdrawn-result" in codes_of(record)


def test_a_report_of_odd_shape_is_its_own_problem(book: RuleBook) -> None:
    odd = report(
        conclusion=7, presentedForm=["x", {"contentType": "text/plain", "data": "%"}], conclusionCode="x",
        result=["x", {"reference": 3}, {"reference": "#none"}], contained=["x", {"id": 4}, {"id": ["a"]}],
    )  # fmt: skip
    record = read(book, odd, observation(CALCIUM, 9.4, "mg/dL"))
    assert [reading.value.low for reading in record.readings["serum calcium"]] == [9.4]


@pytest.mark.parametrize(("text", "numbers"), [
    ("1,234", (1.234, 1234)), ("0,123", (0.123,)), ("12,34", (12.34,)), ("1.234.567", (1234567,)), ("1,2,3", ()),
    ("-2.7", (-2.7,)), (".9", (0.9,)), ("1 234,5", (1234.5,)), ("1.234,5", (1234.5,)), ("11.8.2025", ()),
])  # fmt: skip
def test_what_a_written_number_may_mean(text: str, numbers: tuple[float, ...]) -> None:
    assert numbers_in(text) == numbers


@pytest.mark.parametrize(
    "text", ["", " ", "H", "(8.5-10.5)", "9.4 9.5", "9.4 (haemolysed)", "<8-9", "> < 8", "x" * 999]
)
def test_what_is_no_single_number_is_no_written_result(text: str) -> None:
    assert written(text) is None


def test_the_hour_of_a_unit_is_no_flag() -> None:
    found = written("5,2 mmol/24 h")
    assert found is not None
    assert (found.unit, found.flag) == ("mmol/24 h", "")


def test_a_range_in_words_has_two_ends_or_a_comparator() -> None:
    assert written_range("Ref. 8.5 - 10.5 mg/dL")
    assert written_range("<40")
    assert written_range("9.4") is None
    assert written_range("men 8-10, women 7-9") is None
