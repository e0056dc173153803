"""After an antiresorptive dose or neck surgery nothing is lowered for so many days, and a high calcium still counts."""

from __future__ import annotations

import pytest

from cds.evaluation import Answer, Evaluator
from cds.review.cases import chart_of_case
from cds.rulebook.model import Case, RuleBook, Spot

EGFR = "mL/min/{1.73_m2}"
KNOWN = {"25-OH vitamin D": "30 ng/mL"}
"""What was measured anyway, so that no rule asks for it."""
DENOSUMAB = {
    "denosumab": "yes",
    "denosumab in the last 183 days": "yes",
    "denosumab in the last 141 days": "yes",
    **KNOWN,
}
IN_84_DAYS = {**DENOSUMAB, "denosumab in the last 84 days": "yes"}
IN_35_DAYS = {**IN_84_DAYS, "denosumab in the last 35 days": "yes"}
IN_14_DAYS = {**IN_35_DAYS, "denosumab in the last 30 days": "yes", "denosumab in the last 14 days": "yes"}
DAY_UNKNOWN = {"denosumab": "yes", "denosumab, day unknown": "yes", **KNOWN}
WEAK = {"eGFR to use": f"29 {EGFR}"}
ABOVE_THE_LIMIT = {"total calcium intake": "2001 mg/d"}
CANCER = {"malignancy with calcium risk": "yes", "total calcium intake": "1600 mg/d"}
BINDER = {
    "phosphate binder intent": "yes",
    "dialysis on record": "yes",
    "eGFR": "missing",
    "coronary calcification": "yes",
}
NECK = {"parathyroid surgery in the last 365 days": "yes"}


def answer(book: RuleBook, told: dict[str, str]) -> Answer:
    case = Case("", tuple(told.items()), "nothing", (), (), Spot("", 0))
    return Evaluator(book).evaluate(chart_of_case(book, case)).answer


def codes(answered: Answer) -> set[str]:
    return {code for said in answered.decision.said for code in said.codes}


OUTCOMES: dict[str, tuple[dict[str, str], str, tuple[str, ...]]] = {
    "denosumab of 84 days, eGFR 29": (
        {**IN_84_DAYS, **WEAK, **ABOVE_THE_LIMIT}, "continue", ("reduce-dose", "above-upper-limit")),
    "denosumab of 84 days, eGFR 30": (
        {**IN_84_DAYS, "eGFR to use": f"30 {EGFR}", **ABOVE_THE_LIMIT}, "adjust-dose", ()),
    "denosumab of 85 days, eGFR 29": ({**DENOSUMAB, **WEAK, **ABOVE_THE_LIMIT}, "adjust-dose", ()),
    "denosumab of a day that nobody recorded, eGFR 29": (
        {**DAY_UNKNOWN, **WEAK, **ABOVE_THE_LIMIT}, "continue", ("reduce-dose",)),
    "denosumab of 84 days, eGFR 29, high calcium": (
        {**IN_84_DAYS, **WEAK, **ABOVE_THE_LIMIT, "calcium to use": "10.6 mg/dL"},
        "hold", ("replete-before-antiresorptive",)),
    "denosumab of 84 days, no usable eGFR, the last one 25": (
        {**IN_84_DAYS, "eGFR": "missing", "newest kidney value": f"25 {EGFR}, 400 days ago", **ABOVE_THE_LIMIT},
        "insufficient-data", ("reduce-dose",)),
    "denosumab of 14 days": ({**IN_14_DAYS, **ABOVE_THE_LIMIT}, "continue", ("reduce-dose",)),
    "denosumab of 15 days": ({**IN_35_DAYS, **ABOVE_THE_LIMIT}, "adjust-dose", ()),
    "denosumab of 84 days, dialysis, a binder, calcified arteries": (
        {**IN_84_DAYS, **BINDER}, "continue", ("restrict-calcium-binder",)),
    "denosumab of 85 days, dialysis, a binder, calcified arteries": ({**DENOSUMAB, **BINDER}, "adjust-dose", ()),
    "cancer, denosumab of 35 days": (
        {**IN_35_DAYS, **CANCER}, "continue", ("reduce-towards-rda", "total-target-1000-1200")),
    "cancer, denosumab of a day that nobody recorded": ({**DAY_UNKNOWN, **CANCER}, "continue", ("reduce-towards-rda",)),
    "cancer, denosumab of 36 days": ({**IN_84_DAYS, **CANCER}, "adjust-dose", ()),
    "neck surgery of 365 days": (
        {**NECK, "total calcium intake": "2200 mg/d"}, "continue", ("above-upper-limit", "reduce-dose", "split-dose")),
    "neck surgery of 366 days": ({"total calcium intake": "2200 mg/d"}, "adjust-dose", ()),
    "neck surgery, the old hyperparathyroidism still on the list": (
        {**NECK, "primary hyperparathyroidism on record": "yes", "calcium to use": "8.9 mg/dL",
         "total calcium intake": "1400 mg/d"}, "continue", ("reduce-towards-rda", "keep-total-at-rda")),
    "neck surgery without a day, hyperparathyroidism": (
        {"parathyroid surgery in the last 365 days": "unknown", "primary hyperparathyroidism on record": "yes",
         "total calcium intake": "1400 mg/d"}, "adjust-dose", ("postsurgery-do-not-change",)),
    "neck surgery, toxic vitamin D": ({**NECK, "25-OH vitamin D": "150 ng/mL"}, "stop", ("postsurgery-do-not-change",)),
    "neck surgery, high calcium": (
        {**NECK, "calcium to use": "10.6 mg/dL"}, "hold", ("postsurgery-do-not-change", "continue-calcium")),
    "neck surgery of 20 days, calcium of 15 days": (
        {**NECK, "parathyroid surgery in the last 30 days": "yes", "newest calcium": "8.9 mg/dL, 15 days ago"},
        "insufficient-data", ()),
    "neck surgery of 20 days, calcium of 14 days": (
        {**NECK, "parathyroid surgery in the last 30 days": "yes", "newest calcium": "8.9 mg/dL, 14 days ago"},
        "continue", ("order-calcium",)),
}  # fmt: skip


@pytest.mark.parametrize("name", OUTCOMES)
def test_nothing_is_lowered_in_these_days_and_only_in_these(book: RuleBook, name: str) -> None:
    told, outcome, unsaid = OUTCOMES[name]
    answered = answer(book, told)
    assert answered.decision.outcome == outcome, answered.decision.decided_by
    assert not codes(answered) & set(unsaid)
    assert not answered.decision.contradictions


NO_PRODUCT: dict[str, tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]] = {
    "a low calcium is shown": ({"calcium to use": "8.3 mg/dL"}, ("order-magnesium", "repeat-calcium"), ()),
    "a calcium that nobody measured asks for nothing": ({"newest calcium": "missing"}, (), ("order-calcium",)),
    "weak kidneys alone ask for no test": ({"eGFR to use": f"50 {EGFR}"}, (), ("ckd-mbd-labs-due", "order-phosphate")),
    "weak kidneys with a low calcium do": (
        {"eGFR to use": f"50 {EGFR}", "calcium to use": "8.3 mg/dL"}, ("ckd-mbd-labs-due",), ()),
    "weak kidneys with denosumab do": ({"eGFR to use": f"50 {EGFR}", **IN_84_DAYS}, ("ckd-mbd-labs-due",), ()),
    "cancer with a normal calcium is no question here": (
        {"malignancy with calcium risk": "yes"}, (), ("cancer-calcium-check",)),
    "cancer with a high calcium is": (
        {"malignancy with calcium risk": "yes", "calcium to use": "11.2 mg/dL"}, ("cancer-calcium-check",), ()),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_PRODUCT)
def test_without_a_calcium_product(book: RuleBook, name: str) -> None:
    told, said, unsaid = NO_PRODUCT[name]
    answered = answer(book, {"calcium products": "no", **told})
    assert answered.decision.outcome == "not-applicable"
    assert set(said) <= codes(answered)
    assert not codes(answered) & {*unsaid, "hold-calcium", "do-not-reduce-low-calcium", "continue-calcium"}


def test_a_thiazide_is_no_question_while_calcium_is_low(book: RuleBook) -> None:
    thiazide = {"thiazide": "yes", "newest calcium": "7.9 mg/dL, 30 days ago"}
    assert "thiazide-calcium-warning" not in codes(answer(book, thiazide))
    assert "thiazide-calcium-warning" in codes(answer(book, {**thiazide, "newest calcium": "8.4 mg/dL, 30 days ago"}))


def test_a_low_magnesium_leaves_one_message_about_magnesium(book: RuleBook) -> None:
    doses = {"magnesium product": "yes", "magnesium supplement dose": "400 mg/d"}
    assert "review-magnesium-dose" in codes(answer(book, {**doses, "magnesium": "1.7 mg/dL"}))
    low = codes(answer(book, {**doses, "magnesium": "1.6 mg/dL"}))
    assert "low-magnesium-review" in low
    assert not low & {"review-magnesium-dose", "avoid-magnesium-egfr30"}
