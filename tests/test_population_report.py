"""The report of a run shows the figures of its summary, needs no network, and what records say in it is only text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

from browser import Browser, browser, missing_browser
from made_run import cards, issues, made_run, orphan, row, value

from cds.population.books.finished_run import NotARunError
from cds.population.report.closing import REPORT, SUMMARY, write_summary
from cds.population.report.histograms import histogram
from cds.population.report.page import report_of
from cds.population.report.small_cells import SHOW_ALL
from cds.rulebook.model import RuleBook
from cds.screen.populations import run_text

Json = dict[str, Any]
HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">",
    "{{ 7 * 7 }} {% raw %} </td></table></style><style>*{display:none}",
    "javascript:alert(1) http://planted.example/x.png",
    "\u202egnp.exe\u0000\u001b[2J",
)
LONG = "Calcium, Gesamt-, korrigiert nach Payne, " * 6
FILES = "export/Observation.part-0001.ndjson, export/Observation.part-0002.ndjson, export/MedicationRequest.ndjson"
PROBLEM = f"<b>Files</b> are named by the manifest and are not there: {FILES}. Fetch them again. [file-missing]"
VOID = {"meta", "link", "br", "img", "hr", "input"}


def people(book: RuleBook) -> list[Json]:
    """Invented answers in which every rule fires, with hostile words and values on several scales."""
    rules, outcomes = list(book.rules), list(book.outcomes)
    found = []
    for n in range(1200):
        outcome = outcomes[n % 5 if n % 100 else 5]
        doses = value("total calcium intake", 400 + (n * 37) % 2600, unit="mg/d")
        lab = value("calcium to use", round(8 + ((n * 7919) % 1000) / 300, 1))
        fired = {rules[n % len(rules)], rules[(n * n) % len(rules)]}
        words = [orphan(text, "code", HOSTILE[0], HOSTILE[1], HOSTILE[2]) for text in HOSTILE] if n % 3 else []
        found.append(
            row(
                n,
                outcome=outcome,
                decidedBy=rules[n % 7],
                fired=sorted(fired | {rules[n % 7]}),
                asks=[rules[n % 11]],
                advice=[list(book.advice)[n % 20]],
                settledBy=["serum calcium"] if n % 4 else [],
                cards=cards(*["info", "warning", "critical"][: n % 4]),
                issues=issues("unusable-unit"),
                orphans=[*words, orphan(LONG)],
                values=[doses, lab],
                nextChange=date(2027, 1 + n % 12, 1) if n % 2 else None,
            )
        )
    return [*found, *(row(1200 + n, error={"code": "wrong-release", "text": "t"}) for n in range(20))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, book: RuleBook) -> Path:
    made = made_run(tmp_path_factory.mktemp("run"), book, people(book), problems=[PROBLEM])
    write_summary(made, book)
    return made


@pytest.fixture(scope="module")
def summary(folder: Path) -> Json:
    return dict(json.loads((folder / SUMMARY).read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / REPORT).read_text(encoding="utf-8")


class Tags(HTMLParser):
    """The tags of a page with their attributes; ``faults`` are tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing at {self.getpos()}")


def text_of(html: str) -> str:
    """The words of HTML, with one space between them."""
    without = re.sub(r"<style>.*?</style>|<title>.*?</title>|<desc>.*?</desc>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without)).split())


def rows_of(html: str) -> dict[str, list[str]]:
    """The rows of all tables: the text of the first cell, and of the others; of two the first row counts."""
    found: dict[str, list[str]] = {}
    for line in re.findall(r"<tr.*?</tr>", html, flags=re.DOTALL):
        first, *others = (text_of(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", line, flags=re.DOTALL))
        found.setdefault(first, others)
    return found


def section(page: str, place: str) -> str:
    return re.split(r'<h2 id="', page.partition(f'<h2 id="{place}">')[2])[0]


def test_the_first_line_says_incomplete_and_why(page: str) -> None:
    words = text_of(page.partition("<main")[2].partition(">")[2])
    assert words.startswith("Incomplete. What follows is not about everybody, or not about all of their data:")
    assert words.index("[file-missing]") < words.index("Population report")
    assert "<title>Incomplete" in page


def test_the_first_line_of_a_complete_run_says_so(tmp_path: Path, book: RuleBook) -> None:
    write_summary(made_run(tmp_path, book, [row(n, outcome="hold", decidedBy="CA-01") for n in range(20)]), book)
    words = text_of((tmp_path / REPORT).read_text(encoding="utf-8").partition("<main")[2].partition(">")[2])
    assert words.startswith("Complete. Everybody who came in was answered or is among the refused")


def test_the_page_shows_the_counts_of_the_summary(page: str, summary: Json, book: RuleBook) -> None:
    outcomes = rows_of(section(page, "outcomes"))
    for entry in summary["outcomes"]:
        assert outcomes[f"{entry['outcome']} {entry['says']}"][0] == f"{entry['patients']:,}"
    rules = rows_of(section(page, "rules"))
    shown = [entry for entry in summary["rules"] if isinstance(entry["fired"], int) and entry["fired"]]
    assert len(shown) > 40
    for entry in shown:
        told = rules[f"{entry['rule']} {entry['title']}"]
        assert (told[0], told[1]) == (f"{entry['fired']:,}", f"{entry['per100']:.1f}")
    settled = rows_of(section(page, "undecided"))["serum calcium"][0]
    assert settled == f"{summary['undecided']['settledBy'][0]['patients']} of {summary['undecided']['patients']}"
    alerts = rows_of(section(page, "alerts"))
    assert all(alerts[entry["cards"]][0] == f"{entry['patients']}" for entry in summary["alerts"]["patientsByCards"])
    steps = rows_of(section(page, "distributions"))
    assert steps["above 12"] if "above 12" in steps else steps["12 or more"]


def test_every_part_that_a_quality_officer_needs_is_there_in_its_order(page: str) -> None:
    places = re.findall(r'<h2 id="([a-z]+)"', page)
    told = "outcomes undecided rules alerts distributions time orphans issues ledger provenance".split()
    assert places == told
    assert set(re.findall(r'href="#([a-z]+)"', page)) == set(places)


def test_the_provenance_names_rulebook_day_inputs_and_limits(page: str, book: RuleBook) -> None:
    words = text_of(section(page, "provenance"))
    for told in (book.version, book.sha256, "2026-11-22", "export/Patient.ndjson", "a" * 64, "4,096"):
        assert told in words
    assert "Every rule is a draft until a named clinician signs it. Not a cleared or certified medical device." in words


def test_words_of_records_and_of_problems_stay_words(page: str) -> None:
    tags = Tags(page)
    assert tags.faults == []
    assert tags.open == []
    names = {tag for tag, _ in tags.found}
    assert not names & {"script", "img", "iframe", "object", "form", "b style"}
    assert sum(tag == "style" for tag, _ in tags.found) == 1
    assert not [given for _, given in tags.found if any(name.startswith("on") for name in given)]
    words = text_of(section(page, "orphans"))
    assert "<script>document.title='owned'</script>" in words
    assert "{{ 7 * 7 }}" in words
    assert "\u202e" not in page
    assert "\u001b" not in page
    assert "\u0000" not in page
    assert "&lt;b&gt;Files" in page


def test_nothing_is_fetched_from_anywhere(page: str) -> None:
    for tag, given in Tags(page).found:
        for name in ("src", "href", "srcset", "data", "action", "xlink:href", "poster"):
            link = given.get(name)
            assert link is None or link.startswith("#") or link == "data:,", (tag, link)
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in page


def test_no_patient_and_no_small_count_is_on_the_page(page: str) -> None:
    assert "secret" not in page
    numbers = [cell for cells in rows_of(section(page, "rules")).values() for cell in cells[:1]]
    assert not [cell for cell in numbers if re.fullmatch(r"[1-9]|10", cell)]


def test_every_picture_has_words_for_those_who_do_not_see_it(page: str) -> None:
    pictures = re.findall(r"<svg [^>]*>", page)
    told = [tag for tag in pictures if 'role="img"' in tag]
    assert len(told) == len(re.findall(r"<svg [^>]*><title>[^<]+</title><desc>[^<]+</desc>", page)) > 1
    assert all('aria-hidden="true"' in tag for tag in pictures if tag not in told)


def test_a_histogram_has_every_threshold_and_bars_of_the_area_of_their_patients(summary: Json) -> None:
    scale = next(item for item in summary["distributions"] if item["title"] == "calcium to use")
    drawn = str(histogram(scale))
    marks = [f"{mark['at']:g}" for mark in scale["thresholds"]]
    assert sorted(re.findall(r'class="at">([^<]+)<', drawn)) == sorted(marks)
    bars = [(float(w), float(h)) for w, h in re.findall(r'width="([\d.]+)" height="([\d.]+)" class="bin"', drawn)]
    inner = [held for held in scale["bins"] if held["from"] is not None and held["to"] is not None]
    areas = [(wide * high, held["patients"]) for (wide, high), held in zip(bars, inner, strict=True)]
    unit = max(areas)[0] / max(areas)[1]
    assert all(abs(area - unit * patients) < 0.15 * area + 12 for area, patients in areas)


def test_thresholds_that_are_near_each_other_have_numbers_in_different_lines(summary: Json) -> None:
    scale = next(item for item in summary["distributions"] if item["title"] == "total calcium intake")
    number = r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="middle" class="at">(\d+)<'
    placed = re.findall(number, str(histogram(scale)))
    boxes = [(float(x), float(y), len(words) * 7.8 / 2) for x, y, words in placed]
    assert len(boxes) == 7
    for n, (x, y, half) in enumerate(boxes):
        assert not [1 for x2, y2, half2 in boxes[:n] if y == y2 and abs(x - x2) < half + half2]


def test_the_files_are_the_same_bytes_when_they_are_written_again(folder: Path, book: RuleBook) -> None:
    before = [(folder / name).read_bytes() for name in (SUMMARY, REPORT)]
    write_summary(folder, book)
    assert [(folder / name).read_bytes() for name in (SUMMARY, REPORT)] == before
    assert not list(folder.glob(".*"))


def test_a_report_that_cannot_be_made_leaves_the_older_one(tmp_path: Path, book: RuleBook) -> None:
    folder = made_run(tmp_path, book, [row(n, outcome="hold", decidedBy="CA-01") for n in range(20)])
    write_summary(folder, book)
    before = (folder / REPORT).read_bytes()
    (folder / "ledger.json").write_text("{", encoding="utf-8")
    with pytest.raises(NotARunError, match=r"ledger.json' is not JSON"):
        write_summary(folder, book)
    assert (folder / REPORT).read_bytes() == before


def test_small_cells_are_on_the_page_of_those_who_want_them(tmp_path: Path, book: RuleBook) -> None:
    folder = made_run(tmp_path, book, [row(n, outcome="hold", decidedBy="CA-01") for n in range(3)])
    write_summary(folder, book, SHOW_ALL)
    assert rows_of((folder / REPORT).read_text(encoding="utf-8"))["CA-01 High serum calcium"][0] == "3"
    assert "Here all counts are shown" in text_of((folder / REPORT).read_text(encoding="utf-8"))


def test_a_report_of_nobody_is_a_page(tmp_path: Path, book: RuleBook) -> None:
    write_summary(made_run(tmp_path, book, []), book)
    assert Tags((tmp_path / REPORT).read_text(encoding="utf-8")).faults == []


def test_the_terminal_is_told_first_whether_the_run_is_complete(summary: Json) -> None:
    lines = run_text(summary).splitlines()
    assert lines[0].startswith("Incomplete. Patients: 1,220 in, 1,200 answered, 20 refused.")
    assert lines[1].strip() == PROBLEM
    hold = next(entry for entry in summary["outcomes"] if entry["outcome"] == "hold")
    assert any(line.split()[:2] == ["hold", f"{hold['patients']:,}"] for line in lines)
    assert any(line.startswith("serum calcium would settle") for line in lines)
    assert "\x1b" not in run_text(summary)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if missing_browser():
        pytest.skip(missing_browser())
    with browser(tmp_path_factory.mktemp("browser") / "profile") as found:
        yield found


OVERLAPPING = """
const seen = [...document.querySelectorAll('svg[role=img]')].flatMap(picture => {
  const boxes = [...picture.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
  const own = picture.getBoundingClientRect();
  const outside = boxes.filter(([, box]) => box.left < own.left - 1 || box.right > own.right + 1);
  const pairs = boxes.flatMap(([one, a], n) => boxes.slice(n + 1)
    .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3)
    .map(([other]) => `${one} on ${other}`));
  return [...outside.map(([words]) => `${words} outside`), ...pairs];
});
const cells = [...document.querySelectorAll('th, td, dd, dt, p, li, h1, h2, h3')]
  .filter(cell => cell.scrollWidth > cell.clientWidth + 1 && getComputedStyle(cell).display !== 'inline')
  .map(cell => cell.textContent.trim().slice(0, 60));
return [...seen, ...cells];
"""
SIDEWAYS = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_is_seen_without_errors_requests_scrolling_sideways_or_words_on_words(
    session: Browser, folder: Path, width: int
) -> None:
    session.log("browser")
    session.requested()
    screen = {"width": width, "height": 1200, "deviceScaleFactor": 1, "mobile": False}
    session.call("POST", "goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": screen})
    url = (folder / REPORT).as_uri()
    session.open(url)
    assert session.run("return document.title").startswith("Incomplete")
    assert session.run(SIDEWAYS) <= 0
    assert session.run(OVERLAPPING) == []
    assert [entry for entry in session.log("browser") if entry["level"] != "INFO"] == []
    assert session.requested() <= {url}
    assert len(session.texts(".scale")) >= 2


@pytest.mark.browser
def test_words_on_words_would_be_seen(session: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    text = '<text x="10" y="20">one</text><text x="14" y="20">other</text>'
    page.write_text(f'<svg role="img" viewBox="0 0 100 40">{text}</svg>', encoding="utf-8")
    session.open(page.as_uri())
    assert session.run(OVERLAPPING) == ["one on other"]


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("ink", ["#1b2430", "#4a5666", "#7a2408", "#0b4f8a"])
@pytest.mark.parametrize("paper", ["#ffffff", "#f4f6f8", "#fdf0f0", "#eef7f1"])
def test_text_has_the_contrast_of_wcag_aa(page: str, ink: str, paper: str) -> None:
    assert ink in page
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_a_report_is_made_of_its_summary_alone(summary: Json, page: str, book: RuleBook) -> None:
    assert report_of(summary, book) == page
