"""Placeholders in the texts of cards: what they print of a patient, and what becomes of texts that cannot be filled."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from people import (
    AS_OF,
    CALCIUM,
    SUBJECT,
    VITAMIN_D,
    bundle,
    concept,
    condition,
    dosage,
    observation,
    patient,
    request,
    resource,
    statement,
)

from cds.cards.called import Calls
from cds.cards.filling import Filling, age_text, day_text
from cds.errors import RulebookError
from cds.evaluation import evaluate
from cds.facts.formulas import FORMULAS
from cds.intake.reading import read_record
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import CardText, RuleBook
from cds.rulebook.overrides import Words

GOOD = Path(__file__).resolve().parent / "good_rules"


def text(summary: str = "A title.", fallback: str = "Nothing known.", detail: str = "") -> CardText:
    return CardText(summary, fallback, detail, ())


def filling(book: RuleBook, *resources: Any) -> Filling:
    evaluation = evaluate(read_record(bundle(*resources), book, AS_OF), book, AS_OF)
    return Filling(evaluation, Calls(evaluation.chart.record))


@pytest.mark.parametrize(
    ("words", "filled"),
    [
        ("Calcium {serum calcium}.", "Calcium 10.9 mg/dL."),
        ("Calcium {serum calcium, both units}.", "Calcium 10.9 mg/dL (2.72 mmol/L)."),
        ("Of {serum calcium, date}.", "Of 10 Jan 2026."),
        ("That was {serum calcium, age}.", "That was 5 days ago."),
        ("{calcium to use, name} {calcium to use}.", "Serum calcium 10.9 mg/dL."),
        ("Age {age}, {sex}.", "Age 75 years, female."),
    ],
)
def test_a_value_is_printed_with_its_unit_its_second_unit_its_day_or_its_age(
    book: RuleBook, words: str, filled: str
) -> None:
    patient_with = filling(book, patient(), observation(CALCIUM, 10.9, "mg/dL"))
    assert patient_with.summary(text(words)) == filled


def test_a_result_below_a_bound_is_printed_as_it_is_recorded(book: RuleBook) -> None:
    low = filling(book, patient(), observation(VITAMIN_D, 8, "ng/mL", comparator="<"))
    assert low.summary(text("25-OH-D {25-OH vitamin D, both units}.")) == "25-OH-D below 8 ng/mL (below 20 nmol/L)."


def test_a_recorded_name_is_that_of_the_record_cut_short_and_harmless(book: RuleBook) -> None:
    osteoporosis = condition(
        "ICD-10-CM M81.0", text="Osteoporosis <b>since</b>\n the fall\u202e [a](http://x.example) of 2019"
    )
    known = filling(book, patient(), osteoporosis)
    title = known.summary(text("{osteoporosis}: review."))
    assert title.startswith("Osteoporosis b since")
    assert len(title.removesuffix(": review.")) <= 40
    assert "\u202e" not in title
    assert "\n" not in title
    assert "<b>" not in known.detail(text(detail="On record: {osteoporosis}."))


def test_a_name_that_the_record_lacks_is_that_of_the_term(book: RuleBook) -> None:
    coded = filling(book, patient(), condition("ICD-10-CM M81.0"))
    assert coded.summary(text("On record: {osteoporosis}.")) == "On record: osteoporosis."


def test_several_names_are_counted_after_the_third(book: RuleBook) -> None:
    products = [
        statement("RxNorm 1897", text=f"Calcium carbonate {number}00 mg", identity=f"m{number}")
        for number in range(1, 6)
    ]
    title = filling(book, patient(), *products).summary(text("{calcium products}: review."))
    assert title.count("Calcium carbonate") == 3
    assert title.endswith("and 2 more: review.")


def test_a_title_with_something_unknown_is_the_fallback(book: RuleBook) -> None:
    nobody = filling(book, patient())
    assert nobody.summary(text("Calcium {serum calcium}.")) == "Nothing known."
    assert nobody.summary(text("On {osteoporosis}.")) == "Nothing known."


def test_a_title_that_is_too_long_loses_its_second_units_first(book: RuleBook) -> None:
    known = filling(book, patient(), observation(CALCIUM, 10.9, "mg/dL"))
    for words, shown in (("x" * 100, "(2.72"), ("x" * 120, "10.9 mg/dL."), ("x" * 135, "Nothing known.")):
        title = known.summary(text(f"{words} {{serum calcium, both units}}."))
        assert len(title) <= 139
        assert shown in title
    assert "(2.72" not in known.summary(text(f"{'x' * 120} {{serum calcium, both units}}."))


def test_what_a_title_says_in_brackets_goes_where_it_is_too_long_or_not_known(book: RuleBook) -> None:
    known = filling(book, patient(), observation(CALCIUM, 10.9, "mg/dL"))
    assert known.summary(text("Calcium {serum calcium} (PTH {PTH}): review.")) == "Calcium 10.9 mg/dL: review."
    assert known.summary(text(f"Calcium {{serum calcium}} ({'x' * 120}).")) == "Calcium 10.9 mg/dL."
    assert known.summary(text("Calcium {serum calcium} (age {age}).")) == "Calcium 10.9 mg/dL (age 75 years)."


def test_a_sentence_with_something_unknown_is_left_out_of_a_detail(book: RuleBook) -> None:
    known = filling(book, patient(), observation(CALCIUM, 10.9, "mg/dL"))
    detail = "Calcium {serum\ncalcium}. PTH {PTH}. Look for\nthe cause.\n\nMagnesium {magnesium}.\n\nEnd."
    assert known.detail(text(detail=detail)) == "Calcium 10.9 mg/dL. Look for the cause.\n\nEnd."


def test_a_day_is_as_exact_as_it_is_known() -> None:
    assert day_text(739210, 739210) == "20 Nov 2024"
    assert day_text(739191, 739220) == "Nov 2024"
    assert day_text(738886, 739251) == "2024"
    assert [age_text(10, day, day) for day in (10, 9, 8)] == ["today", "1 day ago", "2 days ago"]
    assert age_text(10, 2, 5) == "up to 8 days ago"


def problems(tmp_path: Path, before: str, after: str) -> list[str]:
    folder = Path(shutil.copytree(GOOD, tmp_path / "rules"))
    file = folder / "calcium" / "ca-01-high-calcium.yaml"
    file.write_text(file.read_text("utf-8").replace(before, after), "utf-8")
    try:
        read_rulebook(folder, FORMULAS)
    except RulebookError as error:
        return list(map(str, error.problems))
    return []


SUMMARY = "  summary: 'High calcium: pause calcium.'\n"


@pytest.mark.parametrize(
    ("summary", "says"),
    [
        (
            "'Calcium {calcium to us}.'\n  fallback: High.",
            "'calcium to us' is not a term. Did you mean 'calcium to use'?",
        ),
        (
            "'Calcium {calcium to use, dat}.'\n  fallback: High.",
            "'dat' in '{calcium to use, dat}' says nothing. Did you",
        ),
        ("'Calcium {calcium to use}.'", "the summary has placeholders and no fallback."),
        ("'Calcium {calcium to use}.'\n  fallback: High {age}.", "the fallback has placeholders itself."),
        (f"'{'x' * 130} {{calcium to use}}.'\n  fallback: High.", "with usual values the summary has about"),
        ("'{high calcium}.'\n  fallback: High.", "'high calcium' is a finding of values"),
    ],
)
def test_a_placeholder_that_cannot_be_printed_is_refused_with_its_line(tmp_path: Path, summary: str, says: str) -> None:
    found = problems(tmp_path, SUMMARY, f"  summary: {summary}\n")
    assert len(found) == 1
    assert found[0].startswith("calcium/ca-01-high-calcium.yaml:2")
    assert says in found[0]


def test_good_placeholders_and_the_new_keys_are_taken(tmp_path: Path) -> None:
    summary = "  act: today\n  summary: 'Calcium {calcium to use, both units}.'\n  fallback: High.\n"
    lines = ("patients", "user", "benefit", "harm if wrong", "harm if silent", "harm if late", "alternatives")
    reader = "reader:\n" + "".join(f"  {line}: some words\n" for line in lines)
    assert problems(tmp_path, SUMMARY, summary) == []
    shutil.rmtree(tmp_path / "rules")
    assert problems(tmp_path, "evidence:\n", f"{reader}limits:\n  - What nobody recorded.\nevidence:\n") == []
    assert problems(tmp_path / "other", "    expect: hold\n", "    expect: hold\n    telling: yes\n") == []


def test_words_of_an_overlay_leave_placeholders_as_they_are() -> None:
    words = Words({"calcium": "Kalzium", "pause": "aussetzen", "of {calcium to use}": "von {calcium to use}"})
    said = words.text("calcium of {calcium to use}, {calcium to use, date}: pause")
    assert said == "Kalzium von {calcium to use}, {calcium to use, date}: aussetzen"


LAST_DOSE = "Last {denosumab}: {denosumab, age}."
PROLIA = concept("RxNorm 993449", "Prolia")


@pytest.mark.parametrize(
    "recorded",
    [
        statement("RxNorm 993449", text="Prolia", effectivePeriod={"start": "2025-01-15"}),
        request("RxNorm 993449", text="Prolia", authoredOn="2026-01-05"),
        request("RxNorm 993449", dosage(1), text="Prolia", authoredOn="2025-01-15"),
    ],
    ids=["the begin of a treatment", "an order", "an order with directions"],
)
def test_neither_an_order_nor_the_begin_of_a_treatment_is_the_day_of_a_dose(book: RuleBook, recorded: Any) -> None:
    known = filling(book, patient(), recorded)
    assert known.summary(text("Prolia given {denosumab, age}.", "No dose.")) == "No dose."
    assert known.detail(text(detail=f"Measure calcium. {LAST_DOSE}")) == "Measure calcium."


def test_beside_an_order_the_day_of_the_last_recorded_dose_is_printed(book: RuleBook) -> None:
    dose = {"status": "completed", "medicationCodeableConcept": PROLIA, "effectiveDateTime": "2025-12-16"}
    given = resource("MedicationAdministration", "given", subject=SUBJECT, **dose)
    ordered = request("RxNorm 993449", text="Prolia", authoredOn="2026-01-05")
    assert filling(book, patient(), ordered, given).summary(text("Given {denosumab, age}.")) == "Given 30 days ago."


def test_of_a_medicine_of_every_day_the_begin_is_printed(book: RuleBook) -> None:
    known = filling(
        book, patient(), statement("", text="Lithium carbonate 300 mg", effectivePeriod={"start": "2025-12-16"})
    )
    assert known.summary(text("Lithium since {lithium, date}.")) == "Lithium since 16 Dec 2025."
