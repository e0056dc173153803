"""What the sample patients' cards look like in the column of the public sandbox: measured in Chromium."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, browser, missing_browser
from calls import call, draft, orders, searchset
from people import cds_services, observation
from sandbox_page import COLUMN, page_of

from cds.cards.room import room_of
from cds.client.ehr import ehr_record
from cds.client.request import ehr_request
from cds.hooks.answering import answer
from cds.hooks.services import discovery
from cds.rulebook.model import RuleBook

pytestmark = pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser")
Json = dict[str, Any]
SAMPLES = sorted((Path(__file__).resolve().parent.parent / "fhir_samples").glob("*/bundle.json"))
DAY = date(2026, 11, 22)
HIGHEST = 1500
"""Pixels: what the cards of one answer take at most, one below the other."""
SEEN = """
const column = document.getElementById("cards"), edge = column.getBoundingClientRect().right;
const beyond = [...column.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > edge + 1);
return {height: column.offsetHeight, beyond: beyond.length, text: column.innerText,
  script: column.querySelectorAll("script, img, iframe, a[href]").length,
  links: [...column.querySelectorAll(".links button")].map((one) => one.innerText),
  buttons: [...column.querySelectorAll("button")].map((one) => one.innerText)};
"""


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser") / "profile") as session:
        yield session


def sent(path: Path, book: RuleBook) -> list[Json]:
    """The cards of a sample patient whose chart is opened in an EHR."""
    (service,) = discovery(book, ("patient-view",))["services"]
    body = ehr_request(service, ehr_record(json.loads(path.read_text("utf-8"))), ()).body
    return answer(body, cds_services()["patient-view"], book, DAY).cards


def seen(screen: Browser, cards: list[Json], folder: Path, width: int = COLUMN) -> Json:
    """What Chromium makes of a page with these cards."""
    page = folder / "page.html"
    page.write_text(page_of(cards, width), encoding="utf-8")
    screen.open(page.as_uri())
    found: Json = screen.run(SEEN)
    return found


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_the_cards_of_a_sample_patient_fit_on_a_screen(
    path: Path, screen: Browser, book: RuleBook, tmp_path: Path
) -> None:
    """Median 1,250 pixels, at most 1,494; with ids, long links and repeated facts: median 2,220, at most 3,734."""
    cards = sent(path, book)
    found = seen(screen, cards, tmp_path)
    assert found["height"] <= HIGHEST
    assert abs(sum(map(room_of, cards)) - found["height"]) <= 0.16 * found["height"]
    assert (found["beyond"], found["script"]) == (0, 0)
    assert not [mark for mark in ("**", "###", "\\\\", "&lt;") if mark in found["text"]]
    assert all(len(label) <= 40 for label in found["links"])


def test_a_card_about_orders_is_read_in_a_narrow_column_too(screen: Browser, book: RuleBook, tmp_path: Path) -> None:
    body = call("order-sign", {"draftOrders": orders(draft())}, statements=searchset(),
                observations=searchset(observation("LOINC 17861-6", 11.8, "mg/dL")))  # fmt: skip
    cards = answer(body, cds_services()["order-sign"], book, date(2026, 1, 15)).cards
    found = seen(screen, cards, tmp_path, 400)
    assert found["text"].count("Ordered: Calcium Carbonate 1250 MG / Cholecalciferol 400 UNT Oral Tablet") == len(cards)
    assert found["buttons"][0].startswith("Remove the draft order: Calcium Carbonate")
    assert found["beyond"] == 0
