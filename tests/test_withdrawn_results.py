"""A withdrawal takes back the result of its own report, and only that; two specimens of one day are not one."""

from __future__ import annotations

from typing import Any

import pytest
from people import AS_OF, CALCIUM, CARBONATE_500, Json, bundle, dosage, observation, patient, statement

from cds.evaluation import Evaluation, evaluate
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

MORNING, DAY = "2026-01-10T08:00:00Z", "2026-01-10"
EARLY, LATE = {"issued": "2026-01-10T09:00:00Z"}, {"issued": "2026-01-10T16:00:00Z"}
NO_VALUE: Json = {"valueQuantity": None}


def number(value: str, system: str = "http://lab.example/accession") -> Json:
    return {"identifier": [{"system": system, "value": value}]}


def tube(value: str) -> Json:
    return {"specimen": {"identifier": {"system": "http://lab.example/tube", "value": value}}}


def calcium(value: float, status: str, identity: str, *marks: Json, day: str | None = MORNING, **more: Any) -> Json:
    parts = {key: part for mark in marks for key, part in mark.items()}
    return observation(CALCIUM, value, "mg/dL", day, identity, status=status, **{**parts, **more})


def answer(book: RuleBook, *results: Json) -> Evaluation:
    data = bundle(patient(), statement(CARBONATE_500, dosage()), *results)
    return evaluate(read_record(data, book, AS_OF), book, AS_OF)


def used(book: RuleBook, *results: Json) -> list[float]:
    return sorted(r.value.low for r in answer(book, *results).chart.record.readings.get("serum calcium", ()))


def test_a_preliminary_result_of_another_report_and_specimen_of_that_day_stays(book: RuleBook) -> None:
    final = calcium(9.4, "final", "m1", number("A1"), tube("S1"), EARLY, day=DAY)
    preliminary = calcium(12.6, "preliminary", "m2", number("A2"), tube("S2"), LATE, day=DAY)

    assert used(book, final, preliminary) == [9.4, 12.6]
    assert answer(book, final, preliminary).outcome == "stop"


@pytest.mark.slow
@pytest.mark.parametrize("time", [DAY, MORNING])
@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ((number("A1"),), (number("A2"),), False),
        ((tube("S1"),), (tube("S2"),), False),
        ((number("A1"), tube("S1")), (number("A1"), tube("S2")), False),
        ((number("A1"), tube("S1")), (number("A2"), tube("S1")), True),
        ((number("A1"),), (number("A1"),), True),
        ((number("A1"),), (), True),
        ((number("A1"),), (number("o2", "http://clinic.example/order"),), True),
        (
            ({"specimen": {"reference": "Specimen/7"}},),
            ({"specimen": {"reference": "http://x.example/Specimen/7"}},),
            True,
        ),
    ],
)
def test_reports_of_one_time_are_one_unless_their_numbers_or_specimens_differ(
    book: RuleBook, time: str, old: tuple[Json, ...], new: tuple[Json, ...], *, same: bool
) -> None:
    results = calcium(12.6, "preliminary", "old", *old, day=time), calcium(9.4, "final", "new", *new, day=time)
    assert used(book, *results) == ([9.4] if same else [9.4, 12.6])


@pytest.mark.parametrize("value", [NO_VALUE, {}])
@pytest.mark.parametrize("turn", [1, -1])
def test_a_result_whose_report_was_withdrawn_by_another_resource_does_not_count_and_that_is_said(
    book: RuleBook, value: Json, turn: int
) -> None:
    result = calcium(9.4, "final", "a", number("1"))
    withdrawal = calcium(9.4, "entered-in-error", "b", number("1"), value)
    found = result_of(answer(book, *(result, withdrawal)[::turn]))

    assert "serum calcium" not in [fact["term"] for fact in found["facts"]]
    text = "A result of serum calcium was entered in error or cancelled."
    assert [i["text"] for i in found["issues"] if i["source"] == "Observation/a"] == [text]
    assert any(text in card["detail"] for card in found["cards"])
    assert "DATA-06" in found["fired"]


STANDS = {
    "of another report": (number("2"),),
    "without a number": (),
    "of another specimen": (number("1"), tube("S2")),
    "of another value": (number("1"), {"valueQuantity": {"value": 13.4, "unit": "mg/dL"}}),
    "of another day": (number("1"), {"effectiveDateTime": "2026-01-09"}),
    "issued before the result": (number("1"), {"issued": "2026-01-10T08:30:00Z"}),
    "of another test": (number("1"), {"code": observation("LOINC 1751-7", 0)["code"]}),
    "of a report that is only pending": (number("1"), {"status": "registered"}),
}


@pytest.mark.parametrize("kind", STANDS)
def test_a_withdrawal_of_something_else_leaves_the_result(book: RuleBook, kind: str) -> None:
    withdrawal = {**calcium(0, "entered-in-error", "b", NO_VALUE), **{k: v for m in STANDS[kind] for k, v in m.items()}}
    assert used(book, calcium(9.4, "final", "a", number("1"), tube("S1"), EARLY), withdrawal) == [9.4]


def test_the_corrected_result_that_was_made_in_place_of_a_withdrawn_one_stands(book: RuleBook) -> None:
    wrong = calcium(13.4, "final", "a", number("1"))
    withdrawal = calcium(13.4, "entered-in-error", "b", number("1"), NO_VALUE)
    right = calcium(9.4, "corrected", "c", number("1"))

    assert used(book, wrong, withdrawal, right) == [9.4]


@pytest.mark.parametrize("day", [MORNING, None])
def test_a_test_that_was_cancelled_never_had_a_value_and_takes_none_back(book: RuleBook, day: str | None) -> None:
    duplicate = calcium(0, "cancelled", "b", number("1"), NO_VALUE, day=day)
    assert answer(book, calcium(12.6, "final", "a", number("1")), duplicate).outcome == "stop"


def test_an_entry_in_error_without_a_day_takes_nothing_back_and_is_said(book: RuleBook) -> None:
    error = calcium(0, "entered-in-error", "b", number("1"), NO_VALUE, day=None)
    found = result_of(answer(book, calcium(12.6, "final", "a", number("1")), error))

    assert found["outcome"] == "stop"
    assert {i["source"] for i in found["issues"] if i["code"] == "withdrawn-result"} == {"Observation/b"}
    assert "A result of serum calcium was entered in error or cancelled." in str(found["cards"])


def test_a_withdrawn_result_leaves_an_older_one(book: RuleBook) -> None:
    older = calcium(9.1, "final", "older", number("0"), day="2025-12-01")
    results = calcium(12.6, "final", "a", number("1")), calcium(0, "entered-in-error", "b", number("1"), NO_VALUE)

    assert used(book, older, *results) == [9.1]
    assert answer(book, older, *results).outcome != "stop"


def test_an_answer_that_was_withdrawn_by_another_resource_does_not_count(book: RuleBook) -> None:
    def asked(status: str, identity: str) -> Json:
        question = observation("LOINC 82810-3", 0, "", MORNING, identity, status=status, **NO_VALUE, **number("1"))
        return {**question, "valueBoolean": True}

    assert answer(book, asked("final", "a")).decision.decided_by == "SCOPE-02"
    assert answer(book, asked("final", "a"), asked("entered-in-error", "b")).decision.decided_by != "SCOPE-02"
