"""What one part of a medicine is never makes the rest known: texts, ingredients and combination codes."""

from __future__ import annotations

import pytest
from people import (
    AS_OF,
    CARBONATE_500,
    Json,
    bundle,
    codes_of,
    concept,
    condition,
    dosage,
    observation,
    patient,
    quantity,
    read,
    request,
    resource,
    statement,
)

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.quantity import Interval
from cds.result import result_of
from cds.rulebook.model import RuleBook

INFINITE = float("inf")
OPEN = (0, INFINITE)


def of_text(book: RuleBook, text: str, code: str = "") -> Record:
    return read(book, statement(code, dosage(1), text=text))


def held(record: Record) -> dict[str, tuple[float, float]]:
    """The amount a day of each nutrient of the one product."""
    (product,) = record.products
    return {nutrient: (daily.low, daily.high) for nutrient, (daily, _) in product.amounts.items()}


def names_of(record: Record) -> list[str]:
    return [item.name for item in record.unrecognised]


WITH_CALCIUM = {
    "Calcium & Vitamin D3 500mg/800IU chewable": {"calcium": (500, 500), "vitamin D": (800, 800)},
    "Vitamin D3/calcium 400IU/600mg": {"calcium": (600, 600), "vitamin D": (400, 400)},
    "Calciumcarbonat 1250 mg/Colecalciferol 800 IE": {"calcium": (500.5, 500.5), "vitamin D": (800, 800)},
    "Carbonato de calcio 500 mg colecalciferol 400 UI": {"calcium": (200.2, 500), "vitamin D": (400, 400)},
    "Calcium, Vitamin D3 and K2": {"calcium": OPEN, "vitamin D": OPEN, "vitamin K": OPEN},
    "Calcium 500/Vitamin D 400": {"calcium": OPEN, "vitamin D": OPEN},
    "Calcium Vit D3": {"calcium": OPEN, "vitamin D": OPEN},
    "Vit D/Calcium": {"calcium": OPEN, "vitamin D": OPEN},
    "Calcium Magnesium citrate": {"calcium": OPEN, "magnesium": OPEN},
    "Calcium plus Vitamin K2": {"calcium": OPEN, "vitamin K": OPEN},
    "Prednisolone 5 mg with calcium": {"calcium": OPEN, "glucocorticoid": (5, 5)},
    "Calcium 500": {"calcium": (200.2, 500)},
    "CaCO3 500mg / vitamin D3 800 IU": {"calcium": (200.2, 500), "vitamin D": (800, 800)},
    "Ca/Vit D3": {"calcium": OPEN, "vitamin D": OPEN},
    "Calcium 600 mg + D3 800 IU": {"calcium": (600, 600), "vitamin D": (800, 800)},
    "Caltrate 600+D3": {"calcium": (600, 600), "vitamin D": (200, 800)},
    "Calcium Magnesium Zinc": {"calcium": OPEN, "magnesium": OPEN},
    "Calcium 500 mg / Magnesium 250 mg": {"calcium": (500, 500), "magnesium": OPEN},
    "Multivitamin with calcium": {"calcium": OPEN},
    "Adcal-D3": {"calcium": (600, 600), "vitamin D": (400, 400)},
    "Calcichew D3 Forte": {"calcium": (500, 500), "vitamin D": (400, 400)},
    "Calcium-Vitamin D 500-200 mg-unit": {"calcium": (500, 500), "vitamin D": (200, 200)},
}


@pytest.mark.parametrize("text", WITH_CALCIUM)
def test_calcium_beside_another_nutrient_counts_with_an_amount_only_where_it_is_its_own(
    book: RuleBook, text: str
) -> None:
    assert held(of_text(book, text)) == WITH_CALCIUM[text]


@pytest.mark.parametrize("text", ["alendronate 70 mg + calcium", "Calcium + alendronate 70 mg"])
def test_a_bisphosphonate_with_calcium_is_both(book: RuleBook, text: str) -> None:
    record = of_text(book, text)
    assert held(record) == {"calcium": OPEN}
    assert "oral bisphosphonate" in record.courses
    assert "dosage-unclear" in codes_of(record)


@pytest.mark.parametrize(
    "text",
    [
        "levothyroxine foobar calcium",
        "atorvastatin 10 mg, calcium",
        "levothyroxine 50 mcg (do not take with calcium)",
        "warfarin; calcium xylosan",
        "warfarin / Calcixylo",
    ],
)
def test_calcium_that_may_be_a_salt_or_advice_leaves_the_medicine_not_recognised_in_part(
    book: RuleBook, text: str
) -> None:
    record = of_text(book, text)
    assert record.courses
    assert record.products == []
    assert names_of(record) == [text]
    (issue,) = [issue for issue in record.issues if issue.code == "medicine-not-understood"]
    assert issue.text == "1 of 1 medicines was not understood"


@pytest.mark.parametrize(
    "text",
    [
        "atorvastatin calcium 20 mg",
        "Rosuvastatin Ca 10 mg",
        "esomeprazole magnesium 20 mg",
        "calcitriol 0.25 mcg",
        "cinacalcet for calciphylaxis",
        "doxycycline (as calcium) 100 mg",
        "levothyroxine, calcium-free",
        "levothyroxine without calcium",
        "amlodipine, a calcium channel blocker + levothyroxine",
        "warfarin and calcium folinate",
    ],
)
def test_calcium_that_is_known_to_be_none_is_no_open_part(book: RuleBook, text: str) -> None:
    record = of_text(book, text)
    assert record.courses
    assert (record.products, names_of(record)) == ([], [])


@pytest.mark.parametrize("text", ["heparin, calcium", "calcium, magnesium, potassium and sodium oxybates"])
def test_calcium_in_a_list_with_a_medicine_may_be_its_salt(book: RuleBook, text: str) -> None:
    assert of_text(book, text).products == []


COMBINED = {
    "ATC M05BB01": {"calcium"},
    "ATC M05BB02": {"calcium"},
    "ATC M05BB03": {"vitamin D"},
    "ATC M05BB04": {"calcium", "vitamin D"},
    "ATC M05BB05": {"calcium", "vitamin D"},
    "ATC M05BB07": {"vitamin D"},
    "ATC M05BB08": {"calcium", "vitamin D"},
    "ATC M05BB09": {"vitamin D"},
    "ATC M05BX53": {"vitamin D"},
    "ATC A11AA02": {"calcium"},
}


@pytest.mark.parametrize("code", COMBINED)
def test_a_combination_code_counts_for_what_it_combines(book: RuleBook, code: str) -> None:
    record = of_text(book, "", code)
    assert held(record) == dict.fromkeys(COMBINED[code], OPEN)
    assert ("osteoporosis drug" in record.courses) is code.startswith("ATC M05BB")


def of_parts(book: RuleBook, *ingredients: Json, code: str = "", text: str = "", dose: Json | None = None) -> Record:
    medication = resource("Medication", "med", code=concept(code, text) or None, ingredient=list(ingredients))
    pointing = {"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/med"}}
    return read(book, request("", dose or dosage(1), **pointing), medication)


def part(text: str, amount: float, unit: str, per: Json | None = None) -> Json:
    strength = {"numerator": quantity(amount, unit), "denominator": per or {"value": 1}}
    return {"itemCodeableConcept": concept(text=text), "strength": strength}


def test_an_ingredient_with_a_name_of_another_language_counts_with_its_strength(book: RuleBook) -> None:
    record = of_parts(book, part("Calciumcarbonat", 1250, "mg"), part("Vitamina D3", 800, "[iU]"))
    assert held(record) == {"calcium": (500.5, 500.5), "vitamin D": (800, 800)}


def test_an_ingredient_that_is_not_understood_is_named_beside_those_that_are(book: RuleBook) -> None:
    record = of_parts(book, part("calcium carbonate", 1250, "mg"), part("Filochinon", 45, "ug"))
    assert held(record) == {"calcium": (500.5, 500.5)}
    assert names_of(record) == ["Filochinon"]
    assert "medicine-not-understood" in codes_of(record)


def test_a_coded_ingredient_does_not_hide_the_name_of_another_one(book: RuleBook) -> None:
    coded = {"itemCodeableConcept": concept("RxNorm 46041")}
    assert {"oral bisphosphonate", "tetracycline"} <= of_parts(book, coded, part("doxycycline", 1, "mg")).courses.keys()


def test_an_inactive_ingredient_is_not_missed(book: RuleBook) -> None:
    record = of_parts(book, part("calcium carbonate", 1250, "mg"), {**part("lactose", 9, "mg"), "isActive": False})
    assert names_of(record) == []


def test_the_ingredient_of_a_later_release_counts_beside_the_code_of_the_medication(book: RuleBook) -> None:
    later = {
        "item": {"concept": concept(text="calcium carbonate")},
        "strengthRatio": {"numerator": quantity(1250, "mg"), "denominator": {"value": 1}},
    }
    assert held(of_parts(book, later, text="Vitamin D3 800 IU")) == {"calcium": (500.5, 500.5), "vitamin D": (800, 800)}


def test_a_substance_code_takes_the_other_nutrients_from_the_text(book: RuleBook) -> None:
    record = of_text(book, "Calcium carbonate 1250 mg / colecalciferol 800 IU", "ATC A11CC05")
    assert held(record) == {"calcium": (500.5, 500.5), "vitamin D": (800, 800)}
    assert record.products[0].salt == "carbonate"


def test_calcium_in_the_text_of_a_product_whose_code_holds_none_is_said(book: RuleBook) -> None:
    record = of_text(book, "Vitamin D3 with calcium", "RxNorm 245500")
    assert held(record) == {"vitamin D": (1000, 1000)}
    assert names_of(record) == ["Vitamin D3 with calcium"]


@pytest.mark.parametrize("listed", ["calcium carbonate 1250 mg", ["calcium carbonate 1250 mg"]])
def test_an_ingredient_of_odd_shape_is_read_by_its_name(book: RuleBook, listed: object) -> None:
    medication = resource("Medication", "med", code=concept(text="Vitamin D3 800 IU"), ingredient=listed)
    pointing = {"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/med"}}
    record = read(book, request("", dosage(1), **pointing), medication)
    assert held(record) == {"calcium": (500.5, 500.5), "vitamin D": (800, 800)}


def test_the_card_that_goes_on_names_the_part_that_was_not_understood(book: RuleBook) -> None:
    usual = (
        observation("LOINC 17861-6", 9.4, "mg/dL", identity="ca"),
        observation("LOINC 1751-7", 4.2, "g/dL", identity="a"),
        observation("LOINC 2160-0", 0.8, "mg/dL", identity="crea"),
        condition("ICD-10-CM M81.0"),
        statement(CARBONATE_500, dosage(1)),
    )
    parted = statement("", dosage(1), text="warfarin; calcium xylosan", identity="part")
    record = read_record(bundle(patient(), *usual, parted), book, AS_OF)
    details = [card["detail"] for card in result_of(evaluate(record, book, AS_OF))["cards"]]
    assert any("warfarin; calcium xylosan" in detail for detail in details)


# --- one amount is never that of another part


@pytest.mark.parametrize(
    ("text", "calcium", "vitamin_d"),
    [
        ("Calcium carbonate & Vitamin D3 500mg/800IU", (200.2, 500), (800, 800)),
        ("calcium carbonate-vitamin D3 600 mg(1,500mg) -400 unit per tablet", (600, 600), (400, 400)),
        ("Calcium and vitamin D3 20mcg/600mg", (600, 600), (800, 800)),
        ("Calcium and vitamin D3 20mcg/10mcg/600mg", (600, 600), OPEN),
        ("Calcium + vitamin D3 600 mg/25 mg", OPEN, OPEN),
        ("Calcium 600 mg + vitamin D3 20 mcg/800 IU", (600, 600), (800, 800)),
    ],
)
def test_a_mass_in_a_list_of_amounts_is_given_to_no_part_by_its_place(
    book: RuleBook, text: str, calcium: tuple[float, float], vitamin_d: tuple[float, float]
) -> None:
    assert held(of_text(book, text)) == {"calcium": calcium, "vitamin D": vitamin_d}


def test_two_units_of_one_vitamin_are_one_amount(book: RuleBook) -> None:
    assert held(of_text(book, "Vitamin D3 1000 IU/25 mcg")) == {"vitamin D": (1000, 1000)}


def test_a_daily_amount_beyond_what_is_plausible_is_not_known(book: RuleBook) -> None:
    record = read(book, statement("RxNorm 901040", dosage(100)))
    assert record.products[0].amounts["vitamin D"][0] == Interval(0, 5_000_000)
    assert "dosage-unclear" in codes_of(record)


def test_the_salt_and_its_element_in_one_list_of_ingredients_are_one_calcium(book: RuleBook) -> None:
    record = of_parts(book, part("calcium carbonate", 1250, "mg"), part("calcium", 500, "mg"))
    assert held(record) == {"calcium": (500, 500)}
    assert record.products[0].salt == "carbonate"


def test_a_salt_and_an_element_that_do_not_agree_are_from_the_larger_one_to_both(book: RuleBook) -> None:
    record = of_parts(book, part("calcium carbonate", 1250, "mg"), part("calcium", 300, "mg"))
    assert held(record) == {"calcium": (500.5, 800.5)}


PER_5_ML = {"value": 5, "unit": "mL"}


@pytest.mark.parametrize(
    ("dose", "amount"), [(dosage(4, "sachet"), OPEN), (dosage(10, "mL"), (1001, 1001)), (dosage(2, ""), OPEN)]
)
def test_a_strength_per_volume_says_nothing_of_dose_forms(
    book: RuleBook, dose: Json, amount: tuple[float, float]
) -> None:
    assert held(of_parts(book, part("calcium carbonate", 1250, "mg", PER_5_ML), dose=dose)) == {"calcium": amount}


@pytest.mark.parametrize(("dose", "amount"), [(dosage(4, "sachet"), OPEN), (dosage(10, "mL"), (1000, 1000))])
def test_a_dose_form_of_a_coded_liquid_is_of_no_known_size(
    book: RuleBook, dose: Json, amount: tuple[float, float]
) -> None:
    assert held(read(book, statement("RxNorm 308891", dose))) == {"calcium": amount}
