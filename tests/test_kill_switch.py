"""What is said while a rule is switched off: by the switches file of a service, or by a hospital's overlay."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from calls import REVIEW, call, client_of, not_sent, rules_in, searchset, service_for
from click.testing import CliRunner
from generated import the_book
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    CREATININE,
    EXTENSION,
    bundle,
    condition,
    dosage,
    observation,
    patient,
)
from people import statement as product
from starlette.testclient import TestClient

from cds.cards.models import checked
from cds.cards.references import with_references
from cds.cli import app
from cds.commands.records import answered_again
from cds.reasoning.decision import SWITCHED_OFF
from cds.records.chain import entries
from cds.records.pseudonym import Pseudonyms
from cds.records.records import Records
from cds.records.replay import replay
from cds.service.app import application
from cds.service.observability.journal import Journal
from cds.service.observability.metrics import Metrics
from cds.service.recording.recording import Recording
from cds.service.switches import Switches

Json = dict[str, Any]
JSON = {"Content-Type": "application/json"}
RULES = Path(__file__).resolve().parent.parent / "rules"
TICKET = "wrong range since the laboratory changed its device, ticket 12"
HEAD = "name: Invented Hospital\nowner: pharmacy\nreason: a trial\n"
OFF = f"{HEAD}off:\n  - rule: RULE\n    reason: {TICKET}\n"
SHADOW = OFF.replace("off:", "shadow:")
RISK = "    accepted risk: nobody is told; accepted by Dr. A\n"
WARFARIN = product("RxNorm 855332", identity="w")


def taker(calcium: float | None = 9.4, *more: Json) -> list[Json]:
    """Somebody on 500 mg of calcium with normal kidneys, and a calcium result."""
    known = (
        []
        if calcium is None
        else [observation(CALCIUM, calcium, "mg/dL"), observation(ALBUMIN, 4, "g/dL", identity="a")]
    )
    kidneys = observation(CREATININE, 0.8, "mg/dL", identity="k")
    return [patient(), product(CARBONATE_500, dosage()), kidneys, *known, *more]  # fmt: skip


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


class Hospital:
    """A folder of files, and what ``cds`` says by the overlay in it."""

    def __init__(self, folder: Path) -> None:
        self.overlay, self.file = folder / "overlay", folder / "patient.json"
        self.overlay.mkdir()

    def words(self, command: str, text: str, resources: list[Json]) -> list[object]:
        (self.overlay / "overlay.yaml").write_text(text, "utf-8")
        self.file.write_text(json.dumps(bundle(*resources)), "utf-8")
        return [command, self.file, "--rules", RULES, "--overlay", self.overlay, "--as-of", AS_OF]

    def result(self, text: str, resources: list[Json]) -> Json:
        done = run(*self.words("evaluate", text, resources), "--json")
        assert done.exit_code == 0, done.output
        checked(json.loads(done.stdout)["cards"])
        found: Json = json.loads(done.stdout)
        return found


@pytest.fixture
def hospital(tmp_path: Path) -> Hospital:
    return Hospital(tmp_path)


def off(rule: str, text: str = OFF) -> str:
    return text.replace("RULE", rule)


def answer(found: Json) -> tuple[str, str]:
    return found["outcome"], found["decidedBy"]


def told(card: Json) -> Json:
    own: Json = card["extension"][EXTENSION]
    return own


def codes_in(found: Json) -> set[str]:
    return set(found["advice"])


@pytest.mark.parametrize("text", [OFF, SHADOW])
@pytest.mark.parametrize(("calcium", "expected"), [
    (10.4, ("continue", "CON-06")), (10.5, ("continue", "CON-06")), (10.6, ("insufficient-data", SWITCHED_OFF)),
    (11.1, ("insufficient-data", SWITCHED_OFF)), (11.9, ("insufficient-data", SWITCHED_OFF)),
    (12, ("stop", "CA-02")),
])  # fmt: skip
def test_where_a_rule_that_an_overlay_switches_off_would_have_held_no_answer_is_given(
    hospital: Hospital, text: str, calcium: float, expected: tuple[str, str]
) -> None:
    found = hospital.result(off("CA-01", text), taker(calcium))
    assert answer(found) == expected
    assert [one["rule"] for one in found.get("switchedOff", [])] == ["CA-01"] * (expected[1] == SWITCHED_OFF)


def test_the_deciding_card_names_the_rule_that_is_off_the_reason_and_what_it_looks_at(hospital: Hospital) -> None:
    card = hospital.result(off("CA-01"), taker(11.1))["cards"][0]
    assert card["summary"] == (
        "No advice on calcium: CA-01 (High serum calcium) is switched off here and would have decided."
    )
    assert (card["indicator"], card["source"]["topic"]["code"]) == ("warning", "OFFCA01")
    for said in (TICKET, "calcium: 11.1 mg/dL", "Nothing here says that the dose may go on"):
        assert said in card["detail"]
    assert "hold" not in card["detail"]
    assert "Observation/o" in with_references(card)
    (one,) = told(card)["switchedOff"]
    assert (one["rule"], one["title"], one["switched"], one["reason"]) == ("CA-01", "High serum calcium", "off", TICKET)
    assert (one["state"], one["decides"], told(card)["decides"]) == ("present", True, True)
    assert 11.1 in {fact["low"] for step in one["looksAt"] for fact in step["facts"]}


def test_nothing_that_goes_on_eats_or_takes_calcium_is_said_while_no_answer_is_given(hospital: Hospital) -> None:
    more = (product("RxNorm 966222", identity="t"), condition("SNOMED 64859006", identity="o1"))
    found = hospital.result(off("CA-01"), taker(11.1, *more))
    whole = hospital.result(off("CAC-05", OFF + RISK), taker(11.1, *more))
    assert (answer(found)[1], answer(whole)[1]) == (SWITCHED_OFF, "CA-01")
    assert codes_in(found) <= codes_in(whole)
    assert rules_in(found["cards"]) <= rules_in(whole["cards"])
    assert "continue-calcium" not in codes_in(found)


def test_the_words_of_a_card_are_those_that_the_whole_rulebook_would_have_shown(hospital: Hospital) -> None:
    thiazide = taker(11.1, product("RxNorm 5487", identity="t"))
    shown = {card["summary"] for card in hospital.result(off("CA-01"), thiazide)["cards"]}
    assert any("can raise blood calcium: corrected calcium 11.1 mg/dL" in summary for summary in shown)
    assert not any("total" in summary for summary in shown)


def test_an_accepted_risk_lets_the_answer_differ_and_the_deciding_card_says_what_is_left_out(
    hospital: Hospital,
) -> None:
    found = hospital.result(off("CA-01", OFF + RISK), taker(11.1))
    assert answer(found) == ("continue", "CON-06")
    card = found["cards"][0]
    assert card["summary"] == "Answered without CA-01 (High serum calcium), left out here: continue."
    assert told(card)["decides"] is True
    assert told(card)["leftOut"] == found["leftOut"]
    assert found["leftOut"] == [{
        "rule": "CA-01", "title": "High serum calcium", "switched": "off", "reason": TICKET,
        "acceptedRisk": "nobody is told; accepted by Dr. A", "by": "Invented Hospital",
    }]  # fmt: skip
    assert "**Not applied here:** CA-01 (High serum calcium), left out by Invented Hospital." in card["detail"]
    assert "leftOut" not in hospital.result(off("CA-01", OFF + RISK), taker(10.5))


def test_a_new_rule_in_shadow_changes_nothing(hospital: Hospital) -> None:
    without = hospital.result(off("CAC-05", OFF + RISK), taker(11.1))
    (hospital.overlay / "local").mkdir()
    text = (RULES / "serum-calcium" / "ca-01-high-calcium.yaml").read_text("utf-8")
    (hospital.overlay / "local" / "loc-01.yaml").write_text(text.replace("rule: CA-01", "rule: LOC-01"), "utf-8")
    shadowing = f"{off('CAC-05', OFF + RISK)}shadow:\n  - rule: LOC-01\n    reason: new\n"
    found = hospital.result(shadowing, taker(11.1))
    assert found["shadowed"] == ["LOC-01"]
    same = ("outcome", "decidedBy", "advice", "fired", "silenced", "switchedOff", "leftOut")
    assert {key: found.get(key) for key in same} == {key: without.get(key) for key in same}


def test_what_a_rule_that_is_off_holds_back_stays_held_back(hospital: Hospital) -> None:
    young = [patient(birth="1985-07-01", gender="male"), product(CARBONATE_500, dosage())]
    whole = hospital.result(off("CAC-05", OFF + RISK), young)
    found = hospital.result(off("DATA-05"), young)
    assert answer(whole) == ("continue", "CON-06")
    assert ("DATA-05" in rules_in(whole["cards"]), answer(found)) == (True, ("insufficient-data", SWITCHED_OFF))
    (one,) = found["switchedOff"]
    assert (one["rule"], one["decides"], one["holdsBack"]) == ("DATA-05", False, ["DATA-02", "DATA-03"])
    assert "DATA-02" not in rules_in(found["cards"])
    summary = found["cards"][0]["summary"]
    assert summary.endswith("no tests needed) is switched off here and would have changed the answer.")


def test_a_guard_that_is_off_lets_nobody_take_calcium_away(hospital: Hospital) -> None:
    low = taker(8.2, product("RxNorm 282465", dosage(6), identity="m2"))
    whole = hospital.result(off("CAC-05", OFF + RISK), low)
    assert answer(whole) == ("continue", "GUARD-01")
    refused = run(*hospital.words("evaluate", off("GUARD-01"), low))
    assert (refused.exit_code, "risk-not-accepted" in refused.output) == (2, True)


def test_a_rule_of_information_that_is_off_is_named_and_the_answer_stays(hospital: Hospital) -> None:
    score = observation("SNOMED 450360000", 40, identity="s")
    smoker = taker(9.4, condition("SNOMED 65568007", identity="s1"), score)
    whole = hospital.result(off("CAC-05", OFF + RISK), smoker)
    found = hospital.result(off("LIFE-01"), smoker)
    assert answer(found) == answer(whole)
    assert rules_in(whole["cards"]) - rules_in(found["cards"]) == {"LIFE-01"}
    assert [one["rule"] for one in told(found["cards"][0])["switchedOff"]] == ["LIFE-01"]
    assert "**Not heard, switched off here:** LIFE-01" in found["cards"][0]["detail"]


def test_what_is_not_heard_is_said_also_where_the_deciding_rule_shows_no_card(hospital: Hospital) -> None:
    """A phosphate binder silences the card of CON-06, which decides by default: denosumab was given five days ago."""
    binder = product("RxNorm 282465", dosage(), identity="b", reasonCode=[{"text": "phosphate binder"}])
    much = product(CARBONATE_500, dosage(5))
    score = observation("SNOMED 450360000", 40, identity="s")
    dose = product("RxNorm 993449", identity="x", effectivePeriod={"start": "2026-01-10", "end": "2026-01-10"})
    more = [condition("SNOMED 65568007", identity="s1"), score, dose]
    smoker = [*(item for item in taker(9.4, *more) if item["id"] != "m"), binder, much]
    whole = hospital.result(off("CAC-05", OFF + RISK), smoker)
    found = hospital.result(off("LIFE-01"), smoker)
    assert answer(whole) == answer(found)
    assert answer(found)[1] not in rules_in(whole["cards"])
    assert found["cards"][0]["summary"].startswith("Answered without LIFE-01 (Smoking or diabetes with calcified ")
    assert [one["rule"] for one in told(found["cards"][0])["switchedOff"]] == ["LIFE-01"]


def test_a_pause_that_another_rule_in_force_demands_stays(hospital: Hospital) -> None:
    both = taker(11.1, condition("SNOMED 14669001", identity="aki", onsetDateTime="2026-01-10"))
    whole = hospital.result(off("CAC-05", OFF + RISK), both)
    found = hospital.result(off("CA-01"), both)
    assert (answer(whole), answer(found)) == (("hold", "CA-01"), ("hold", "RENAL-06"))
    assert [one["rule"] for one in told(found["cards"][0])["switchedOff"]] == ["CA-01"]


def test_a_rule_that_is_off_and_cannot_be_settled_is_named_as_one_that_asks(hospital: Hospital) -> None:
    found = hospital.result(off("CA-01"), taker(None))
    assert answer(found) == ("insufficient-data", "DATA-02")
    (one,) = told(found["cards"][0])["switchedOff"]
    assert (one["rule"], one["state"]) == ("CA-01", "unknown")
    assert "it would have asked for data" in found["cards"][0]["detail"]


def test_the_screen_explains_and_asks_what_if_about_the_rule_that_is_off(hospital: Hospital) -> None:
    shown = " ".join(run(*hospital.words("evaluate", off("CA-01"), taker(11.1))).output.split())
    assert "insufficient-data (No advice can be given: a rule that counts for this patient is switched off" in shown
    assert "may go on meanwhile" not in shown
    explained = " ".join(run(*hospital.words("explain", off("CA-01"), taker(11.1))).output.split())
    assert "CA-01 High serum calcium: is switched off, and would have decided" in explained
    asked = run(*hospital.words("what-if", off("CA-01"), taker(11.1))).output
    assert "decided by switched-off" in asked
    assert "serum calcium to 10.5 mg/dL or less: continue, not insufficient-data" in asked


class Operated:
    """A service of the whole rulebook with a switches file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "switches.yaml"
        self.path.write_text("", "utf-8")
        self.service = service_for(the_book())
        self.board = Switches(self.path, lambda: (the_book(),), Journal(io.StringIO()))
        self.service.switches = self.board
        self.client = client_of(self.service)

    def answered(self, text: str, *resources: Json, **prefetch: Any) -> Json:
        self.path.write_text(text, "utf-8")
        self.board.poll()
        self.board.poll()  # an empty file counts at the second look
        results = searchset(*(item for item in resources if item["resourceType"] == "Observation"))
        found = self.client.post(REVIEW, json=call(observations=results, **prefetch))
        assert found.status_code == 200, found.text
        checked(found.json()["cards"])
        body: Json = found.json()
        return body


@pytest.fixture
def operated(tmp_path: Path) -> Operated:
    return Operated(tmp_path)


HIGH = observation(CALCIUM, 11.1, "mg/dL")


@pytest.mark.parametrize("how", ["off", "shadow"])
def test_a_service_whose_switches_file_names_the_rule_says_so_in_a_card_and_in_the_extension(
    operated: Operated, how: str
) -> None:
    whole = operated.answered("", HIGH)
    found = operated.answered(f"{how}:\n  CA-01: {TICKET}\n", HIGH)
    assert told(whole["cards"][0])["rule"] == "CA-01"
    assert whole["extension"][EXTENSION].keys() == {"account"}
    card = found["cards"][0]
    assert card["summary"].startswith("No advice on calcium: CA-01 (High serum calcium) is ")
    assert TICKET in card["detail"]
    (one,) = found["extension"][EXTENSION]["switchedOff"]
    assert told(card)["switchedOff"] == [one]
    assert (one["rule"], one["switched"], one["decides"]) == ("CA-01", how, True)
    assert "hold-calcium" not in json.dumps(found)


def test_a_guard_switched_off_in_operation_gives_no_answer_in_its_place(operated: Operated) -> None:
    low = observation(CALCIUM, 7.2, "mg/dL")
    assert told(operated.answered("", low)["cards"][0])["rule"] == "CA-05"
    both = f"off:\n  CA-05: {TICKET}\n  GUARD-01: {TICKET}\n"
    found = operated.answered(both, low)
    assert told(found["cards"][0])["decides"] is True
    assert {one["rule"] for one in told(found["cards"][0])["switchedOff"]} == {"CA-05", "GUARD-01"}


def test_a_rule_about_the_scope_that_is_off_advises_nobody_outside_it(operated: Operated) -> None:
    child = patient(birth="2015-05-01")
    assert told(operated.answered("", HIGH, patient=child)["cards"][0])["rule"] == "SCOPE-01"
    found = operated.answered(f"off:\n  SCOPE-01: {TICKET}\n", HIGH, patient=child)
    assert [one["rule"] for one in found["extension"][EXTENSION]["switchedOff"]] == ["SCOPE-01"]
    assert rules_in(found["cards"]) == set()


def test_without_a_calcium_product_a_rule_that_is_off_is_no_silence(operated: Operated) -> None:
    assert operated.answered("off:\n  INT-10: why\n", statements=searchset())["cards"] == []
    found = operated.answered(f"off:\n  INT-10: {TICKET}\n", statements=searchset(WARFARIN))
    assert rules_in(found["cards"]) == {"SCOPE-03"}
    assert [one["rule"] for one in told(found["cards"][0])["switchedOff"]] == ["INT-10"]


def test_data_that_were_not_sent_are_named_beside_a_rule_that_is_off(operated: Operated) -> None:
    found = operated.answered(f"off:\n  CA-01: {TICKET}\n", HIGH, conditions="left out")
    assert [one["rule"] for one in told(found["cards"][0])["switchedOff"]] == ["CA-01"]
    assert not_sent(found["cards"]) == {"conditions"}
    assert found["extension"][EXTENSION].keys() == {"notSent", "switchedOff", "account"}


def test_a_reason_cannot_put_marks_or_links_into_a_card(operated: Operated) -> None:
    text = "off:\n  CA-01: '**all is well** <b>x</b> [go](http://x.example)'\n"
    detail = operated.answered(text, HIGH)["cards"][0]["detail"]
    assert "**all is well**" not in detail
    assert "<b>" not in detail
    assert "http://" not in detail


def test_the_page_says_why_no_answer_is_given(operated: Operated) -> None:
    operated.answered(f"off:\n  CA-01: {TICKET}\n", HIGH)
    sent = json.dumps(bundle(*taker(11.1)))
    page = TestClient(application(operated.service), base_url="http://127.0.0.1:8080")
    found = page.post(f"/evaluate?asOf={AS_OF}", content=sent, headers=JSON).json()
    assert (found["outcome"], found["decidedBy"]) == ("insufficient-data", SWITCHED_OFF)
    assert found["meaning"].startswith("No advice can be given: a rule that counts for this patient is switched off")
    first = found["why"][0]
    assert (first["rule"], first["group"], first["verdict"]) == (
        "CA-01", "off", "is switched off, and would have decided")  # fmt: skip


def test_a_stop_that_is_off_is_not_turned_into_a_pause_but_the_pause_of_another_rule_is_named(
    operated: Operated,
) -> None:
    injury = searchset(condition("SNOMED 14669001", identity="aki", onsetDateTime="2026-01-10"))
    severe = observation(CALCIUM, 12.5, "mg/dL")
    assert told(operated.answered("", severe, conditions=injury)["cards"][0])["rule"] == "CA-02"
    found = operated.answered(f"off:\n  CA-02: {TICKET}\n", severe, conditions=injury)
    card = found["cards"][0]
    assert [one["rule"] for one in told(card)["switchedOff"]] == ["CA-02"]
    assert "**Not less than hold:** RENAL-06, which is in force, says so by itself." in card["detail"]
    assert "RENAL-06" in rules_in(found["cards"])


def test_an_answer_that_is_not_given_is_recorded_counted_and_replayed_with_the_switches_and_their_reasons(
    operated: Operated, tmp_path: Path
) -> None:
    def now() -> datetime:
        return datetime(2026, 1, 15, 12, tzinfo=timezone.utc)

    records = Records(tmp_path / "records.sqlite", rest=timedelta(hours=24))
    operated.service.decisions = Recording(records, Pseudonyms(b"k" * 32), now, Journal(io.StringIO(), now))
    metrics = operated.service.metrics = Metrics(lambda: operated.service.books)
    texts = ("", f"off:\n  CA-01: {TICKET}\n", "shadow:\n  CA-01: another reason\n", "")
    sent = [operated.answered(text, HIGH) for text in texts]
    kept = [entry for _, entry in entries(records.engine)]
    assert [entry.decided_by for entry in kept] == ["CA-01", SWITCHED_OFF, SWITCHED_OFF, "CA-01"]
    assert [entry.reasons for entry in kept] == [{}, {"CA-01": TICKET}, {"CA-01": "another reason"}, {}]
    assert sent[1] != sent[2]
    again = list(replay(entries(records.engine), lambda _: the_book(), answered_again))
    assert [(one.same_rules, one.differences, one.failure) for one in again] == [(True, (), "")] * 4
    figures = metrics.exposition()[0].decode()
    assert 'calcium_cds_rule_missed_total{rule="CA-01"} 2.0' in figures
    assert f'calcium_cds_decided_by_total{{rule="{SWITCHED_OFF}"}} 2.0' in figures
    records.close()


def test_a_switch_acts_on_a_call_that_was_answered_a_moment_ago(operated: Operated) -> None:
    first, then, back = (operated.answered(text, HIGH) for text in ("", f"off:\n  CA-01: {TICKET}\n", ""))
    assert first == back
    assert told(then["cards"][0])["switchedOff"]
