"""What the pages of docs/ name is there: files, folders, and names in the code; generated pages are up to date."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

import pytest
import rule_reference
import what_is_read
from checkout import ROOT
from documents import DOCS, PAGES
from test_house import FLOORS

import cds

GONE = set("matter turning desk rails held unnamed front admission offer hidden seats awake bodies repeats".split())
"""Private words of version 0.1 that standard ones have replaced."""
GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", GLOSSARY, re.MULTILINE)
ENTRIES = [row for row in ROWS if row[0] != "word"]
ROOTED = re.compile(r"(?:cds|rules|tests|docs|fhir_samples|\.ci)/\S*|[A-Z]+\.md|\w+\.lock")
TEXTS = {page.name: page.read_text(encoding="utf-8") for page in (*PAGES, ROOT / "CONTRIBUTING.md")}
CONTRIBUTING = TEXTS["CONTRIBUTING.md"]
HOMES = re.findall(r"`(\w+)` in `(cds[/\w.]*)`", TEXTS["where-it-goes.md"])
PLACES = sorted(
    (name, place)
    for name, text in TEXTS.items()
    if not name.startswith("add-a-")
    for place in {*re.findall(r"`([^`\s]+)`", text)}
    if ROOTED.fullmatch(place) and not re.search(r"_build|CODE", place)
)


def _names(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from _names(node.body)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


@lru_cache
def defined(place: str = "cds") -> frozenset[str]:
    """Every name that a module or a class defines, in a file or a folder and those inside it."""
    files = [ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py")
    return frozenset(name for path in files for name in _names(ast.parse(path.read_bytes()).body))


@pytest.mark.parametrize(("word", "place"), [(row[0], row[2]) for row in ENTRIES], ids=[row[0] for row in ENTRIES])
def test_a_word_of_the_glossary_lives_where_it_says(word: str, place: str) -> None:
    places = re.findall(r"`([^`]+)`", place)
    assert places, word
    assert [one for one in places if not ((ROOT / one).exists() if "/" in one else one in defined())] == []


def test_a_word_of_the_glossary_stands_once_and_none_is_one_that_was_replaced() -> None:
    words = [row[0] for row in ENTRIES]
    assert len(words) == len(set(words)) > 90
    assert GONE & set(words) == set()


@pytest.mark.parametrize(("name", "place"), HOMES)
def test_a_name_is_defined_where_the_page_says(name: str, place: str) -> None:
    assert name in defined(place)


@pytest.mark.parametrize(("page", "place"), PLACES)
def test_a_path_that_a_page_names_is_there(page: str, place: str) -> None:
    assert any(ROOT.glob(place.rstrip("/")))


def test_the_table_of_floors_holds_the_rooms_of_the_plan_in_their_order() -> None:
    told = [re.findall(r"`(\w+)`", row) for row in re.findall(r"^\| \d+ \| ([^|]+) \|", CONTRIBUTING, re.MULTILINE)]
    planned = {place.removeprefix("cds."): level for level, floor in enumerate(FLOORS) for place in floor}
    rooms = [room for row in told for room in row]
    assert {path.parent.name for path in (ROOT / "cds").glob("*/__init__.py")} <= set(rooms) <= planned.keys()
    assert [planned[room] for room in rooms] == sorted(planned[room] for room in rooms)


def test_the_doors_that_contributing_names_are_there() -> None:
    told = CONTRIBUTING.partition("One door")[2].partition("\n\n")[0]
    doors = re.findall(r" in `([\w./]+)`| and\s+`([\w./]+)`", told)
    named = [one or other for one, other in doors]
    assert len(named) > 12
    assert [door for door in named if not (ROOT / "cds" / door).exists()] == []


def test_a_link_of_a_page_leads_to_a_file() -> None:
    links = [
        (page.name, link)
        for page in PAGES
        for link in re.findall(r"\]\(([^)\s:#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    ]
    assert [(name, link) for name, link in links if not (DOCS / link).exists()] == []


def test_the_page_of_the_python_api_has_every_public_name() -> None:
    first = re.findall(r"^\| ([^|]+) \|", TEXTS["python.md"], re.MULTILINE)
    assert {name for cell in first for name in re.findall(r"`(\w+)", cell)} == set(cds.__all__)


def test_the_reference_of_the_rule_files_is_up_to_date() -> None:
    written = rule_reference.PAGE.read_text(encoding="utf-8")
    assert written == rule_reference.page(), "run: python tests/rule_reference.py"


def test_the_page_of_what_is_read_is_up_to_date() -> None:
    assert what_is_read.PAGE.read_text(encoding="utf-8") == what_is_read.page(), "run: python tests/what_is_read.py"
