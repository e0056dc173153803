"""What a day of a medicine holds: doses, frequencies and strengths as intervals, and never a guess."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import CARBONATE_500, SOME, Json, codes_of, daily, dosage, quantity, read, statement

from cds.intake.medicines.dosages.dosage import schedules
from cds.intake.medicines.dosages.timings import intakes_a_day
from cds.intake.sigs.dose import quantity as dose_of
from cds.quantity import Interval, point
from cds.rulebook.model import RuleBook


def often(**repeat: Any) -> Interval | None:
    return intakes_a_day({"repeat": repeat})


@pytest.mark.parametrize(
    ("repeat", "low", "high"),
    [
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, 2, 2),
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, 3, 3),
        ({"frequency": 1, "period": 1, "periodUnit": "wk"}, 1 / 7, 1 / 7),
        ({"frequency": 3, "period": 8, "periodUnit": "d"}, 3 / 8, 3 / 8),
        ({"frequency": 1, "period": 1, "periodUnit": "mo"}, 1 / 30.4375, 1 / 30.4375),
        ({"frequency": 1, "frequencyMax": 3, "period": 1, "periodUnit": "d"}, 1, 3),
        ({"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}, 4, 6),
        ({"period": 1, "periodUnit": "d"}, 1, 1),
        ({"frequency": 4}, 4, 4),
        ({"dayOfWeek": ["mon", "thu"]}, 2 / 7, 2 / 7),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["sun"]}, 1 / 7, 1 / 7),
        ({"timeOfDay": ["08:00:00", "20:00:00"]}, 2, 2),
        ({"when": ["MORN", "NIGHT"]}, 2, 2),
        ({"when": ["ACM"]}, 1, 1),
        ({"when": ["C"]}, 1, 3),
    ],
)
def test_a_timing_says_how_often_a_day(repeat: Json, low: float, high: float) -> None:
    found = often(**repeat)
    assert found is not None
    assert found == pytest.approx(Interval(low, high))


@pytest.mark.parametrize(
    "repeat",
    [
        {}, {"frequency": 0, "period": 1, "periodUnit": "d"}, {"frequency": 1, "period": 0, "periodUnit": "d"},
        {"frequency": 1, "period": 1, "periodUnit": "fortnight"}, {"frequency": -1, "period": 1, "periodUnit": "d"},
        {"frequency": True, "period": 1, "periodUnit": "d"}, {"frequency": "two", "period": 1, "periodUnit": "d"},
    ],
)  # fmt: skip
def test_a_timing_that_makes_no_sense_says_nothing(repeat: Json) -> None:
    assert often(**repeat) is None


@pytest.mark.parametrize(
    ("code", "a_day"),
    [("QD", 1), ("BID", 2), ("TID", 3), ("QID", 4), ("QOD", 0.5), ("AM", 1), ("Q6H", 4), ("bid", 2), ("WK", 1 / 7)],
)
def test_timing_codes_are_read(code: str, a_day: float) -> None:
    expected = pytest.approx(point(a_day))
    assert intakes_a_day({"code": {"coding": [{"code": code}]}}) == expected
    assert intakes_a_day({"code": {"text": code}}) == expected


def test_a_repeat_counts_before_a_code_and_an_unknown_code_says_nothing() -> None:
    assert intakes_a_day({"code": {"text": "BID"}, "repeat": {"frequency": 1, "period": 1}}) == point(1)
    assert intakes_a_day({"code": {"text": "as directed"}}) is None


@given(st.integers(1, 12), st.integers(0, 6), st.integers(1, 30), st.integers(0, 10),
       st.sampled_from(["h", "d", "wk", "mo"]))  # fmt: skip
@SOME
def test_a_range_of_timings_holds_each_timing_inside_it(
    frequency: int, more: int, period: int, longer: int, unit: str
) -> None:
    whole = often(
        frequency=frequency, frequencyMax=frequency + more, period=period, periodMax=period + longer, periodUnit=unit
    )
    assert whole is not None
    for f in (frequency, frequency + more):
        for p in (period, period + longer):
            one = often(frequency=f, period=p, periodUnit=unit)
            assert one is not None
            assert whole.low <= one.low <= one.high <= whole.high


def test_tablets_a_day_times_their_strength(book: RuleBook) -> None:
    assert daily(book, dosage(2, frequency=3)) == point(3000)
    assert daily(book, dosage(2, "TAB", frequency=1)) == point(1000)


def at_hour(hour: str, dose: float) -> Json:
    return dosage(dose, timing={"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "when": [hour]}})


def test_several_dosages_add_up_and_a_dose_of_zero_is_none(book: RuleBook) -> None:
    assert daily(book, at_hour("MORN", 1), at_hour("NIGHT", 2)) == point(1500)
    assert daily(book, {"text": "1 in the morning"}, {"text": "2 at night"}) == point(1500)
    assert daily(book, dosage(2, sequence=1), dosage(1, frequency=2, sequence=1)) == point(2000)
    assert daily(book, dosage(1), dosage(0, frequency=2)) == point(500)


def test_different_doses_without_order_and_hours_are_from_the_largest_to_all_of_them_and_said(book: RuleBook) -> None:
    assert daily(book, dosage(1), dosage(2, frequency=2)) == Interval(2000, 2500)
    assert daily(book, dosage(1), dosage(2), at_hour("NIGHT", 1)) == Interval(1500, 2000)
    assert "dosage-unclear" in codes_of(read(book, statement(CARBONATE_500, dosage(1), dosage(2))))


def test_a_weekly_dose_is_a_seventh_a_day(book: RuleBook) -> None:
    amount = daily(book, dosage(1, every="wk"), code="RxNorm 705728", nutrient="vitamin D")
    assert amount == pytest.approx(point(50_000 / 7))


def test_a_range_of_doses_is_kept_as_a_range(book: RuleBook) -> None:
    spread = {"low": quantity(1, "{tablet}"), "high": quantity(2, "{tablet}")}
    assert daily(book, dosage(None, doseAndRate=[{"doseRange": spread}])) == Interval(500, 1000)
    assert daily(book, dosage(None, doseAndRate=[{"doseRange": {"high": spread["high"]}}])) == Interval(0, 1000)


def test_as_needed_is_from_none_to_the_whole_dose(book: RuleBook) -> None:
    assert daily(book, dosage(1, frequency=4, asNeededBoolean=True)) == Interval(0, 2000)
    assert daily(book, dosage(1, frequency=4, asNeededCodeableConcept={"text": "heartburn"})) == Interval(0, 2000)
    assert daily(book, dosage(1, frequency=4, asNeededBoolean=False)) == point(2000)


def test_the_most_of_a_period_is_a_ceiling_and_not_the_dose(book: RuleBook) -> None:
    most = {"numerator": quantity(3, "{tablet}"), "denominator": quantity(1, "d")}
    assert daily(book, dosage(1, frequency=1, maxDosePerPeriod=most)) == point(500)
    assert daily(book, dosage(1, frequency=None, asNeededBoolean=True, maxDosePerPeriod=most)) == Interval(0, 1500)
    weekly = {"numerator": quantity(7, "{tablet}"), "denominator": quantity(1, "wk")}
    assert daily(book, dosage(1, asNeededBoolean=True, maxDosePerPeriod=weekly)) == pytest.approx(Interval(0, 500))


def test_words_alone_are_read_and_said(book: RuleBook) -> None:
    record = read(book, statement(CARBONATE_500, {"text": "1-0-1-0"}))
    assert record.products[0].amounts["calcium"][0] == point(1000)
    assert codes_of(record) == {"dosage-in-words"}
    assert daily(book, {"text": "take 4 tablets twice daily"}) == point(4000)
    assert daily(book, {"text": "as directed"}) == daily(book)


def test_words_with_numbers_that_are_not_understood_are_an_amount_that_is_not_known(book: RuleBook) -> None:
    amount = daily(book, {"text": "take 4 flurbs at 17 percent"})
    assert amount == Interval(0, math.inf)


def test_a_number_without_a_unit_is_between_one_form_and_that_many(book: RuleBook) -> None:
    record = read(book, statement(CARBONATE_500, dosage(2, "")))
    assert record.products[0].amounts["calcium"][0] == Interval(500, 1000)
    assert "dosage-unclear" in codes_of(record)


def test_without_a_frequency_calcium_is_one_to_four_units_a_day(book: RuleBook) -> None:
    assert daily(book, dosage(1, frequency=None)) == Interval(500, 2000)
    assert daily(book, dosage(2, frequency=None)) == Interval(1000, 2000)


def test_a_dose_of_zero_alone_is_no_intake(book: RuleBook) -> None:
    taken = [product.amounts["calcium"][0].high for product in read(book, statement(CARBONATE_500, dosage(0))).products]
    assert sum(taken) == 0


def test_a_dosage_that_cannot_be_read_leaves_the_product_with_an_unclear_amount(book: RuleBook) -> None:
    repeat = {"frequency": 1, "frequencyMax": "three", "period": 1, "periodUnit": "d"}
    assert daily(book, dosage(1, timing={"repeat": repeat})).high >= 500


KEYS = st.sampled_from(["timing", "doseAndRate", "text", "asNeededBoolean", "maxDosePerPeriod"])
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5),
    st.sampled_from([[], {}, [{}], [None], {"repeat": []}, {"code": "x"}, {"code": {"coding": [None]}}]),
)  # fmt: skip


@given(st.dictionaries(KEYS, ODD))
@SOME
def test_odd_dosages_are_schedules_without_an_error(item: Json) -> None:
    assert len(schedules([item])) == 1


@pytest.mark.parametrize(
    "value", [{"value": True, "unit": "mg"}, {"value": "five", "unit": "mg"}, {"value": -1}, {}, None]
)
def test_what_is_no_amount_is_no_dose(value: Any) -> None:
    assert dose_of(value) is None


# --- how often, and not how many

NAMED = {
    "Vitamin D3 20.000 I.E. Kapseln": ("vitamin D", 20_000),
    "Maxi-Kalz 1000 mg Brausetabletten": ("calcium", 1000),
    "Calcium 500 mg compresse": ("calcium", 500),
    "CALCIDOSE 500 mg, sachet": ("calcium", 500),
    "TAB CIPCAL 500": ("calcium", 500),
}
ONCE_A_DAY = ["1x täglich", "1x tgl.", "1xtgl", "1 volta al dì", "1 vez al día", "une fois par jour", "1x denně",
              "1 raz dziennie", "once daily"]  # fmt: skip


@pytest.mark.parametrize("words", ONCE_A_DAY)
@pytest.mark.parametrize("name", NAMED)
def test_of_what_is_counted_one_by_one_once_a_day_is_one_unit_and_that_is_said(
    book: RuleBook, name: str, words: str
) -> None:
    nutrient, one = NAMED[name]
    record = read(book, statement("", {"text": words}, text=name))
    assert record.products[0].amounts[nutrient] == (point(one), point(one))
    assert "one-unit-assumed" in codes_of(record)
    assert "dosage-unclear" not in codes_of(record)


def test_twice_a_day_is_one_unit_each_time(book: RuleBook) -> None:
    twice = dosage(None, frequency=2)
    assert daily(book, twice, code="", text="Calcium 500 mg tablets") == point(1000)


@pytest.mark.parametrize("name", ["Calcium 500 mg", "Calcium 500 mg powder"])
def test_once_a_day_of_a_form_that_is_not_counted_one_by_one_keeps_the_usual_range(book: RuleBook, name: str) -> None:
    record = read(book, statement("", {"text": "1x täglich"}, text=name))
    assert record.products[0].amounts["calcium"][0] == Interval(500, 2000)
    assert "dosage-unclear" in codes_of(record)
    assert "one-unit-assumed" not in codes_of(record)


@pytest.mark.parametrize("words", ["as directed", "once daily as needed"])
def test_without_a_frequency_or_as_needed_no_unit_is_assumed(book: RuleBook, words: str) -> None:
    record = read(book, statement("", {"text": words}, text="Calcium 500 mg tablets"))
    assert record.products[0].amounts["calcium"][0].high == 2000
    assert "one-unit-assumed" not in codes_of(record)
