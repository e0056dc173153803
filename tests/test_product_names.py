"""Nutrients, salts and intents are names of the rule files: all renamed nothing changes, at one place it is an error.

Which nutrients there are, how labels call them and what has salts is data, so that other topics need no code.
"""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from people import dosage, read, statement

from cds import cards_of
from cds.bookshelf import open_rulebook
from cds.errors import RulebookError
from cds.evaluation import Evaluation, evaluate
from cds.facts.formulas import FORMULAS
from cds.intake.medicines.names.medicine_codes import leaves_element_open
from cds.intake.reading import read_record
from cds.intake.record import Course
from cds.quantity import Interval, point
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = [orjson.loads(line) for line in (ROOT / "tests" / "patients.jsonl").read_bytes().splitlines()[::3]]
NAMES = {
    "calcium": "Ca of the products",
    "vitamin D": "sunshine",
    "magnesium": "Mg",
    "vitamin K": "koagulation",
    "glucocorticoid": "steroids",
    "carbonate": "chalk",
    "hydroxyapatite": "apatite",
    "supplement": "extra",
    "phosphate-binder": "binds phosphate",
    "antacid": "against acid",
}
ADVICE, INTAKE, PRODUCTS = "advice.yaml", "terms/intake.yaml", "terms/products.yaml"
LISTS = "nutrient|holds|stops|salt|intent|main nutrient|usual intent|above that it may be"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the rules."""
    return Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the small rulebook of the tests."""
    return Path(shutil.copytree(ROOT / "tests" / "good_rules", tmp_path / "rules"))


def rename(folder: Path) -> None:
    """Rename everything in NAMES wherever it is used as a name: as a key, or where a key takes such names."""
    for file in (folder / "advice.yaml", *(folder / "terms").glob("*.yaml")):
        text = re.sub(rf"^( *(?:{LISTS}): )(>-(?:\n {{6}}.+)+|.+)$", _renamed_list, file.read_text("utf-8"), flags=re.M)
        if file.name == "products.yaml":
            text = re.sub(r"^( {2}| {4})(?! )([^:\n]+):(?= \d| unknown$|$)", _renamed_key, text, flags=re.M)
        file.write_text(text, "utf-8")


def _renamed_list(match: re.Match[str]) -> str:
    names = re.split(r",\s+", match[2].removeprefix(">-").strip())
    return match[1] + ", ".join(NAMES.get(name, name) for name in names)


def _renamed_key(match: re.Match[str]) -> str:
    return f"{match[1]}{NAMES.get(match[2], match[2])}:"


def evaluated(person: Any, book: RuleBook) -> Evaluation:
    """The evaluation of one of the patients."""
    day = date.fromisoformat(person["asOf"])
    return evaluate(read_record(person["bundle"], book, day), book, day)


def answer(found: Evaluation) -> Any:
    """What was decided, said and counted."""
    products = [(course.source, course.state, list(course.amounts.values())) for course in found.chart.record.products]
    issues = [(issue.code, issue.source) for issue in found.chart.record.issues]
    actions = [each["actions"][0]["type"] for card in cards_of(found) for each in card.get("suggestions", ())]
    return found.decision, products, issues, actions


def test_a_nutrient_salt_or_intent_that_is_renamed_everywhere_changes_nothing_but_its_name(
    rules: Path, book: RuleBook
) -> None:
    rename(rules)
    other = read_rulebook(rules, FORMULAS)
    assert set(NAMES.values()) <= {*other.products.nutrients, *other.products.salts, *other.products.intents}
    held = set()
    for person in SAMPLE:
        one, two = evaluated(person, book), evaluated(person, other)
        assert answer(one) == answer(two)
        held |= {(course.salt, course.intent) for course in two.chart.record.products}
    assert {("chalk", "extra"), ("acetate", "binds phosphate"), ("chalk", "against acid")} <= held


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            ADVICE,
            "    stops: calcium\n",
            "    stops: calcum\n",
            "'calcum' is not a nutrient name. Did you mean 'calcium'?",
        ),
        (INTAKE, "    holds: vitamin K\n", "    holds: vitamin Q\n", "'vitamin Q' is not a nutrient name."),
        (INTAKE, "intent: phosphate-binder", "intent: binder", "'binder' is not an intent name."),
        (PRODUCTS, "main nutrient: calcium", "main nutrient: calc", "'calc' is not a nutrient name."),
        (PRODUCTS, "usual intent: supplement", "usual intent: suplement", "'suplement' is not an intent name."),
        (PRODUCTS, "may be: carbonate", "may be: carbonat", "'carbonat' is not a salt name."),
        (PRODUCTS, "    magnesium: unknown", "    magnesum: unknown", "'magnesum' has no meaning here. Did you mean"),
        (PRODUCTS, "other system: ug", "other system: ng", "'ng' is not one of the units of vitamin D."),
        (PRODUCTS, "usual: 1 to 4 units a day", "usual: some", "Write it like '1 to 4 units a day'."),
        (PRODUCTS, "up to: 630 mg", "up to: 630", "'630' is no amount. Write it like '630 mg'."),
        (
            PRODUCTS,
            "      - ug x 0.001\n      - mmol x 40.08\n",
            "      - mmol x 40.08\n",
            "labels state calcium in ug",
        ),
    ],
)
def test_a_name_that_is_changed_at_one_place_is_told_with_its_line(
    rules: Path, file: str, old: str, new: str, said: str
) -> None:
    text = (rules / file).read_text("utf-8")
    assert old in text
    (rules / file).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(RulebookError) as error:
        read_rulebook(rules, FORMULAS)
    assert said in str(error.value)
    assert re.search(rf"^{file}:\d+: ", str(error.value), re.M)


def test_an_invented_salt_is_read_from_text(rules: Path) -> None:
    file = rules / "terms" / "products.yaml"
    text = file.read_text("utf-8")
    file.write_text(
        text.replace("salts:\n", "salts:\n  moonate:\n    share: 0.5\n    known strengths: 800\n", 1), "utf-8"
    )
    book = read_rulebook(rules, FORMULAS)
    for named in ("calcium moonate 800 mg", "moonate de calcium 800 mg", "calcium (as moonate) 400 mg"):
        found = product(book, named)
        assert (found.salt, found.amounts["calcium"][0]) == ("moonate", point(400)), named


def product(book: RuleBook, text: str) -> Course:
    """The product that a text names, taken once a day."""
    (found,) = read(book, statement("", dosage(1), text=text)).products
    return found


@pytest.mark.parametrize(
    ("text", "is_open"),
    [("calciumkarbonat methylfolate", True), ("Kalziplus", True), ("calcitriol", False), ("Kalziumantagonist", False)],
)
def test_a_word_that_only_begins_like_the_element_may_be_it(book: RuleBook, text: str, *, is_open: bool) -> None:
    assert leaves_element_open({"text": text}, book) is is_open


# --- other topics


def test_a_rulebook_that_asks_for_no_product_needs_no_file_of_products(small: Path) -> None:
    (small / "terms" / "products.yaml").unlink()
    advice = small / "advice.yaml"
    advice.write_text(advice.read_text("utf-8").replace("    holds: calcium\n", ""), "utf-8")
    book = read_rulebook(small, FORMULAS)
    record = read(book, statement("RxNorm 1897 calcium carbonate", dosage(1), text="calcium carbonate 500 mg"))
    assert record.products == []


IRON = """
main nutrient: iron
usual intent: supplement
intents:
  supplement:
    says: To add to what food gives.
nutrients:
  iron:
    unit: mg
    also accepted:
      - g x 1000
      - ug x 0.001
    element: iron, ferrous
    usual: 1 to 3 units a day
  folate:
    unit: ug
    words:
      - folic acid
salts:
  sulfate:
    share: 0.2
    known strengths: 325
  fumarate:
    share: 0.329
  gluconate:
    share: 0.116
other medicines:
  - deferasirox
"""
POTASSIUM = """
main nutrient: potassium
usual intent: supplement
intents:
  supplement:
    says: To replace what is lost.
nutrients:
  potassium:
    unit: mg
    also accepted:
      - g x 1000
      - ug x 0.001
      - mmol x 39.1
      - meq x 39.1
    element: potassium
    symbols: K
    usual: 1 to 4 units a day
    stems: kali-
    without a salt it is the element up to: 99 mg
    above that it may be: chloride
salts:
  chloride:
    share: 0.524
    known strengths: 600, 750
  citrate:
    share: 0.383
  gluconate:
    share: 0.167
names in other languages:
  kalium: potassium
label words:
  words of products:
    - supplement
other medicines:
  - losartan
"""
B12 = """
main nutrient: vitamin B12
usual intent: supplement
intents:
  supplement:
    says: To replace what is not absorbed.
nutrients:
  vitamin B12:
    unit: ug
    also accepted:
      - mg x 1000
    words:
      - vitamin b12
      - cyanocobalamin
"""


@pytest.mark.parametrize(
    ("products", "text", "salt", "held"),
    [
        (IRON, "ferrous sulfate 325 mg", "sulfate", {"iron": point(65)}),
        (IRON, "iron fumarate 100 mg", "fumarate", {"iron": Interval(32.9, 100)}),
        (IRON, "iron (as gluconate) 28 mg", "gluconate", {"iron": point(28)}),
        (IRON, "iron 65 mg + folic acid 400 ug", "unspecified", {"iron": point(65), "folate": point(400)}),
        (POTASSIUM, "potassium chloride 600 mg", "chloride", {"potassium": point(314.4)}),
        (POTASSIUM, "citrate de potassium 1000 mg", "citrate", {"potassium": Interval(383, 1000)}),
        (POTASSIUM, "Kalium 99 mg", "unspecified", {"potassium": point(99)}),
        (POTASSIUM, "potassium 200 mg", "unspecified", {"potassium": Interval(104.8, 200)}),
        (B12, "cyanocobalamin 1000 mcg", "", {"vitamin B12": point(1000)}),
    ],
)
def test_products_of_another_topic_are_read_by_its_own_file(
    small: Path, products: str, text: str, salt: str, held: dict[str, Interval]
) -> None:
    found = product(another_topic(small, products), text)
    assert (found.salt, found.intent) == (salt, "supplement")
    assert {name: day for name, (day, _) in found.amounts.items()} == held


@pytest.mark.parametrize("text", ["losartan potassium 50 mg", "potassium losartan", "calcium carbonate 500 mg"])
def test_what_is_no_product_of_another_topic_is_none(small: Path, text: str) -> None:
    book = another_topic(small, POTASSIUM)
    assert read(book, statement("", dosage(1), text=text)).products == []


def another_topic(folder: Path, products: str) -> RuleBook:
    """The small rulebook with other products."""
    (folder / "terms" / "products.yaml").write_text(products, "utf-8")
    advice = folder / "advice.yaml"
    main = products.split("main nutrient: ")[1].splitlines()[0]
    advice.write_text(advice.read_text("utf-8").replace("holds: calcium", f"holds: {main}"), "utf-8")
    return open_rulebook(folder)
