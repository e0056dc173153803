"""The laboratory's own limits: of its normal ranges for people of the patient's age; what cannot be used is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from people import (
    AS_OF,
    CALCIUM,
    Json,
    bundle,
    codes_of,
    concept,
    dosage,
    observation,
    patient,
    quantity,
    read,
    statement,
)

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

PTH = "LOINC 2731-8"
NOT_READ = "range-not-read"


def span(low: float | None, high: float | None, unit: str = "mg/dL", **more: Any) -> Json:
    """A reference range from a lower to an upper limit."""
    ends = {"low": low, "high": high}
    return {**{end: quantity(limit, unit) for end, limit in ends.items() if limit is not None}, **more}


def years(low: float | None, high: float | None) -> Json:
    return {"age": span(low, high, "a")}


def calcium(*ranges: Json, value: float = 10.6, **more: Any) -> Json:
    return observation(CALCIUM, value, "mg/dL", referenceRange=list(ranges), **more)


def limits(book: RuleBook, result: Json) -> tuple[float | None, float | None]:
    (reading,) = read(book, result).readings["serum calcium"]
    return reading.limits


def outcome(book: RuleBook, result: Json) -> Json:
    data = bundle(patient(), statement("RxNorm 282465", dosage(1)), result)
    return result_of(evaluate(read_record(data, book, AS_OF), book, AS_OF))


ADULT = span(8.5, 10.2)
OF_NO_USE = {
    "critical": span(8.8, 10.8, type={"text": "critical"}),
    "panic": span(8.8, 10.8, type={"coding": [{"code": "panic"}]}),
    "therapeutic": span(8.8, 10.8, type={"coding": [{"code": "therapeutic"}]}),
    "treatment": span(8.8, 10.8, type={"coding": [{"code": "treatment"}]}),
    "of children": span(8.8, 10.8, **years(None, 12)),
    "of children, in months": span(8.8, 10.8, age=span(0, 144, "mo")),
    "of the very old": span(8.8, 10.8, **years(90, None)),
    "of an age in an unknown unit": span(8.8, 10.8, age=span(18, None, "furlong")),
    "of other people": span(8.8, 10.8, appliesTo=[{"text": "pregnant"}]),
    "with a modifier": span(8.8, 10.8, modifierExtension=[{"url": "http://example.org/not", "valueBoolean": True}]),
    "in an unknown unit": span(8.8, 10.8, "furlong"),
    "with an end that is no number": {**span(8.8, None), "high": {"value": "high", "unit": "mg/dL"}},
    "upside down": span(10.8, 8.8),
    "as text for others": {"text": "men: 8.8 - 10.8"},
    "for men": span(8.8, 10.8, appliesTo=[{"coding": [{"code": "M"}]}]),
}


@pytest.mark.parametrize("kind", OF_NO_USE)
@pytest.mark.parametrize("first", [True, False])
def test_a_range_of_another_kind_or_of_other_people_never_stands_for_the_normal_one(
    book: RuleBook, kind: str, *, first: bool
) -> None:
    result = calcium(OF_NO_USE[kind], ADULT) if first else calcium(ADULT, OF_NO_USE[kind])
    assert limits(book, result) == (8.5, 10.2)
    assert NOT_READ not in codes_of(read(book, result))


@pytest.mark.parametrize("kind", OF_NO_USE)
def test_where_no_range_can_be_used_that_is_said_and_the_usual_limits_stand(book: RuleBook, kind: str) -> None:
    result = calcium(OF_NO_USE[kind])
    assert limits(book, result) == (None, None)
    (issue,) = [issue for issue in read(book, result).issues if issue.code == NOT_READ]
    assert "serum calcium" in issue.text
    assert outcome(book, calcium(OF_NO_USE[kind], value=10.6))["outcome"] == "hold"


def test_a_calcium_above_the_adult_range_is_high_though_a_critical_one_stands_first(book: RuleBook) -> None:
    between = calcium(OF_NO_USE["critical"], span(8.5, 10.0), value=10.3)
    assert outcome(book, between)["outcome"] == "hold"
    assert outcome(book, calcium(span(8.5, 10.5), value=10.3))["outcome"] != "hold"


USED = {
    "of no kind": ADULT,
    "normal": span(8.5, 10.2, type={"coding": [{"code": "normal"}]}),
    "normal in the words of a laboratory": span(8.5, 10.2, type={"text": "Normalbereich"}),
    "normal by SNOMED CT": span(8.5, 10.2, type=concept("SNOMED 260394003", "Normal limits")),
    "recommended": span(8.5, 10.2, type={"coding": [{"code": "recommended"}]}),
    "of adults": span(8.5, 10.2, **years(18, None)),
    "of an age in German": span(8.5, 10.2, age={"low": {"value": 18, "unit": "Jahre"}}),
    "of her age": span(8.5, 10.2, **years(60, 75)),
    "in days": span(8.5, 10.2, age=span(6575, None, "d")),
    "with the unit of the value": {"low": {"value": 8.5}, "high": {"value": 10.2}},
    "as text": {"text": "8.5 - 10.2 mg/dL"},
    "as text without a unit": {"text": "Normal: 8,5 – 10,2"},
    "for women": span(8.5, 10.2, appliesTo=[{"coding": [{"code": "F", "display": "Female"}]}]),
    "as text numbers": {"low": {"value": "8.5", "unit": "mg/dL"}, "high": {"value": "10.2"}},
    "in another unit": span(2.1208, 2.5449, "mmol/L"),
}


@pytest.mark.parametrize("kind", USED)
def test_a_normal_range_for_her_age_is_read_in_whatever_way_its_numbers_are_written(book: RuleBook, kind: str) -> None:
    assert limits(book, calcium(USED[kind])) == pytest.approx((8.5, 10.2), abs=0.001)
    assert NOT_READ not in codes_of(read(book, calcium(USED[kind])))


def test_who_is_an_adult_is_said_by_the_topic(book: RuleBook) -> None:
    people = patient(birth=None), calcium(span(8.5, 10.2, **years(18, None)))
    for age, ours in ((18, True), (17, False), (None, False)):
        of_age = replace(book, topic=book.topic._replace(adults_from=age))
        (reading,) = read(of_age, *people, with_patient=False).readings["serum calcium"]
        assert (reading.limits == (8.5, 10.2)) is ours, age


def test_the_range_of_all_adults_is_used_for_whom_no_birth_date_is_known(book: RuleBook) -> None:
    for low, high, ours in ((18, None, True), (19, None, False), (18, 60, False)):
        record = read(book, patient(birth=None), calcium(span(8.5, 10.2, **years(low, high))), with_patient=False)
        assert (record.readings["serum calcium"][0].limits == (8.5, 10.2)) is ours


def test_the_card_that_goes_on_says_that_a_range_was_not_understood(book: RuleBook) -> None:
    unknown = span(8.4, 10.2, type={"text": "zone"})
    words = "Compare with the laboratory's own range"

    assert words in outcome(book, calcium(unknown, value=10.4))["cards"][0]["detail"]
    assert words not in outcome(book, calcium(unknown, value=10.6))["cards"][0]["detail"]
    assert words not in outcome(book, calcium(ADULT, value=9.4))["cards"][0]["detail"]


def test_a_range_with_an_age_is_not_used_where_the_age_is_not_certain(book: RuleBook) -> None:
    for birth, ours in ((None, False), ("1950", False), ("1949", True)):
        record = read(book, patient(birth=birth), calcium(span(8.5, 10.2, **years(76, None))), with_patient=False)
        (reading,) = record.readings["serum calcium"]
        assert (reading.limits == (8.5, 10.2)) is ours, birth


def test_of_several_normal_ranges_the_strictest_limits_count(book: RuleBook) -> None:
    for pair in (
        (span(8.4, 10.5), span(8.6, 10.2)),
        (span(8.6, 10.5), span(8.4, 10.2)),
        (span(8.6, None), span(None, 10.2)),
    ):
        assert limits(book, calcium(*pair)) == limits(book, calcium(*pair[::-1])) == (8.6, 10.2)


def test_a_range_of_one_component_is_not_that_of_another(book: RuleBook) -> None:
    listed = ((CALCIUM, 9.4, "mg/dL", 10.2), (PTH, 40, "pg/mL", 65))
    parts: list[Json] = [
        {
            "code": concept(code),
            "valueQuantity": quantity(value, unit),
            "referenceRange": [{"high": {"value": high}}],
        }
        for code, value, unit, high in listed
    ]
    panel = observation("LOINC 24323-8", 0, valueQuantity=None, component=parts)
    record = read(book, panel)
    assert [record.readings[name][0].limits for name in ("serum calcium", "intact PTH")] == [(None, 10.2), (None, 65)]
