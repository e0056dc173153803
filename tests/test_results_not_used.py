"""Results on record that could not be used: each that a rule would have read reaches a card, with the reason."""

from __future__ import annotations

import re
from typing import Any

import pytest
from calls import REVIEW, call, client_of, rules_in, searchset, service_for
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    CREATININE,
    Json,
    bundle,
    concept,
    dosage,
    observation,
    patient,
    quantity,
    resource,
    statement,
)

from cds.cards import frames
from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

EGFR, EGFR_BY_RACE, PHOSPHATE, CALCIUM_SCORE = "LOINC 98979-8", "LOINC 48643-1", "LOINC 2777-1", "SNOMED 450360000"
HEEL, HIP = "LOINC 38266-3", "LOINC 38264-8"
NO_PHOSPHATE = "A result of phosphate is not a plain number (but a text, a code or a range) and was not read."
NO_NUMBER = "A result of serum calcium is not a plain number (but a text, a code or a range) and was not read."
UNREAD_CODE = "LOINC 718-7"
"""Haemoglobin: nothing that a rule reads."""
MMHG = quantity(80, "mm[Hg]")


def result(code: str, value: Json, /, day: str | None = "2026-01-10", identity: str = "o", **more: Any) -> Json:
    """A result with any value, or none."""
    parts: Json = {"status": "final", "code": concept(code), "subject": {"reference": "Patient/p"},
                   "effectiveDateTime": day}  # fmt: skip
    return resource("Observation", identity, **{**parts, **value, **more})


def answer(book: RuleBook, *resources: Json, **who: Any) -> Json:
    return result_of(evaluate(read_record(bundle(patient(**who), *resources), book, AS_OF), book, AS_OF))


def lines(found: Json) -> list[str]:
    """What the card about results that were not used says, line by line, by the resources in place of their words."""
    return [f"- {', '.join(one['sources'])}: {WORDS.sub('', one['line'])}" for one in behind(found)]


def full_lines(found: Json) -> list[str]:
    """The lines as they are."""
    return [f"- {one['line']}" for one in behind(found)]


def behind(found: Json) -> list[Json]:
    """The lines with their resources, of the cards that say them."""
    cards = [card for card in found["cards"] if SAID.search(card["summary"] + card["detail"])]
    told = [(card["detail"], one) for card in cards for part in frames.rules_in(card) for one in part.get("basis", ())]
    return [one for detail, one in told if f"- {one['line']}" in detail.splitlines() and ": A " in one["line"]]


SAID = re.compile(r"not used: |could not be used")
WORDS = re.compile(r"^.*?: (?=A )")


def test_a_reader_sees_what_stands_there(book: RuleBook) -> None:
    named = result("", {"valueQuantity": quantity(12.6, "mg/dL")}, code={"text": "Calcium"})
    (line,) = set(full_lines(answer(book, statement(), named)))
    assert re.match(r"- Calcium 12\.6 mg/dL \([0-9-]+\): A result without a known code may be serum calcium", line)


LOST = {
    "a text": (result(CALCIUM, {"valueString": "see comment"}), NO_NUMBER),
    "a text with a number in it": (result(CALCIUM, {"valueString": "9.4 mg/dL, haemolysed"}), NO_NUMBER),
    "a text that calls it normal": (result(CALCIUM, {"valueString": "normal"}), NO_NUMBER),
    "a text without a unit": (result(CALCIUM, {"valueString": "9.4"}),
                              "A result of serum calcium has no unit, or one that cannot be converted."),
    "a text of two meanings": (result("LOINC 2731-8", {"valueString": "1,234 pg/mL"}),
                               "A number may mean two things (a sign divides thousands or begins decimals); it was "
                               "not used."),
    "a concept": (result(CALCIUM, {"valueCodeableConcept": {"text": "haemolysed"}}),
                  NO_NUMBER),
    "a range of two units": (result(CALCIUM, {"valueRange": {"low": quantity(9, "mg/dL"), "high": MMHG}}),
                             NO_NUMBER),
    "a ratio": (result(CALCIUM, {"valueRatio": {"numerator": MMHG, "denominator": MMHG}}),
                "A result of serum calcium has no unit, or one that cannot be converted."),
    "a whole number without a unit": (result(CALCIUM, {"valueInteger": 9}),
                                      "A result of serum calcium has no unit, or one that cannot be converted."),
    "a quantity that is no number": (result(CALCIUM, {"valueQuantity": {"value": "high", "unit": "mg/dL"}}),
                                     NO_NUMBER),
    "an unknown unit": (result(CALCIUM, {"valueQuantity": quantity(9.4, "furlong")}),
                        "A result of serum calcium has no unit, or one that cannot be converted."),
    "nothing": (result(CALCIUM, {}), "A result of serum calcium is on record without a value."),
    "a quantity without a number": (result(CALCIUM, {"valueQuantity": {"comparator": "<", "unit": "mg/dL"}}),
                                    "A result of serum calcium is on record without a value."),
    "a reason": (result(CALCIUM, {"dataAbsentReason": {"coding": [{"code": "error"}]}}),
                 "A result of serum calcium is on record without a value (reason: error)."),
    "a reason of its own": (result(CALCIUM, {"dataAbsentReason": {"coding": [{"code": "Mrs Sample"}]}}),
                            "A result of serum calcium is on record without a value."),
    "two values": (result(CALCIUM, {"valueString": "9", "valueQuantity": quantity(9, "mg/dL")}),
                   "A result of serum calcium has two values."),
    "no date": (result(CALCIUM, {"valueQuantity": quantity(9.4, "mg/dL")}, day=None),
                "A result of serum calcium has no date and was not used."),
    "no status": (observation(CALCIUM, 9.4, "mg/dL", status=None),
                  "A result of serum calcium has no status that makes it usable."),
    "a code that is never read": (result(EGFR_BY_RACE, {"valueQuantity": quantity(55, "mL/min/{1.73_m2}")}),
                                  "A result of reported eGFR has a code that is never read (a race-specific or "
                                  "paediatric eGFR, a heel T-score)."),
    "no known code": (result("", {"valueQuantity": quantity(9.4, "mg/dL")}, code={"text": "Calcium"}),
                      "A result without a known code may be serum calcium; it was not used."),
}  # fmt: skip


@pytest.mark.parametrize("kind", LOST)
def test_a_result_that_could_not_be_used_reaches_a_card_with_its_reason(book: RuleBook, kind: str) -> None:
    item, text = LOST[kind]
    found = answer(book, statement(), item)
    assert "DATA-06" in found["fired"]
    assert f"- Observation/o: {text}" in lines(found)
    assert text in [issue["text"] for issue in found["issues"]]
    assert "serum calcium" not in [fact["term"] for fact in found["facts"]]


def test_a_result_in_a_component_that_could_not_be_used_reaches_a_card(book: RuleBook) -> None:
    parts = [
        {"code": concept(CALCIUM), "valueString": "pending"},
        {"code": concept(ALBUMIN), "valueQuantity": quantity(4, "g/dL")},
    ]
    found = answer(book, statement(), result("LOINC 24323-8", {"component": parts}))
    assert set(lines(found)) == {f"- Observation/o: {NO_NUMBER}"}


def test_a_result_that_breaks_while_it_is_read_is_lost_with_its_term_and_the_others_are_read(book: RuleBook) -> None:
    broken = result(
        CALCIUM, {"valueQuantity": quantity(9.4, "mg/dL"), "referenceRange": [{"low": {"value": 8, "code": "mg/dL"}}]}
    )
    broken["valueQuantity"]["value"] = 10**400
    found = answer(book, statement(), broken, observation(ALBUMIN, 4.2, "g/dL", identity="a"))
    assert set(lines(found)) == {"- Observation/o: A result of serum calcium could not be read."}
    assert "albumin" in [fact["term"] for fact in found["facts"]]


QUIET = {
    "of no term": result(UNREAD_CODE, {"valueString": "12"}),
    "pending": result(CALCIUM, {}, status="registered"),
    "withdrawn by name only": result("", {"valueQuantity": MMHG}, code={"text": "Calcium"}, status="entered-in-error"),
    "by a race-specific code, withdrawn": result(EGFR_BY_RACE, {"valueQuantity": MMHG}, status="entered-in-error"),
    "a header by name only": result("", {"component": []}, code={"text": "Calcium"}),
    "a header with members": result(CALCIUM, {"hasMember": [{"reference": "Observation/a"}]}),
    "a header with components": result(CALCIUM, {"component": [{"code": concept(ALBUMIN),
                                                               "valueQuantity": quantity(4, "g/dL")}]}),
    "a status that is no result": result("LOINC 72166-2", {"valueString": "see notes"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", QUIET)
def test_what_is_no_lost_result_reaches_no_card(book: RuleBook, kind: str) -> None:
    found = answer(book, statement(), QUIET[kind])
    assert "DATA-06" not in found["fired"]
    assert lines(found) == []


def test_a_race_specific_egfr_is_quiet_where_another_kidney_value_of_that_day_or_later_was_used(book: RuleBook) -> None:
    by_race = result(EGFR_BY_RACE, {"valueQuantity": quantity(55, "mL/min/{1.73_m2}")}, identity="race")
    for other, quiet in (
        (observation(EGFR, 60, "mL/min/{1.73_m2}"), True),
        (observation(CREATININE, 0.9, "mg/dL"), True),
        (observation(CREATININE, 0.9, "mg/dL", day="2026-01-12"), True),
        (observation(CREATININE, 0.9, "mg/dL", day="2026-01-09"), False),
        (observation(CREATININE, 0.9, "furlong"), False),
        (observation(PHOSPHATE, 3.2, "mg/dL"), False),
    ):
        found = answer(book, statement(), by_race, other)
        assert any("race" in line for line in lines(found)) is not quiet, other
        assert "refused-code" in {issue["code"] for issue in found["issues"]}


@pytest.mark.parametrize(("day", "quiet"), [("2026-01-11", True), ("2026-01-10", True), ("2026-01-09", False)])
def test_a_result_without_a_value_is_quiet_where_a_usable_one_of_that_day_or_later_is_there(
    book: RuleBook, day: str, quiet: bool
) -> None:
    usable = observation(CALCIUM, 9.4, "mg/dL", day=day, identity="used")
    for nothing in ({}, {"valueQuantity": {"unit": "mg/dL"}}):
        assert (lines(answer(book, statement(), result(CALCIUM, nothing), usable)) == []) is quiet
    text = answer(book, statement(), result(CALCIUM, {"valueString": "haemolysed, 12.9 mg/dL"}), usable)
    assert lines(text), "a value that was not read may be another one"


def test_a_heel_t_score_alone_is_said_and_beside_one_of_the_hip_it_is_not(book: RuleBook) -> None:
    heel = result(HEEL, {"valueQuantity": quantity(-1.0, "{T-score}")}, identity="heel")
    hip = observation(HIP, -1.2, "{T-score}", identity="hip")
    assert lines(answer(book, statement(), heel))
    assert lines(answer(book, statement(), heel, hip)) == []


def test_many_results_of_one_kind_are_one_line(book: RuleBook) -> None:
    many = [result(PHOSPHATE, {"valueString": "3.2 or so"}, identity=f"p{number}") for number in range(5)]
    found = answer(book, statement(), *many)
    assert lines(found) == [f"- {', '.join(f'Observation/p{n}' for n in range(5))}: {NO_PHOSPHATE}"]
    (line,) = full_lines(found)
    assert line.startswith("- test result 3.2 or so (")


@pytest.mark.parametrize("who", [{"birth": "2015-07-01"}, {}])
def test_a_lost_result_is_said_to_a_child_and_without_a_product_too(book: RuleBook, who: Json) -> None:
    assert lines(answer(book, result(CALCIUM, {"valueString": "haemolysed, 12.9 mg/dL"}), **who))


def test_a_workflow_says_a_lost_result_also_where_no_calcium_product_was_found(book: RuleBook) -> None:
    body = call(
        statements=searchset(), observations=searchset(result(CALCIUM, {"valueString": "haemolysed, 12.9 mg/dL"}))
    )
    assert "DATA-06" in rules_in(client_of(service_for(book)).post(REVIEW, json=body).json()["cards"])


RISK = {
    "none": ((), "present"),
    "an eGFR as text": ((result(EGFR, {"valueString": "about 38"}),), "absent"),
    "an eGFR in an unknown unit": ((result(EGFR, {"valueQuantity": quantity(38, "furlong")}),), "absent"),
    "a creatinine without a value": ((result(CREATININE, {}),), "absent"),
    "a calcium by name": ((result("", {"valueQuantity": quantity(12, "mg/dL")}, code={"text": "Calcium"}),), "absent"),
    "a calcium score as text": ((result(CALCIUM_SCORE, {"valueString": "extensive"}),), "absent"),
    "a withdrawn eGFR": ((result(EGFR, {"valueQuantity": quantity(38, "mL/min")}, status="entered-in-error"),),
                         "present"),
    "a haemoglobin as text": ((result(UNREAD_CODE, {"valueString": "12"}),), "present"),
    "a race-specific eGFR beside a creatinine": (
        (result(EGFR_BY_RACE, {"valueQuantity": MMHG}), observation(CREATININE, 0.8, "mg/dL", identity="c")),
        "present"),
}  # fmt: skip


@pytest.mark.parametrize("kind", RISK)
def test_a_risk_whose_only_result_could_not_be_used_was_not_never_recorded(book: RuleBook, kind: str) -> None:
    more, state = RISK[kind]
    found = answer(book, statement("RxNorm 282465", dosage(1)), *more, birth="1980-07-01")
    assert found["findings"]["no risk flag"] == state
    assert ("DATA-05" in found["fired"]) is (state == "present")


INR: Json = {
    "measure": concept("LOINC 6301-6"),
    "detailRange": {"low": quantity(2.5, "{INR}"), "high": quantity(3.5, "{INR}")},
}
GOALS = {
    "active": ({"lifecycleStatus": "active", "target": [INR]}, None),
    "over": ({"lifecycleStatus": "completed", "target": [INR]}, None),
    "of no known status": ({"lifecycleStatus": "ongoing", "target": [INR]}, "status-not-final"),
    "without a status": ({"target": [INR]}, "status-not-final"),
    "as text": ({"lifecycleStatus": "active", "target": [{**INR, "detailRange": None, "detailString": "2.5-3.5"}]},
                "unusable-unit"),
    "of something whose targets nobody reads": (
        {"lifecycleStatus": "active", "target": [{**INR, "measure": concept(CALCIUM), "detailRange": None}]}, None),
}  # fmt: skip


@pytest.mark.parametrize("kind", GOALS)
def test_a_goal_that_rules_would_read_and_that_cannot_be_used_is_said(book: RuleBook, kind: str) -> None:
    parts, code = GOALS[kind]
    found = answer(book, resource("Goal", "g", subject={"reference": "Patient/p"}, **parts))
    assert [issue["code"] for issue in found["issues"]] == ([code] if code else [])
    assert any(fact["term"] == "INR target" for fact in found["facts"]) is (kind == "active")
