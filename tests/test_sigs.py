"""Directions in words mean what the structure of a Dosage says, in each language, and never less."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from people import AS_OF, CARBONATE_500, MANY, SOME, Json, codes_of, daily, dosage, quantity, read, request, statement

from cds.intake.medicines.dosages.dosage import schedules
from cds.intake.sigs.dose import quantity as dose_of
from cds.intake.sigs.dose_units import unit_meant
from cds.intake.sigs.language import phrases_of
from cds.intake.sigs.reading import said_in
from cds.intake.sigs.tables import LANGUAGES
from cds.quantity import Interval, point
from cds.rulebook.model import RuleBook

DOSES = ("0.5", "1", "2", "3", "1-2")
TIMES = (1, 2, 3, 4)
RENDERED = {
    "English": "take {n} tablets by mouth {k} times a day with meals",
    "English, Epic": "Take {n} tablets by mouth {k} times daily.",
    "English, short": "{n} tab PO {k}x/day",
    "German": "{n} Tabl. {k}x täglich zu den Mahlzeiten",
    "German, behind": "{k}x tgl. {n} Tbl.",
    "French": "{n} comprimé {k} fois par jour pendant les repas",
    "French, short": "{n} cp x {k}/j",
    "Italian": "{n} compresse {k} volte al giorno ai pasti",
    "Spanish": "{n} comprimidos {k} veces al día",
    "Portuguese": "tomar {n} comprimidos {k} vezes ao dia",
    "Dutch": "{k} x per dag {n} tablet bij de maaltijd",
    "Dutch, short": "{k}dd {n} tabl",
    "Danish": "{n} tabletter {k} gange daglig",
    "Norwegian": "{n} tabletter {k} ganger daglig",
    "Swedish": "{n} tabletter {k} gånger dagligen",
    "Finnish": "{n} tablettia {k} kertaa päivässä",
    "Polish": "{n} tabletki {k} razy dziennie",
    "Czech": "{n} tbl {k}x denně po jídle",
    "Chinese": "每次{n}片，每日{k}次，饭后口服",
    "Japanese": "1回{n}錠 1日{k}回 毎食後",
    "Korean": "1회 {n}정 1일 {k}회",
}
EVERY = {
    "English": "{n} tablet every {h} hours",
    "Latin": "{n} tab q{h}h",
    "German": "{n} Tabl. alle {h} Std.",
    "French": "{n} cp toutes les {h} heures",
    "Italian": "{n} cpr ogni {h} ore",
    "Spanish": "{n} comp cada {h} horas",
    "Portuguese": "{n} cp a cada {h} horas",
    "Dutch": "{n} tablet om de {h} uur",
    "Danish": "{n} tablet hver {h}. time",
    "Swedish": "{n} tablett var {h} timme",
    "Finnish": "{n} tabletti {h} tunnin välein",
    "Polish": "{n} tabl. co {h} godzin",
    "Czech": "{n} tbl každých {h} hodin",
    "Chinese": "每次{n}片，每{h}小时1次",
    "Japanese": "1回{n}錠 {h}時間毎",
}


def structured(dose: str, often: int) -> Json:
    low, _, high = dose.partition("-")
    amount = {"doseRange": {"low": quantity(float(low), "{tablet}"), "high": quantity(float(high or low), "{tablet}")}}
    return dosage(None, frequency=often, doseAndRate=[amount])


def of_a_day(item: Json) -> tuple[Interval, Interval]:
    (schedule,) = schedules([item])
    assert schedule.dose is not None
    assert schedule.per_day is not None
    assert schedule.dose.unit == ""
    assert schedule.others == ()
    return schedule.dose.number, schedule.per_day


@pytest.mark.parametrize(("name", "dose", "often"), list(product(RENDERED, DOSES, TIMES)))
def test_words_say_what_the_structure_says(name: str, dose: str, often: int) -> None:
    if name == "Japanese" and often != 3:
        pytest.skip("after every meal is three times")
    text = RENDERED[name].format(n=dose, k=often)
    assert of_a_day({"text": text}) == of_a_day(structured(dose, often)), text


@pytest.mark.parametrize(("name", "dose", "hours"), list(product(EVERY, DOSES, (4, 6, 8, 12, 24))))
def test_so_many_hours_are_a_frequency(name: str, dose: str, hours: int) -> None:
    text = EVERY[name].format(n=dose, h=hours)
    number, often = of_a_day({"text": text})
    assert number == of_a_day(structured(dose, 1))[0], text
    assert often == pytest.approx(point(24 / hours)), text


@given(st.lists(st.sampled_from([0, 0.5, 1, 1.5, 2, 3]), min_size=3, max_size=4), st.sampled_from(["-", " - ", "+"]))
@SOME
def test_a_scheme_is_the_sum_of_the_parts_of_a_day(parts: list[float], sign: str) -> None:
    plan = schedules([{"text": sign.join(f"{part:g}" for part in parts)}])
    assert sum(s.dose.number.across(s.per_day).low for s in plan if s.dose and s.per_day) == pytest.approx(sum(parts))


@given(st.text(max_size=60) | st.text(alphabet="0123456789 -/.,x()tabledy日回錠", max_size=40))
@example("❶ tablet")
@MANY
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert schedules([{"text": text}])
    said = said_in(text)
    assert all(part.dose is None or part.dose.number.low <= part.dose.number.high for part in said.parts)


WHOLE = "take 2 tablets by mouth twice daily"


@pytest.mark.parametrize(
    "more", ["except 7 of them", "per 9 kg", "5 mg/kg", "12 drops 3", "on 17 or 18", "(3 or 4", "1-2-3-4-5", "40%"]
)
def test_a_number_that_is_not_understood_is_never_passed_over(book: RuleBook, more: str) -> None:
    amount = daily(book, {"text": f"{WHOLE} {more}"})
    assert amount.high == float("inf") or amount == Interval(2000, 2000) or amount.low == 0, more
    assert amount.high >= 2000


# --- structure and words


def test_the_structure_counts_before_words_that_say_the_same(book: RuleBook) -> None:
    record = read(book, statement(CARBONATE_500, dosage(2, frequency=2, text="2 tabs BID")))
    assert record.products[0].amounts["calcium"][0] == point(2000)
    assert codes_of(record) == set()


def test_where_structure_and_words_contradict_each_other_either_may_be_meant(book: RuleBook) -> None:
    record = read(book, statement(CARBONATE_500, dosage(2, "capsule", frequency=1, text="1 tablet 1 time daily")))
    assert record.products[0].amounts["calcium"][0] == Interval(500, 1000)
    assert {"dosage-contradictory", "dosage-unclear"} <= codes_of(record)


@pytest.mark.parametrize("text", ["500 mg (1 tablet) twice daily", "1 tablet (1250 mg) twice daily", "twice daily"])
def test_words_about_the_strength_contradict_nothing(book: RuleBook, text: str) -> None:
    assert daily(book, dosage(1, frequency=2, text=text)) == point(1000)


def test_words_fill_what_the_structure_leaves_out(book: RuleBook) -> None:
    assert daily(book, dosage(2, frequency=None, text="three times a day")) == point(3000)
    assert daily(book, dosage(None, frequency=2, text="take 3 tablets")) == point(3000)
    assert daily(book, dosage(None, frequency=2, patientInstruction="3 tablets with food")) == point(3000)
    assert daily(book, {"text": "2 tablets", "additionalInstruction": [{"text": "twice daily"}]}) == point(2000)


def test_as_needed_in_words_is_from_none(book: RuleBook) -> None:
    assert daily(book, dosage(1, frequency=4, text="1 tablet 4 times a day as needed")) == Interval(0, 2000)


@pytest.mark.parametrize("text", ["STOP", "do not take", "nicht mehr einnehmen", "on hold until further notice"])
def test_words_that_stop_a_medicine_leave_open_whether_it_is_taken(book: RuleBook, text: str) -> None:
    for item in ({"text": text}, dosage(1, frequency=2, text=text), dosage(1, frequency=2, patientInstruction=text)):
        record = read(book, statement(CARBONATE_500, item))
        assert record.products[0].state.word == "unknown"
        assert "said-to-stop" in codes_of(record)


def test_a_dosage_that_is_a_text_alone_is_read(book: RuleBook) -> None:
    (found,) = read(book, {**statement(CARBONATE_500), "dosage": "1 tab BID"}).products
    (listed,) = read(book, {**statement(CARBONATE_500), "dosage": ["1 tab BID"]}).products
    assert found.amounts == listed.amounts
    assert found.amounts["calcium"][0] == point(1000)


def test_words_of_a_timing_code_are_read(book: RuleBook) -> None:
    code = {"coding": [{"code": "1013044400000000", "display": "１日３回朝昼夕食後　服用"}]}
    assert daily(book, {**dosage(1, frequency=None), "timing": {"code": code}}) == point(1500)
    assert daily(book, {**dosage(1, frequency=None), "timing": {"code": {"text": "TWICE A DAY"}}}) == point(1000)


# --- several elements


def test_the_same_element_twice_counts_from_one_to_both(book: RuleBook) -> None:
    assert daily(book, dosage(1, frequency=2), {"text": "1 tablet twice daily"}) == Interval(1000, 2000)
    assert daily(book, {"text": "1 tablet in the morning"}, {"text": "1 tablet at night"}) == point(1000)


def test_an_element_that_only_says_how_adds_nothing(book: RuleBook) -> None:
    assert daily(book, dosage(1, frequency=2), {"text": "swallow with water"}) == point(1000)


# --- units


@pytest.mark.parametrize(
    "unit",
    "tab(s) tablet(s) caplet chew gummy softgel Tablette Tabletten Tbl. Kautablette Brausetablette comprimé "
    "comprimé(s) cp "
    "compressa compresse cpr comprimido(s) tablett tabletti tabl. kpl stk Stück 片 粒 袋 包 錠 カプセル sachet "
    "Beutel pkt {tbl} "
    "{tab} TAB 알 stuk zakje bustina saqueta tobolka kapsułka".split(),
)  # fmt: skip
def test_names_of_dose_forms_are_units_of_what_is_counted(unit: str) -> None:
    assert dose_of({"value": 2, "unit": unit}) == dose_of({"value": 2, "unit": "tablet"})


@pytest.mark.parametrize(
    ("unit", "meant"),
    [("MG", "mg"), ("milligram", "mg"), ("MCG", "ug"), ("µg", "ug"), ("μg", "ug"), ("I.E.", "[iu]"), ("UNT", "[iu]"),
     ("U", "[iu]"), ("GM", "g"), ("毫克", "mg"), ("mL", "ml"), ("millilitre", "ml")],
)  # fmt: skip
def test_names_of_masses_and_volumes_are_read(unit: str, meant: str) -> None:
    assert unit_meant(unit) == meant


def test_a_spoon_is_so_many_millilitres() -> None:
    teaspoon, tablespoon = dose_of({"value": 2, "unit": "teaspoon"}), dose_of({"value": 1, "unit": "Esslöffel"})
    assert (teaspoon, tablespoon) == (dose_of({"value": 10, "unit": "mL"}), dose_of({"value": 15, "unit": "mL"}))


@pytest.mark.parametrize("code", ["428673006", "732936001", "385055001", "15054000"])
def test_codes_of_tablets_are_counted_also_without_a_text(code: str) -> None:
    assert dose_of({"value": 2, "code": code}) == dose_of({"value": 2, "unit": "Tablet - unit of product usage"})


def test_a_unit_whose_code_and_text_contradict_each_other_is_not_known() -> None:
    for value in ({"unit": "mg", "code": "TAB"}, {"unit": "tablet", "code": "mg"}, {"unit": "mg", "code": "g"}):
        found = dose_of({"value": 2, **value})
        assert found is not None
        assert found.unit == "?"


def test_numbers_that_were_written_as_text_are_read_and_said(book: RuleBook) -> None:
    dose = {"doseAndRate": [{"doseQuantity": {"value": "1,5", "unit": "tablet"}}]}
    record = read(book, statement(CARBONATE_500, {**dosage(None, frequency=2), **dose}))
    assert record.products[0].amounts["calcium"][0] == point(1500)
    assert "number-as-text" in codes_of(record)


def test_a_rate_is_no_usual_dose(book: RuleBook) -> None:
    rate = {"doseAndRate": [{"rateQuantity": {"value": 2, "unit": "mL/h"}}]}
    assert daily(book, {**dosage(None), **rate}).high == float("inf")


def test_a_dose_with_a_comparator_is_a_range(book: RuleBook) -> None:
    less = {"doseAndRate": [{"doseQuantity": {**quantity(2, "{tablet}"), "comparator": "<="}}]}
    assert daily(book, {**dosage(None), **less}) == Interval(0, 1000)


# --- orders


@pytest.mark.parametrize(
    ("supply", "state"),
    [
        ({"validityPeriod": {"end": "2024-12-31"}}, "unknown"),
        ({"validityPeriod": {"end": "2025-02-01"}}, "present"),
        ({"expectedSupplyDuration": quantity(90, "d")}, "unknown"),
        ({"expectedSupplyDuration": quantity(90, "d"), "numberOfRepeatsAllowed": 30}, "present"),
        ({"numberOfRepeatsAllowed": 3}, "present"),
        ({"validityPeriod": {"end": "soon"}}, "present"),
    ],
)
def test_an_order_whose_supply_ended_long_ago_is_not_certain_to_be_taken(
    book: RuleBook, supply: Json, state: str
) -> None:
    record = read(book, request(CARBONATE_500, dosage(1), authoredOn="2020-01-15", dispenseRequest=supply))
    assert record.products[0].state.word == state
    assert ("order-long-past" in codes_of(record)) == (state == "unknown")
    assert AS_OF.year == 2026


# --- the tables


@pytest.mark.parametrize("language", LANGUAGES, ids=[language.name for language in LANGUAGES])
def test_a_word_has_one_meaning_in_a_language(language: object) -> None:
    table = next(known.table for known in LANGUAGES if known is language)
    kinds = {kind: set(phrases_of(kind, table)) for kind in table}
    doubled = [(a, b, kinds[a] & kinds[b]) for a in kinds for b in kinds if a < b and kinds[a] & kinds[b]]
    assert doubled == []


def test_each_language_has_the_words_that_a_reading_needs() -> None:
    for language in LANGUAGES:
        assert {"form", "number", "period", "stop", "needed", "hour"} <= language.table.keys(), language.name
