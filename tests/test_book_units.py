"""Numbers of the audit book in two systems of units: round ones as they are written, and pairs that can be turned."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from cds.audit.amounts import both
from cds.audit.audit_data import AuditData
from cds.audit.ladders import drawings_of
from cds.audit.site import Site
from cds.audit.two_units import converted, kind_of, marked
from cds.evaluation import Evaluator
from cds.rulebook.model import RuleBook

DAY = date(2026, 11, 22)
PAIR = re.compile(r'<span class="both" data-first="(\w+)" data-other="([^"]*)">([^<]*)</span>')


def pairs(book: RuleBook, text: str) -> list[tuple[str, ...]]:
    return [tuple(map(unescape, found)) for found in PAIR.findall(marked(book, f"<p>{text}</p>"))]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((49.92, "50"), (29.952, "30"), (74.88, "75"), (124.8, "125"), (249.6, "250"), (374.4, "375")),
        *((2.6198, "2.62"), (1.8713, "1.87"), (2.994, "3"), (2.5449, "2.54"), (6.2375, "6.24"), (26.52, "26.5")),
        *((0.0, "0"), (100.0, "100"), (1234.0, "1234"), (0.6993, "0.7"), (13.786, "13.8")),
    ],
)
def test_a_converted_number_is_the_roundest_that_is_as_good_as_equal(value: float, text: str) -> None:
    assert converted(value) == text
    assert float(text) == pytest.approx(value, rel=0.005)


def test_twenty_nanograms_are_fifty_nanomoles(book: RuleBook) -> None:
    assert both(book, "25-OH vitamin D", 20, "ng/mL") == "20 ng/mL (50 nmol/L)"
    assert both(book, "vitamin D dose", 4000, "[iU]/d") == "4000 IU/day (100 µg/day)"


def test_a_pair_of_numbers_holds_itself_in_the_other_order(book: RuleBook) -> None:
    assert pairs(book, "below 20 ng/mL (50 nmol/L).") == [
        ("conventional", "50 nmol/L (20 ng/mL)", "20 ng/mL (50 nmol/L)")
    ]
    assert pairs(book, "1.32 mmol/L (5.3 mg/dL)") == [("si", "5.3 mg/dL (1.32 mmol/L)", "1.32 mmol/L (5.3 mg/dL)")]
    (found,) = pairs(book, "usually 8 to 9 mg/dL (2 to 2.25 mmol/L)")
    assert found[1] == "2 to 2.25 mmol/L (8 to 9 mg/dL)"


@pytest.mark.parametrize(
    "text",
    [
        "12 to below 20 ng/mL (30 to 50 nmol/L)",
        "12 to below 20 ng/mL (50 nmol/L)",
        "between 20 and 30 ng/mL (75 nmol/L)",
        "20–30 ng/mL (75 nmol/L)",
        "20 ng/mL (30 ng/mL)",
        "20 ng/mL (see below)",
        "A20 ng/mL (50 nmol/L)",
    ],
)
def test_what_would_be_misread_when_it_is_turned_stays_as_it_is(book: RuleBook, text: str) -> None:
    assert pairs(book, text) == []


def test_only_text_is_marked_and_only_once(book: RuleBook) -> None:
    text = "20 ng/mL (50 nmol/L)"
    untouched = f'<title>{text}</title><pre>{text}</pre><svg><text>{text}</text></svg><p title="{text}">x</p>'
    assert marked(book, untouched) == untouched
    once = marked(book, f"<p>{text}</p>")
    assert once != f"<p>{text}</p>"
    assert marked(book, once) == once


def test_a_ladder_holds_its_numbers_in_both_orders_and_its_steps_too(book: RuleBook) -> None:
    findings = [finding for finding in book.findings.values() if finding.chapter == "Vitamin D"]
    drawing = next(d for d in drawings_of(Evaluator(book), findings) if d.scale.title == "25-OH vitamin D")
    assert kind_of(drawing.unit) == drawing.first == "conventional"
    orders = dict(re.findall(r'<g class="(written|swapped)">(.*?)</g>', drawing.picture)[:2])
    assert re.findall(r">([^<]+)</text>", orders["written"]) == ["30", "50", "75", "125", "250", "375", "nmol/L"]
    assert re.findall(r">([^<]+)</text>", orders["swapped"]) == ["12", "20", "30", "50", "100", "150", "ng/mL"]
    page = Site(AuditData(book, DAY, {}, ())).chapter("Vitamin D").html
    assert 'data-other="below 30 nmol/L">below 12 ng/mL<' in page
    assert 'data-other="below 12 ng/mL">below 30 nmol/L<' in page


def test_no_page_says_forty_nine_point_nine(book: RuleBook) -> None:
    site = Site(AuditData(book, DAY, {}, ()))
    assert "49.9" not in re.sub(r"<[^>]+>", " ", site.chapter("Vitamin D").html)
