"""What a notebook shows: the outcome and every card with its parts, readable on any ground, and nothing that acts."""

from __future__ import annotations

import json
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import cds
from cds.cards.markdown import blocks
from cds.notebook.markup import EDGES, INDICATORS, element, linked
from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "fhir_samples"
DAY = date(2026, 11, 22)
FILES = sorted(SAMPLES.glob("*/bundle.json"))
TAGS = set("div p span strong em a ul ol li h4 br blockquote table thead tbody tr th td details summary".split())
ATTRIBUTES = {"style", "href", "target", "rel", "open"}
VOID = {"br"}


class Page(HTMLParser):
    """What a browser would make of some HTML: its text, its tags, and whether every element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags, self.attributes, self.links = "", set[str](), set[str](), list[str]()
        self.styles, self.open = list[str](), list[str]()
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        self.attributes |= found.keys()
        self.links += [found["href"] or ""] if "href" in found else []
        self.styles += [found["style"] or ""] if "style" in found else []
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(value: Any) -> Page:
    html = value._repr_html_()
    assert html is not None
    page = Page(html)
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert [link for link in page.links if not link.startswith(("https://", "http://"))] == []
    assert [style for style in page.styles if "url(" in style] == []
    return page


def text_of(node: Any) -> str:
    return node if isinstance(node, str) else "".join(map(text_of, node["children"]))


@pytest.mark.parametrize("file", FILES, ids=[file.parent.name for file in FILES])
def test_an_evaluation_shows_the_outcome_first_and_every_part_of_every_card(file: Path, book: RuleBook) -> None:
    evaluation = cds.evaluate(file, book, DAY)
    page, cards = shown(evaluation), cds.cards_of(evaluation)
    assert page.text.startswith(f"{evaluation.outcome}{book.outcomes[evaluation.outcome]}")
    assert book.sha256[:12] in page.text
    place = 0
    for card in cards:
        told = [card["indicator"], card["summary"], card["source"]["label"], *map(text_of, blocks(card["detail"]))]
        told += [suggestion["label"] for suggestion in card.get("suggestions", [])]
        for part in told:
            place = page.text.index(part, place)
        assert {link["url"] for link in card.get("links", [])} <= set(page.links)
    assert page.text.count("Not a cleared medical device") == 1


def test_a_card_has_the_colour_of_its_indicator_at_its_edge(book: RuleBook) -> None:
    page = shown(cds.evaluate(SAMPLES / "severe-high-calcium-on-digoxin" / "bundle.json", book, DAY))
    assert any(f"border-left:6px solid {EDGES[INDICATORS['critical']]}" in style for style in page.styles)
    assert any(f"background:{INDICATORS['critical']};color:#fff" in style for style in page.styles)


def test_text_has_no_colour_of_its_own_but_on_a_ground_of_its_own(book: RuleBook) -> None:
    page = shown(cds.evaluate_all(SAMPLES, book, DAY))
    page.styles += [style for file in FILES for style in shown(cds.evaluate(file, book, DAY)).styles]
    colours = [[part for part in style.split(";") if part.startswith("color:")] for style in page.styles]
    bare = [style for style, own in zip(page.styles, colours, strict=True) if own and "background:#" not in style]
    assert {part for style in bare for part in style.split(";") if part.startswith("color:")} == {"color:inherit"}


HOSTILE = "<img src=x onerror=alert(1)> </div><script>alert(2)</script> [x](javascript:alert(3)) https://evil.example"


def hostile() -> Any:
    """A record that says hostile things wherever a card, an issue or a table repeats it."""
    text = (SAMPLES / "messy-record" / "bundle.json").read_text(encoding="utf-8")
    data = json.loads(text)
    for entry in data["entry"]:
        resource = entry["resource"]
        for key in ("code", "medicationCodeableConcept"):
            if key in resource:
                resource[key]["text"] = HOSTILE
        if resource["resourceType"] != "Patient":
            resource["id"] = f"{resource.get('id', '')}<b>&quot;"
    return data


def test_what_a_record_says_is_text_and_nothing_in_it_acts(book: RuleBook) -> None:
    evaluation = cds.evaluate(hostile(), book, DAY)
    page = shown(evaluation)
    assert "onerror" in page.text
    assert [link for link in page.links if "evil" in link] == []
    results = cds.evaluate_all([hostile(), f"x{HOSTILE}.json"], book, DAY)
    assert "onerror" in shown(results).text
    assert "onerror" in shown(results[1]).text


def test_results_are_a_table_with_a_line_each_and_say_how_many_more_there_are(book: RuleBook) -> None:
    results = cds.evaluate_all([*FILES, "no-such.json"], book, DAY)
    page = shown(results)
    assert page.text.startswith(f"{len(results)} in all: ")
    assert all(one.file in page.text for one in results)
    assert "[unreadable-file]" in page.text
    assert "1 without an answer" in page.text
    assert "Not a cleared medical device" in page.text
    many = shown(type(results)([*results] * 10))
    assert f"And {len(results) * 10 - 100} more" in many.text
    assert shown(results[:0]).text.startswith("0 in all: no outcome")


def test_one_result_is_shown_as_its_evaluation(book: RuleBook) -> None:
    (one,) = cds.evaluate_all([FILES[0]], book, DAY)
    assert one.evaluation is not None
    assert one._repr_html_() == one.evaluation._repr_html_()


def test_a_rulebook_says_which_it_is_and_what_is_not_heard(book: RuleBook) -> None:
    page = shown(book)
    assert page.text.startswith(book.title)
    assert book.sha256[:12] in page.text
    assert all(outcome in page.text for outcome in book.outcomes)
    assert "Region eu" in shown(cds.open_rulebook(ROOT / "rules", "eu")).text


def test_html_escapes_whatever_it_is_given() -> None:
    assert element("p", "<b>", ["&", None, ""]) == '<p style="margin:.45em 0">&lt;b&gt;&amp;</p>'
    assert linked("<x>", "javascript:alert(1)") == "&lt;x&gt;"
    assert element("a", "t", href='"') == '<a href="&quot;">t</a>'
