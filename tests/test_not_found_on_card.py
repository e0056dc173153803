"""A card that rests on a medicine not being on record says so where one on record was not understood."""

from __future__ import annotations

import pytest
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    CREATININE,
    EXTENSION,
    Json,
    bundle,
    condition,
    dosage,
    observation,
    patient,
    statement,
)

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

USUAL = (
    statement("RxNorm 282465", dosage()), condition("ICD-10-CM M81.0", identity="bone"),
    condition("ICD-10-CM I25.10", identity="heart"),
    observation(CALCIUM, 9.4, "mg/dL", identity="ca"), observation(ALBUMIN, 4.2, "g/dL", identity="alb"),
    observation(CREATININE, 0.8, "mg/dL", identity="crea"),
)  # fmt: skip
SAID = "**Not certain:** 1 of 2 medicines was not understood: גלדמון 70. That may be what this card did not find."


def details(book: RuleBook, *resources: Json) -> dict[str, str]:
    found = result_of(evaluate(read_record(bundle(patient(), *USUAL, *resources), book, AS_OF), book, AS_OF))
    return {card["extension"][EXTENSION]["rule"]: card["detail"] for card in found["cards"]}


@pytest.mark.parametrize("rule", ["BONE-02", "CAC-02"])
def test_no_medicine_on_record_is_not_certain_where_one_was_not_understood(book: RuleBook, rule: str) -> None:
    assert SAID in details(book, statement("", text="גלדמון 70", identity="x"))[rule]
    assert "Not certain" not in details(book)[rule]


def test_a_condition_that_was_not_understood_is_no_medicine(book: RuleBook) -> None:
    found = details(book, condition(text="מחלה לא ידועה", identity="x"))
    assert "Not certain" not in found["BONE-02"]
    assert "**Not certain:** 1 of 3 conditions was not understood" in found["CAC-02"], "it is not said on dialysis"


def test_a_card_that_rests_on_nothing_absent_and_the_deciding_one_do_not_repeat_it(book: RuleBook) -> None:
    found = details(book, statement("", text="גלדמון 70", identity="x"))
    assert {rule for rule, detail in found.items() if "Not certain" in detail} == {"BONE-02", "CAC-02"}
    assert any("**Not understood: please look.** 1 of 2 medicines" in detail for detail in found.values())
