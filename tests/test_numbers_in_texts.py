"""Numbers in prose: a changed threshold leaves no old number in sentences, titles, cards, advice and overlays."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from people import AS_OF, CALCIUM, CARBONATE_500, CREATININE, bundle, dosage, observation, patient, statement

from cds.cards.card import cards_of
from cds.cli import app
from cds.errors import Problem, RulebookError
from cds.evaluation import evaluate
from cds.facts.formulas import FORMULAS
from cds.intake.reading import read_record
from cds.review.number_remarks import number_remarks, strangers
from cds.review.numbers import RuleNumber, numbers_of, says
from cds.review.reader import Reader, wordlist
from cds.review.remarks import remarks
from cds.review.texts import RuleText, texts_of
from cds.review.written_numbers import YEAR_OF_A_SOURCE, WrittenNumber, written_numbers
from cds.rulebook.graph import FINDING, TERM
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import Finding, Frozen, RuleBook
from cds.rulebook.overlaying import read_overlaid

HERE = Path(__file__).resolve().parent
RULES, HOSPITAL, GOOD = HERE.parent / "rules", HERE / "hospital", HERE / "good_rules"
TODAY = date(2026, 11, 25)
DECLARED = "vitamin-d/vd-01-below-12.yaml"
OTHER = "Mend the text, or name the number under 'other numbers' of the rule"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the real rules."""
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


@pytest.fixture
def hospital(tmp_path: Path) -> Path:
    """A copy of the overlay."""
    return Path(shutil.copytree(HOSPITAL, tmp_path / "hospital"))


def edit(folder: Path, file: str, before: str, after: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after), "utf-8")


def of_texts(found: list[Problem]) -> list[str]:
    return [f"{p.file}:{p.line}: {p.place}: {p.what}" for p in found if p.code.startswith("number-")]


def said(problems: list[Problem]) -> str:
    return "\n".join(map(str, problems))


# From a changed rule file to the remark


def test_the_rules_have_no_number_in_prose_that_is_none_of_theirs(book: RuleBook) -> None:
    assert said(number_remarks(book)) == ""


def test_a_changed_threshold_makes_every_text_with_the_old_number_a_problem(rules: Path) -> None:
    edit(rules, "vitamin-d/findings.yaml", "is below 12 ng/mL", "is below 13 ng/mL")
    found = of_texts(sorted(remarks(read_rulebook(rules, FORMULAS), TODAY)))
    file, finding = "vitamin-d/vd-01-below-12.yaml", "finding '25-OH vitamin D below 12'"
    cards = ((25, "card fallback"), (27, "card detail"), (34, "card variant 1 fallback"),
             (42, "card variant 2 fallback"), (48, "card variant 3 fallback"))  # fmt: skip
    own = "'25-OH vitamin D below 12'."
    assert found == [
        "advice.yaml:645: advice vitamin-d-below-12: '12 ng/mL' is no number of VD-01.",
        "advice.yaml:645: advice vitamin-d-below-12: '30 nmol/L' is no number of VD-01.",
        f"vitamin-d/findings.yaml:5: {finding} name: '12' is no number of {own}",
        f"vitamin-d/findings.yaml:6: {finding} says: '12 ng/mL' is no number of {own}",
        f"vitamin-d/findings.yaml:6: {finding} says: '30 nmol/L' is no number of {own}",
        f"{file}:2: VD-01 title: '12 ng/mL' is no number of VD-01.",
        f"{file}:3: VD-01 says: '12 ng/mL' is no number of VD-01.",
        f"{file}:3: VD-01 says: '30 nmol/L' is no number of VD-01.",
        *(f"{file}:{line}: VD-01 {place}: '{number}' is no number of VD-01."
          for line, place in cards for number in ("12 ng/mL", "30 nmol/L")),
    ]  # fmt: skip


def test_a_time_must_be_one_of_what_the_sentence_names_and_not_of_another_test(rules: Path) -> None:
    """As it was: the 90 days of phosphate, which one advice reads, stood in for those of calcium."""
    for path in rules.rglob("*.yaml"):
        text = path.read_text("utf-8").replace("calcium in the last 90 days", "calcium in the last 100 days")
        path.write_text(text.replace("calcium is dated within 90 days", "calcium is dated within 100 days"), "utf-8")
    found = [p for p in number_remarks(read_rulebook(rules, FORMULAS)) if p.code == "number-in-prose"]
    assert {(p.place, p.what.split("'")[1], p.todo.split("?")[0]) for p in found} >= {
        ("RENAL-07 card detail", "3 months", "Did you mean 3.333 months"),
        ("VD-09 says", "90 days", "Did you mean 100 days"),
        ("VD-09 reader patients", "90 days", "Did you mean 100 days"),
        ("VD-09 card variant 1 fallback", "90 days", "Did you mean 100 days"),
        ("DIS-02 card summary", "90 days", "Did you mean 100 days"),
        ("finding 'no calcium in 90 days' name", "90 days", "Did you mean 100 days"),
    }


def test_a_condition_of_one_advice_is_none_of_the_rule(rules: Path) -> None:
    edit(
        rules,
        "vitamin-d/vd-09-active-vitamin-d.yaml",
        "- order-phosphate, unless phosphate in the last 90 days",
        "- order-phosphate, unless phosphate in the last 365 days",
    )
    edit(rules, "vitamin-d/vd-09-active-vitamin-d.yaml", "without a calcium in 90 days", "untested for 365 days")
    (found,) = of_texts(number_remarks(read_rulebook(rules, FORMULAS)))
    assert found == "vitamin-d/vd-09-active-vitamin-d.yaml:3: VD-09 says: '365 days' is no number of VD-09."


def test_a_changed_window_of_a_term_makes_cards_with_the_old_days_a_problem(rules: Path) -> None:
    edit(rules, "terms/derived.yaml", "- 120 days, if", "- 150 days, if")
    found = of_texts(remarks(read_rulebook(rules, FORMULAS), TODAY))
    file = "data/data-03-no-recent-kidney-function.yaml"
    assert found == [f"{file}:26: DATA-03 card detail: '120 days' is no number of DATA-03."]


def test_a_changed_table_makes_names_and_cards_with_the_old_amount_a_problem(rules: Path) -> None:
    edit(rules, "terms/intake.yaml", "      - 1000 for anybody from 18 years", "      - 950 for anybody from 18 years")
    found = of_texts(remarks(read_rulebook(rules, FORMULAS), TODAY))
    name = "'CKD calcium limit is 1000 mg'"
    assert f"kidney/findings.yaml:337: finding {name} name: '1000 mg' is no number of {name}." in found


def test_a_text_that_gets_another_number_is_a_problem_with_its_line_and_the_nearest_number(rules: Path) -> None:
    edit(
        rules,
        "serum-calcium/ca-02-calcium-of-12-or-more.yaml",
        "above 1.50 mmol/L, unless",
        "above 1.70 mmol/L, unless",
    )
    assert said(number_remarks(read_rulebook(rules, FORMULAS))) == (
        "serum-calcium/ca-02-calcium-of-12-or-more.yaml:35: CA-02 card detail: '1.70 mmol/L' is no number of CA-02. "
        f"Did you mean 1.5 mmol/L? {OTHER}. [number-in-prose]"
    )


def test_a_number_far_behind_the_rule_is_offered_with_the_finding_that_has_it(rules: Path) -> None:
    edit(rules, "data/data-03-no-recent-kidney-function.yaml", "  45 mL/min/{1.73_m2}: eGFR\n", "")
    assert said(number_remarks(read_rulebook(rules, FORMULAS))) == (
        "data/data-03-no-recent-kidney-function.yaml:26: DATA-03 card detail: '44' is no number of DATA-03. "
        f"Did you mean 60? {OTHER} (it is one of 'last kidney value below 45'). [number-in-prose]"
    )


def test_a_year_of_no_source_is_a_problem(rules: Path) -> None:
    edit(
        rules,
        "vitamin-d/vd-08-missing-with-an-indication.yaml",
        "(Endocrine Society 2024",
        "(Endocrine Society 2031",
    )
    assert said(number_remarks(read_rulebook(rules, FORMULAS))) == (
        "vitamin-d/vd-08-missing-with-an-indication.yaml:25: VD-08 card detail: '2031' is the year of no source. "
        "Mend it, or add the source. [number-in-prose]"
    )


def test_the_command_says_it_and_ends_with_1(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(GOOD, tmp_path / "rules"))
    edit(folder, "calcium/ca-01-high-calcium.yaml", "is paused while it is high", "is paused above 10.5 mg/dL")
    before = CliRunner().invoke(app, ["check", str(folder)])
    assert "number-in-prose" not in before.output
    edit(folder, "calcium/findings.yaml", "is above 10.5 mg/dL", "is above 10.2 mg/dL")
    done = CliRunner().invoke(app, ["check", str(folder)])
    assert done.exit_code == 1
    assert (
        "calcium/ca-01-high-calcium.yaml:3: CA-01 says: '10.5 mg/dL' is no number of CA-01. "
        f"Did you mean 10.2 mg/dL? {OTHER}. [number-in-prose]"
    ) in done.output.replace("\n", "")


@pytest.mark.parametrize(
    ("file", "before", "after", "place"),
    [
        ("silencing.yaml", "name: under 18", "name: under 17", "silencing 'under 17' name"),
        (
            "claims.yaml",
            "recommended intake here is 1000 mg",
            "recommended intake here is 1100 mg",
            "claim 'Adults need 800 mg a day and older people 1000 mg.'",
        ),
        ("review.yaml", "With a high calcium the outcome", "With a calcium above 13.4 mg/dL the outcome", "accepted "),
        (
            DECLARED,
            "  8 to 12 weeks: until",
            "  8 to 12 weeks: from 14 ng/mL, until",
            "VD-01 other numbers '8 to 12 weeks'",
        ),
        ("dose/findings.yaml", "chapter: Dose", "chapter: Dose up to 2600 mg", "DOSE-02 chapter"),
        ("rulebook.yaml", "title: Calcium", "title: (from 13.4 mg/dL) Calcium", "title"),
    ],
)
def test_what_authors_write_beside_the_sentences_of_a_rule_is_checked_too(
    file: str, before: str, after: str, place: str, rules: Path
) -> None:
    edit(rules, file, before, after)
    found = [p for p in number_remarks(read_rulebook(rules, FORMULAS)) if p.place.startswith(place)]
    assert [p.code for p in found[:1]] == ["number-in-prose"], said(found)


def test_why_a_hospital_switches_a_rule_is_checked_but_for_its_own_times(hospital: Path) -> None:
    edit(hospital, "overlay.yaml", "every calcium below 7.5 mg/dL", "since 2025 all 40 calciums a month below 8 mg/dL")
    edit(hospital, "overlay.yaml", "by GUARD-01 only", "up to 6.9 mg/dL by GUARD-01 only")
    found = of_texts(number_remarks(read_overlaid(RULES, [hospital], FORMULAS)))
    assert found == [
        "hospital/overlay.yaml:11: shadow CA-05 reason: '8 mg/dL' is no number of CA-05.",
        "hospital/overlay.yaml:11: shadow CA-05 accepted risk: '6.9 mg/dL' is no number of CA-05.",
    ]


# Declared numbers


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("  8 to 12 weeks: until", "  9 to 12 weeks: until",
         f"{DECLARED}:28: VD-01 card detail: '8' is no number of VD-01. {OTHER}. [number-in-prose]"),
        ("  8 to 12 weeks: until", "  14 mg/dL: where emergency care begins (HYPERCA2022)\n  8 to 12 weeks: until",
         f"{DECLARED}:71: VD-01 other numbers: no text of VD-01 needs '14 mg/dL'. "
         "Take it out: a finding of the rule holds it, or no text has it. [number-not-used]"),
        ("  8 to 12 weeks: until", "  12 ng/mL: the line of deficiency (IOM2011)\n  8 to 12 weeks: until",
         f"{DECLARED}:71: VD-01 other numbers: no text of VD-01 needs '12 ng/mL'. "
         "Take it out: a finding of the rule holds it, or no text has it. [number-not-used]"),
        ("  20 ng/mL: 25-OH vitamin D below 20", "  20 ng/mL: 25-OH vitamin D above 100",
         f"{DECLARED}:70: VD-01 other numbers: '20 ng/mL' is no number of '25-OH vitamin D above 100'. "
         "Name another finding or term. [number-in-prose]"),
    ],
)  # fmt: skip
def test_a_declared_number_must_be_needed_and_be_one_of_what_it_names(
    before: str, after: str, message: str, rules: Path
) -> None:
    edit(rules, DECLARED, before, after)
    assert said(number_remarks(read_rulebook(rules, FORMULAS))) == message


def test_a_declaration_that_names_a_finding_is_a_problem_once_that_changes(rules: Path) -> None:
    edit(rules, "vitamin-d/findings.yaml", "vitamin D dose is above 4000", "vitamin D dose is above 3000")
    found = of_texts(number_remarks(read_rulebook(rules, FORMULAS)))
    what = "'4000 IU/d' is no number of 'vitamin D above 4000 IU'."
    assert [item for item in found if "other numbers" in item] == [
        f"vitamin-d/vd-04-from-above-50-to-100.yaml:44: VD-04 other numbers: {what}",
    ]


def test_a_source_that_only_a_declared_number_cites_is_used(rules: Path) -> None:
    edit(rules, "evidence.yaml", "sources:\n", "sources:\n\n  CHEW:\n    citation: x\n    kind: label\n")
    assert [p.place for p in remarks(read_rulebook(rules, FORMULAS), TODAY)] == ["CHEW"]
    edit(rules, "medicines/int-09-vitamin-k-product-with-antagonist.yaml", "calcium product (LABEL)",
         "calcium product (LABEL, CHEW)")  # fmt: skip
    assert remarks(read_rulebook(rules, FORMULAS), TODAY) == []


# What is a number, and what is a name


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("below 12 ng/mL (30 nmol/L)", [(12, "ng/ml"), (30, "nmol/l")]),
        ("from 20 to below 30 ng/mL", [(20, "ng/ml"), (30, "ng/ml")]),
        ("above 50 and up to 100 ng/mL", [(50, "ng/ml"), (100, "ng/ml")]),
        ("keep 1000-1200 mg/day", [(1000, "mg"), (1200, "mg")]),
        ("10,000 IU a day, 4000 [iU]/d", [(10000, "[iu]"), (4000, "[iu]")]),
        ("an eGFR of 30 to 59 or PTH below 20", [(30, "ml/min/{1.73_m2}"), (59, "ml/min/{1.73_m2}"), (20, "pg/ml")]),
        ("a score of 100 or more, T-score of -2.5", [(100, "1"), (-2.5, "{t-score}")]),
        ("in 90 days, 12 weeks, 3 months, 1 year, 24 hours", [(90, "day"), (84, "day"), (90, "day"), (365, "day"),
                                                              (1, "day")]),
        ("a 30-day course\nof 8 to 12\nweeks", [(30, "day"), (56, "day"), (84, "day")]),
        ("under 65, or aged 18", [(65, "a"), (18, "a")]),
        ("more than 25 %", [(25, "%")]),
        ("0.8 g/kg a day at 40 mL/min/{1.73_m2}", [(0.8, "g/kg"), (40, "ml/min/{1.73_m2}")]),
        ("CKD G3a-G4, D3 and K2/MK-7, B12, E83.59, R93.1, H2 blockers, CA-02", []),
        ("25-OH vitamin D, 1,25-dihydroxyvitamin D, 1,25-(OH)2-D, a high 1,25: check, 25(OH)D", []),
        ("KDIGO, 4.3.2 (2B), stage 3, 4 or 5, 24-hour urine, LOINC 12180-6, on 2024-01-19", []),
        ("CKD-EPI 2021", [(2021, YEAR_OF_A_SOURCE)]),
        ("2000 mg from 51", [(2000, "mg"), (51, "")]),
        ("13,5 mg/dL, 1,5 or 10,000 IU", [(13.5, "mg/dl"), (1.5, "[iu]"), (10000, "[iu]")]),
        ("3000-mg-a-day, 13-mg/dL, 13-milligram, 13mgdL", [(3000, "mg"), (13, "mg/dl"), (13, "mg"), (13, "")]),
        ("12-hour, 13-fold, 13wk, in 5d, 2 yrs", [(0.5, "day"), (13, ""), (91, "day"), (5, "day"), (730, "day")]),
        ("Calcium-13, Calcium13, PTH-65, >13, 13x, 13th percentile", [(13, "")] * 2 + [(65, "")] + [(13, "")] * 3),
        ("grade 9 or 8", [(9, ""), (8, "")]),
        ("30 mL/min/1.73 m2 or more", [(30, "ml/min/{1.73_m2}")]),
        ("stage 3a, grade 2, the 1st, 25OHD, HbA1c, a value in mL/min/{1.73_m2}, see PTH-02", []),
    ],
)  # fmt: skip
def test_numbers_are_read_with_their_units_and_names_are_no_numbers(
    text: str, numbers: list[tuple[float, str]], book: RuleBook
) -> None:
    found = written_numbers(text, wordlist(book))
    assert [(pytest.approx(item.number), item.unit) for item in found] == numbers


@pytest.mark.parametrize(
    ("text", "per"),
    [
        ("2500 mg a day", "day"),
        ("2500-mg-a-day", "day"),
        ("2500 mg daily", "day"),
        ("2500 mg/24h", "day"),
        ("2500 mg of calcium each day", "day"),
        ("daily calcium of 2500 mg", "day"),
        ("2500 mg a week", "week"),
        ("2500 mg once weekly", "week"),
        ("2500 mg/wk", "week"),
        ("weekly 2500 mg", "week"),
        ("2500 mg per month", "month"),
        ("2500 mg/h", "hour"),
        ("2500 mg every hour", "hour"),
        ("2500 mg every other day", "other day"),
        ("2500 mg every 2 days", "2 day"),
        ("2500 mg", ""),
        ("2500 mg for a week", ""),
        ("2500 mg or more, a week", ""),
    ],
)
def test_a_text_says_per_what_an_amount_is(text: str, per: str, book: RuleBook) -> None:
    assert written_numbers(text, wordlist(book))[0].per == per


def test_an_amount_a_week_is_not_the_same_amount_a_day(rules: Path) -> None:
    file = "dose/dose-02-above-2500-from-products.yaml"
    edit(rules, file, "'Over 2500 mg/day calcium from products: consider", "'Over 2500 mg a week calcium: consider")
    edit(rules, "vitamin-d/vd-07-high-dose.yaml", "50000 IU a week is about", "50000 IU a day is about")
    assert [str(problem) for problem in number_remarks(read_rulebook(rules, FORMULAS))][:2] == [
        f"{file}:27: DOSE-02 card fallback: '2500 mg' per week is no number of DOSE-02. "
        f"Did you mean 2500 mg per day? {OTHER}. [number-in-prose]",
        "vitamin-d/vd-07-high-dose.yaml:53: VD-07 card variant 3 detail: '50000 IU' per day is no number of VD-07. "
        f"{OTHER}. [number-in-prose]",
    ]


@pytest.mark.parametrize("written", ["13,5 mg/dL", "13-milligram", "13mgdL", "13-fold", "grade 9 or 8", "in 13wk"])
def test_a_number_that_is_glued_to_its_words_is_no_way_past_the_check(written: str, rules: Path) -> None:
    edit(
        rules, "serum-calcium/ca-02-calcium-of-12-or-more.yaml", "'Calcium of 12 mg/dL (3.0", f"'Calcium {written} (3.0"
    )
    assert any("CA-02 card fallback" in item for item in of_texts(number_remarks(read_rulebook(rules, FORMULAS))))


def same(text: str, book: RuleBook, finding: str) -> bool:
    """Whether the only number of a text is the number of a finding."""
    (mention,) = written_numbers(text, wordlist(book))[:1]
    return any(says(mention, number) for number in numbers_of(book, [(FINDING, finding)]))


@pytest.mark.parametrize(
    ("finding", "right", "wrong"),
    [
        ("calcium of 12 or more", ("12 mg/dL", "12.0 mg/dL", "3.0 mmol/L", "2.99 mmol/L", "1.5 mmol/L"),
         ("12.1 mg/dL", "11.9 mg/dL", "2.9 mmol/L", "3.1 mmol/L", "2.98 mmol/L", "3.00 mmol/L", "1.51 mmol/L")),
        ("calcium above 10.2", ("2.54 mmol/L", "2.5 mmol/L"), ("2.55 mmol/L", "2.53 mmol/L", "2.6 mmol/L")),
        ("25-OH vitamin D of 150 or more", ("375 nmol/L", "374 nmol/L", "150 ug/L"), ("380 nmol/L", "376 nmol/L")),
        ("25-OH vitamin D below 20", ("20 ng/mL", "50 nmol/L"), ("19 ng/mL", "21 ng/mL")),
        ("vitamin D above 4000 IU", ("4000 IU", "4000 IU a day", "100 ug"), ("4000 mg", "101 ug")),
        ("single dose above 600 mg", ("600 mg", "600 mg at a time"), ("600 mg a day", "601 mg")),
        ("calcium in the last 90 days", ("90 days", "3 months"), ("2 months", "4 months", "12 weeks")),
        ("calcium in the last 365 days", ("365 days", "12 months", "1 year"), ("11 months", "2 years", "365 mg")),
        ("two calcium scores within 3 years", ("3 years", "1095 days", "36 months"), ("2 years", "35 months")),
        ("age below 65", ("under 65", "65 years"), ("under 64", "66 years")),
    ],
)  # fmt: skip
def test_a_number_of_a_text_is_that_of_a_finding_in_any_unit_within_rounding(
    finding: str, right: tuple[str, ...], wrong: tuple[str, ...], book: RuleBook
) -> None:
    assert [text for text in right if not same(text, book, finding)] == []
    assert [text for text in wrong if same(text, book, finding)] == []


@pytest.mark.parametrize(("text", "number", "is_said"), [
    ("12 to 19 ng/mL", 20, True), ("12 to 18 ng/mL", 20, False), ("12 to 20 ng/mL", 20, True),
    ("12 to 19.9 ng/mL", 20, True), ("30-49 nmol/L", 20, True), ("30-48 nmol/L", 20, False),
])  # fmt: skip
def test_the_upper_end_of_a_range_may_be_the_number_below_an_open_end(
    text: str, number: float, is_said: bool, book: RuleBook
) -> None:
    last = written_numbers(text, wordlist(book))[-1]
    (own,) = numbers_of(book, [(FINDING, "25-OH vitamin D below 20")])
    assert says(last, own._replace(value=number)) is is_said


# Every threshold of every chapter


REMAINDER = {
    "glucocorticoid of 2.5 mg or more": 3,
    "denosumab in the last 183 days": 1,
    "zoledronate in the last 90 days": 4,
    "acute kidney injury in the last 90 days": 1,
    "romosozumab in the last 31 days": 2,
    "denosumab in the last 14 days": 5,
    "zoledronate in the last 14 days": 5,
    "romosozumab in the last 14 days": 5,
    "denosumab in the last 30 days": 1,
    "total calcium is the newest": 5,
    "corrected calcium is the newest": 5,
    "creatinine results differ": 2,
    "calcium in the last 30 days": 1,
    "calcium in the last 90 days": 3,
    "calcium in the last 180 days": 2,
    "eGFR in the last 30 days": 3,
    "1,25-(OH)2 vitamin D in the last 90 days": 3,
    "PTH in the last 180 days": 1,
    "25-OH vitamin D in the last 365 days": 1,
    "phosphate in the last 180 days": 1,
    "magnesium in the last 30 days": 1,
    "age below 65": 1,
    "eGFR below 60": 12,
    "eGFR below 30": 6,
    "eGFR from 15 to below 60": 5,
    "last kidney value below 60": 2,
    "last kidney value below 45": 1,
    "last kidney value below 30": 8,
    "last kidney value below 15": 3,
    "eGFR of 60 or more": 18,
    "creatinine risen by half": 4,
    "creatinine risen by 0.3 mg/dL in 48 hours": 2,
    "acute eGFR fall of 35 %": 8,
    "eGFR of the acute fall is of the last 7 days": 5,
    "eGFR fall of 35 %": 8,
    "creatinine risen to 1.5 times its past": 4,
    "creatinine back after acute kidney injury": 4,
    "kidney value of 60 or more after acute kidney injury": 7,
    "acute kidney injury more than 7 days ago": 3,
    "two eGFR below 60": 5,
    "total above 1000 mg": 1,
    "INR more than 0.5 below its target": 3,
    "INR more than 0.5 above its target": 3,
    "parathyroid surgery in the last 365 days": 5,
    "bilateral thyroid surgery in the last 365 days": 6,
    "parathyroid surgery in the last 30 days": 7,
    "bilateral thyroid surgery in the last 30 days": 9,
    "severely low serum calcium": 9,
    "a result below 7.5": 9,
    "total below 800 mg": 3,
    "eGFR from 30 to below 60": 1,
}  # fmt: skip
"""How many numbers of texts stay unnoticed when only this threshold changes, 217 of 893: each is also a number of
another finding or term that stands as near to the text and that the text may mean (the three drugs have one line of 14
days, the stages of CKD share 60, the operations on the neck share 30 and 365 days, the signs of an acute kidney injury
share their lines, a severely low calcium is one of two findings below 7.5)."""
UNNOTICED = {"total calcium is the newest", "corrected calcium is the newest"}
"""Thresholds of which no text at all says so: 24 hours is a number of their chapter's other findings too."""


def thresholds_changed(finding: Finding) -> Iterator[Finding]:
    """The finding with each of its numbers about a tenth larger."""
    definition: Any = finding.definition
    for comparison, _ in definition.thresholds:
        bound = comparison.bound
        if bound.number or not bound.term:
            other = bound._replace(number=round(bound.number * 1.1, 6) or 1)
            changed = definition.instead(comparison, comparison._replace(bound=other))
            yield finding._replace(definition=changed)
    if days := getattr(definition, "days", 0):
        yield finding._replace(definition=replace(definition, days=round(days * 1.1) + 1))


def carried(reader: Reader) -> dict[str, list[tuple[RuleText, WrittenNumber]]]:
    """By finding, the numbers of texts that are its: no finding or term nearer to the text has them."""
    book, found = reader.book, dict[str, list[tuple[RuleText, WrittenNumber]]]()
    own = {name: numbers_of(book, [(FINDING, name)]) for name in book.findings}
    for text in texts_of(book):
        rings = [*reader.rings(text), reader.around(text.named)[0]]
        for mention in written_numbers(text.text, reader.words):
            named = ([n for kind, n in ring if kind == FINDING and reader.is_one_of(mention, own[n])] for ring in rings)
            for name in next(filter(None, named), ()) if mention.unit != YEAR_OF_A_SOURCE else ():
                found.setdefault(name, []).append((text, mention))
    return found


def test_every_threshold_that_changes_is_noticed_in_the_texts_that_carry_it(book: RuleBook) -> None:
    before = Reader(book)
    texts, left, silent, seen, tried = carried(before), Counter[str](), set(), 0, 0
    for finding in book.findings.values():
        for changed in thresholds_changed(finding):
            after = replace(book, findings=Frozen({**book.findings, finding.name: changed}))
            gone = numbers_of(book, [(FINDING, finding.name)]) - numbers_of(after, [(FINDING, finding.name)])
            old = [item for item in texts.get(finding.name, ()) if before.is_one_of(item[1], gone)]
            unnoticed = [item for item in old if not is_noticed(Reader(after), *item)]
            left[finding.name] += len(unnoticed)
            silent |= {finding.name} if old and len(unnoticed) == len(old) else set()
            seen, tried = seen + len(old), tried + 1
    assert (tried, seen) == (154, 893)
    assert {name: count for name, count in left.items() if count} == REMAINDER
    assert silent == UNNOTICED


def is_noticed(reader: Reader, text: RuleText, mention: WrittenNumber) -> bool:
    """Whether a number of a text is a problem, or one of the declarations that it rests on is."""
    known = reader.known(mention, text)
    return not known.is_known or any(item.of and reader.stranger_in(item) for item in known.needs)


def test_a_name_carries_only_numbers_of_its_own_finding_or_term(book: RuleBook) -> None:
    reader = Reader(book)
    named = [text for text in texts_of(book) if text.is_name]
    assert list(strangers(reader, named, set())) == []
    renamed = [
        text._replace(text="calcium of 14 mg/dL or more") for text in named if text.of == "'calcium of 12 or more'"
    ]
    assert [item.mention.words for item in strangers(reader, renamed, set())] == ["14 mg/dL"]
    assert numbers_of(book, [(TERM, "INR")]) == {RuleNumber(30, "day")}


# Overlays


def test_an_overlay_that_changes_a_number_must_change_the_words_of_the_base(hospital: Path) -> None:
    (hospital / "texts.yaml").unlink()
    found = number_remarks(read_overlaid(RULES, [hospital], FORMULAS))
    assert {problem.place.split()[0] for problem in found} == {"VD-01", "VD-02", "advice", "DATA-02"}
    assert str(min(found)) == (
        "advice.yaml:645: advice vitamin-d-below-12: '12 ng/mL' is no number of VD-01. Did you mean 10 ng/mL? "
        "Say in hospital/texts.yaml what stands there here. [number-in-prose]"
    )


def test_the_words_of_an_overlay_stand_on_the_card_with_its_thresholds() -> None:
    local, low = read_overlaid(RULES, [HOSPITAL], FORMULAS), observation("LOINC 62292-8", 9, "ng/mL", identity="d")
    woman = (patient(birth="1960-05-01"), statement(CARBONATE_500, dosage()), observation(CALCIUM, 9.4, "mg/dL"),
             observation(CREATININE, 0.8, "mg/dL", identity="k"), low)  # fmt: skip
    cards = cards_of(evaluate(read_record(bundle(*woman), local, AS_OF), local, AS_OF))
    card = next(card for card in cards if card["summary"].startswith("25-OH-D "))
    assert card["summary"] == "25-OH-D 9 ng/mL (22.5 nmol/L) on 10 Jan 2026: deficiency; options to treat and recheck."
    assert "IOM 2011: below 10 ng/mL (25 nmol/L) calcium is poorly absorbed." in card["detail"]
    assert "**As set by Invented Hospital:** 25-OH vitamin D is below 10 ng/mL." in card["detail"]
    assert "12 ng/mL" not in card["detail"]


def test_words_that_the_base_does_not_have_are_refused(hospital: Path) -> None:
    (hospital / "texts.yaml").write_text(
        "texts:\n  VD-01:\n    11 ng/mL: 10 ng/mL\n  VD-99:\n    12 ng/mL: 10 ng/mL\n  vitamin-d-lo:\n    a: b\n",
        "utf-8",
    )
    with pytest.raises(RulebookError) as caught:
        read_overlaid(RULES, [hospital], FORMULAS)
    assert str(caught.value).split("\n") == [
        "hospital/texts.yaml:3: texts.VD-01.11 ng/mL: '11 ng/mL' stands in none of these texts. "
        "Write it as the text of the base has it, or take it out. [wrong-value]",
        "hospital/texts.yaml:4: texts.VD-99: 'VD-99' is not a rule or advice code. "
        "Did you mean 'VD-09'? [unknown-rule]",
        "hospital/texts.yaml:6: texts.vitamin-d-lo: 'vitamin-d-lo' is not a rule or advice code. "
        "Did you mean 'vitamin-d-low'? [unknown-rule]",
    ]  # fmt: skip


def test_other_words_reach_every_text_of_the_rule_the_advice_and_the_silencing(hospital: Path) -> None:
    (hospital / "texts.yaml").write_text(
        "texts:\n"
        "  CA-02:\n    an arrhythmia: a rhythm disorder\n    see the patient: a doctor sees the patient\n"
        "  vitamin-d-low:\n    20 ng/mL: twenty\n"
        "  calcium results conflict:\n    7.5 mg/dL: seven\n",
        "utf-8",
    )  # fmt: skip
    local = read_overlaid(RULES, [hospital], FORMULAS)
    detail = local.rules["CA-02"].card.texts[-1].detail
    assert detail.startswith("Options: a doctor sees the patient today;")
    assert "kidney injury or a rhythm disorder. With" in " ".join(detail.split())
    assert local.advice["vitamin-d-low"].says == "25-OH-D is below twenty (50 nmol/L)."
    assert any(entry.why.endswith("below seven") for entry in local.removals)
