"""A view of the page: its address, the units that stay, paper, narrow and dark screens, keyboard and screen reader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from browser import Browser, browser, missing_browser, served, until
from people import CALCIUM, CARBONATE_500, bundle, condition, observation, patient, statement
from test_page import CONTRAST, paste

from cds.rulebook.model import RuleBook
from cds.service.app import application
from cds.service.rulebooks import CurrentRulebook
from cds.service.state import Service

pytestmark = pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser")
TAB, ENTER = "\ue004", "\ue007"
SAMPLE = "osteoporosis-and-calcified-arteries"
CALCIUM_FIELD = "#values input[type=number][aria-label^='serum calcium']"
OWN = ("zq-secret-id", "Zqlast", "1961-07-19", "987.5")
"""What stands in a record of a person's own, and must stand nowhere else."""
KEPT = "return JSON.stringify([location.href, {...localStorage}, {...sessionStorage}, document.cookie, history.state])"
PAPER_WIDTH, PAPER_HEIGHT = 688, 994
"""What the margins leave of A4, in pixels of 1/96 inch."""
NO_STORAGE = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"


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
    """The page, fresh, on a usual screen, in a browser that kept nothing; nothing may stand in its console."""
    session.looks()
    session.open(url)
    session.run("localStorage.clear()")
    session.log("browser")
    session.open(url)
    session.sees("#sample", "Osteoporosis")
    yield session
    assert [entry for entry in session.log("browser") if entry["level"] != "INFO"] == []


def linked(page: Browser, url: str, **view: str) -> None:
    """Open an address, from elsewhere."""
    page.open("about:blank")
    page.open(f"{url}/?{urlencode(view)}")
    page.sees("#sample", "Osteoporosis")


def address(page: Browser) -> dict[str, str]:
    parts = urlsplit(str(page.run("return location.href")))
    assert parts.fragment == ""
    return {name: value for name, (value,) in parse_qs(parts.query).items()}


def answer(page: Browser) -> list[str]:
    """What a person sees of a view."""
    shown = page.run("return ['sample', 'day', 'rule', 'units'].map(id => document.getElementById(id).value)")
    return [*shown, page.text("#outcome"), page.text("#why"), *page.texts(".card h3")]


def paste_own(page: Browser) -> None:
    who = patient(identity=OWN[0], birth=OWN[2], name=[{"family": OWN[1]}])
    results = [observation(CALCIUM, 11.5, "mg/dL"), observation("LOINC 2731-8", float(OWN[3]), "pg/mL", identity="pth")]
    data = json.dumps(bundle(who, *results, statement(CARBONATE_500), condition("ICD-10-CM M81.0")))
    data = data.replace('"Patient/p"', f'"Patient/{OWN[0]}"')
    page.run(
        "document.querySelector('.drop details').open = true; document.getElementById('pasted').value = arguments[0]",
        data,
    )
    page.click("#read")
    page.sees("#outcome", "Pasted bundle")


# ---- the address -----------------------------------------------------------------------------------------------------


def test_the_address_of_a_view_opens_the_same_view_elsewhere(page: Browser, url: str) -> None:
    page.click(f"#sample option[value='{SAMPLE}']")
    page.sees("#outcome", "Sample:")
    page.click(".card[data-rules='CAC-01'] button.why")
    page.click("#units option[value='si']")
    page.sees(".card[data-rules^='BONE-01'] h3", "mmol/L")
    page.run(
        "const day = document.getElementById('day'); day.value = '2026-11-25'; day.dispatchEvent(new Event('change'))"
    )
    page.sees("#outcome", "as of 2026-11-25")
    found, before = address(page), answer(page)
    assert {name: found[name] for name in ("sample", "day", "rule", "units")} == {
        "sample": SAMPLE, "day": "2026-11-25", "rule": "CAC-01", "units": "si",
    }  # fmt: skip
    page.run("localStorage.clear()")
    linked(page, url, **found)
    page.sees("#outcome", "as of 2026-11-25")
    assert (answer(page), page.text("#notice")) == (before, "")


@pytest.mark.parametrize(
    ("view", "told", "shown"),
    [
        ({"sample": "hi-calcium"}, "is not here. Choose one from the list. Is “high-calcium” meant?", ""),
        ({"sample": SAMPLE, "rule": "CA-1"}, "the rule “CA-1”, which is not in this rulebook", "continue"),
        ({"sample": SAMPLE, "day": "2026-02-30"}, "the day “2026-02-30”, which is no date", "as of 2026-11-22"),
        ({"sample": SAMPLE, "units": "SI"}, "“SI”. There are si and conventional. Is “si” meant?", "continue"),
        ({"sampel": SAMPLE}, "“sampel”, which means nothing here. Is “sample” meant?", ""),
        ({"rule": "CA-01"}, "The link names no sample.", ""),
        ({"sample": SAMPLE, "rulebook": "0.0.1-aaaaaaaaaaaa"}, "“0.0.1-aaaaaaaaaaaa”; here it is", "continue"),
        ({"sample": SAMPLE, "changed": "yes"}, "had changed values. They are not in the link", "continue"),
        ({"sample": "<img src=x onerror=alert(1)>" + "x" * 99}, "the sample “<img src=x onerror=alert(1)>xxx", ""),
    ],
)  # fmt: skip
def test_a_name_in_a_link_that_leads_nowhere_is_told_and_the_rest_is_shown(
    page: Browser, url: str, view: dict[str, str], told: str, shown: str
) -> None:
    linked(page, url, **view)
    assert told in page.sees("#notice", "link")
    assert (page.text("#outcome") != "") == bool(shown)
    assert shown in page.text("#outcome")


def test_nothing_of_a_record_of_ones_own_reaches_the_address_or_what_the_browser_keeps(page: Browser) -> None:
    page.click(f"#sample option[value='{SAMPLE}']")
    page.sees("#outcome", "Sample:")
    page.click(".card[data-rules='CAC-01'] button.why")
    paste_own(page)
    page.click(".card button.why")
    page.click("#units option[value='si']")
    page.type(CALCIUM_FIELD, "987.5")
    page.sees("#changed", "987.5")
    assert address(page) == {"units": "si"}
    kept = str(page.run(KEPT))
    assert not [word for word in (*OWN, "CA-01", "11.5", SAMPLE) if word in kept]
    assert "holds nothing of what you opened" in page.text("#link-note")


def test_what_was_changed_in_a_sample_is_not_in_its_link_and_the_link_says_so(page: Browser, url: str) -> None:
    page.click(f"#sample option[value='{SAMPLE}']")
    page.sees("#outcome", "Sample:")
    page.type(CALCIUM_FIELD, "13.37")
    page.sees("#changed", "continue → stop")
    assert "What you changed is not in the link" in page.text("#link-note")
    found = address(page)
    assert (set(found), found["changed"]) == ({"sample", "day", "rulebook", "changed"}, "yes")
    assert "13.37" not in str(page.run(KEPT))
    linked(page, url, **found)
    assert "They are not in the link: this is the sample as it is." in page.sees("#notice", "link")
    assert "continue" in page.text(".banner .word")


SLOW_ONCE = """const real = window.fetch;
window.fetch = async (path, options) => {
  const isFirst = String(path).includes("evaluate") && !window.delayed;
  if (!isFirst) return real(path, options);
  window.delayed = "waiting";
  const answer = await real(path, options);
  await new Promise((go) => { window.letGo = go; });
  setTimeout(() => { window.delayed = "over"; }, 50);
  return answer;
}"""
"""The first evaluation is answered when ``letGo`` is called."""


def test_a_late_answer_to_an_earlier_question_changes_nothing_that_is_open(page: Browser) -> None:
    page.run(SLOW_ONCE)
    page.click("#sample option[value='messy-record']")
    until(lambda: page.run("return window.letGo !== undefined"))
    page.click(f"#sample option[value='{SAMPLE}']")
    page.sees("#outcome", "Osteoporosis and calcified")
    page.type(CALCIUM_FIELD, "12.6")
    page.sees("#changed", "continue → stop")
    page.run("window.letGo()")
    until(lambda: page.run("return window.delayed === 'over'"))
    assert (address(page)["sample"], page.text(".banner .word")) == (SAMPLE, "stop")
    page.type(CALCIUM_FIELD, "9.4")
    page.sees(".banner .word", "continue")


# ---- units -----------------------------------------------------------------------------------------------------------


def test_the_units_that_were_chosen_stay_and_the_numbers_of_cards_reasons_and_values_move(
    page: Browser, url: str
) -> None:
    linked(page, url, sample="high-calcium")
    assert "11.12 mg/dL" in page.sees(".card", "mg/dL")
    page.click("#units option[value='si']")
    assert "2.77 mmol/L" in page.sees(".card h3", "mmol/L")
    assert "2.77 mmol/L" in page.text("#why")
    assert "2.77 mmol/L" in str(page.run("return document.getElementById('known').textContent"))
    assert page.text("#changed") == ""
    linked(page, url, sample="high-calcium")
    assert page.run("return document.getElementById('units').value") == "si"
    page.sees(".card h3", "mmol/L")
    assert page.run("return JSON.stringify({...localStorage})") == '{"units":"si"}'
    page.click("#units option[value='']")
    page.sees(".card h3", "mg/dL")
    assert page.run("return localStorage.length") == 0


def test_in_other_units_only_what_was_changed_is_told_as_changed(page: Browser, url: str) -> None:
    linked(page, url, sample=SAMPLE)
    page.sees("#outcome", "Sample:")
    page.type(CALCIUM_FIELD, "9.5")
    page.sees("#changed", "Changed by hand")
    before = page.run("return document.querySelectorAll('#changed details li').length")
    page.click("#units option[value='si']")
    page.sees("#account", "Sent")
    page.sees(".card h3", "mmol/L")
    assert page.run("return document.querySelectorAll('#changed details li').length") == before
    assert "mg/dL" not in str(page.run("return document.querySelector('#changed details').textContent"))


def test_where_a_browser_keeps_nothing_the_choice_of_units_holds_while_the_page_is_open(
    session: Browser, url: str
) -> None:
    script = session.devtools("Page.addScriptToEvaluateOnNewDocument", source=NO_STORAGE)["identifier"]
    try:
        linked(session, url, sample="high-calcium")
        session.sees("#outcome", "Sample:")
        session.click("#units option[value='si']")
        session.sees(".card h3", "mmol/L")
        session.click("#sample option[value='messy-record']")
        assert "mmol/L" in session.sees(".card h3", "corrected calcium 2.39")
        assert address(session)["units"] == "si"
    finally:
        session.devtools("Page.removeScriptToEvaluateOnNewDocument", identifier=script)


# ---- paper -----------------------------------------------------------------------------------------------------------

VISIBLE = """return [...document.querySelectorAll('input, select, textarea, button, summary')]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height > 0).map(e => e.outerHTML.slice(0, 60))"""


def test_paper_has_the_answer_without_controls_under_a_head_of_rulebook_hash_and_day(
    page: Browser, url: str, book: RuleBook
) -> None:
    linked(page, url, sample="messy-record")
    page.sees("#outcome", "Sample:")
    page.looks(794, "dark", "print")
    page.run("dispatchEvent(new Event('beforeprint'))")
    head = str(page.run("return getComputedStyle(document.documentElement).getPropertyValue('--running-head')"))
    assert [part in head for part in (book.version, book.sha256[:12], "2026-11-22")] == [True] * 3
    assert book.sha256 in page.text("#print-head")
    text = page.text("body")
    assert "Compare with" in text or "withdrawn-result" in text
    assert all(
        part in text for part in ("continue", "Calcium binds Fosamax", "BONE-01 Bone indication", "Sent: 15 resources")
    )
    controls = [entry for entry in page.run(VISIBLE) if "<summary" not in entry]
    assert controls == []
    assert (
        page.run("return getComputedStyle(document.body.querySelector('.card')).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert page.run(CONTRAST) == []
    page.run("dispatchEvent(new Event('afterprint'))")
    assert page.run("return document.querySelectorAll('.card:not(:first-child) details.printed[open]').length") < 3


def test_paper_says_that_values_were_changed_by_hand(page: Browser, url: str) -> None:
    linked(page, url, sample=SAMPLE)
    page.sees("#outcome", "Sample:")
    page.type(CALCIUM_FIELD, "12.6")
    page.sees("#changed", "Changed by hand: serum calcium 12.6 mg/dL (was 9.4).")
    head = str(page.run("return getComputedStyle(document.documentElement).getPropertyValue('--running-head')"))
    assert "CHANGED BY HAND" in head


KEPT_WHOLE = """return [...document.querySelectorAll('main *')]
  .filter(e => getComputedStyle(e).breakInside !== 'auto' && e.offsetHeight > arguments[0])
  .map(e => e.outerHTML.slice(0, 60))"""


@pytest.mark.parametrize("sample", ["messy-record", "severe-high-calcium-on-digoxin", "dialysis-with-calcium-binder"])
def test_nothing_large_is_kept_whole_on_paper_which_would_leave_a_page_half_empty(
    page: Browser, url: str, sample: str
) -> None:
    linked(page, url, sample=sample)
    page.sees("#outcome", "Sample:")
    page.looks(PAPER_WIDTH, media="print")
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.run(KEPT_WHOLE, PAPER_HEIGHT / 5) == []


# ---- screens, keyboard, screen reader --------------------------------------------------------------------------------

SMALL = """return [...document.querySelectorAll('button, select, a[href], input[type=checkbox]')]
  .filter(e => e.checkVisibility() && e.className !== 'skip').map(e => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => r.height < 24 && !e.closest('.line')).map(([e]) => e.outerHTML.slice(0, 80))"""
WIDE = """return [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && !e.closest('.table-wrap, pre, .skip, .unseen'))
  .filter(e => e.getBoundingClientRect().right > innerWidth)
  .map(e => e.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_everything_fits_and_can_be_read_and_hit_on_narrow_wide_light_and_dark_screens(
    page: Browser, url: str, width: int, scheme: str
) -> None:
    page.looks(width, scheme)
    linked(page, url, sample=SAMPLE, rule="nobody")
    page.sees("#outcome", "Sample:")
    page.run("document.getElementById('values-box').open = true")
    page.type(CALCIUM_FIELD, "12.6")
    page.sees("#changed", "stop")
    page.run("for (const folded of document.querySelectorAll('details')) folded.open = true")
    assert (page.run(WIDE), page.run(SMALL), page.run(CONTRAST)) == ([], [], [])
    ground = page.run("return getComputedStyle(document.documentElement).backgroundColor")
    assert (ground == "rgb(16, 24, 29)") == (scheme == "dark")


def test_on_a_narrow_screen_the_values_are_folded_so_that_the_answer_stands_near(page: Browser, url: str) -> None:
    page.looks(400)
    linked(page, url, sample=SAMPLE)
    page.sees("#outcome", "Sample:")
    assert page.run("return document.getElementById('outcome').getBoundingClientRect().top") < 900


FOCUSED = """const e = document.activeElement, s = getComputedStyle(e);
return [e.id || e.className || e.tagName, s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]"""


def test_the_tab_key_leads_through_the_page_from_above_and_the_focus_is_always_seen(page: Browser, url: str) -> None:
    linked(page, url, sample=SAMPLE)
    page.sees("#outcome", "Sample:")
    page.run("document.activeElement.blur(); scrollTo(0, 0)")
    reached: list[Any] = []
    while len(reached) < 120 and (not reached or reached[-1][0] != "rule"):
        page.press(TAB)
        reached.append(page.run(FOCUSED))
    names = [name for name, _ in reached]
    order = ["skip", "sample", "file", "day", "line-Observation-0", "units", "copy", "print", "why", "rule"]
    assert [names.index(name) for name in order] == sorted(names.index(name) for name in order)
    assert [name for name, is_seen in reached if not is_seen] == []


def test_an_error_is_told_at_once_and_belongs_to_the_control_that_caused_it(session: Browser, url: str) -> None:
    linked(session, url)
    paste(session, "{")
    session.sees("#failure", "[not-json]")
    wrong = "return [...document.querySelectorAll('[aria-invalid=true][aria-describedby=failure]')].map(e => e.id)"
    assert session.run(wrong) == ["pasted"]
    assert session.run("return document.getElementById('failure').getAttribute('role')") == "alert"
    session.click("#sample option[value='high-calcium']")
    session.sees("#outcome", "Sample:")
    assert session.run(wrong) == []


def test_who_listens_is_told_the_answer_in_a_sentence_and_what_it_was_before(page: Browser, url: str) -> None:
    linked(page, url, sample=SAMPLE)
    assert "Answer: continue, decided by BONE-01, " in page.sees("#status", "Answer")
    page.type(CALCIUM_FIELD, "12.6")
    assert "It was continue before the change." in page.sees("#status", "stop")
    assert page.run("return document.getElementById('status').getAttribute('role')") == "status"
    marks = page.run("return ['header', 'main', 'h1'].map(tag => document.querySelectorAll(tag).length)")
    assert marks == [1, 1, 1]


# ---- the account -----------------------------------------------------------------------------------------------------


def test_the_account_stands_beside_the_answer_with_every_entry_counted(page: Browser, url: str) -> None:
    linked(page, url, sample="messy-record")
    told = page.sees("#account", "Sent: 15 resources; 9 used, 3 about something else, 1 not understood, 2 refused.")
    assert "Not understood: 1" in told
    assert "Data: 6" in told
    whole = str(page.run("return document.getElementById('account').textContent"))
    codes = ("withdrawn-result", "issued-as-date", "possible-result", "matched-by-name", "refuted")
    assert [code for code in codes if code not in whole] == []
    assert "CON-06, silenced by BONE-01 (food, protein and exercise)" in whole
