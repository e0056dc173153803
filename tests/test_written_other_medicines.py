"""Names of medicines as systems of many countries print them: one of ours, something else, or not understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from people import read, statement

from cds.bookshelf import open_rulebook
from cds.intake.medicines.names.counter_ions import names_another_medicine
from cds.intake.medicines.names.international_names import in_latin, name_key
from cds.intake.medicines.names.known_names import SIGNS, known_names, names_in
from cds.intake.medicines.names.other_medicines import names_only_others
from cds.intake.record import MEDICINES
from cds.intake.unrecognised import kinds_not_understood, what_may_be
from cds.rulebook.model import Medication, RuleBook

RULES = Path(__file__).resolve().parent.parent / "rules"
TABLE = Path(__file__).parent / "written" / "other_medicines.jsonl"
ROWS = [json.loads(line) for line in TABLE.read_text("utf-8").splitlines()]


def said(book: RuleBook, concept: dict[str, Any]) -> str:
    """What is said of a medicine that is taken: the terms that it is, else whether it is understood."""
    record = read(book, statement("", medicationCodeableConcept=concept))
    if MEDICINES in kinds_not_understood(record):
        return "not understood"
    return "; ".join(sorted(record.courses)) or "something else"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["row"])
def test_a_name_is_read_as_its_country_prints_it(book: RuleBook, row: dict[str, Any]) -> None:
    concept = row["resource"]["medicationCodeableConcept"] if "resource" in row else {"text": row["text"]}
    kind, _, term = row["now"].partition(": ")
    found = said(book, concept)
    assert set(term.split(", ")) <= set(found.split("; ")) if kind == "term" else found == kind


def test_the_table_is_broad() -> None:
    assert len({row["printed by"] for row in ROWS}) > 25
    assert sum(row["now"] == "not understood" for row in ROWS) > 80


@pytest.mark.parametrize(
    "texts",
    [
        "Amlodipine, amlodipino, Amlodipina, amlodypina, amlodipiini, Amlodipinum, AMLODIPIN, амлодипин, αμλοδιπίνη",
        "valproic acid, Valproinsäure, valproïnezuur, acide valproïque, ácido valproico, valproinsyra, valproiinihappo",
        "metoprolol succinate, Metoprololsuccinat, METOPROLOLSUCCINAAT, metoprololi",
        "hydroxychloroquine, hidroxicloroquina, Hydroxychloroquin, hydroksiklorokin",
    ],
)
def test_one_name_has_many_spellings(book: RuleBook, texts: str) -> None:
    assert [text for text in texts.split(", ") if said(book, {"text": f"{text} 5"}) != "something else"] == []


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("thyroid eye disease", []), ("lithium heparin", []), ("ciprofibrate 100 mg", []), ("carbimazole 5 mg", []),
        ("digoxin immune fab", []), ("iron sucrose injection", []), ("at 10 mg daily", []), ("April", []),
        ("Naprosyn", []), ("Losec", ["acid suppression"]),
        ("Cipro 500", ["ciprofloxacin or delafloxacin", "quinolone"]),
        ("Armour Thyroid", ["thyroid hormone"]),
        ("alendronate", ["alendronate or risedronate", "oral bisphosphonate", "osteoporosis drug"]),
    ],
)  # fmt: skip
def test_a_name_inside_another_one_is_not_read(book: RuleBook, text: str, terms: list[str]) -> None:
    assert sorted(term for found in names_in(in_latin(text), book) for term in found.name.terms) == terms


def test_no_other_medicine_has_the_name_of_one_of_ours(book: RuleBook) -> None:
    """Nor one that any language would spell as that of one of ours."""
    other = book.other_medicines
    lists = (other.international, other.brands, other.unspaced)
    others = {key(text) for groups in lists for names in groups.values() for text in names}
    terms = [term for term in book.terms.values() if isinstance(term, Medication)]
    more = [text for term in terms for names in term.also_named.values() for text in names]
    ours = {key(text) for text in (*(name for term in terms for name in term.names), *more)}
    assert others & ours == set()


def key(text: str) -> str:
    told = in_latin(text)
    return told if SIGNS.search(told) else " ".join(map(name_key, told.replace("-", " ").split()))


def test_no_name_of_a_product_is_that_of_something_else(book: RuleBook) -> None:
    products = book.products
    words = [word for nutrient in products.nutrients.values() for word in (*nutrient.words, *nutrient.element)]
    told = (text for text, english in products.translations.items() if not names_another_medicine(english, book))
    named = [*words, *(name for name, _ in products.brands), *told]
    others = [text for text in named if names_only_others(text, book)]
    # The first is a laboratory test, the second is put on the skin.
    rightly = {"降钙素原", "カルシポトリオール"}
    found = {text for text in others if not any(each.name.terms for each in names_in(in_latin(text), book))}
    assert found <= rightly


@pytest.mark.parametrize("row", [row for row in ROWS if row["now"] == "something else" and "text" in row][::4],
                         ids=lambda row: row["row"])  # fmt: skip
@pytest.mark.parametrize("more", [" + Xylofan", " / Xylofan 500 mg", " with xylofan", ", Xylofan", " & multivitamin"])
def test_a_part_that_nobody_knows_leaves_the_whole_open(book: RuleBook, row: dict[str, Any], more: str) -> None:
    assert not names_only_others(row["text"] + more, book) or row["printed by"] == "IPS"


def test_every_ingredient_is_known_or_the_medicine_is_not(book: RuleBook) -> None:
    def of(*names: str) -> dict[str, Any]:
        parts = [{"itemCodeableConcept": {"text": name}} for name in names]
        return {"resourceType": "Medication", "id": "x", "ingredient": parts}

    def open_in(*names: str) -> int:
        taken = statement("", medicationCodeableConcept=None, medicationReference={"reference": "Medication/x"})
        return len(what_may_be(read(book, taken, of(*names)), MEDICINES))

    assert open_in("amlodipine", "valsartan") == 0
    assert open_in("amlodipine", "xylofan") == 1


def test_the_names_are_many(book: RuleBook) -> None:
    other = book.other_medicines
    assert sum(map(len, other.international.values())) > 2500
    assert len(known_names(book).words) > 5000


@pytest.mark.slow
def test_a_hospital_adds_the_names_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "terms").mkdir()
    (tmp_path / "overlay.yaml").write_text("name: Ours\nowner: Pharmacy\nreason: Own preparations.\n", "utf-8")
    names = "brands:\n  own preparations: hausmischung 7, xylofan\n"
    (tmp_path / "terms" / "other_medicines.yaml").write_text(names, "utf-8")
    book = open_rulebook(RULES, tmp_path)
    assert said(book, {"text": "Xylofan 500 mg"}) == said(book, {"text": "Metformin 500 mg"}) == "something else"
