"""The text of a card is for people: no id of a resource stands in it; an auditor finds each one in the extension."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from long_ids import MARK, with_long_ids
from people import CALCIUM, bundle, condition, dosage, observation, patient, statement

from cds.cards.card import cards_of, cards_of_rules
from cds.cards.fitting import fitted
from cds.cards.frames import data_of, rules_in
from cds.cards.references import with_references
from cds.evaluation import Evaluation, evaluate
from cds.hooks.profiles import PROFILES, shaped
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook
from cds.screen.patients import evaluation_text
from cds.service.page.evaluated import evaluated

SAMPLES = sorted((Path(__file__).resolve().parent.parent / "fhir_samples").glob("*/bundle.json"))
LINES = (Path(__file__).resolve().parent / "patients.jsonl").read_text("utf-8").splitlines()[::6]
DAY = date(2026, 11, 22)
Json = dict[str, Any]


def records() -> list[tuple[Json, date]]:
    """The sample patients and every sixth of the labelled ones."""
    labelled = [json.loads(line) for line in LINES]
    samples = [(json.loads(path.read_text("utf-8")), DAY) for path in SAMPLES]
    return samples + [(one["bundle"], date.fromisoformat(one["asOf"])) for one in labelled]


def answer(data: Json, book: RuleBook, day: date = DAY) -> Evaluation:
    return evaluate(read_record(data, book, day), book, day)


def texts(card: Json) -> list[str]:
    labels = [one["label"] for kind in ("suggestions", "links") for one in card.get(kind, ())]
    return [card["summary"], card["detail"], card["source"]["label"], *labels]


@pytest.mark.parametrize("profile", PROFILES)
def test_no_letter_of_what_a_card_says_is_part_of_an_id(profile: str, book: RuleBook) -> None:
    """Of the sample patients with such ids 22 % of the text was ids (median), at most 32 %, while it named them."""
    found = [answer(with_long_ids(data), book, day) for data, day in records()]
    cards = [card for one in found for card in (*fitted(cards_of_rules(one), one), *cards_of(one))]
    shown = shaped(cards, PROFILES[profile], book.wording)
    assert len(shown) > 100
    assert [text for card in shown for text in texts(card) if MARK in text] == []


def test_each_line_about_an_entry_has_its_resources_as_data(book: RuleBook) -> None:
    for data, day in records():
        ids = {f"{e['resource']['resourceType']}/{e['resource'].get('id')}" for e in data["entry"]}
        for card in cards_of(answer(data, book, day)):
            for part in (data_of(card), *rules_in(card)):
                told = {source for step in part.get("trail", ()) for source in sources_of(step)}
                behind = {source for one in part.get("basis", ()) for source in one.get("sources", ())}
                assert told <= behind
                assert behind <= ids


def sources_of(step: Json) -> list[str]:
    return [*step.get("sources", ()), *(source for fact in step.get("facts", ()) for source in fact.get("source", ()))]


def test_the_terminal_and_the_page_show_the_resources_behind_the_lines(book: RuleBook) -> None:
    data = json.loads(SAMPLES[0].read_text("utf-8"))
    found = answer(data, book)
    told = [one for card in cards_of(found) for one in data_of(card).get("basis", ())]
    behind = {source for one in told for source in one.get("sources", ())}
    assert behind
    for shown in (evaluation_text(found, "x"), json.dumps(evaluated(data, book, DAY)["details"])):
        assert {source for source in behind if source not in shown} == set()


def test_a_line_ends_with_its_resources_in_one_pair_of_brackets() -> None:
    dated = {"line": "a: 1 (2026-01-10)", "sources": ["Observation/1"]}
    data = {"k": {"basis": [dated, {"line": "b: on record", "sources": [*"1234"]}, {"line": "c", "value": "1"}]}}
    card = {"detail": "x\n\n**Based on**\n- a: 1 (2026-01-10)\n- b: on record\n- c", "extension": data}
    assert with_references(card).split("\n")[3:] == [
        "- a: 1 (2026-01-10, Observation/1)", "- b: on record (1, 2, 3 and 1 more)", "- c",
    ]  # fmt: skip
    assert with_references({"detail": "x", "extension": {"k": {"basis": "other"}}}) == "x"
    assert with_references({"summary": "s"}) == ""


def test_what_is_not_certain_or_could_not_be_used_is_named_by_what_the_record_calls_it(book: RuleBook) -> None:
    taper = next(path for path in SAMPLES if path.parent.name.startswith("taper"))
    cards = cards_of(answer(json.loads(taper.read_text("utf-8")), book))
    assert "- Magnesium oxide 400 mg tablet: A medicine is planned" in cards[0]["detail"]
    assert "- Doxycycline 100 mg: A medicine is recorded as active" in cards[0]["detail"]
    doubtful = condition("SNOMED 64859006", "Spine", verificationStatus={"coding": [{"code": "x"}]})
    no_unit = observation(CALCIUM, 9.4, "", identity="no-unit", day="2026-01-10")
    data = bundle(patient(), statement("", dosage(1), text="Calcium 600 mg tablet"), doubtful, no_unit)
    first = cards_of(answer(data, book, date(2026, 1, 15)))[0]
    assert "osteoporosis (on record, but not certain or too old: Spine)" in first["detail"]
    assert "- test result 9.4 (2026-01-10): A result of serum calcium has no unit" in first["detail"]
    assert "- osteoporosis: Spine: its verification status is not understood." in first["detail"]
    told = {source for one in data_of(first)["basis"] for source in one.get("sources", ())}
    assert {"Observation/no-unit", "Condition/c"} <= told
