"""Whatever a client can show, the values on which a card turns stand in its title or text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds.cards.card import cards_of_rules
from cds.cards.fitting import fitted
from cds.cards.frames import data_of, rules_in
from cds.cards.lines import MOST_LINES, Line, most_telling, says
from cds.evaluation import evaluate
from cds.hooks.profiles import PROFILES, shaped
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook

HERE = Path(__file__).resolve().parent
LABELLED = (HERE / "patients.jsonl").read_text("utf-8").splitlines()[::2]
Json = dict[str, Any]


def lost(cards: list[Json]) -> Iterator[tuple[str, str]]:
    """The values behind a card that it does not say; a point of a folded card has those of the cards beside it."""
    whole = " ".join(f"{card['summary']} {card['detail']}" for card in cards)
    for card in cards:
        text = whole if "folded" in data_of(card) else f"{card['summary']} {card['detail']}"
        for part in rules_in(card):
            for one in part.get("basis", ()):
                if "sources" in one and not says(text, one.get("value", "")) and "joined" not in data_of(card):
                    yield part["rule"], one["line"]


def sent(data: Json, book: RuleBook, day: date) -> list[Json]:
    """The cards as the service sends them."""
    evaluation = evaluate(read_record(data, book, day), book, day)
    return fitted(cards_of_rules(evaluation), evaluation)


@pytest.mark.parametrize("profile", PROFILES)
def test_no_profile_loses_a_value_of_a_labelled_patient(profile: str, book: RuleBook) -> None:
    values = 0
    for line in LABELLED:
        one = json.loads(line)
        day = date.fromisoformat(one["asOf"])
        cards = shaped(sent(one["bundle"], book, day), PROFILES[profile], book.wording)
        assert list(lost(cards)) == [], one["id"]
        values += sum("value" in item for card in cards for part in rules_in(card) for item in part.get("basis", ()))
    assert values > 300


def test_a_short_text_keeps_the_dates_of_the_values_too(book: RuleBook) -> None:
    """Every line of what a card is based on, as other clients have it."""
    for line in LABELLED[::8]:
        one = json.loads(line)
        day = date.fromisoformat(one["asOf"])
        cards = sent(one["bundle"], book, day)
        short = shaped(cards, PROFILES["cerner"], book.wording)
        for before, after in zip(cards, short, strict=True):
            lines = re.findall(r"^- .*", before["detail"], re.M)
            assert [text for text in lines if text not in after["detail"]] == []


def test_of_many_facts_those_go_first_that_the_text_says_already_or_that_have_no_value() -> None:
    said = [Line(f"said {n}", ("x",), f"{n} mg") for n in range(3)]
    plain = [Line(f"on record {n}", ("x",)) for n in range(3)]
    new = [Line(f"new {n}", ("x",), f"{n} mL") for n in range(4)]
    shown = most_telling([*said, *plain, *new], "0 mg, 1 mg and 2 mg")
    assert [line for line in shown if line.value.endswith("mL")] == new
    assert len(shown) == MOST_LINES
    assert most_telling(new * 2, "") == new * 2
    assert not says("1200 mg/day", "200 mg/day")
    assert not says("20 mg/d", "20 mg/da")
    assert says("total 200 mg/day.", "200 mg/day")
