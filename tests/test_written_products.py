"""Names of medicines as systems of many countries print them -> what they hold: tests/written/products.jsonl.

``now`` is what is said of a text: the salt, the amount of each nutrient in one dose form (``?``: not known; an interval
where the name leaves it open), the measure, the intent; ``none``: no product; ``open``: it may be one.
"""

from __future__ import annotations

import math
from pathlib import Path

import orjson
import pytest
from people import Json, dosage, read, statement

from cds.intake.lookup import MedicineMeaning, meanings
from cds.intake.medicines.names.label_writing import plain_writing
from cds.quantity import Interval, point
from cds.rulebook.model import UNSTATED, Contents, RuleBook

ROWS = [orjson.loads(line) for line in (Path(__file__).parent / "written" / "products.jsonl").read_bytes().splitlines()]
SHORT = {
    "calcium": "Ca",
    "vitamin D": "D",
    "magnesium": "Mg",
    "vitamin K": "K",
    "vitamin C": "C",
    "25-hydroxyvitamin D": "25-OH D",
}
SHORT_INTENTS = {"phosphate-binder": "binder", "supplement": ""}


def number(value: float) -> str:
    return f"{value:.4g}" if value < 10_000 else f"{value:.0f}"


def amount(found: Interval) -> str:
    if found == UNSTATED:
        return "?"
    return number(found.low) if found.is_point else f"{number(found.low)}..{number(found.high)}"


def held(contents: Contents) -> str:
    parts = [contents.salt.replace("unspecified", "")]
    parts += [f"{SHORT.get(name, 'GC')} {amount(contents.amounts.get(name, UNSTATED))}" for name in contents.nutrients]
    parts += [SHORT_INTENTS.get(contents.intent, contents.intent), f"per {contents.measure}" * bool(contents.measure)]
    return " ".join(filter(None, parts))


def said(meaning: MedicineMeaning) -> str:
    if meaning.product is None:
        return "open" if meaning.unknown else ":".join(filter(None, ("none", ",".join(meaning.terms))))
    return held(meaning.product.contents) + " +open" * bool(meaning.unknown)


@pytest.mark.parametrize("row", ROWS, ids=[row["row"] for row in ROWS])
def test_the_name_of_a_medicine_is_read_as_it_is_printed(book: RuleBook, row: Json) -> None:
    assert said(meanings(book).medicine({"text": row["text"]}, ())) == row["now"]


@pytest.mark.parametrize("row", ROWS[::9], ids=[row["row"] for row in ROWS[::9]])
def test_what_a_text_names_is_a_product_of_the_record(book: RuleBook, row: Json) -> None:
    found = read(book, statement("", dosage(1), text=row["text"])).products
    assert bool(found) == (not row["now"].startswith(("none", "open")))


@pytest.mark.parametrize(
    ("written", "plainly"),
    [
        ("１．２５０ ｍｇ", "1250 mg"),
        ("1,25 g", "1.25 g"),
        ("1.000 I.E.", "1000 iu"),
        ("1 000 UI", "1000 iu"),
        ("1'000 IE", "1000 iu"),
        ("6,00,000 IU", "600000 iu"),
        ("100.000 UI", "100.000 iu"),
        ("0,266 mg", "0.266 mg"),
        ("2,5 mmol", "2.5 mmol"),
        ("400国际单位", "400 iu"),
        ("5万单位", "50000 iu"),
        ("1.5万单位", "15000 iu"),
        ("５ 万ＩＵ", "50000 iu"),
        ("0.5萬國際單位", "5000 iu"),
        ("1.28万单位 x 3", "12800 iu x 3"),
        ("3 万古霉素", "3 万古霉素"),
        ("10 µg", "10 mcg"),
        ("vitamin D 3 400 IU", "vitamin D 3 400 iu"),
        ("MAG 2 100 mg", "MAG 2 100 mg"),
        ("600-400 mg-unit", "600 mg - 400 iu"),
        ("Węglan wapnia®", "Weglan wapnia"),
        ("沈降炭酸カルシウム錠「三和」", "沈降炭酸カルシウム錠 "),
        ("デノタス", "デノタス"),
    ],
)
def test_signs_numbers_and_units_are_written_one_way(written: str, plainly: str) -> None:
    assert plain_writing(written) == plainly


def ingredient(text: str, value: float | None = None, unit: str = "mg", **more: object) -> Json:
    """An active ingredient of one tablet."""
    of = {"value": 1, "unit": "tablet"}
    strength = {} if value is None else {"strength": {"numerator": {"value": value, "unit": unit}, "denominator": of}}
    return {"itemCodeableConcept": {"text": text}, **strength, **more}


CLASS = {"coding": [{"system": "http://www.whocc.no/atc", "code": "A12AX"}]}
CARBONATE, VITAMIN_D = ingredient("Calciumcarbonat", 1250), ingredient("Colecalciferol", 400, "I.E.")
INGREDIENTS = {
    "a class does not beat the strengths": (CLASS, [CARBONATE, VITAMIN_D], {"calcium": 500.5, "vitamin D": 400}),
    "the element beside its salt is one": ({}, [CARBONATE, ingredient("Calcium", 500)], {"calcium": 500}),
    "two salts are added up": (
        {},
        [CARBONATE, ingredient("Calcium citrate", 950)],
        {"calcium": 500.5 + 950 * 0.2108},
    ),
    "what is not active does not count": (
        {},
        [VITAMIN_D, ingredient("Dicalcium phosphate", 200, isActive=False), ingredient("Calcium stearate", 5)],
        {"vitamin D": 400},
    ),
    "the text has the strength that the ingredient has not": (
        {"text": "CALCIUM D3 500MG/400IE"},
        [ingredient("Calcium carbonate")],
        {"calcium": 500, "vitamin D": 400},
    ),
    "a class keeps its intent": (
        {"coding": [{"system": "http://www.whocc.no/atc", "code": "V03AE07"}]},
        [ingredient("Calciumacetat", 700)],
        {"calcium": 177.38},
    ),
}


@pytest.mark.parametrize("case", INGREDIENTS.values(), ids=INGREDIENTS)
def test_the_ingredients_say_what_one_dose_form_holds(
    book: RuleBook, case: tuple[Json, list[Json], dict[str, float]]
) -> None:
    concept, parts, amounts = case
    product = meanings(book).mixture(concept, parts, ()).product
    assert product is not None
    assert product.contents.amounts == {name: pytest.approx(point(held)) for name, held in amounts.items()}
    if "V03AE07" in str(concept):
        assert product.contents.intent == "phosphate-binder"


def test_a_liquid_named_by_its_volume_is_counted_by_the_millilitre_and_never_by_the_drop(book: RuleBook) -> None:
    by_volume = read(book, statement("", dosage(2, "mL"), text="Vigantol 20 000 j.m./ml krople")).products
    by_drops = read(book, statement("", dosage(2, "{drop}"), text="Vigantol 20 000 j.m./ml krople")).products
    assert by_volume[0].amounts["vitamin D"][0] == point(40_000)
    assert by_drops[0].amounts["vitamin D"][0].high == math.inf
