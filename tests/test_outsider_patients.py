"""Invented patients of eleven countries, labelled by a physician who had not read the rules.

``tests/outsider_patients.jsonl`` holds what was wanted before anything was run: the outcomes that are right, what is to
be said, what must never be said, and the number that has to stand in a title.
"""

from __future__ import annotations

import json
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from cds import cards_of, evaluate, open_rulebook, read_record
from cds.rulebook.model import LONGEST_SUMMARY, RuleBook

HERE = Path(__file__).parent
PATIENTS = [json.loads(line) for line in (HERE / "outsider_patients.jsonl").read_text("utf-8").splitlines()]


@lru_cache
def of_region(region: str | None) -> RuleBook:
    return open_rulebook(HERE.parent / "rules", *([region] if region else []))


@pytest.mark.parametrize("patient", PATIENTS, ids=[patient["id"] for patient in PATIENTS])
def test_an_outsider_finds_the_answer_that_was_wanted(patient: dict[str, Any]) -> None:
    book, day = of_region(patient["region"]), date.fromisoformat(patient["asOf"])
    evaluation = evaluate(read_record(patient["bundle"], book, day), book, day)
    cards = cards_of(evaluation)
    titles = [card["summary"] for card in cards]
    text = "\n".join(f"{card['summary']}\n{card.get('detail', '')}" for card in cards)
    assert evaluation.outcome in patient["wanted"]
    assert [words for words in patient["says"] if not re.search(words, text, re.IGNORECASE)] == []
    assert [words for words in patient["never says"] if re.search(words, text, re.IGNORECASE)] == []
    number = patient["number in a title"]
    assert number is None or any(number in title for title in titles)
    assert all(len(title) <= LONGEST_SUMMARY for title in titles)
