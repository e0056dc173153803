"""What products hold: labels, salts, ingredients and words, with what is not clear kept as an interval."""

from __future__ import annotations

import pytest
from people import Json, concept, condition, daily, dosage, quantity, read, statement

from cds.quantity import Interval, point
from cds.rulebook.model import RuleBook

INFINITE = float("inf")


def test_a_mass_of_calcium_is_the_salt_or_the_element_as_the_label_says(book: RuleBook) -> None:
    assert daily(book, dosage(1250, "mg")) == point(500)
    assert daily(book, dosage(500, "mg")) == point(500)
    assert daily(book, dosage(1, "g")) == Interval(400, 1000)
    assert daily(book, dosage(600, "mg"), code="", text="Calcium 600 mg") == point(600)


def test_vitamin_d_by_mass_and_by_units_is_the_same(book: RuleBook) -> None:
    by_units, by_mass = (
        daily(book, dosage(amount, unit), code="RxNorm 2418", nutrient="vitamin D")
        for amount, unit in ((1000, "[iU]"), (25, "ug"))
    )
    assert by_units == by_mass == point(1000)


def of_ingredient(book: RuleBook, strength: Json, substance: str = "RxNorm 1897", dose: Json | None = None) -> Interval:
    """The calcium a day of a contained Medication with a coded ingredient."""
    medication = {"resourceType": "Medication", "id": "med", "ingredient": [
        {"itemCodeableConcept": concept(substance), "strength": strength}]}  # fmt: skip
    parts: Json = {"medicationCodeableConcept": None, "medicationReference": {"reference": "#med"}}
    return daily(book, dose or dosage(2), contained=[medication], **parts)


def test_the_strength_of_an_ingredient_is_its_numerator_over_its_denominator(book: RuleBook) -> None:
    tablet = {"value": 1, "unit": "tablet"}
    assert of_ingredient(book, {"numerator": quantity(1250, "mg"), "denominator": tablet}) == pytest.approx(
        point(2 * 1250 * 0.4004)
    )
    two = {"value": 2, "unit": "tablet"}
    assert of_ingredient(book, {"numerator": quantity(1.25, "g"), "denominator": two}) == pytest.approx(
        Interval(2 * 625 * 0.4004, 2 * 625)
    )


def test_an_ingredient_without_a_strength_has_no_known_amount(book: RuleBook) -> None:
    assert of_ingredient(book, {}).high == INFINITE
    assert of_ingredient(book, {"numerator": {"value": 5}}).high == INFINITE


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Calcium 600 mg", 600, 600),
        ("calcium carbonate 1,250 mg tablet", 500.5, 500.5),
        ("calcium carbonate 1250 mg (500 mg elemental calcium)", 500, 500),
        ("Calcium 1.25 g", 500.5, 1250),
        ("calcium carbonate 600 mg", 240.24, 600),
        ("Caltrate 600", 600, 600),
        ("TUMS extra", 300, 300),
        ("Calcium + D", 0, INFINITE),
    ],
)
def test_a_text_says_an_amount_or_an_interval(book: RuleBook, text: str, low: float, high: float) -> None:
    assert daily(book, dosage(1), code="", text=text) == Interval(low, high)


@pytest.mark.parametrize(
    "text",
    [
        "amlodipine, a calcium channel blocker",
        "atorvastatin calcium 20 mg",
        "Vitamin B12",
        "calcium gel",
        "ranelate",
        "",
    ],
)
def test_a_text_that_only_looks_like_a_product_is_none(book: RuleBook, text: str) -> None:
    assert read(book, statement("", dosage(1), text=text)).products == []


@pytest.mark.parametrize(
    ("code", "text", "dose", "nutrient", "amount"),
    [
        ("", "Calcium 600 mg + vitamin D 400 IU", 600, "vitamin D", 400),
        ("RxNorm 428485", "", 600, "vitamin D", 400),
        ("RxNorm 1244925", "", 500, "vitamin K", 40),
        ("RxNorm 1245383", "", 119, "magnesium", 71.5),
        ("RxNorm 308889", "", 3000, "vitamin D", 250),
    ],
)
def test_a_mass_of_a_combination_is_a_number_of_its_tablets(
    book: RuleBook, code: str, text: str, dose: float, nutrient: str, amount: float
) -> None:
    found = daily(book, dosage(dose, "mg"), code=code, text=text, nutrient=nutrient)
    assert found.low <= amount <= found.high <= 3 * amount


@pytest.mark.parametrize("text", ["Tums-Ultra", "Caltrate 600 mg + vitamin D, units not stated"])
def test_hyphens_and_commas_do_not_hide_a_product(book: RuleBook, text: str) -> None:
    assert daily(book, dosage(1), code="", text=text).high >= 400


def test_a_point_before_three_digits_may_be_thousands(book: RuleBook) -> None:
    assert daily(book, dosage(1), code="", text="vitamin D3 1.000 IU", nutrient="vitamin D").high >= 1000


def test_a_dose_in_a_unit_that_is_not_understood_is_reported(book: RuleBook) -> None:
    record = read(book, statement("RxNorm 282465", dosage(1, "Schwapp")))
    assert record.products[0].amounts["calcium"][0].high == INFINITE
    assert "dosage-unclear" in {issue.code for issue in record.issues}


@pytest.mark.parametrize("text", ["lisinopril-hydrochlorothiazide 20-12.5 mg tablet", "hydrochlorothiazide-lisinopril"])
def test_a_medicine_is_found_in_a_combination_with_a_hyphen(book: RuleBook, text: str) -> None:
    assert "thiazide" in read(book, statement("", dosage(1), text=text)).courses


def test_a_medicine_is_found_in_a_combination_with_a_slash(book: RuleBook) -> None:
    assert "thiazide" in read(book, statement("", dosage(1), text="lisinopril/hydrochlorothiazide 20 mg")).courses


def test_a_condition_is_found_by_its_words_with_a_hyphen(book: RuleBook) -> None:
    assert "calciphylaxis" in read(book, condition(text="Calcific-uremic arteriolopathy of the leg")).mentions
