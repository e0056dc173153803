"""The page at ``/`` in headless Chromium: what a person sees, changes and is told; hostile records do nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, browser, missing_browser, served
from people import CALCIUM, CARBONATE_500, concept, condition, observation, patient, statement
from test_injection import PAYLOADS

from cds.rulebook.model import RuleBook
from cds.service.app import application
from cds.service.rulebooks import CurrentRulebook
from cds.service.state import Service

pytestmark = pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser")
Json = dict[str, Any]
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>{{7*7}}"


@pytest.fixture(scope="module")
def url(book: RuleBook) -> Iterator[str]:
    with served(application(Service(CurrentRulebook(book)))) as base:
        yield base


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser") / "profile") as found:
        yield found


@pytest.fixture
def page(session: Browser, url: str) -> Iterator[Browser]:
    """The page, fresh; afterwards nothing may stand in its console, and nobody else may have been asked."""
    session.open("about:blank")
    session.log("browser")
    session.requested()
    session.open(url)
    session.sees("#sample", "Osteoporosis")
    yield session
    assert [entry for entry in session.log("browser") if entry["level"] != "INFO"] == []
    assert {request for request in session.requested() if not request.startswith(f"{url}/")} <= {"about:blank"}


def pick(page: Browser, sample: str) -> None:
    page.click(f"#sample option[value='{sample}']")
    page.sees("#outcome", "Sample:")


def number(name: str) -> str:
    return f"#values input[type=number][aria-label^='{name}']"


def bundle(*resources: Json) -> str:
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]})


def paste(page: Browser, text: str) -> None:
    page.run(
        "document.querySelector('.drop details').open = true; document.getElementById('pasted').value = arguments[0]",
        text,
    )
    page.click("#read")


def test_a_sample_that_is_picked_shows_outcome_cards_and_the_why_of_the_deciding_rule(page: Browser) -> None:
    pick(page, "high-calcium")
    assert page.text(".banner .word") == "hold"
    assert page.texts(".card .tag.decides") == ["Decides"]
    first = page.text(".card")
    assert "Warning" in first
    assert "consider pausing" in first
    assert "11.12 mg/dL" in page.text(".why-rule[data-rule='CA-01']")
    assert page.texts(".suggestions summary")


def test_a_sample_can_be_opened_from_the_start_of_the_page(page: Browser) -> None:
    assert len(page.texts("#tiles button")) == len(list(Path("fhir_samples").glob("*/bundle.json")))
    page.click("#tiles li:nth-child(2) button")
    page.sees("#outcome", "Sample:")
    assert page.run("return document.getElementById('welcome').hidden && document.getElementById('sample').value")


def test_why_of_another_card_is_one_click_away_and_of_a_silent_rule_one_choice(page: Browser) -> None:
    pick(page, "osteoporosis-and-calcified-arteries")
    page.click(".card[data-rules='CAC-01'] button.why")
    assert "coronary calcium score" in page.sees(".why-rule[data-rule='CAC-01']", "238")
    assert page.run("return document.querySelectorAll('button.why[aria-pressed=true]').length") == 1
    page.click("#rule option[value='CA-01']")
    assert "Did not fire" in page.text(".why-rule[data-rule='CA-01']")


def test_a_number_that_is_changed_is_answered_with_what_it_changes_and_can_be_put_back(page: Browser) -> None:
    pick(page, "osteoporosis-and-calcified-arteries")
    page.type(number("serum calcium"), "12.6")
    told = page.sees("#changed", "continue → stop")
    assert "now said" in told
    assert "CA-02" in told
    assert "no longer" in told
    assert page.text(".banner .word") == "stop"
    assert "was 9.4" in page.text(".line.touched")
    page.click("#back")
    page.sees(".banner", "continue")
    assert page.text("#changed") == ""
    assert page.run("return document.querySelector(arguments[0]).value", number("serum calcium")) == "9.4"


def test_a_dose_that_is_changed_says_so_too(page: Browser) -> None:
    pick(page, "osteoporosis-and-calcified-arteries")
    page.type(number("Calcium 600 mg (as carbonate) / vitamin D3 400 IU tablet, times"), "3")
    assert "adjust-dose" in page.sees("#changed", "→")


def test_a_result_without_its_tick_is_not_known_and_not_taken_for_normal(page: Browser) -> None:
    pick(page, "osteoporosis-and-calcified-arteries")
    page.run(
        "[...document.querySelectorAll('.line-head label')].find(l => l.innerText === 'serum calcium').control.click()"
    )
    page.sees("#changed", "continue → insufficient-data")
    turned = page.run("return document.querySelector('#changed').textContent")
    assert "high serum calcium: absent → unknown" in turned
    assert "calcium to use: 9.24 mg/dL → not known" in turned


def test_another_day_is_told_like_a_changed_value(page: Browser) -> None:
    pick(page, "osteoporosis-and-calcified-arteries")
    page.run(
        "const day = document.getElementById('day'); day.value = '2029-01-01'; day.dispatchEvent(new Event('change'))"
    )
    page.sees("#changed", "continue → insufficient-data")
    assert "as of 2029-01-01" in page.text("#outcome")


def test_a_service_that_went_away_is_told_and_no_answer_of_before_stays(session: Browser, book: RuleBook) -> None:
    with served(application(Service(CurrentRulebook(book)))) as base:
        session.open(base)
        session.sees("#sample", "Osteoporosis")
        pick(session, "high-calcium")
    session.type(number("serum calcium"), "9")
    session.sees("#failure", "The service does not answer.")
    assert (session.texts(".card"), session.text("#outcome")) == ([], "")


def test_a_change_without_effect_is_told_as_that(page: Browser) -> None:
    pick(page, "osteoporosis-and-calcified-arteries")
    page.type(number("magnesium"), "2.1")
    page.sees("#changed", "stay the same")


def test_a_bundle_can_be_pasted(page: Browser) -> None:
    paste(page, bundle(patient(birth="1980-01-01"), statement(CARBONATE_500)))
    assert "Pasted bundle" in page.sees("#outcome", "Patient/p")


def test_a_bundle_can_be_opened_as_a_file_and_dropped_anywhere(page: Browser, tmp_path: Path) -> None:
    place = tmp_path / "mine.json"
    place.write_text(bundle(patient(), statement(CARBONATE_500)), encoding="utf-8")
    page.type("#file", str(place))
    page.sees("#outcome", "File: mine.json")
    page.run(
        "const data = new DataTransfer(); data.items.add(new File([arguments[0]], 'dropped.json'));"
        "document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}))",
        bundle(patient(), condition("ICD-10-CM M81.0")),
    )
    page.sees("#outcome", "File: dropped.json")


def test_what_is_no_bundle_gets_the_message_of_the_service_and_no_card_of_before_stays(
    session: Browser, url: str
) -> None:
    session.open(url)
    session.sees("#sample", "Osteoporosis")
    pick(session, "high-calcium")
    paste(session, "{not json")
    assert "[not-json]" in session.sees("#failure", "This is not JSON")
    assert (session.texts(".card"), session.text("#outcome")) == ([], "")


def test_text_of_a_record_is_inert_wherever_it_is_shown(page: Browser) -> None:
    hostile = [
        patient(name=[{"text": HOSTILE}]),
        {**observation(CALCIUM, 11.5, "mg/dL", identity=HOSTILE), "code": concept(CALCIUM, HOSTILE)},
        observation(CALCIUM, 11.5, HOSTILE, identity="u"),
        statement(CARBONATE_500, identity=HOSTILE, medicationCodeableConcept=concept(CARBONATE_500, HOSTILE)),
        condition("ICD-10-CM M81.0", identity=HOSTILE),
    ]
    paste(page, bundle(*hostile))
    page.sees("#outcome", "Pasted bundle")
    assert page.run("return document.title") == "calcium-cds: a patient, the cards, and why"
    assert page.run("return document.querySelectorAll('main img, main script').length") == 0
    assert "<img src=x" in page.text("main")


def test_every_payload_of_the_injection_table_is_inert_on_the_page(page: Browser) -> None:
    payloads = list(PAYLOADS.values())
    results = [
        {**observation(CALCIUM, 11 + number / 100, payload, identity=payload), "code": concept(CALCIUM, payload)}
        for number, payload in enumerate(payloads)
    ]
    medicines = [statement("", text=f"Tums {payload}", identity=payload) for payload in payloads]
    conditions = [condition("ICD-10-CM M81.0", text=payload, identity=payload) for payload in payloads]
    paste(page, bundle(patient(), observation(CALCIUM, 11.5, "mg/dL"), *results, *medicines, *conditions))
    page.sees("#outcome", "Pasted bundle")
    page.run("for (const hidden of document.querySelectorAll('details')) hidden.open = true")
    assert page.run("return document.querySelectorAll('main img, main script, main svg, main iframe').length") == 0
    links = page.run("return [...document.querySelectorAll('main a')].map(link => link.hostname)")
    assert not any("evil" in host for host in links)


def test_everything_can_be_reached_and_read_with_keyboard_and_screen_reader(page: Browser) -> None:
    pick(page, "messy-record")
    unnamed = page.run(
        "return [...document.querySelectorAll('main input, main select, main textarea, main button')].filter(e => "
        "![...e.labels].some(l => l.textContent.trim()) && !e.getAttribute('aria-label') && !e.textContent.trim())"
        ".map(e => e.outerHTML)"
    )
    assert unnamed == []
    ids = page.run("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    levels = page.run("return [...document.querySelectorAll('h1,h2,h3,h4')].map(e => Number(e.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    page.run("document.querySelector('.skip').focus()")
    page.press("\ue007")
    assert page.run("return document.activeElement.id") == "answer"


def test_no_text_is_too_pale_to_read(page: Browser) -> None:
    pick(page, "severe-high-calcium-on-digoxin")
    assert page.run(CONTRAST) == []


CONTRAST = """
const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
const light = (c) => { const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b; };
const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
  if (c.length < 4 || c[3] > .99) return c.slice(0, 3); } return [255, 255, 255]; };
const pale = [];
for (const e of document.querySelectorAll('body *')) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.offsetParent) continue;
  const [one, two] = [light(rgb(getComputedStyle(e).color).slice(0, 3)), light(ground(e))].sort((a, b) => b - a);
  if ((one + .05) / (two + .05) < 4.5) pale.push(e.outerHTML.slice(0, 80));
}
return pale;
"""
"""Texts whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3)."""
