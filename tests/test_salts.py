"""Every salt of the product file is read from text, several add up, and calcium at a medicine is no product."""

from __future__ import annotations

from typing import Any

import pytest
from people import AS_OF, CARBONATE_500, Json, concept, daily, dosage, quantity, read, request, resource, statement

from cds.facts.chart import chart_of
from cds.intake.record import Course
from cds.quantity import Interval, point
from cds.rulebook.model import RuleBook

INFINITE = float("inf")


def product(book: RuleBook, text: str) -> Course | None:
    """The product that a text names."""
    return next(iter(read(book, statement("", dosage(1), text=text)).products), None)


def amount(book: RuleBook, text: str) -> Interval | None:
    """The elemental calcium of one unit of what a text names; None where it names no calcium."""
    found = product(book, text)
    return found.amounts["calcium"][0] if found and "calcium" in found.holds else None


# --- every salt of the product file


@pytest.mark.parametrize(
    "form",
    ["calcium {} {:g} mg", "{1:g} mg calcium {0}", "Calcium {} {:g} MG Oral Tablet", "{} de calcium {:g} mg",
     "{} di calcio {:g} mg", "{} de calcio {:g} mg"],
)  # fmt: skip
def test_every_salt_of_the_product_file_is_read_from_text(book: RuleBook, form: str) -> None:
    assert len(book.products.salts) > 15
    for name, salt in book.products.salts.items():
        for strength in (300, *salt.strengths):
            whole = pytest.approx(strength * salt.fraction)
            found = product(book, form.format(name, strength))
            assert found is not None, name
            assert found.salt == name
            assert found.amounts["calcium"][0] == (whole, strength if strength == 300 else whole, False, False), name


@pytest.mark.parametrize("form", ["calcium (as {}) 500 mg", "calcium 500 mg (as {})", "calcium as calcium {} 500 mg"])
def test_every_salt_of_which_a_text_names_the_element_is_read(book: RuleBook, form: str) -> None:
    for name, salt in book.products.salts.items():
        for word in salt.words:
            found = product(book, form.format(word))
            assert found is not None, name
            assert (found.salt, found.amounts["calcium"][0]) == (name, point(500)), name


@pytest.mark.parametrize(
    ("text", "salt", "low", "high"),
    [
        ("calcium pidolate 500 mg", "pidolate", 67.5, 500), ("calcium glubionate 1.8 g", "glubionate", 118.8, 1800),
        ("calcium citrate malate 250 mg", "citrate malate", 59.25, 250),
        ("calcium citrate 950 mg", "citrate", 200.26, 200.26),
        ("dibasic calcium phosphate 500 mg", "dibasic phosphate", 147.3, 500),
        ("calcium phosphate, dibasic 500 mg", "dibasic phosphate", 147.3, 500),
        ("calcium phosphate tribasic 600 mg", "phosphate", 232.56, 600),
        ("tribasic calcium phosphate 600 mg", "phosphate", 232.56, 600),
        ("calcium glycerylphosphate 100 mg", "glycerophosphate", 19.07, 100),
        ("calcium lactate gluconate 500 mg", "gluconate, lactate", 46.5, 500),
        ("calcium carbonate and citrate 500 mg", "carbonate, citrate", 105.4, 500),
        ("calcium aspartate 500 mg", "unspecified", 33, 500),
        ("calcium (as pidolate) 135 mg", "pidolate", 135, 135), ("calcium 60 mg (as glubionate)", "glubionate", 60, 60),
        ("calcium pidolate", "pidolate", 0, INFINITE),
    ],
)  # fmt: skip
def test_the_name_of_a_salt_and_its_strength_are_an_interval(
    book: RuleBook, text: str, salt: str, low: float, high: float
) -> None:
    found = product(book, text)

    assert found is not None
    assert found.salt == salt
    assert found.amounts["calcium"][0] == pytest.approx(Interval(low, high))


# --- several salts in one product


@pytest.mark.parametrize(
    ("text", "salt", "low", "high"),
    [
        ("calcium carbonate 1250 mg and calcium citrate 950 mg", "carbonate, citrate", 700.76, 700.76),
        ("calcium carbonate 500 mg / calcium citrate 200 mg", "carbonate, citrate", 242.36, 700),
        ("500 mg calcium carbonate, 200 mg calcium citrate", "carbonate, citrate", 242.36, 700),
        ("calcium 300 mg (as carbonate) and calcium 200 mg (as citrate)", "carbonate, citrate", 500, 500),
        ("calcium carbonate 1250 mg with calcium citrate", "carbonate, citrate", 500.5, INFINITE),
        ("calcium carbonate tablet (calcium carbonate 1250 mg)", "carbonate", 500.5, 500.5),
        ("calcium carbonate 1250 mg (500 mg elemental calcium)", "carbonate", 500, 500),
    ],
)
def test_a_text_with_two_salts_adds_them(book: RuleBook, text: str, salt: str, low: float, high: float) -> None:
    found = product(book, text)

    assert found is not None
    assert found.salt == salt
    assert found.amounts["calcium"][0] == pytest.approx(Interval(low, high))


def ingredient(code: str, milligrams: float | None, unit: str = "mg", **more: Any) -> Json:
    strength = (
        {"strength": {"numerator": quantity(milligrams, unit), "denominator": {"value": 1}}} if milligrams else {}
    )
    return {
        "itemCodeableConcept": concept(code) if code.startswith("RxNorm") else concept(text=code),
        **strength,
        **more,
    }


def held(book: RuleBook, *ingredients: Json) -> Course:
    medication = resource("Medication", "med", ingredient=list(ingredients))
    taken = statement("", dosage(1), medicationCodeableConcept=None, medicationReference={"reference": "#med"},
                      contained=[medication])  # fmt: skip
    (found,) = read(book, taken).products
    return found


CARBONATE, CITRATE, D2, D3 = "RxNorm 1897", "RxNorm 47613", "RxNorm 4018", "RxNorm 2418"


@pytest.mark.parametrize("turned", [False, True])
def test_two_salts_in_one_list_of_ingredients_add_up(book: RuleBook, *, turned: bool) -> None:
    listed = [ingredient(CARBONATE, 1250), ingredient(CITRATE, 950)]
    found = held(book, *(reversed(listed) if turned else listed))

    assert found.amounts["calcium"][0] == pytest.approx(point(1250 * 0.4004 + 950 * 0.2108))
    assert found.salt == "carbonate, citrate"


def test_a_strength_of_each_of_two_salts_that_is_not_known_stays_an_interval(book: RuleBook) -> None:
    found = held(book, ingredient(CARBONATE, 600), ingredient(CITRATE, 200))

    assert found.amounts["calcium"][0] == pytest.approx(Interval(600 * 0.4004 + 200 * 0.2108, 800))


def test_two_forms_of_vitamin_d_in_one_list_add_up(book: RuleBook) -> None:
    found = held(book, ingredient(CARBONATE, 1250), ingredient(D2, 400, "[iU]"), ingredient(D3, 600, "[iU]"))

    assert found.amounts["vitamin D"][0] == point(1000)
    assert found.salt == "carbonate"


def test_an_ingredient_without_a_strength_leaves_the_sum_open(book: RuleBook) -> None:
    found = held(book, ingredient(CARBONATE, 1250), ingredient(CITRATE, None))

    assert found.amounts["calcium"][0] == pytest.approx(Interval(500.5, INFINITE))
    assert held(book, ingredient("calcium carbonate 1250 mg", None)).amounts["calcium"][0] == point(500.5)


def test_an_inactive_ingredient_does_not_count(book: RuleBook) -> None:
    filler = ingredient("RxNorm 47627", 200, isActive=False)

    assert held(book, ingredient(CARBONATE, 1250, isActive=True), filler).amounts["calcium"][0] == point(500.5)
    assert held(book, filler, ingredient(D3, 1000, "[iU]")).holds == ("vitamin D",)


def test_an_ingredient_may_be_a_contained_substance(book: RuleBook) -> None:
    substance = resource("Substance", "s", code=concept(CITRATE))
    strength = {"numerator": quantity(950, "mg"), "denominator": {"value": 1}}
    pointed = {"itemReference": {"reference": "#s"}, "strength": strength}
    named = {"itemReference": {"display": "calcium citrate"}, "strength": strength}
    for item, contained in ((pointed, [substance]), (named, None)):
        medication = resource("Medication", "med", ingredient=[ingredient(CARBONATE, 1250), item], contained=contained)
        taken = statement("", dosage(1), medicationCodeableConcept=None,
                          medicationReference={"reference": "Medication/med"})  # fmt: skip
        (found,) = read(book, taken, medication).products
        assert found.salt == "carbonate, citrate"


@pytest.mark.parametrize(
    ("substances", "term", "state"),
    [
        ((CARBONATE, CITRATE), "calcium carbonate salt", "present"), ((CITRATE,), "calcium carbonate salt", "absent"),
        ((CITRATE, "RxNorm 1895"), "calcium carbonate salt", "unknown"),
        ((CITRATE, "RxNorm 1919"), "calcium phosphate salt", "present"),
        ((CARBONATE, CITRATE), "calcium phosphate salt", "absent"),
    ],
)  # fmt: skip
def test_of_several_salts_one_is_enough(book: RuleBook, substances: tuple[str, ...], term: str, state: str) -> None:

    medication = resource("Medication", "med", ingredient=[ingredient(code, 500) for code in substances])
    order = request("", dosage(1), medicationCodeableConcept=None, medicationReference={"reference": "Medication/med"})

    assert chart_of(read(book, order, medication), book, AS_OF).state(term).word == state


def test_milligrams_of_a_product_of_two_salts_may_be_either_salt_or_the_element(book: RuleBook) -> None:
    assert daily(book, dosage(700, "mg"), code="", text="calcium carbonate and citrate") == pytest.approx(
        Interval(700 * 0.2108, 700)
    )


# --- codes that name no salt


@pytest.mark.parametrize("code", ["ATC A12AX", "ATC A12AA20", "ATC A12AA"])
@pytest.mark.parametrize(
    ("text", "salt"),
    [
        ("Calcimagon-D3 Kautabletten", "carbonate"),
        ("Calciumcarbonat 1250 mg", "carbonate"),
        ("Calcium citrate 950 mg", "citrate"),
        ("Calcium carbonate 300 mg and calcium lactate gluconate 2940 mg", "carbonate, gluconate, lactate"),
        ("Calcium 600 + D3", "unspecified"),
    ],
)
def test_the_salt_comes_from_the_text_where_the_code_names_none(
    book: RuleBook, code: str, text: str, salt: str
) -> None:
    (course,) = read(book, statement(code, dosage(1), text=text)).products
    assert course.salt == salt


def test_the_salt_of_a_code_is_not_changed_by_the_text(book: RuleBook) -> None:
    (course,) = read(book, statement("ATC A12AA04", dosage(1), text="Calcium citrate 950 mg")).products
    assert course.salt == "carbonate"


# --- calcium at the name of a medicine

NO_PRODUCT = [
    "Doxycycline calcium", "doxycycline calcium 50 mg/5 mL oral suspension", "doxycycline calcium tablet",
    "Vibramycin (doxycycline calcium) syrup 50 mg", "doxycycline (as calcium) 100 mg",
    "doxycycline as calcium 100 mg", "atorvastatin calcium 20 mg", "rosuvastatin calcium 10 mg tablet",
    "pitavastatin calcium 2 mg", "10 mg calcium atorvastatin", "fenoprofen calcium 600 mg", "calcium folinate 15 mg",
    "leucovorin calcium 25 mg tablet", "levomefolate calcium 1 mg", "calcium levofolinate 50 mg",
    "calcium dobesilate 500 mg", "500 mg calcium dobesilate", "acamprosate calcium 333 mg",
    "calcium pantothenate 100 mg", "D-pantothenate calcium 50 mg", "calcium carbimide 50 mg",
    "50 mg calcium carbimide", "calcium polystyrene sulfonate 15 g", "docusate calcium 240 mg",
    "nadroparin calcium 0.3 mL", "heparin calcium", "mitiglinide calcium 10 mg", "novobiocin calcium 250 mg",
    "oxytetracycline calcium 250 mg", "fosfomycin calcium 500 mg", "ipodate calcium 3 g",
    "calcium polycarbophil 625 mg", "edetate calcium disodium", "saccharin calcium", "calcium score 120",
    "calcium channel blocker 5 mg", "carbasalate calcium 100 mg", "calcium, magnesium, potassium and sodium oxybates",
]  # fmt: skip
PRODUCTS = [
    "Caltrate calcium 600 mg", "Citracal calcium 250 mg", "oyster shell calcium 500 mg", "coral calcium 1000 mg",
    "liquid calcium 600 mg", "Nature Made calcium 600 mg", "chewable calcium 500 mg", "calcium 600 mg", "Calcium",
    "calcium supplement", "calcium tablet", "Solgar calcium 600 mg", "Kirkland calcium citrate 500 mg",
    "calcium + D3", "vitamin D calcium 500 mg", "magnesium calcium 500 mg", "GNC calcium plus D 600 mg",
    "elemental calcium 500 mg", "calcium carbonate 1250 mg", "Viactiv calcium chew", "chocolate calcium chews",
    "Women's calcium 500 mg", "Os-Cal calcium 500 mg", "500 mg of calcium", "effervescent calcium 1 g",
    "calcium gummies 250 mg calcium", "risedronate calcium carbonate 1250 mg", "alendronate, calcium 500 mg",
    "calcium carbonate 600 mg with docusate 100 mg", "calcium citrate 950 mg + calcium pantothenate 10 mg",
    "plant calcium 300 mg", "calcium 500 mg, vitamin B12",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_PRODUCT)
def test_calcium_at_the_name_of_a_medicine_is_no_calcium_product(book: RuleBook, text: str) -> None:
    assert amount(book, text) is None


@pytest.mark.parametrize("text", PRODUCTS)
def test_calcium_that_is_a_product_is_one(book: RuleBook, text: str) -> None:
    assert amount(book, text) is not None


def test_a_medicine_with_calcium_as_its_salt_still_counts_for_its_own_class(book: RuleBook) -> None:
    record = read(book, statement(CARBONATE_500, dosage(1)), statement("", dosage(1), text="doxycycline calcium 50 mg",
                                                                        identity="doxy"))  # fmt: skip

    assert [p.source for p in record.products] == ["MedicationStatement/m"]
    assert [c.source for c in record.courses["tetracycline"]] == ["MedicationStatement/doxy"]
