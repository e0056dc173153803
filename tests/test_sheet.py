"""The signing sheet: twelve parts on one page, for every rule, and what a reviewer reads before the fold."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from statistics import median

import pytest

from cds.audit.audit_data import AuditData
from cds.audit.sheet import MOST_CASES, MOST_NUMBERS, sheet_of, sheet_page
from cds.audit.site import Site
from cds.evaluation import Evaluator
from cds.rulebook.model import Frozen, RuleBook

DAY = date(2026, 11, 30)
PARTS = (
    *("1 What it says", "2 For whom", "3 On which numbers", "4 The card", "5 Overrules, and is overruled by"),
    *("6 Benefit and harm", "7 Telling cases", "8 At this site", "9 Limits", "10 The site may set"),
    *("11 Changed since signed", "12 Decision"),
)
USUAL_WORDS, MOST_WORDS, BEFORE_THE_FOLD = 600, 800, 700
"""The usual and the most words of a sheet that prints on one page, and the most of a rule page that is not folded."""
LONG = ("BONE-03", "PTH-02", "CAC-03")
"""The rules with the longest sheets: where these fit, the others do."""


def words(html: str) -> int:
    return len(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def main_of(html: str) -> str:
    return re.sub(r"^[^>]*>", "", html.partition("<main")[2].partition("</main>")[0])


@pytest.fixture(scope="module")
def sheets(book: RuleBook) -> dict[str, str]:
    evaluator = Evaluator(book)
    return {name: sheet_page(book, sheet_of(evaluator, name), DAY) for name in book.rules}


def test_every_sheet_has_the_twelve_parts_in_their_order(sheets: dict[str, str]) -> None:
    assert {name for name, page in sheets.items() if tuple(re.findall(r"<h2>(.*?)</h2>", page)) != PARTS} == set()


def test_every_sheet_has_the_words_of_one_page(sheets: dict[str, str]) -> None:
    counts = {name: words(main_of(page)) for name, page in sheets.items()}
    assert {name: count for name, count in counts.items() if count > MOST_WORDS} == {}
    assert median(counts.values()) <= USUAL_WORDS


def test_a_rule_that_can_stop_hold_or_protect_has_a_second_line_to_sign(book: RuleBook, sheets: dict[str, str]) -> None:
    second = {name for name, page in sheets.items() if "<td>second signature</td>" in page}
    assert second == {name for name in book.rules if book.signatures_needed(name) == 2}
    assert {"CA-01", "CA-02", "GUARD-01", "GUARD-02", "GUARD-03"} <= second
    assert "CON-06" not in second


def test_the_number_that_makes_a_card_critical_is_among_those_that_are_shown(sheets: dict[str, str]) -> None:
    assert "<b>magnesium below 1.2</b>" in sheets["CON-01"]


def test_texts_that_are_signed_and_not_shown_are_counted(book: RuleBook, sheets: dict[str, str]) -> None:
    assert f"{len(book.rules['PTH-01'].card.variants)} other texts" in sheets["PTH-01"]
    plain = next(name for name, rule in book.rules.items() if not rule.card.variants)
    assert "Signed with it" not in sheets[plain]


def test_every_rule_says_for_whom_it_is_what_it_does_and_what_it_does_not_see(sheets: dict[str, str]) -> None:
    assert [name for name, page in sheets.items() if "Not yet written." in page] == []


def test_what_nobody_wrote_yet_is_said_and_not_left_out(book: RuleBook) -> None:
    bare = book.rules["CA-01"]._replace(reader=None, limits=())
    unwritten = replace(book, rules=Frozen({**book.rules, "CA-01": bare}))
    page = sheet_page(unwritten, sheet_of(Evaluator(unwritten), "CA-01"), DAY)
    assert page.count("Not yet written.") == 3


def test_a_sheet_shows_few_numbers_and_cases_and_says_how_many_more_numbers_there_are(book: RuleBook) -> None:
    sheet = sheet_of(Evaluator(book), "CA-01")
    assert len(sheet.numbers) == MOST_NUMBERS
    assert len(sheet.cases) == MOST_CASES
    assert f"And {sheet.more} more" in sheet_page(book, sheet, DAY)


def test_the_number_that_the_rule_states_in_words_comes_first(book: RuleBook) -> None:
    assert "84" in book.rules["BONE-03"].says
    assert sheet_of(Evaluator(book), "BONE-03").numbers[0].finding.name == "denosumab in the last 84 days"


def test_every_number_and_every_source_of_a_rule_is_on_its_sheet_with_its_grade(
    book: RuleBook, sheets: dict[str, str]
) -> None:
    for name, rule in book.rules.items():
        page = unescape(sheets[name])
        assert [source for source in rule.evidence if source not in page] == [], name
        assert all(item.sources for item in sheet_of(Evaluator(book), name).numbers), name


def test_findings_that_a_site_may_set_stand_on_the_sheets_that_read_them(
    book: RuleBook, sheets: dict[str, str]
) -> None:
    local = {finding.name for finding in book.findings.values() if finding.local}
    assert 8 <= len(local) <= 15
    part = sheets["CA-01"].partition("10 The site may set")[2].partition("</li>")[0]
    assert "high serum calcium" in part
    said = {name for name in local for page in sheets.values() if name in page.partition("10 The site may set")[2]}
    assert said == local


def test_a_rule_page_of_the_book_is_read_in_few_words_before_what_is_folded(book: RuleBook) -> None:
    site = Site(AuditData(book, DAY, {}, ()))
    counts = {rule.id: words(unfolded(site.rule(rule).html)) for rule in book.rules.values()}
    assert {name: count for name, count in counts.items() if count > BEFORE_THE_FOLD} == {}
    assert len(counts) == len(book.rules)


def unfolded(html: str) -> str:
    """What is seen of a page before anything is opened: the titles of what is folded, not its text."""
    shown = re.compile(r"<details>.*?(<summary>.*?</summary>).*?</details>", re.DOTALL)
    return shown.sub(r"\1", main_of(html))


@pytest.mark.browser
@pytest.mark.parametrize("name", LONG)
def test_the_longest_sheets_print_on_one_page(sheets: dict[str, str], name: str, tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium is installed")
    page, printed = tmp_path / "sheet.html", tmp_path / "sheet.pdf"
    page.write_text(sheets[name], encoding="utf-8")
    switches = "--headless --no-sandbox --disable-gpu --no-first-run --no-pdf-header-footer"
    command = [chromium, *switches.split(), f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={printed}"]
    subprocess.run([*command, page.as_uri()], check=True, capture_output=True, timeout=120)
    assert re.findall(rb"/Type /Pages\s*/Count (\d+)", printed.read_bytes()) == [b"1"]
