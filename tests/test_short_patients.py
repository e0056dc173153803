"""Patients on both sides of each boundary of the rulebook, judged before the product was asked (``tests/patients``)."""

from __future__ import annotations

from pathlib import Path

import pytest
from short_patients import AS_OF, Short, short_patients

from cds.cards.card import cards_of
from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook

PATIENTS = {one.name: one for one in short_patients(Path(__file__).parent / "patients")}


@pytest.mark.parametrize("name", PATIENTS)
def test_a_patient_gets_the_answer_of_the_physician(name: str, book: RuleBook) -> None:
    assert differences(PATIENTS[name], book) == []


def test_every_patient_has_a_name_of_its_own_and_names_the_amendment() -> None:
    written = list(short_patients(Path(__file__).parent / "patients"))
    assert len(written) == len(PATIENTS)
    assert [one.name for one in written if "(" not in one.why] == []


def differences(one: Short, book: RuleBook) -> list[str]:
    """How the answer differs from what the physician wrote."""
    found = evaluate(read_record(one.data, book, AS_OF), book, AS_OF)
    decision = found.decision
    said = {code for part in decision.said for code in (part.rule, *part.codes)}
    ranks = [card["indicator"] for card in cards_of(found)]
    gravest = next((rank for rank in ("critical", "warning", "info") if rank in ranks), "")
    wrong = [f"does not say {code}" for code in sorted(one.says - said)]
    wrong += [f"says {code}" for code in sorted(one.silent & said)]
    wrong += [f"{decision.outcome} by {decision.decided_by}"] if one.outcome not in ("any", decision.outcome) else []
    wrong += [f"decided by {decision.decided_by}"] if one.decider not in ("", decision.decided_by) else []
    wrong += [f"gravest is {gravest}"] if one.gravest not in ("", gravest) else []
    return wrong
