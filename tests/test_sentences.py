"""The sentences of findings: each form gives its own kind of data, everything else gives nothing."""

from __future__ import annotations

import pytest

from cds.forms.comparing import Compared, OtherScale, SomeResult, Twice, comparison
from cds.forms.events import Happened, HappenedAtAge
from cds.forms.limits import OutsideLimits
from cds.forms.nothing import NoneRecorded
from cds.forms.people import OfSex
from cds.forms.records import After, DoseDateUnknown, Given, Lasted, OpenEnded, Recorded, Started, Uncertain
from cds.forms.registry import FORMS, parse_sentence
from cds.forms.results import Conflicting, Dated, Known, Missing, Repeated, TakenFrom
from cds.forms.unused import NewerResultUnused, ResultOfTermUnused, ResultUnused
from cds.forms.whatif import ChangedBy, DependsOn
from cds.rulebook.model import Form, Joined, RuleBook
from cds.rulebook.model.form import Bound, Comparison, Threshold

TWELVE = Comparison("at least", Bound(12, "mg/dL"))
IONISED = OtherScale("ionised", (Comparison("at least", Bound(1.5, "mmol/L")),))
EXAMPLES: dict[str, Form] = {
    "calcium is at least 12 mg/dL": Compared("calcium", (TWELVE,)),
    "calcium is at least 12 mg/dL (ionised: at least 1.5 mmol/L)": Compared("calcium", (TWELVE,), IONISED),
    "T-score is at most -2.5 {T-score}": Compared("T-score", (Comparison("at most", Bound(-2.5, "{T-score}")),)),
    "intake is above recommended intake": Compared(
        "intake", (Comparison("above", Bound(0, "", "recommended intake")),)
    ),
    "intake is above RDA plus 300 mg/d": Compared("intake", (Comparison("above", Bound(300, "mg/d", "RDA")),)),
    "intake is below RDA minus 0.5 mg/d": Compared("intake", (Comparison("below", Bound(-0.5, "mg/d", "RDA")),)),
    "PTH is above 10 and below 20 pg/mL": Compared(
        "PTH", (Comparison("above", Bound(10, "pg/mL")), Comparison("below", Bound(20, "pg/mL")))
    ),
    "PTH is at least 10 pg/mL and at most 20 pg/mL": Compared(
        "PTH", (Comparison("at least", Bound(10, "pg/mL")), Comparison("at most", Bound(20, "pg/mL")))
    ),
    "score is at least 100 and below 400": Compared(
        "score", (Comparison("at least", Bound(100, "")), Comparison("below", Bound(400, "")))
    ),
    "PTH is above 9 pg/mL and at most upper limit": Compared(
        "PTH", (Comparison("above", Bound(9, "pg/mL")), Comparison("at most", Bound(0, "", "upper limit")))
    ),
    "some result of calcium is at least 12 mg/dL": SomeResult("calcium", TWELVE),
    "some result of calcium is at least 12 mg/dL (ionised: at least 1.5 mmol/L)": SomeResult(
        "calcium", TWELVE, IONISED
    ),
    "calcium is dated within 90 days": Dated("calcium", 90),
    "PTH is dated within 7 days of calcium to use": Dated("PTH", 7, "calcium to use"),
    "sex is known": Known("sex"),
    "sex is missing": Missing("sex"),
    "gout is on record": Recorded("gout"),
    "remission is recorded after cancer": After("remission", "cancer"),
    "cancer is recorded as not certain": Uncertain("cancer"),
    "surgery happened within 365 days": Happened("surgery", 365),
    "fracture happened at 50 years of age or later": HappenedAtAge("fracture", 50),
    "sex is male": OfSex("sex", "male"),
    "results of calcium conflict": Conflicting("calcium"),
    "calcium to use is taken from ionised calcium": TakenFrom("calcium to use", "ionised calcium"),
    "calcium was at least 12 mg/dL on two days at least 90 days apart": Twice("calcium", TWELVE, 90),
    "score was measured twice less than 365 days apart": Repeated("score", 365),
    "denosumab was given within 183 days": Given("denosumab", 183),
    "denosumab is active with an unknown dose date": DoseDateUnknown("denosumab"),
    "lithium was started within 30 days": Started("lithium", 30),
    "glucocorticoid has lasted at least 90 days": Lasted("glucocorticoid", 90),
    "glucocorticoid has no end date": OpenEnded("glucocorticoid"),
    "a result of phosphate within 180 days was outside its limits": OutsideLimits("phosphate", 180),
    "the outcome depends on sex, dose": DependsOn(("sex", "dose")),
    "the outcome changes when doubled dose replaces dose": ChangedBy("dose", "doubled dose"),
    "a result could not be used": ResultUnused(),
    "a result of serum calcium could not be used": ResultOfTermUnused("serum calcium"),
    "a result of calcium newer than calcium to use could not be used": NewerResultUnused("calcium", "calcium to use"),
}
WRITTEN_AS_A_LIST = NoneRecorded
"""The one form that is no sentence: ``no record of any`` and findings below it."""


@pytest.mark.parametrize("text", EXAMPLES)
def test_each_form_gives_its_own_kind_of_data(text: str) -> None:
    found = parse_sentence(text)
    assert found == EXAMPLES[text]
    assert type(found) is type(EXAMPLES[text])


def test_the_examples_above_cover_every_kind_of_sentence() -> None:
    assert {type(sentence) for sentence in EXAMPLES.values()} == set(FORMS) - {WRITTEN_AS_A_LIST}


def test_the_examples_above_cover_every_kind_that_the_real_rules_use(book: RuleBook) -> None:
    used = {type(finding.definition) for finding in book.findings.values()} - {Joined, WRITTEN_AS_A_LIST}
    assert used <= {type(sentence) for sentence in EXAMPLES.values()}


@pytest.mark.parametrize(
    "text",
    [
        "", "calcium", "calcium is high", "calcium exceeds 12 mg/dL", "calcium is above",
        "Calcium Is Above 12 mg/dL", "is above 12 mg/dL", "calcium is dated within ninety days",
        "calcium is dated within 90 day", "calcium was given within -5 days", "calcium is known.", " is missing",
        "the outcome depends on ", "results of calcium conflicts", "calcium is on record since 2020",
        "calcium was above 3 mg on two days", "a result of calcium was outside its limits",
    ],
)  # fmt: skip
def test_text_of_no_form_gives_nothing(text: str) -> None:
    assert parse_sentence(text) is None


@pytest.mark.parametrize("text", ["at least 12 mg/dL", "below 0.5 %", "at most -2.5 {T-score}", "above RDA",
                                  "above RDA plus 300 mg/d", "below RDA minus 0.5 mg/d", "above 100"])  # fmt: skip
def test_a_comparison_says_again_what_was_written(text: str) -> None:
    assert str(comparison(text)) == text


def test_a_sentence_names_its_terms_once_the_subject_first() -> None:
    both = parse_sentence("PTH is above lower limit and below upper limit")
    assert both is not None
    assert both.terms == ("PTH", "lower limit", "upper limit")
    assert EXAMPLES["the outcome depends on sex, dose"].terms == ("sex", "dose")
    assert EXAMPLES["the outcome changes when doubled dose replaces dose"].terms == ("dose", "doubled dose")
    assert Dated("calcium", 7, "calcium").terms == ("calcium",)
    assert ResultUnused().terms == ()


def test_the_thresholds_of_a_sentence_say_on_which_scale_they_are() -> None:
    both = (Threshold(TWELVE), Threshold(IONISED.comparisons[0], "ionised"))
    assert Compared("calcium", (TWELVE,), IONISED).thresholds == both
    assert SomeResult("calcium", TWELVE, IONISED).thresholds == both
    assert Twice("calcium", TWELVE, 90).thresholds == (Threshold(TWELVE),)
    assert Known("calcium").thresholds == ()
