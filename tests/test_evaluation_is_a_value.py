"""An evaluation is worked out once and then only read: nothing clinical is computed by cards, results or hooks."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from generated import the_book

import cds
from cds.cards.card import cards_of, cards_of_rules
from cds.evaluation import Evaluation, evaluate
from cds.explanation import every_rule, explanation_of, why
from cds.hooks.not_sent import guesses_in, with_notice
from cds.hooks.prefetch import prefetch_of
from cds.intake.reading import read_record
from cds.result import result_of

HERE = Path(__file__).resolve().parent
Json = dict[str, Any]
ROOMS = ("facts", "forms", "reasoning", "topics", "evaluation.py")
"""Where facts, findings and decisions are worked out."""
OF_CHARTS = ("value", "state", "courses", "courses_among", "day")
OF_EVALUATIONS = ("book", "inferred", "decision", "outcome")
OF_FORMS = ("terms", "thresholds", "reads_issues", "_on")
READS = {*OF_CHARTS, *OF_EVALUATIONS, *OF_FORMS}
"""What may be asked of an evaluation after it was worked out."""


def records() -> Iterator[tuple[str, Json, str]]:
    """Every fifth labelled patient and every sample: a name, the data, the day."""
    for line in (HERE / "patients.jsonl").read_text("utf-8").splitlines()[::5]:
        item = json.loads(line)
        yield item["id"], item["bundle"], item["asOf"]
    for bundle in sorted((HERE.parent / "fhir_samples").glob("*/bundle.json")):
        expected = json.loads(bundle.with_name("expected.json").read_text("utf-8"))
        yield bundle.parent.name, json.loads(bundle.read_text("utf-8")), expected["asOf"]


@contextmanager
def working_out() -> Iterator[set[str]]:
    """The functions of those rooms that run meanwhile, without what may be asked."""
    house, found = Path(cds.__file__).parent, set[str]()
    rooms, seen = tuple(str(house / room) for room in ROOMS), set[CodeType]()

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code not in seen:
            seen.add(code)
            if code.co_filename.startswith(rooms) and not code.co_name.startswith("<"):
                found.add(code.co_name)

    gc.disable()  # an engine of an earlier test may be let go of meanwhile, which runs a function of its room
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(None)
        gc.enable()
        found -= READS


def written(evaluation: Evaluation) -> None:
    """Everything that is written about an evaluation."""
    cards = cards_of_rules(evaluation)
    cards_of(evaluation)
    result_of(evaluation)
    explanation_of(evaluation)
    why(evaluation, every_rule(evaluation))
    missing = tuple(prefetch_of(evaluation.book))
    with_notice(cards, evaluation, missing, guesses_in(cards, evaluation, missing))


@pytest.mark.parametrize("unread", [frozenset(), frozenset({"medicines", "observations"})], ids=["whole", "in part"])
def test_nothing_is_worked_out_after_an_evaluation(unread: frozenset[str]) -> None:
    for name, bundle, day in records():
        record = read_record(bundle, the_book(), date.fromisoformat(day))
        record.unread |= unread
        evaluation = evaluate(record, the_book(), date.fromisoformat(day))
        with working_out() as found:
            written(evaluation)
        assert (name, found) == (name, set())


def test_working_out_is_noticed() -> None:
    _, bundle, day = next(records())
    record = read_record(bundle, the_book(), date.fromisoformat(day))
    with working_out() as found:
        evaluate(record, the_book(), date.fromisoformat(day))
    assert {"evaluate", "chart_of", "measured"} <= found
