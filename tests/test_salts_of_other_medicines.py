"""Calcium that is the salt of another medicine is no product in any language, nor where a code says what it is."""

from __future__ import annotations

import pytest
from people import (
    AS_OF,
    CALCIUM,
    Json,
    bundle,
    concept,
    dosage,
    observation,
    patient,
    read,
    request,
    resource,
    statement,
)

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.intake.record import MEDICINES, Record
from cds.intake.unrecognised import what_may_be
from cds.result import result_of
from cds.rulebook.model import RuleBook


def of_text(book: RuleBook, text: str, *codes: str) -> Record:
    codings = [coding for code in codes for coding in concept(code)["coding"]]
    named = {"text": text, **({"coding": codings} if codings else {})}
    return read(book, statement("", dosage(1), medicationCodeableConcept=named))


def names_of(record: Record) -> list[str]:
    return [item.name for item in record.unrecognised]


SALTS_OF_OTHERS = [
    "Poliestireno sulfonato de calcio 15 g", "Polistirene sulfonato di calcio 15 g", "Dobesilato de calcio 500 mg",
    "Dobésilate de calcium 500 mg", "Fosfomicina calcio 500 mg", "Acamprosato calcico 333 mg",
    "Acamprosato cálcico 333 mg", "Acamprosato de calcio 333 mg", "Pantotenato de calcio 100 mg",
    "Pantotenato di calcio 100 mg", "Pantothénate de calcium 100 mg", "Folinato de calcio 15 mg",
    "Levofolinato de calcio 5 mg", "(Levo)folinato de calcio 5 mg", "Carbasalato de calcio 100 mg",
    "Docusato de calcio 240 mg", "Fenoprofeno de calcio 300 mg", "Metilfolato de calcio 1 mg",
    "Rosuvastatina calcio 10 mg", "Rosuvastatine de calcium 10 mg", "Atorvastatina calcio 20 mg",
    "Doxycyclin-Calcium 100 mg",
    "Calcio levofolinato 5 mg", "Heparina cálcica 5000 UI",
]  # fmt: skip


@pytest.mark.parametrize("text", SALTS_OF_OTHERS)
def test_the_salt_of_a_medicine_named_in_another_language_is_no_product(book: RuleBook, text: str) -> None:
    record = of_text(book, text)
    assert (record.products, what_may_be(record, MEDICINES)) == ([], [])


@pytest.mark.parametrize("text", ["hidróxido de calcio 500 mg", "Sulfato de calcio 500 mg", "Xilofanato di calcio 1 g"])
def test_calcium_of_what_is_not_known_is_not_recognised_in_part(book: RuleBook, text: str) -> None:
    record = of_text(book, f"Alendronate 70 mg; {text}")
    assert record.products == []
    assert names_of(record) == [f"Alendronate 70 mg; {text}"]
    assert "oral bisphosphonate" in record.courses


OWN = {
    "Carbonato de calcio 1250 mg": ("carbonate", 500.5), "Carbonato di calcio 1250 mg": ("carbonate", 500.5),
    "Carbonato cálcico 1250 mg": ("carbonate", 500.5), "Calcio carbonato 1250 mg": ("carbonate", 500.5),
    "Citrato de calcio 950 mg": ("citrate", 200.26), "Gluconato de calcio 500 mg": ("gluconate", 46.5),
    "Lactato de calcio 650 mg": ("lactate", 84.5), "Fosfato de calcio 600 mg": ("phosphate", 232.56),
    "Acetato de calcio 667 mg": ("acetate", 169.0178), "Ascorbato de calcio 500 mg": ("ascorbate", 47.0),
    "Comprimidos de calcio 600 mg": ("unspecified", 600.0), "600 mg de calcio": ("", 600.0),
    "Lactate de calcium 650 mg": ("lactate", 84.5), "Carbonato de cálcio 1250 mg": ("carbonate", 500.5),
}  # fmt: skip


@pytest.mark.parametrize("text", OWN)
def test_the_salts_of_calcium_products_and_dose_forms_in_other_languages_are_products(
    book: RuleBook, text: str
) -> None:
    (product,) = of_text(book, text).products
    salt, low = OWN[text]
    assert product.salt == salt
    assert product.amounts["calcium"][0].low == pytest.approx(low)


def test_a_resin_with_calcium_is_not_held_as_a_dose_of_calcium(book: RuleBook) -> None:
    resin = statement("", dosage(1, "{sachet}"), text="Poliestireno sulfonato de calcio 15 g")
    whole = read_record(bundle(patient(), resin, observation(CALCIUM, 9.4, "mg/dL")), book, AS_OF)
    assert result_of(evaluate(whole, book, AS_OF))["decidedBy"] != "DOSE-02"


# --- the code of another medicine


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Rosuvastatina calcio 10 mg", "ATC C10AA07 rosuvastatin"),
        ("Zofolat Ca calcium 10 mg", "ATC C10AA07"),
        ("Foobarat calcium 500 mg", "ATC C05BX01"),
        ("Levothyroxine 50 mcg - separate from calcium by 4 hours", "RxNorm 10582"),
    ],
)
def test_calcium_beside_the_code_of_another_medicine_is_its_salt(book: RuleBook, text: str, code: str) -> None:
    record = of_text(book, text, code)
    assert record.products == []
    assert [name for item in record.unrecognised if not item.is_something_else for name in [item.name]] == []


def test_a_code_is_known_to_be_another_medicine_by_its_own_name(book: RuleBook) -> None:
    named = {"coding": [concept("RxNorm 966222", "levothyroxine sodium 0.05 MG Oral Tablet")["coding"][0]]}
    named["coding"][0]["display"] = "levothyroxine sodium 0.05 MG Oral Tablet"
    record = read(book, statement("", medicationCodeableConcept={**named, "text": "T4 - 4 hours from calcium 600 mg"}))
    assert (record.products, names_of(record)) == ([], [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Alendronate 70 mg + calcium carbonate 1250 mg", "ATC M05BA04"),
        ("Calcium 500 mg + iron", "ATC B03AA"),
        ("500 mg calcium with levothyroxine", "ATC H03AA01"),
    ],
)
def test_calcium_as_a_part_of_its_own_beside_the_code_of_another_medicine_is_named(
    book: RuleBook, text: str, code: str
) -> None:
    record = of_text(book, text, code)
    assert (record.products, names_of(record)) == ([], [text])


def test_advice_beside_the_code_of_another_medicine_names_no_calcium(book: RuleBook) -> None:
    record = of_text(book, "levothyroxine 50 mcg (do not take with calcium)", "RxNorm 10582")
    assert (record.products, names_of(record)) == ([], [])


def test_an_allergy_to_something_else_takes_no_calcium_away(book: RuleBook) -> None:
    (product,) = of_text(book, "Calcium 600 mg tablet; allergy to penicillin").products
    assert "calcium" in product.holds


@pytest.mark.parametrize(
    "codes", [("RxNorm 999999",), ("ATC M05BB01",), ("ATC C10AA07", "RxNorm 1897"), ("ATC A12AX",)]
)
def test_an_unknown_code_and_one_with_calcium_leave_the_product(book: RuleBook, codes: tuple[str, ...]) -> None:
    (product,) = of_text(book, "Calcium 600 mg tablet", *codes).products
    assert "calcium" in product.holds


def test_an_ingredient_with_the_code_of_another_medicine_is_no_calcium(book: RuleBook) -> None:
    salt = {"itemCodeableConcept": concept("RxNorm 301542", "rosuvastatina calcio 10 mg")}
    medication = resource("Medication", "med", ingredient=[salt])
    pointing: Json = {"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/med"}}
    record = read(book, request("", dosage(1), **pointing), medication)
    assert (record.products, list(record.courses)) == ([], ["statin"])


def test_an_ingredient_of_a_medicine_whose_code_is_known_is_no_news(book: RuleBook) -> None:
    parts = [{"itemCodeableConcept": concept(text=name)} for name in ("irbesartan", "hydrochlorothiazide")]
    karvea = resource("Medication", "med", code=concept("ATC C09DA04", "Karvea HCT"), ingredient=parts)
    pointing: Json = {"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/med"}}
    assert names_of(read(book, request("", dosage(1), **pointing), karvea)) == []


# --- what is no product at all


@pytest.mark.parametrize(
    "text",
    [
        "antagonista de calcio 10 mg", "antagonista del calcio 10 mg", "Bloqueante de calcio",
        "calcium antagonist 5 mg",
        "alergia al carbonato de calcio", "allergy to calcium carbonate", "Allergie gegen Calciumcarbonat",
        "Ca", "Ca 19-9", "Ca 125", "Trastuzumab + Ca",
        "rosuvastatin/calcium", "Atorvastatin + calcium", "Nadroparin & calcium", "Calcium/phosphate ratio",
        "Toothpaste with calcium and fluoride", "doxycycline + calcium",
    ],
)  # fmt: skip
def test_what_names_calcium_and_is_no_calcium_product(book: RuleBook, text: str) -> None:
    record = of_text(book, text)
    assert (record.products, names_of(record)) == ([], [text])


@pytest.mark.parametrize("text", ["Ca 500 mg", "500 mg Ca", "Ca/Vit D3", "Ca supplement", "Ca++ 500 mg"])
def test_the_symbol_beside_an_amount_or_a_word_of_a_supplement_is_calcium(book: RuleBook, text: str) -> None:
    (product,) = of_text(book, text).products
    assert "calcium" in product.holds


@pytest.mark.parametrize("text", ["Calcium + magnesium sulfate", "Calcium & iron", "Calcium / ferrous fumarate"])
def test_calcium_joined_to_another_mineral_is_a_product(book: RuleBook, text: str) -> None:
    assert any("calcium" in product.holds for product in of_text(book, text).products)
