"""Calcifediol: up to 10 ug a day on average it replaces vitamin D, above that it counts as active vitamin D."""

from __future__ import annotations

import pytest
from people import AS_OF, CARBONATE_500, SUBJECT, patient, read, resource, statement

from cds.evaluation import evaluate
from cds.rulebook.model import RuleBook

ABSENT, UNKNOWN, PRESENT = range(3)


def seen(book: RuleBook, text: str, directions: str) -> int:
    dosage = [{"text": directions}] if directions else []
    said = {"status": "active", "subject": SUBJECT, "medicationCodeableConcept": {"text": text}, "dosage": dosage}
    taken = resource("MedicationStatement", "d", **said)
    record = read(book, patient(), taken, statement(CARBONATE_500, {"text": "1 tablet daily"}))
    return int(evaluate(record, book, AS_OF).inferred.state("active vitamin D"))


@pytest.mark.parametrize(
    ("text", "directions", "state"),
    [
        ("Hidroferol 0,266 mg cápsulas blandas", "1 cápsula al mes", ABSENT),
        ("Calcifediol 0.266 mg capsule", "1 capsule once a month", ABSENT),
        ("Calcifediol 10 mcg capsule", "1 capsule daily", ABSENT),
        ("Calcifediol 11 mcg capsule", "1 capsule daily", PRESENT),
        ("Rayaldee 30 mcg capsule", "1 capsule daily", PRESENT),
        ("Calcifediol 0.266 mg capsule", "1 capsule weekly", PRESENT),
        ("Calcifediol", "", PRESENT),
        ("Calcitriol 0.25 mcg capsule", "1 capsule daily", PRESENT),
        ("Colecalciferol 25 mcg tablet", "1 tablet daily", ABSENT),
    ],
)
def test_the_dose_of_calcifediol_decides_whether_it_is_active_vitamin_d(
    text: str, directions: str, state: int, book: RuleBook
) -> None:
    assert seen(book, text, directions) == state
