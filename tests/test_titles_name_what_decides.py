"""Titles name what decides, also where it is a result, and no card says more than the one that decides."""

from __future__ import annotations

from typing import Any

import pytest
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    CREATININE,
    Json,
    condition,
    dosage,
    observation,
    patient,
    read,
    statement,
)

from cds.evaluation import evaluate
from cds.result import result_of
from cds.rulebook.model import RuleBook

TAKEN = statement(CARBONATE_500, dosage(), text="Calcium carbonate 1250 mg tablet")
OSTEOPOROSIS = condition("SNOMED 64859006", "Osteoporosis")
WARFARIN = statement("RxNorm 11289", dosage(), text="Warfarin 5 mg tablet", identity="warfarin")
MK7 = statement("", dosage(), text="Vitamin K2 MK-7 90 ug capsule", identity="k2")
T_SCORE, PTH, VITAMIN_D, MAGNESIUM, INR = ("LOINC " + code for code in "38263-0 2731-8 62292-8 19123-9 6301-6".split())
SCORE = condition("SNOMED 445512009", "Calcification of coronary artery", "cac")


def lab(code: str, value: float, unit: str, identity: str) -> Json:
    return observation(code, value, unit, "2026-01-05", identity)


def well(calcium: float = 9.4) -> tuple[Json, ...]:
    return (
        lab(CALCIUM, calcium, "mg/dL", "ca"),
        lab(ALBUMIN, 4.0, "g/dL", "alb"),
        lab(CREATININE, 0.8, "mg/dL", "crea"),
        lab(VITAMIN_D, 32, "ng/mL", "vitd"),
    )


def cards(book: RuleBook, *resources: Json, **more: Any) -> dict[str, Json]:
    """The cards by their rule; that of several under their title."""
    found = result_of(evaluate(read(book, *resources, **more), book, AS_OF))
    return {next(iter(card["extension"].values())).get("rule") or card["summary"]: card for card in found["cards"]}


def test_a_result_stands_in_the_title_where_nothing_else_on_record_is_the_reason(book: RuleBook) -> None:
    low = lab(T_SCORE, -2.8, "{T-score}", "dxa"), lab(VITAMIN_D, 15, "ng/mL", "vitd")
    found = cards(book, TAKEN, *well()[:3], *low)
    assert found["BONE-01"]["summary"].startswith("DXA T-score -2.8, corrected calcium 9.4 mg/dL")
    assert "with DXA T-score -2.8: options to treat" in found["VD-02"]["summary"]
    assert "DXA T-score -2.8" in found["BONE-02"]["summary"]


def test_a_diagnosis_on_record_is_named_and_not_the_result_beside_it(book: RuleBook) -> None:
    title = cards(book, TAKEN, OSTEOPOROSIS, *well(), lab(T_SCORE, -2.8, "{T-score}", "dxa"))["BONE-01"]["summary"]
    assert title.startswith("Osteoporosis, corrected calcium")


def test_a_low_vitamin_d_is_not_said_to_have_a_bone_reason_where_pth_is_the_reason(book: RuleBook) -> None:
    found = cards(book, TAKEN, *well()[:3], lab(VITAMIN_D, 15, "ng/mL", "vitd"), lab(PTH, 100, "pg/mL", "pth"))
    assert "with intact PTH 100 pg/mL: options to treat" in found["VD-02"]["summary"]


def test_nobody_is_told_to_take_calcium_apart_from_calcium(book: RuleBook) -> None:
    iron = statement("", dosage(), text="Ferrous sulfate 325 mg tablet", identity="iron")
    assert (
        cards(book, TAKEN, iron, *well())["INT-11"]["summary"]
        == "Take calcium apart from Ferrous sulfate 325 mg tablet."
    )


GO_ON = "may go on"


@pytest.mark.parametrize("calcium", [10.9, 12.4])
def test_no_card_says_that_calcium_may_go_on_while_another_one_pauses_it(book: RuleBook, calcium: float) -> None:
    valve = condition("ICD-10-CM Z95.2", "Presence of prosthetic heart valve")
    found = cards(book, TAKEN, WARFARIN, MK7, valve, *well(calcium), lab(INR, 4.2, "{INR}", "inr"))
    assert "above any target of a valve" in found["INT-09"]["summary"]
    assert [card["summary"] for card in found.values() if GO_ON in card["summary"] + card["detail"]] == []


def test_a_bone_reason_does_not_say_that_calcium_goes_on_where_another_rule_decides(book: RuleBook) -> None:
    stone = condition("SNOMED 95570007", "Kidney stone", "stone")
    found = cards(book, TAKEN, OSTEOPOROSIS, stone, *well())
    assert "a reason for calcium" in found["BONE-01"]["summary"]
    assert GO_ON not in found["BONE-01"]["summary"]


def test_whether_emergency_care_is_needed_does_not_hang_on_digoxin(book: RuleBook) -> None:
    detail = cards(book, TAKEN, *well(13.4))["CA-02"]["detail"]
    assert "emergency care with 14 mg/dL" in detail
    assert "ECG" not in detail
    digoxin = statement("RxNorm 3407", dosage(), text="Digoxin 125 ug tablet", identity="digoxin")
    assert "With Digoxin 125 ug tablet an ECG" in cards(book, TAKEN, digoxin, *well(13.4))["CA-02"]["detail"]


def test_when_to_repeat_a_high_calcium_is_said_to_who_injects_teriparatide(book: RuleBook) -> None:
    pen = statement("", dosage(), text="Forsteo 20 ug", identity="pen")
    assert "Forsteo 20 ug on record: repeat 16 hours or more" in cards(book, TAKEN, pen, *well(10.9))["CA-01"]["detail"]
    assert "16 hours" not in cards(book, TAKEN, *well(10.9))["CA-01"]["detail"]


def test_a_total_that_the_correction_hides_is_named_beside_a_high_pth(book: RuleBook) -> None:
    total, albumin = lab(CALCIUM, 10.6, "mg/dL", "ca"), lab(ALBUMIN, 4.3, "g/dL", "alb")
    others = (*well()[2:], lab(PTH, 140, "pg/mL", "pth"))
    title = cards(book, TAKEN, total, albumin, *others)["PTH-04"]["summary"]
    assert "total calcium 10.6 mg/dL is above its limit, corrected 10.36 mg/dL is not" in title
    assert "normal" in cards(book, TAKEN, *well(), lab(PTH, 140, "pg/mL", "pth"))["PTH-04"]["summary"]


def test_the_total_stands_beside_a_corrected_calcium_that_pauses(book: RuleBook) -> None:
    title = cards(book, TAKEN, lab(ALBUMIN, 2.6, "g/dL", "alb"), *well(10.1)[:1], *well()[2:])["CA-01"]["summary"]
    assert "Corrected calcium 11.22 mg/dL (total 10.1 mg/dL)" in title


def test_kidneys_set_the_amount_that_a_bone_reason_names(book: RuleBook) -> None:
    kidneys = condition("ICD-10-CM N18.4", "Chronic kidney disease, stage 4", "ckd")
    weak = lab("LOINC 98979-8", 25, "mL/min/{1.73_m2}", "egfr")
    food = lab("LOINC 9059-7", 300, "mg/d", "food")
    found = cards(book, TAKEN, OSTEOPOROSIS, kidneys, weak, food, *well()[:2], well()[3])
    assert "1200" not in found["BONE-01"]["summary"] + found["BONE-01"]["detail"].partition("**Based on**")[0]


def test_a_low_score_beside_coded_calcification_is_not_the_title_of_prevention(book: RuleBook) -> None:
    score = lab("LOINC 36922-3", 12, "{score}", "score")
    found = cards(book, TAKEN, OSTEOPOROSIS, SCORE, score, *well())
    assert all("Calcium score 12 on" not in card["summary"] for card in found.values())


def test_a_low_calcium_is_not_titled_without_a_product_where_one_may_be_taken(book: RuleBook) -> None:
    perhaps = statement(CARBONATE_500, dosage(), status="unknown")
    title = cards(book, perhaps, *well(7.9))["GUARD-01"]["summary"]
    assert "no calcium product on record" not in title
    assert "lowering calcium may worsen it" in title
    assert "no calcium product on record" in cards(book, *well(7.9))["GUARD-01"]["summary"]


def test_a_low_calcium_without_an_age_is_said_where_no_product_is_taken(book: RuleBook) -> None:
    found = cards(book, patient(birth=None), *well(8.3), with_patient=False)
    assert "is low, the age is not recorded" in found["SCOPE-03"]["summary"]


def test_a_binder_with_magnesium_is_not_left_out_at_a_very_high_magnesium(book: RuleBook) -> None:
    binder = statement("", dosage(), text="OsvaRen tablet", identity="binder")
    dialysis = condition("ICD-10-CM Z99.2", "Dependence on renal dialysis", "dialysis")
    card = cards(book, binder, dialysis, *well(), lab(MAGNESIUM, 4.9, "mg/dL", "mg"))["CON-02"]
    assert card["indicator"] == "critical"
    assert "leaving" not in card["summary"]
    assert "nephrology the same day suggested" in card["summary"]
