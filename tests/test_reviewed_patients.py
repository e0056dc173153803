"""The 24 patients of the reviewed specification get its outcome, its decider, its codes and its order of cards."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds import cards_of, evaluate, open_rulebook, read_record
from cds.cards.frames import data_of
from cds.evaluation import Evaluation
from cds.jsontypes import Json

RULES = Path(__file__).resolve().parent.parent / "rules"
NAMES = [f"{part}{number:02}" for part in "ab" for number in range(1, 13)]
INDICATORS = ("info", "warning", "critical")


def patient(shared: Path, name: str) -> tuple[Json, dict[str, Any]]:
    folder = shared / "clinical" / "patients-2"
    return tuple(json.loads((folder / f"{name}{end}").read_text("utf-8")) for end in (".json", ".expected.json"))


def evaluated(bundle: Json, expected: dict[str, Any]) -> Evaluation:
    regions = () if expected.get("profile", "base") == "base" else (expected["profile"],)
    book, day = open_rulebook(RULES, *regions), date.fromisoformat(expected["as_of"])
    return evaluate(read_record(bundle, book, day), book, day)


def rules_of(card: Json) -> str:
    own = data_of(card)
    if "joined" in own:
        return f"{' with '.join(one['rule'] for one in own['joined'])} in one card"
    return str(own.get("rule", "also review"))


@pytest.mark.parametrize("name", NAMES)
def test_a_patient_gets_outcome_decider_and_codes_as_reviewed(shared: Path, name: str) -> None:
    bundle, expected = patient(shared, name)
    decision = evaluated(bundle, expected).decision
    said = {code for item in decision.said for code in item.codes}
    assert decision.outcome == expected["outcome"]
    assert decision.decided_by == expected.get("decided_by", decision.decided_by)
    assert set(expected["must_say"]) - said == set()
    assert set(expected["must_not_say"]) & said == set()


@pytest.mark.parametrize("name", NAMES)
def test_the_cards_stand_in_the_order_that_was_reviewed(shared: Path, name: str) -> None:
    bundle, expected = patient(shared, name)
    cards = cards_of(evaluated(bundle, expected))
    highest = max((card["indicator"] for card in cards), key=INDICATORS.index)
    assert highest == expected.get("highest_indicator", highest)
    wanted = "".join("(.+; )*" if rule == "..." else f"{re.escape(rule)}; " for rule in expected.get("order", ()))
    assert re.match(wanted, "".join(f"{rules_of(card)}; " for card in cards))
