"""Whoever has read the rule files has read everything clinical: in the engine's texts there is none of it.

Read are the string literals of ``cds/`` (docstrings apart), its templates and the files of its page. Words are the
names that the rule files of all topics give to terms, findings, nutrients, salts and advice codes, and those of the
list below. The plug-ins of topics may have them: they are the medicine that is code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from generated import the_book
from renamed import names_of

from cds.bookshelf import open_rulebook

ROOT = Path(__file__).resolve().parent.parent
CDS = ROOT / "cds"
TOPICS = (ROOT / "tests" / "topics" / "potassium" / "rules",)
CLINICAL = """
    calcium vitamin magnes potassium sodium iron(?!ment) albumin creatinin egfr ckd kdigo kidney renal parathyr pth
    phosph carbonate citrate gluconate antacid binder supplement glucocortic steroid denosumab zoledron bisphosph
    warfarin thiazid lithium digoxin thyroid statin pregnan breastfe smok osteopor fractur coronar calcif ionised
    ionized dialys transplant bariatric malabsorp granulom cancer tumour diabet hyperten hypercalc hypocalc serum plasma
    urine antacids stones bone
""".split()
"""The beginnings of words that are clinical in any text of the engine."""
ALLOWED = {
    "calcium-cds": "the name of the program, in cds/about.py alone",
    "fhir_samples/high-calcium": "an example of the help that can be copied names a sample that is there",
    "--chapter serum-calcium": "the same, for a chapter of the rules",
    "--term osteoporosis": "the same, for a term",
    "it does not count as a supplement": "the issue about a product that is not taken by mouth, in every topic's words",
    r"24-hour(?=\ urine": "cds check: what is no number of a rule, though it has digits (names of tests, of vitamins)",
    "deceased": "FHIR says Patient.deceased",
    "{INR}": "a unit of measure (an annotation of UCUM)",
    "{inr}": "the same, as units are compared",
    "unusable-unit": "the code of an issue about a record",
    "age": "of a Patient, who has one in every topic; FHIR says birthDate",
    "sex": "of a Patient, as above; FHIR says gender",
}
"""What may stand there all the same: a part of a literal, or a name of the rule files, and why."""
FOR_VERBS = ("outcome", "tier", "intent")
"""Names that are also words of any text ('hold', 'continue'): a literal that is nothing else is no name of them."""


BEGINNINGS = re.compile(rf"\b(?:{'|'.join(CLINICAL)})", re.I)


@lru_cache(maxsize=1)
def names_by_first_word() -> dict[str, list[re.Pattern[str]]]:
    """The names of all rule files but those that are plain English."""
    books = (the_book(), *map(open_rulebook, TOPICS))
    found = {
        name for book in books for kind, names in names_of(book).items() if kind not in FOR_VERBS for name in names
    }
    patterns: dict[str, list[re.Pattern[str]]] = {}
    for name in sorted(found - ALLOWED.keys()):
        pattern = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.I)
        patterns.setdefault(re.findall(r"\w+", name.lower())[0], []).append(pattern)
    return patterns


def literals(path: Path) -> Iterator[str]:
    """The texts of a module but its docstrings, also those behind an assignment."""
    tree = ast.parse(path.read_text("utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def clinical(text: str) -> list[str]:
    """The clinical words of a text that nothing allows."""
    if text in ALLOWED or text == "inr":
        return []
    for part in sorted(ALLOWED.keys() - {"age", "sex"}):
        text = text.replace(part, "")
    known = names_by_first_word()
    listed = [pattern for word in sorted(set(re.findall(r"\w+", text.lower()))) for pattern in known.get(word, ())]
    return [match[0] for pattern in (BEGINNINGS, *listed) for match in pattern.finditer(text)]


def modules() -> list[Path]:
    return [path for path in sorted(CDS.rglob("*.py")) if not path.is_relative_to(CDS / "topics")]


@lru_cache(maxsize=1)
def texts() -> tuple[tuple[str, str], ...]:
    """The texts of all modules, each once, with the name of its module."""
    return tuple({(path.relative_to(ROOT).as_posix(), text): None for path in modules() for text in literals(path)})


def test_no_literal_of_the_engine_is_clinical() -> None:
    found = {(place, text[:80]): listed for place, text in texts() if (listed := clinical(text))}
    assert found == {}


def test_no_template_and_no_file_of_the_page_is_clinical() -> None:
    paths = [path for path in sorted(CDS.rglob("*")) if path.suffix in (".html", ".js", ".css", ".svg")]
    assert len(paths) > 20
    found = {path.name: listed for path in paths if (listed := clinical(path.read_text("utf-8")))}
    assert found == {}


def test_the_name_of_the_program_stands_in_one_place() -> None:
    named = {place for place, text in texts() if "calcium-cds" in text or "calcium_cds" in text}
    assert named == {"cds/about.py"}


@pytest.mark.parametrize("part", ALLOWED)
def test_what_is_allowed_is_there(part: str) -> None:
    assert any(part in text for _, text in texts())


@pytest.mark.parametrize(
    "text", ["serum calcium is high", "order-pth", "the eGFR to use", "Vitamin D", "potassium dose", "phosphate-binder"]
)
def test_a_planted_word_is_found(text: str) -> None:
    assert clinical(text)
