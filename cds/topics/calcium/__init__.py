"""Formulas that are medicine: how calcium is corrected and chosen, and what creatinine says about the kidneys.

Everything else that is clinical stands in the rule files. Another topic that needs a formula of its own brings a
package like this one: ``FORMULAS`` here, each with a function that names its source, and in its module ``proofs`` what
the solver knows of them (``TWINS``; one that is not there is a free number). Its name is added to ``PLUG_INS`` in
``cds.facts.formulas``; rule files then name the formula and its inputs like those of the engine.
"""

from __future__ import annotations

from cds.facts.formula import Formula
from cds.rulebook.model import BIRTH_DATE, GENDER
from cds.rulebook.takes import COMPUTED, MEASUREMENT, RESULTS, USABLE_FOR, Role, Takes
from cds.topics.calcium import kidney, pairing, serum

CREATININE = Role("creatinine", (MEASUREMENT,))
MEASURED = (Role("ionised", RESULTS), Role("corrected by the laboratory", RESULTS), Role("corrected here", RESULTS))
LESS_SURE = (Role("calculated", RESULTS), Role("corrected for protein", RESULTS))

FORMULAS = {
    "CKD-EPI 2021": Formula(
        kidney.computed_egfr,
        Takes((CREATININE, Role("age", (BIRTH_DATE,)), Role("sex", (GENDER,))), (kidney.ADULT,)),
        kidney.computed_history,
        ("test_ckd_epi_2021_gives_the_published_values", "test_below_the_least_age_no_egfr_is_computed"),
        divides=True,
    ),
    "calcium set aside": Formula(
        serum.set_aside,
        Takes((*MEASURED, Role("in use", RESULTS)), (serum.BEFORE, serum.AFTER)),
        tests=("test_an_ionised_value_sets_a_total_calcium_aside_within_the_days_of_the_term",),
    ),
    "newest calcium": Formula(
        serum.newest,
        Takes((*MEASURED, *LESS_SURE), (serum.WITHIN,)),
        tests=("test_an_ionised_calcium_wins_within_the_days_of_the_term",),
    ),
    "newest near a high calcium": Formula(
        pairing.near_a_high_calcium,
        Takes(
            (
                Role("newest of", (MEASUREMENT,), several=True),
                Role("near", RESULTS),
                Role("ionised", (MEASUREMENT,)),
                Role("upper limit", (COMPUTED,)),
            ),
            (pairing.DAYS,),
            keys=(USABLE_FOR,),
        ),
        tests=(
            "test_a_pth_counts_where_a_high_calcium_was_drawn_within_the_days_of_the_term",
            "test_an_ionised_value_of_the_day_denies_a_high_total_to_a_pth",
        ),
    ),
    "reported against computed eGFR": Formula(
        kidney.disagreement,
        Takes((Role("reported", RESULTS), Role("usable as", (COMPUTED,)), Role("computed", (COMPUTED,)))),
        tests=("test_a_reported_egfr_is_compared_with_the_creatinine_of_its_day",),
    ),
    "rise over baseline": Formula(
        kidney.rise,
        Takes((CREATININE,), (kidney.RECENT, kidney.BASELINE)),
        tests=(
            "test_a_creatinine_that_rose_and_fell_within_a_week_is_a_rise",
            "test_a_creatinine_that_only_fell_is_no_rise",
            "test_the_recent_days_of_a_rise_are_those_of_the_term",
        ),
        divides=True,
    ),
    "total calcium corrected for albumin": Formula(
        serum.corrected,
        Takes(
            (Role("total", (MEASUREMENT,)), Role("albumin", (MEASUREMENT,))),
            (serum.FACTOR, serum.NORMAL, serum.ALBUMIN_WITHIN),
        ),
        tests=("test_calcium_is_corrected_by_the_numbers_of_the_term",),
    ),
}
"""The formulas by the names that rule files give them."""
