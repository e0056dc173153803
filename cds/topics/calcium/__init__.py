"""Formulas that are medicine: how calcium is corrected and chosen, and what creatinine says about the kidneys.

Everything else that is clinical stands in the rule files. Another topic that needs a formula of its own brings a
package like this one: ``FORMULAS`` here, each with a function that names its source, and in its module ``proofs`` what
the solver knows of them (``TWINS``; one that is not there is a free number). Its name is added to ``PLUG_INS`` in
``cds.facts.formulas``; rule files then name the formula and its inputs like those of the engine.
"""

from __future__ import annotations

from cds.facts.formula import Formula
from cds.rulebook.model import BIRTH_DATE, GENDER
from cds.rulebook.takes import COMPUTED, CONDITION, MEASUREMENT, RESULTS, USABLE_FOR, Role, Takes
from cds.topics.calcium import kidney, kidney_changes, pairing, recovery, serum

CREATININE = Role("creatinine", (MEASUREMENT,))
MEASURED = (Role("ionised", RESULTS), Role("corrected by the laboratory", RESULTS), Role("corrected here", RESULTS))
LESS_SURE = (Role("calculated", RESULTS), Role("corrected for protein", RESULTS))
NEWEST, PAST, DIAGNOSIS = Role("newest", RESULTS), Role("past", (MEASUREMENT,)), Role("diagnosis", (CONDITION,))
OF_ONE_KIND = Takes(
    (Role("reported", (MEASUREMENT,)), Role("of one kind", (MEASUREMENT,)), Role("usable as", (COMPUTED,))),
    (kidney_changes.FROM, kidney_changes.TO, kidney_changes.OLD, kidney_changes.OLD_BELOW),
)
PAST_DAYS = (kidney_changes.FROM, kidney_changes.TO)

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
    "contradiction of one day": Formula(
        kidney_changes.contradiction,
        Takes((CREATININE,), (kidney_changes.HOURS, kidney_changes.PERCENT, kidney_changes.PERCENT_UNORDERED)),
        tests=(
            "test_a_creatinine_that_falls_within_a_day_contradicts_from_more_than_30_percent_and_so_much",
            "test_results_of_one_day_without_times_contradict_from_more_than_15_percent",
        ),
    ),
    "days since a diagnosis": Formula(
        recovery.days_since, Takes((DIAGNOSIS,)), tests=("test_the_days_since_a_diagnosis_are_those_since_its_onset",)
    ),
    "fall from earlier results": Formula(
        kidney_changes.fall,
        OF_ONE_KIND,
        tests=(
            "test_an_egfr_falls_from_the_median_of_the_results_before_it",
            "test_results_of_two_kinds_are_no_fall",
            "test_an_old_low_level_is_no_fall",
        ),
    ),
    "median before a diagnosis": Formula(
        recovery.median_before,
        Takes((PAST, DIAGNOSIS), PAST_DAYS),
        tests=("test_what_was_measured_before_a_diagnosis_is_the_median_of_the_year_before",),
    ),
    "newest after a diagnosis": Formula(
        recovery.newest_after,
        Takes((NEWEST, DIAGNOSIS), (recovery.AFTER,)),
        tests=("test_a_result_speaks_of_what_came_after_a_diagnosis_from_the_seventh_day",),
    ),
    "newest after a diagnosis over those before": Formula(
        recovery.newest_over_before,
        Takes((PAST, NEWEST, DIAGNOSIS), (recovery.AFTER, *PAST_DAYS)),
        tests=("test_a_creatinine_after_a_diagnosis_is_compared_with_those_before",),
        divides=True,
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
    "over its past": Formula(
        kidney_changes.over_its_past,
        Takes((PAST, Role("in use", RESULTS)), PAST_DAYS),
        tests=("test_a_creatinine_is_compared_with_the_median_of_the_year_before",),
        divides=True,
    ),
    "reported against computed eGFR": Formula(
        kidney.disagreement,
        Takes((Role("reported", RESULTS), Role("usable as", (COMPUTED,)), Role("computed", (COMPUTED,)))),
        tests=("test_a_reported_egfr_is_compared_with_the_creatinine_of_its_day",),
    ),
    "result before a fall": Formula(
        kidney_changes.before_the_fall,
        OF_ONE_KIND,
        tests=("test_the_result_before_a_fall_is_the_newest_that_is_not_below_their_median",),
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
    "rise within hours": Formula(
        kidney_changes.rise_within_hours,
        Takes((CREATININE,), (kidney_changes.RECENT, kidney_changes.HOURS)),
        tests=(
            "test_a_creatinine_rises_within_48_hours_by_what_lies_between_two_results",
            "test_of_results_of_one_day_without_times_nobody_knows_which_rose",
        ),
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
