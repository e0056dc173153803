"""How kidney function changed: from results with and without times, in other units, of other kinds, to facts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from people import AS_OF, CREATININE, Json, bundle, condition, observation, patient, request

from cds.evaluation import Evaluation, evaluate
from cds.facts.chart import Chart, chart_of
from cds.facts.fact import Fact
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook

EGFR, CYSTATIN, MDRD = "LOINC 98979-8", "LOINC 50210-4", "LOINC 33914-3"
EGFR_UNIT = "mL/min/{1.73_m2}"
UMOL = "umol/L"
AKI = "ICD-10 N17.9"


def day(days: int) -> str:
    return str(AS_OF - timedelta(days=days))


def creatinine(value: float, days: int, hour: str = "", unit: str = "mg/dL", **more: Any) -> Json:
    when = f"{day(days)}T{hour}:00Z" if hour else day(days)
    return observation(
        CREATININE, value, unit, day=when, identity=f"c-{days}-{hour}-{value:g}".replace(":", ""), **more
    )


def egfr(value: float, days: int, code: str = EGFR, **more: Any) -> Json:
    return observation(code, value, EGFR_UNIT, day=day(days), identity=f"e-{code[-4:]}-{days}-{value:g}", **more)


def injury(days: int | None, **more: Any) -> Json:
    onset = {"onsetDateTime": day(days)} if days is not None else {}
    return condition(AKI, "Acute kidney injury", **onset, **more)


def chart(book: RuleBook, *resources: Json) -> Chart:
    return chart_of(read_record(bundle(patient(), *resources), book, AS_OF), book, AS_OF)


def fact(book: RuleBook, name: str, *resources: Json) -> Fact | None:
    return chart(book, *resources).value(name)


def number(book: RuleBook, name: str, *resources: Json) -> float | None:
    """The value of a term that is one number; None where it is not known."""
    found = fact(book, name, *resources)
    assert found is None or found.value.is_point
    return None if found is None else found.value.low


def answer(book: RuleBook, *resources: Json) -> Evaluation:
    """What is answered to a patient with a calcium that a clinician ordered, and a normal calcium of yesterday."""
    calcium = observation("LOINC 17861-6", 9.4, "mg/dL", day=day(1), identity="calcium")
    dose = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
    product = request("RxNorm 282465", {**dose, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "{tablet}"}}]})
    return evaluate(read_record(bundle(patient(), calcium, product, *resources), book, AS_OF), book, AS_OF)


def decided(book: RuleBook, *resources: Json) -> tuple[str, str]:
    decision = answer(book, *resources).decision
    return decision.outcome, decision.decided_by


RISE = "creatinine rise in 48 hours"


@pytest.mark.parametrize(
    ("earlier", "later", "rise"),
    [
        (creatinine(1.0, 3, "08:00"), creatinine(1.29, 1, "08:00"), 0.29),
        (creatinine(1.0, 3, "08:00"), creatinine(1.3, 1, "08:00"), 0.3),
        (creatinine(1.0, 3, "08:00"), creatinine(1.3, 1, "08:01"), None),
        (creatinine(2.0, 2, "20:00"), creatinine(2.4, 1, "16:00"), 0.4),
        (creatinine(1.3, 3, "08:00"), creatinine(1.0, 1, "08:00"), 0),
        (creatinine(1.0, 9, "08:00"), creatinine(1.5, 7, "08:00"), 0.5),
        (creatinine(1.0, 10, "08:00"), creatinine(1.5, 8, "08:00"), None),
    ],
)
def test_a_creatinine_rises_within_48_hours_by_what_lies_between_two_results(
    book: RuleBook, earlier: Json, later: Json, rise: float | None
) -> None:
    assert number(book, RISE, later, earlier) == rise


@pytest.mark.parametrize(("days", "rise"), [(2, 0.5), (3, None)])
def test_without_times_48_hours_are_at_most_two_calendar_days(book: RuleBook, days: int, rise: float | None) -> None:
    assert number(book, RISE, creatinine(1.0, 1 + days), creatinine(1.5, 1)) == rise


def test_a_rise_in_umol_is_that_of_its_unit(book: RuleBook) -> None:
    below = creatinine(88.4, 2, "08:00", UMOL), creatinine(114.0, 1, "08:00", UMOL)
    at = creatinine(88.4, 2, "08:00", UMOL), creatinine(114.9, 1, "08:00", UMOL)
    assert [number(book, RISE, *pair) for pair in (below, at)] == [0.29, 0.3]


def test_of_results_of_one_day_without_times_nobody_knows_which_rose(book: RuleBook) -> None:
    for pair in ((1.0, 1.35), (1.35, 1.0)):
        found = fact(book, RISE, *(creatinine(value, 1) for value in pair))
        assert found is not None
        assert (found.value.low, found.value.high) == (0, 0.35)
    one_time = fact(book, RISE, creatinine(1.0, 1, "08:00"), creatinine(1.35, 1))
    assert one_time is not None
    assert not one_time.value.is_point


def test_the_greatest_of_several_rises_counts_and_names_its_results(book: RuleBook) -> None:
    results = creatinine(1.0, 4, "08:00"), creatinine(1.2, 3, "08:00"), creatinine(1.8, 2, "08:00")
    found = fact(book, RISE, *results)
    assert found is not None
    assert found.value.low == 0.8
    assert found.sources == ("Observation/c-4-0800-1", "Observation/c-2-0800-1.8")


def test_a_creatinine_above_a_limit_rises_by_at_least_what_is_certain(book: RuleBook) -> None:
    found = fact(book, RISE, creatinine(1.0, 2, "08:00", comparator="<"), creatinine(1.4, 1, "08:00"))
    assert found is not None
    assert (found.value.low, found.value.high) == (0.4, 1.2)


def test_a_creatinine_that_was_withdrawn_is_no_part_of_a_rise(book: RuleBook) -> None:
    later = creatinine(2.4, 1, "08:00", status="entered-in-error")
    assert fact(book, RISE, creatinine(2.0, 2, "20:00"), later) is None


@pytest.mark.parametrize(
    ("first", "second", "differs"),
    [
        (2.4, 1.5, 0.9),
        (1.3, 1.0, 0),
        (1.31, 1.0, 0.31),
        (0.4, 0.3, 0.1),
        (1.5, 2.4, 0),
    ],
)
def test_a_creatinine_that_falls_within_a_day_contradicts_from_more_than_30_percent_and_so_much(
    book: RuleBook, first: float, second: float, differs: float
) -> None:
    results = creatinine(first, 2, "08:00"), creatinine(second, 1, "08:00")
    assert number(book, "creatinine contradiction", *results) == differs


def test_what_lies_more_than_24_hours_apart_contradicts_nothing(book: RuleBook) -> None:
    results = creatinine(2.4, 2, "08:00"), creatinine(1.5, 1, "08:01")
    assert number(book, "creatinine contradiction", *results) is None


def test_results_of_one_day_without_times_contradict_from_more_than_15_percent(book: RuleBook) -> None:
    found = [number(book, "creatinine contradiction", creatinine(2.0, 1), creatinine(v, 1)) for v in (2.3, 2.31)]
    assert found == [0, 0.31]


def test_two_results_of_one_day_without_times_are_asked_about_and_hold_nothing(book: RuleBook) -> None:
    assert decided(book, creatinine(1.0, 1), creatinine(1.35, 1)) == ("insufficient-data", "DATA-07")
    assert decided(book, creatinine(0.6, 1), creatinine(0.7, 1))[1] not in ("DATA-07", "RENAL-06")


def test_a_rise_in_known_order_is_an_injury_and_no_contradiction(book: RuleBook) -> None:
    found = answer(book, creatinine(2.0, 2, "20:00"), creatinine(2.4, 1, "16:00")).decision
    assert (found.outcome, found.decided_by) == ("hold", "RENAL-06")
    assert "contradictory-kidney-data" not in {code for said in found.said for code in said.codes}
    assert decided(book, creatinine(2.4, 2, "20:00"), creatinine(1.5, 1, "16:00")) == ("insufficient-data", "DATA-07")


def test_an_egfr_falls_from_the_median_of_the_results_before_it(book: RuleBook) -> None:
    past = egfr(90, 60), egfr(80, 50), egfr(70, 40)
    assert number(book, "eGFR fall", *past, egfr(40, 5)) == 50
    assert number(book, "eGFR fall", *past, egfr(85, 5)) == 0
    assert number(book, "eGFR fall", egfr(40, 5)) is None


@pytest.mark.parametrize(
    ("days", "fall", "acute"),
    [(12, None, None), (13, 50, 50), (95, 50, 50), (96, 50, None), (370, 50, None), (371, None, None)],
)
def test_the_results_before_a_fall_are_of_days_8_to_365_or_90(
    book: RuleBook, days: int, fall: float | None, acute: float | None
) -> None:
    results = egfr(80, days), egfr(40, 5)
    assert [number(book, name, *results) for name in ("eGFR fall", "acute eGFR fall")] == [fall, acute]


def test_results_of_two_kinds_are_no_fall(book: RuleBook) -> None:
    assert number(book, "eGFR fall", egfr(78, 60, CYSTATIN), egfr(32, 5)) is None
    assert number(book, "eGFR fall", egfr(78, 60, CYSTATIN), egfr(32, 5, CYSTATIN)) == pytest.approx(58.974359)
    assert number(book, "eGFR fall", egfr(80, 60, MDRD), egfr(40, 5)) == 50
    assert number(book, "eGFR fall", creatinine(0.8, 60), creatinine(2.0, 5)) is None


def test_an_old_low_level_is_no_fall(book: RuleBook) -> None:
    assert number(book, "eGFR fall", egfr(78, 300), egfr(36, 100), egfr(32, 5)) == 0
    assert number(book, "eGFR fall", egfr(78, 300), egfr(40, 100), egfr(32, 5)) != 0
    assert number(book, "eGFR fall", egfr(78, 300), egfr(36, 94), egfr(32, 5)) != 0
    assert number(book, "eGFR fall", egfr(36, 1000), egfr(78, 200), egfr(32, 5)) == 0


def test_a_fall_is_the_least_that_is_possible(book: RuleBook) -> None:
    assert number(book, "eGFR fall", egfr(90, 60, comparator=">"), egfr(45, 5)) == 50
    assert number(book, "eGFR fall", egfr(80, 60), egfr(60, 5, comparator=">")) == 0
    assert number(book, "eGFR fall", egfr(80, 60), egfr(20, 5, comparator="<")) == 75


def test_a_fall_to_an_egfr_that_is_too_old_to_be_used_is_not_known(book: RuleBook) -> None:
    assert number(book, "eGFR fall", egfr(80, 200), egfr(28, 120)) == 65
    assert number(book, "eGFR fall", egfr(80, 200), egfr(28, 121)) is None


def test_the_result_before_a_fall_is_the_newest_that_is_not_below_their_median(book: RuleBook) -> None:
    found = fact(book, "eGFR before its fall", egfr(70, 40), egfr(90, 60), egfr(80, 50), egfr(30, 5))
    assert found is not None
    assert (found.value.low, found.sources) == (80, ("Observation/e-79-8-50-80",))
    assert fact(book, "eGFR before its fall", egfr(70, 40), egfr(75, 5)) is None


def test_a_fall_of_35_percent_of_the_last_7_days_holds_and_an_older_one_is_asked_about(book: RuleBook) -> None:
    assert decided(book, egfr(78, 65), egfr(32, 5)) == ("hold", "RENAL-06")
    assert decided(book, egfr(78, 80), egfr(32, 20)) == ("insufficient-data", "RENAL-12")
    assert decided(book, egfr(78, 300), egfr(32, 20), egfr(31, 5)) == ("insufficient-data", "RENAL-12")
    assert decided(book, egfr(78, 65), egfr(51, 5))[1] not in ("RENAL-06", "RENAL-12")
    assert decided(book, egfr(78, 300), egfr(36, 100), egfr(32, 5))[1] not in ("RENAL-06", "RENAL-12")


@pytest.mark.parametrize(("value", "days", "decider"), [(1.34, 5, ""), (1.35, 20, "RENAL-12"), (1.35, 5, "RENAL-06")])
def test_a_creatinine_is_compared_with_the_median_of_the_year_before(
    book: RuleBook, value: float, days: int, decider: str
) -> None:
    results = creatinine(0.9, 60 + days), creatinine(value, days)
    assert number(book, "creatinine against its past", *results) == pytest.approx(value / 0.9)
    assert decided(book, *results)[1].startswith(decider)
    assert (decided(book, *results)[1] in ("RENAL-06", "RENAL-12")) is bool(decider)


def test_on_dialysis_a_rise_is_no_injury(book: RuleBook) -> None:
    dialysis = condition("ICD-10-CM Z99.2", "Dependence on renal dialysis", identity="d")
    found = answer(book, dialysis, creatinine(4, 3, "08:00"), creatinine(8, 1, "08:00"))
    assert not {"RENAL-06", "RENAL-12", "DATA-07"} & {said.rule for said in found.decision.said}


def test_the_days_since_a_diagnosis_are_those_since_its_onset(book: RuleBook) -> None:
    name = "days since acute kidney injury"
    assert number(book, name, injury(20, recordedDate=day(3))) == 20
    assert number(book, name, injury(None, recordedDate=day(3))) == 3
    assert number(book, name, injury(None)) is None
    assert number(book, name, injury(20, identity="a"), injury(5, identity="b")) == 5
    assert number(book, name, injury(20, identity="a"), injury(None, identity="b")) is None
    assert number(book, name, injury(20, verification="refuted")) is None


def test_what_was_measured_before_a_diagnosis_is_the_median_of_the_year_before(book: RuleBook) -> None:
    past = creatinine(0.8, 38), creatinine(0.9, 100), creatinine(3.0, 37), creatinine(5.0, 396)
    assert number(book, "creatinine before acute kidney injury", injury(30), *past) == pytest.approx(0.85)
    assert number(book, "creatinine before acute kidney injury", injury(30), *past[2:]) is None


@pytest.mark.parametrize(("days", "known"), [(23, True), (24, False)])
def test_a_result_speaks_of_what_came_after_a_diagnosis_from_the_seventh_day(
    book: RuleBook, days: int, known: bool
) -> None:
    assert (fact(book, "kidney value after acute kidney injury", injury(30), egfr(70, days)) is not None) is known


def test_a_creatinine_after_a_diagnosis_is_compared_with_those_before(book: RuleBook) -> None:
    name, before = "creatinine after acute kidney injury", creatinine(0.9, 100)
    assert number(book, name, injury(30), before, creatinine(1.35, 23)) == 1.5
    assert number(book, name, injury(30), before, creatinine(1.35, 24)) is None
    assert number(book, name, injury(30), creatinine(1.35, 23)) is None
    assert number(book, name, injury(None), before, creatinine(1.35, 23)) is None


@pytest.mark.parametrize(
    ("value", "more", "over"),
    [
        (1.34, (), True),
        (1.35, (), False),
        (0.9, (), True),
        (1.34, (egfr(73, 140), egfr(45, 10)), False),
    ],
)
def test_an_injury_is_over_when_creatinine_is_back_and_nothing_fell(
    book: RuleBook, value: float, more: tuple[Json, ...], over: bool
) -> None:
    results = injury(80), creatinine(0.9, 150), creatinine(value, 10), *more
    assert (decided(book, *results)[1] != "RENAL-06") is over
    assert over or decided(book, *results) == ("insufficient-data", "RENAL-06")


def test_an_injury_whose_last_creatinine_is_of_its_first_week_is_asked_about(book: RuleBook) -> None:
    results = injury(80), creatinine(0.9, 150), creatinine(0.9, 79)
    assert decided(book, *results) == ("insufficient-data", "RENAL-06")


@pytest.mark.parametrize(
    ("onset", "outcome"), [(7, "hold"), (8, "insufficient-data"), (90, "insufficient-data"), (None, "hold")]
)
def test_an_injury_holds_for_a_week_and_is_then_a_question(book: RuleBook, onset: int | None, outcome: str) -> None:
    assert decided(book, injury(onset)) == (outcome, "RENAL-06")


def test_an_injury_with_a_last_kidney_value_below_15_holds(book: RuleBook) -> None:
    assert decided(book, injury(30), egfr(14, 10)) == ("hold", "RENAL-06")
    assert decided(book, injury(30), egfr(15, 10)) == ("insufficient-data", "RENAL-06")
