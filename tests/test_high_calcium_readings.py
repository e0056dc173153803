"""What is read about a high calcium: the PTH drawn with it, bicarbonate, 1,25-dihydroxyvitamin D, ointments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from people import AS_OF, CALCIUM, Json, bundle, condition, observation, patient, read, request, statement

from cds.facts.chart import Chart, chart_of
from cds.facts.fact import Fact
from cds.intake.reading import read_record
from cds.quantity import ABSENT, PRESENT, State
from cds.rulebook.model import RuleBook

IONISED, PTH, BICARBONATE, ACTIVE = "LOINC 1995-0", "LOINC 2731-8", "LOINC 1963-8", "LOINC 62290-2"


def of_days_ago(code: str, value: float, unit: str, days: int, **more: Any) -> Json:
    day = str(AS_OF - timedelta(days=days))
    return observation(code, value, unit, day=day, identity=f"{code.split()[1]}-{days}", **more)


def chart(book: RuleBook, *resources: Json) -> Chart:
    return chart_of(read_record(bundle(patient(), *resources), book, AS_OF), book, AS_OF)


def paired(book: RuleBook, *resources: Json) -> float | None:
    fact = chart(book, *resources).value("PTH with a high calcium")
    return None if fact is None else fact.value.low


@pytest.mark.parametrize(("days", "found"), [(6, 19.0), (34, 19.0), (5, None), (35, None)])
def test_a_pth_counts_where_a_high_calcium_was_drawn_within_the_days_of_the_term(
    book: RuleBook, days: int, found: float | None
) -> None:
    assert paired(book, of_days_ago(CALCIUM, 10.7, "mg/dL", 20), of_days_ago(PTH, 19, "pg/mL", days)) == found


def test_a_pth_beside_a_normal_calcium_says_nothing_about_a_high_one(book: RuleBook) -> None:
    calcium = of_days_ago(CALCIUM, 10.7, "mg/dL", 5), of_days_ago(CALCIUM, 9.5, "mg/dL", 80)
    assert paired(book, *calcium, of_days_ago(PTH, 18, "pg/mL", 80)) is None


def test_a_pth_beside_an_older_high_calcium_counts(book: RuleBook) -> None:
    calcium = of_days_ago(CALCIUM, 10.7, "mg/dL", 5), of_days_ago(CALCIUM, 10.9, "mg/dL", 80)
    assert paired(book, *calcium, of_days_ago(PTH, 18, "pg/mL", 80)) == 18


def test_the_newest_of_those_beside_a_high_calcium_counts(book: RuleBook) -> None:
    calcium = of_days_ago(CALCIUM, 10.7, "mg/dL", 5), of_days_ago(CALCIUM, 10.9, "mg/dL", 80)
    results = [of_days_ago(PTH, value, "pg/mL", days) for value, days in ((18, 80), (40, 40), (70, 4))]
    assert paired(book, *calcium, *results[:2]) == 18
    assert paired(book, *calcium, *results) == 70


def test_a_calcium_is_high_by_the_limit_of_its_own_laboratory(book: RuleBook) -> None:
    own = {"referenceRange": [{"low": {"value": 8.6, "unit": "mg/dL"}, "high": {"value": 10.2, "unit": "mg/dL"}}]}
    pth = of_days_ago(PTH, 18, "pg/mL", 5)
    assert paired(book, of_days_ago(CALCIUM, 10.3, "mg/dL", 5), pth) is None
    assert paired(book, of_days_ago(CALCIUM, 10.3, "mg/dL", 5, **own), pth) == 18


def test_an_ionised_value_of_the_day_denies_a_high_total_to_a_pth(book: RuleBook) -> None:
    total, pth = of_days_ago(CALCIUM, 10.7, "mg/dL", 5), of_days_ago(PTH, 18, "pg/mL", 5)
    assert paired(book, total, of_days_ago(IONISED, 1.25, "mmol/L", 5), pth) is None
    assert paired(book, total, of_days_ago(IONISED, 1.40, "mmol/L", 5), pth) == 18
    assert paired(book, total, of_days_ago(IONISED, 1.25, "mmol/L", 7), pth) == 18


@pytest.mark.parametrize(("days", "found"), [(365, 18.0), (366, None)])
def test_a_pth_of_more_than_a_year_is_not_read(book: RuleBook, days: int, found: float | None) -> None:
    assert paired(book, of_days_ago(CALCIUM, 10.9, "mg/dL", days), of_days_ago(PTH, 18, "pg/mL", days)) == found


def of_measurement(book: RuleBook, name: str, *resources: Json) -> Fact | None:
    return chart(book, *resources).value(name)


@pytest.mark.parametrize("unit", ["mmol/L", "meq/L"])
def test_bicarbonate_is_read_for_30_days(book: RuleBook, unit: str) -> None:
    fact = of_measurement(book, "bicarbonate", of_days_ago(BICARBONATE, 27, unit, 30))
    assert fact is not None
    assert fact.value.low == 27
    assert of_measurement(book, "bicarbonate", of_days_ago(BICARBONATE, 27, unit, 31)) is None


@pytest.mark.parametrize(("stated", "limit"), [(28.0, 28.0), (26.0, 26.0), (25.0, 30.0), (33.0, 30.0), (None, 30.0)])
def test_the_limit_of_bicarbonate_is_that_of_the_laboratory_where_it_is_plausible(
    book: RuleBook, stated: float | None, limit: float
) -> None:
    more = {} if stated is None else {"referenceRange": [{"high": {"value": stated, "unit": "mmol/L"}}]}
    fact = of_measurement(book, "upper limit of bicarbonate", of_days_ago(BICARBONATE, 27, "mmol/L", 3, **more))
    assert fact is not None
    assert fact.value.low == limit


def test_1_25_dihydroxyvitamin_d_is_converted_and_has_no_limit_but_that_of_the_laboratory(book: RuleBook) -> None:
    name, limit = "1,25-(OH)2 vitamin D", "upper limit of 1,25-(OH)2 vitamin D"
    fact = of_measurement(book, name, of_days_ago(ACTIVE, 240, "pmol/L", 90))
    assert fact is not None
    assert fact.value.low == pytest.approx(100, abs=0.1)
    own = {"referenceRange": [{"high": {"value": 80, "unit": "pg/mL"}}]}
    assert of_measurement(book, limit, of_days_ago(ACTIVE, 92, "pg/mL", 3)) is None
    stated = of_measurement(book, limit, of_days_ago(ACTIVE, 92, "pg/mL", 3, **own))
    assert stated is not None
    assert stated.value.low == 80
    assert of_measurement(book, name, of_days_ago(ACTIVE, 92, "pg/mL", 91)) is None
    assert of_measurement(book, "25-OH vitamin D", of_days_ago(ACTIVE, 92, "pg/mL", 3)) is None


def on_record(book: RuleBook, name: str, *resources: Json) -> State:
    found = read(book, *resources)
    states = [item.state for item in (*found.courses.get(name, ()), *found.mentions.get(name, ()))]
    return max(states, default=ABSENT)


@pytest.mark.parametrize(
    ("text", "more", "state"),
    [
        ("calcitriol 0.25 mcg capsule", {}, PRESENT),
        ("calcitriol ointment", {}, ABSENT),
        ("calcitriol", {"dosage": [{"route": {"text": "topical"}}]}, ABSENT),
        ("paricalcitol", {"dosage": [{"route": {"text": "intravenous"}}]}, PRESENT),
        ("paricalcitol", {"dosage": [{"route": {"text": "by the usual way"}}]}, PRESENT),
        ("eldecalcitol", {}, PRESENT),
        ("エルデカルシトール", {}, PRESENT),
    ],
)
def test_active_vitamin_d_counts_unless_it_is_only_put_on_the_skin(
    book: RuleBook, text: str, more: Json, state: State
) -> None:
    assert on_record(book, "active vitamin D other than calcifediol", statement("", text=text, **more)) is state


def test_an_ordered_ointment_is_no_active_vitamin_d(book: RuleBook) -> None:
    assert (
        on_record(book, "active vitamin D other than calcifediol", request("", text="calcitriol 3 mcg/g ointment"))
        is ABSENT
    )


@pytest.mark.parametrize(("days", "state"), [(730, PRESENT), (731, ABSENT)])
def test_a_granulomatous_infection_is_forgotten_after_730_days(book: RuleBook, days: int, state: State) -> None:
    onset = {"onsetDateTime": str(AS_OF - timedelta(days=days))}
    assert on_record(book, "granulomatous infection", condition("ICD-10-CM A15.0", **onset)) is state
    assert on_record(book, "granulomatous disease", condition("ICD-10-CM D86.0", **onset)) is PRESENT
