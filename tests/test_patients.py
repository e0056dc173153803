"""Invented patients whose answers were worked out by an independent reading of the clinical specification.

They cover every rule at least once; each line of patients.jsonl holds a bundle and what that reading says about it.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from short_patients import short_patients

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook

LINES = (Path(__file__).parent / "patients.jsonl").read_text(encoding="utf-8").splitlines()
PATIENTS: dict[str, dict[str, Any]] = {patient["id"]: patient for patient in map(json.loads, LINES)}


@pytest.mark.parametrize("name", PATIENTS)
def test_a_patient_gets_the_answer_of_the_independent_reading(name: str, book: RuleBook) -> None:
    patient = PATIENTS[name]
    day = date.fromisoformat(patient["asOf"])
    decision = evaluate(read_record(patient["bundle"], book, day), book, day).decision
    seen = {
        "outcome": decision.outcome,
        "decidedBy": decision.decided_by,
        "advice": sorted({code for said in decision.said for code in said.codes}),
        "fired": sorted(said.rule for said in decision.said),
    }
    assert seen == patient["expected"]


def test_the_patients_reach_every_outcome_and_every_rule(book: RuleBook) -> None:
    short = {rule for one in short_patients(Path(__file__).parent / "patients") for rule in (*one.says, one.decider)}
    fired = {rule for patient in PATIENTS.values() for rule in patient["expected"]["fired"]} | short
    assert {patient["expected"]["outcome"] for patient in PATIENTS.values()} == set(book.outcomes)
    assert set(book.rules) <= fired
