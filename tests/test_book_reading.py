"""The audit book for those who read it by keyboard, by ear, in the dark, or on paper."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from test_audit import contrast

from cds.audit.audit_data import AuditData
from cds.audit.pages import write_book
from cds.audit.site import Site
from cds.bookshelf import open_rulebook
from cds.review.signatures import content_hash
from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "cds" / "audit" / "templates"
DAY = date(2026, 11, 22)
ROLES = "stop-now pause no-answer other go-on outside-the-scope inform accent".split()


@pytest.fixture(scope="module")
def small() -> RuleBook:
    return open_rulebook(ROOT / "tests" / "good_rules")


@pytest.fixture(scope="module")
def site(small: RuleBook) -> Site:
    return Site(AuditData(small, DAY, {}, ()))


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[str, str]:
    return {page.name: page.html for page in site.pages()}


def test_every_page_has_its_landmarks_once_and_every_head_of_a_table_says_of_what(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        assert [page.count(f"<{tag}") for tag in ("main", "header>", "footer")] == [1, 1, 1], name
        assert page.count('role="search"') == 1, name
        assert re.findall(r"<th(?![^>]*\bscope=)[ >]", page) == [], name
        assert re.findall(r"<nav(?![^>]*aria-label=)", page) == [], name
        assert page.index('class="skip"') < page.index("<header"), name


def test_the_field_of_the_search_says_what_it_is_and_what_it_opens(pages: dict[str, str]) -> None:
    page = pages["index.html"]
    assert '<label for="book-search">' in page
    assert 'aria-controls="book-found"' in page
    assert '<ul id="book-found" role="listbox" aria-label=' in page
    assert '<p id="book-status" role="status">' in page


def test_colours_can_be_read_in_the_dark_too() -> None:
    light = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    dark = (TEMPLATES / "dark.css").read_text(encoding="utf-8")
    found = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", text)) for text in (light, dark)]
    for colours in (found[0], found[0] | found[1]):
        papers = [colours[name] for name in ("paper", "wash", "banner", "note", "target", "card", "chosen")]
        inks = [colours[name] for name in ("ink", "soft", "link", "bad", "good", "how")]
        low = [(ink, paper) for ink in inks for paper in papers if contrast(ink, paper) < 4.5]
        assert low == []
        assert [name for name in ROLES if contrast(colours[name], "#ffffff") < 4.5] == []


def test_every_page_names_itself_and_the_rulebook_in_its_running_head(small: RuleBook, pages: dict[str, str]) -> None:
    for name, page in pages.items():
        head = page.partition('<div class="running" aria-hidden="true">')[2].partition("</div>")[0]
        assert f"rulebook {small.version}" in head, name
        assert small.sha256[:16] in head, name
    rule = pages["rule-ca-01.html"].partition('<div class="running"')[2].partition("</div>")[0]
    assert "<b>CA-01</b> High calcium, version 1.0.0" in rule
    assert content_hash(small, "CA-01")[:12] in rule
    whole = pages["whole.html"]
    assert whole.count('class="running"') == whole.count('class="sheet paper"') + 1
    assert content_hash(small, "CA-02")[:12] in whole


@pytest.mark.browser
@pytest.mark.parametrize("name", ["rule-ca-01.html", "whole.html"])
def test_the_running_head_stands_on_every_printed_page(small: RuleBook, site: Site, tmp_path: Path, name: str) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None or shutil.which("pdftotext") is None:
        pytest.skip("Chromium or pdftotext is not installed (Debian: chromium, poppler-utils)")
    write_book((*site.pages(), *site.assets()), tmp_path / "book")
    printed = tmp_path / "printed.pdf"
    switches = "--headless --no-sandbox --disable-gpu --no-first-run --no-pdf-header-footer"
    command = [chromium, *switches.split(), f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={printed}"]
    subprocess.run([*command, (tmp_path / "book" / name).as_uri()], check=True, capture_output=True, timeout=120)
    text = subprocess.run(
        ["pdftotext", "-layout", str(printed), "-"], check=True, capture_output=True, text=True
    ).stdout
    sheets = text.split("\f")[:-1]
    heads = [next(line for line in sheet.splitlines() if line.strip()) for sheet in sheets]
    first = 1 if name == "whole.html" else 0  # the first page of the whole book begins with its title
    assert [head for head in heads[first:] if small.sha256[:16] not in head] == []
    assert len(heads) > 5 or name != "whole.html"
    assert re.search(rf"1 ?/ ?{len(heads)}$", sheets[0].strip())
    if name == "rule-ca-01.html":
        assert all(f"content {content_hash(small, 'CA-01')[:12]}" in head for head in heads)
