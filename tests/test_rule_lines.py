"""The one-line forms of rule files: codes, units, amounts, windows, table rows, conditions, advice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cds.quantity import Interval
from cds.rulebook import lines
from cds.rulebook.model import ASKED, Clause, Code, Instead, Part, Row, Saying, Sense, Vote, Window

FEMALE, MALE, ANYBODY = ("female",), ("male",), ("female", "male")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("LOINC 17861-6 Calcium SerPl-mCnc", Code("http://loinc.org", "17861-6", "Calcium SerPl-mCnc")),
        ("SNOMED 73211009", Code("http://snomed.info/sct", "73211009", "")),
        ("ICD-10-CM E21.0 Primary hyperparathyroidism (not verified)",
         Code("http://hl7.org/fhir/sid/icd-10-cm", "E21.0", "Primary hyperparathyroidism")),
        ("https://codes.example/lab CA-T Calcium", Code("https://codes.example/lab", "CA-T", "Calcium")),
    ],
)  # fmt: skip
def test_a_code_line_is_system_code_and_display(text: str, code: Code) -> None:
    assert lines.code_line(text) == code


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("mmol/L x 4.008", ("mmol/l", 4.008)),
        ("g/L / 10", ("g/l", 0.1)),
        ("mcg", ("ug", 1.0)),
        ("IU x 2", ("[iu]", 2.0)),
    ],
)
def test_a_unit_line_is_a_unit_and_its_factor(text: str, unit: tuple[str, float]) -> None:
    assert lines.unit_line(text) == unit


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("500 mg", (Interval(500, 500), "mg")),
        ("200 to 400 mg", (Interval(200, 400), "mg")),
        ("-4 to 1.5", (Interval(-4, 1.5), "")),
        ("90 mL/min/{1.73_m2}", (Interval(90, 90), "mL/min/{1.73_m2}")),
    ],
)
def test_an_amount_is_a_number_or_a_range_and_perhaps_a_unit(text: str, amount: tuple[Interval, str]) -> None:
    assert lines.amount(text) == amount


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("365 days", Window(365)),
        ("180 days, if thiazide", Window(180, "thiazide")),
        ("1825 days, if at most 0", Window(1825, "", 0.0)),
        ("any age", Window(None)),
        ("any age, if dialysis, day unknown", Window(None, "dialysis, day unknown")),
    ],
)
def test_a_window_is_a_number_of_days_and_perhaps_a_condition(text: str, window: Window) -> None:
    assert lines.window_line(text) == window


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("1000 for men from 51 to 70 years", Row(MALE, 51, 70, 1000)),
        ("1200.5 for women from 71 years", Row(FEMALE, 71, lines.OLDEST, 1200.5)),
        ("1300 for anybody from 18 to 18 years", Row(ANYBODY, 18, 18, 1300)),
    ],
)
def test_a_table_row_is_an_amount_a_sex_and_an_age(text: str, row: Row) -> None:
    assert lines.row_line(text) == row


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("2500, if malabsorption or bariatric surgery", Instead(2500, "", "malabsorption or bariatric surgery")),
        ("recommended intake, if osteoporosis", Instead(None, "recommended intake", "osteoporosis")),
        ("nothing, if acute kidney injury", Instead(None, "nothing", "acute kidney injury")),
        ("2500 mg, if a unit makes no number", Instead(None, "2500 mg", "a unit makes no number")),
    ],
)
def test_an_exception_is_an_amount_or_a_term_and_its_condition(text: str, instead: Instead) -> None:
    assert lines.instead_line(text) == instead


def test_a_percentage_is_a_whole_number_and_the_sign() -> None:
    assert lines.percent("15 %") == 15


@pytest.mark.parametrize(
    ("read", "texts"),
    [
        (lines.code_line, ["LOINC", "17861-6 Calcium", "loinc 17861-6", "LOINC  17861-6", " LOINC 17861-6", ""]),
        (lines.unit_line, ["mmol/L times 4", "mmol/L x", "mmol/L x 0", "g/L / 0", "g/L x -1", "x 4 mg", ""]),
        (lines.amount, ["mg", "500  mg", "20 to 4", "to 4", "1e3 mg", "1,000 mg", ""]),
        (lines.window_line, ["90", "90 day", "-1 days", "90 days if thiazide", "1.5 days", "any age, if ", ""]),
        (lines.row_line, ["1000 for men", "1000 for boys from 5 years", "1 for men from 70 to 51 years", ""]),
        (lines.instead_line, ["2500 if adult", "2500, if ", ", if adult", ""]),
        (lines.percent, ["15%", "15", "1.5 %", "-15 %", ""]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_text_of_another_form_is_none(read: Callable[[str], object], texts: list[str]) -> None:
    assert [text for text in texts if read(text) is not None] == []


@pytest.mark.parametrize("sense", ASKED)
def test_a_part_is_a_finding_with_the_question_before_it(sense: Sense) -> None:
    assert lines.part_line(f"{sense} high calcium") == Part("high calcium", sense)


@pytest.mark.parametrize("name", ["high calcium", "nothing recorded", "possibles", "calcium not high"])
def test_a_part_without_a_question_is_the_finding_as_it_is(name: str) -> None:
    assert lines.part_line(name) == Part(name)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("this rule holds", Clause("vote", "hold")),
        ("this rule stops", Clause("vote", "stop")),
        ("this rule adjusts", Clause("vote", "adjust")),
        ("this rule decides", Clause("vote", "")),
        ("this rule does not hold", Clause("vote", "hold", negated=True)),
        ("this rule does not decide", Clause("vote", "", negated=True)),
        ("the outcome is stop", Clause("outcome", "stop")),
        ("the outcome is not stop", Clause("outcome", "stop", negated=True)),
        ("the decider is RENAL-03", Clause("decider", "RENAL-03")),
        ("the decider is not RENAL-03", Clause("decider", "RENAL-03", negated=True)),
        ("RENAL-01 fires", Clause("fires", "RENAL-01")),
        ("RENAL-01 is shown", Clause("shown", "RENAL-01")),
        ("high calcium", Clause("finding", "high calcium")),
        ("possible high calcium", Clause("finding", "high calcium", sense=Sense.POSSIBLE)),
        ("in doubt if gout", Clause("finding", "gout", sense=Sense.IN_DOUBT_IF)),
    ],
)
def test_a_clause_asks_about_the_answer_or_about_a_finding(text: str, clause: Clause) -> None:
    assert lines.clause_line(text) == clause


def test_conditions_follow_commas_and_unless_turns_one_around() -> None:
    gout, adult = Clause("finding", "gout, chronic"), Clause("finding", "adult", negated=True)
    assert lines.conditions("order-pth, if gout, chronic, unless adult") == ("order-pth", (gout, adult))
    assert lines.conditions("order-pth") == ("order-pth", ())
    assert lines.conditions("x, unless the outcome is not stop") == ("x", (Clause("outcome", "stop"),))


def test_joined_clauses_begin_with_the_first_condition() -> None:
    assert lines.joined_clauses("gout, if this rule holds") == (Clause("finding", "gout"), Clause("vote", "hold"))


def test_advice_and_tiers_carry_their_conditions() -> None:
    assert lines.saying_line("order-pth, if adult") == Saying("order-pth", (Clause("finding", "adult"),))
    assert lines.saying_line("order-pth") == Saying("order-pth")
    assert lines.vote_line("hold") == Vote("hold")
    assert lines.vote_line("adjust, if the calcium load is too high") == Vote("adjust", "the calcium load is too high")
