"""The search of the audit book: everything has an entry that leads to its place, by its name, its codes and others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from browser import Browser, browser, missing_browser

from cds.audit.audit_data import AuditData
from cds.audit.pages import write_book
from cds.audit.search import by_letter, entries_of
from cds.audit.site import Site
from cds.bookshelf import open_rulebook
from cds.rulebook.model import RuleBook

DAY = date(2026, 11, 22)
GOOD = Path(__file__).resolve().parent / "good_rules"
DOWN, ENTER, ESCAPE = "\ue015", "\ue007", "\ue00c"


def index_of(site: Site) -> list[list[str]]:
    script = next(asset.html for asset in site.assets() if asset.name == "search-index.js")
    found: list[list[str]] = json.loads(script.removeprefix("self.bookIndex = ").removesuffix(";\n"))
    return found


def test_every_rule_finding_term_source_code_and_product_can_be_looked_up(book: RuleBook) -> None:
    found = entries_of(AuditData(book, DAY, {}, ()))
    titles = {(entry.kind, entry.title) for entry in found}
    wanted = {("rule", f"{rule.id} {rule.title}") for rule in book.rules.values()}
    wanted |= {("finding", name) for name, finding in book.findings.items() if finding.chapter}
    wanted |= {("term", name) for name in book.terms} | {("source", name) for name in book.sources}
    wanted |= {("advice", code) for code in book.advice} | {("never said", code) for code in book.never}
    wanted |= {("product", item.name) for item in (*book.products.coded.values(), *dict(book.products.brands).values())}
    assert wanted <= titles
    codes = {code for entry in found for code in entry.codes}
    assert {code for _, code in book.products.coded} <= codes
    assert {code.code for term in book.terms.values() for code in getattr(term, "codes", ())} <= codes


@pytest.mark.slow
def test_every_entry_leads_to_a_place_that_is_there(book: RuleBook) -> None:
    site = Site(AuditData(book, DAY, {}, ()))
    places = {page.name: set(re.findall(r'\bid="([^"]+)"', page.html)) for page in site.pages()}
    lost = [row[:3] for row in index_of(site) if not leads_somewhere(row[2], places)]
    assert lost == []


def leads_somewhere(link: str, places: dict[str, set[str]]) -> bool:
    name, _, place = link.partition("#")
    return name in places and (not place or place in places[name])


def test_without_a_script_there_is_a_page_from_a_to_z(book: RuleBook) -> None:
    site = Site(AuditData(book, DAY, {}, ()))
    page = next(page.html for page in site.about_words() if page.name == "a-z.html")
    assert all(f'href="{entry.link}"' in page for entry in site.entries)
    letters = [item.letter for item in by_letter(site.entries)]
    assert letters == sorted(letters, key=lambda letter: (letter == "other", letter))
    assert len(letters) > 20
    assert 'class="tool search" role="search" hidden' in page
    assert 'href="a-z.html"' in page


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browser, str]]:
    """A browser, and the address of a small book in a folder."""
    if why := missing_browser():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("book")
    site = Site(AuditData(open_rulebook(GOOD), DAY, {}, ()))
    write_book((*site.pages(), *site.assets()), folder)
    with browser(tmp_path_factory.mktemp("profile")) as found:
        yield found, folder.as_uri()


def typed(page: Browser, text: str) -> None:
    page.press("/")
    for letter in text:
        page.press(letter)


@pytest.mark.browser
def test_the_search_is_used_by_the_keyboard_alone(opened: tuple[Browser, str]) -> None:
    page, address = opened
    page.open(f"{address}/index.html")
    typed(page, "ca-0")
    page.sees("#book-status", "found")
    assert page.texts("#book-found [role=option] b")[:2] == ["CA-01 High calcium", "CA-02 Continue"]
    page.press(DOWN)
    chosen = page.run("return document.getElementById('book-search').getAttribute('aria-activedescendant')")
    assert page.run("return document.querySelector('[aria-selected=true]').id") == chosen == "book-found-1"
    page.press(ENTER)
    page.sees("h1", "CA-02 Continue")
    assert page.log("browser") == []


@pytest.mark.browser
def test_a_code_finds_its_term_and_nonsense_finds_nothing(opened: tuple[Browser, str]) -> None:
    page, address = opened
    page.open(f"{address}/index.html")
    typed(page, "17861-6")
    page.sees("#book-status", "1 found")
    assert page.texts("#book-found [role=option] small") == ["17861-6"]
    page.press(ESCAPE)
    assert page.run("return document.getElementById('book-found').hidden") is True
    for letter in "xyzzy":
        page.press(letter)
    page.sees("#book-status", "Nothing is called that")


@pytest.mark.browser
def test_the_units_stay_as_they_were_chosen_on_every_page(opened: tuple[Browser, str]) -> None:
    page, address = opened
    page.open(f"{address}/chapter-calcium.html")
    pressed = "return document.querySelector('.units [aria-pressed=true]').dataset.units"
    step = "table.steps tbody th .both"
    assert page.run(pressed) == "conventional"
    assert "mg/dL" in page.text(step)
    page.click(".units [data-units=si]")
    assert "mmol/L" in page.text(step)
    shown = "return getComputedStyle(document.querySelector('.picture .swapped')).display"
    assert page.run(shown) == "inline"
    page.click("header nav a[href^='numbers.html']")
    page.sees("h1", "Every number")
    assert page.run(pressed) == "si"
    assert "mmol/L" in page.text(step)
    page.run("localStorage.clear()")
    page.click("header nav a[href^='index.html']")
    page.sees("h1", "audit book")
    assert page.run(pressed) == "si", "the links carry it where nothing is kept"
    page.click(".units [data-units=conventional]")
    page.open(f"{address}/chapter-calcium.html")
    assert page.run(pressed) == "conventional"
    assert "mg/dL" in page.text(step)
