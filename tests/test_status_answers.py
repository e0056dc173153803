"""Answers to questions about a status: what is not listed as a yes or a no is unknown, and that is said."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    CREATININE,
    EXTENSION,
    Json,
    bundle,
    concept,
    condition,
    observation,
    patient,
    resource,
    statement,
)

from cds.evaluation import evaluate
from cds.facts.formulas import FORMULAS
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook
from cds.rulebook.overlaying import read_overlaid

HERE = Path(__file__).resolve().parent
PREGNANCY, BREASTFEEDING, SMOKING = "LOINC 82810-3", "LOINC 63895-7", "LOINC 72166-2"
PREGNANT, SMOKER = "pregnancy or breastfeeding", "smoker"
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
NOT_UNDERSTOOD = "answer-not-understood"
YOUNG = patient(birth="1990-07-01")


def asked(question: str, value: Any, day: str | None = "2026-01-10", identity: str = "q", **more: Any) -> Json:
    """The answer to a question: a code with or without a display, a text, a boolean, or parts of an Observation."""
    parts = value if isinstance(value, dict) else {"valueCodeableConcept": concept(value)}
    stated: Json = {"status": "final", "code": concept(question), "subject": {"reference": "Patient/p"},
                    "effectiveDateTime": day}  # fmt: skip
    return resource("Observation", identity, **{**stated, **parts, **more})


def coded(system: str, code: str, display: str) -> Json:
    return {"valueCodeableConcept": {"coding": [{"system": system, "code": code, "display": display}]}}


def text(words: str) -> Json:
    return {"valueCodeableConcept": {"text": words}}


def answer(book: RuleBook, *resources: Json) -> Json:
    return result_of(evaluate(read_record(bundle(YOUNG, *resources), book, AS_OF), book, AS_OF))


def codes(result: Json) -> set[str]:
    return {issue["code"] for issue in result["issues"]}


YES = [
    (SMOKER, asked(SMOKING, coded(LOINC, "LA18976-3", "Current every day smoker"))),
    (SMOKER, asked(SMOKING, coded(SNOMED, "449868002", "Rookt dagelijks"))),
    (SMOKER, asked(SMOKING, text("Current some day smoker"))),
    (SMOKER, asked(SMOKING, {"valueString": "Current every day smoker"})),
    (SMOKER, asked(SMOKING, {"valueBoolean": True})),
    (PREGNANT, asked(PREGNANCY, coded(LOINC, "LA15173-0", "Pregnant"))),
    (PREGNANT, asked(PREGNANCY, text("Pregnant"))),
    (PREGNANT, asked(PREGNANCY, {"valueBoolean": True})),
    (PREGNANT, asked(BREASTFEEDING, coded(LOINC, "LA29252-6", "Currently breastfeeding"))),
    (PREGNANT, asked(BREASTFEEDING, text("Currently breastfeeding"))),
    (PREGNANT, asked(BREASTFEEDING, coded(SNOMED, "373066001", "Yes"))),
]
NO = [
    (SMOKER, asked(SMOKING, coded(LOINC, "LA18978-9", "Never smoker"))),
    (SMOKER, asked(SMOKING, coded(SNOMED, "8517006", "Ex-smoker"))),
    (SMOKER, asked(SMOKING, text("Former smoker"))),
    (SMOKER, asked(SMOKING, {"valueBoolean": False})),
    (PREGNANT, asked(PREGNANCY, coded(LOINC, "LA26683-5", "Not pregnant"))),
    (PREGNANT, asked(PREGNANCY, {"valueString": "Not pregnant"})),
    (PREGNANT, asked(PREGNANCY, {"valueBoolean": False})),
    (PREGNANT, asked(BREASTFEEDING, coded(LOINC, "LA32-8", "No"))),
]
NOT_KNOWN = [
    (SMOKER, asked(SMOKING, coded(LOINC, "LA18980-5", "Unknown if ever smoked"))),
    (SMOKER, asked(SMOKING, text("Smokes, but less than before"))),
    (SMOKER, asked(SMOKING, {"valueInteger": 1})),
    (SMOKER, asked(SMOKING, {"valueBoolean": True, "valueString": "Never smoker"})),
    (PREGNANT, asked(PREGNANCY, text("Pregnant, 2nd trimester"))),
    (PREGNANT, asked(PREGNANCY, coded(LOINC, "LA4489-6", "Unknown"))),
    (PREGNANT, asked(PREGNANCY, {"valueString": "pregnant: no"})),
    (PREGNANT, asked(PREGNANCY, coded(LOINC, "LA15173-0", "Not pregnant"))),
    (PREGNANT, asked(BREASTFEEDING, coded("http://example.org/local", "BF2", "partly"))),
]
NO_ANSWER = [
    (SMOKER, asked(SMOKING, {"dataAbsentReason": {"coding": [{"code": "asked-declined"}]}})),
    (PREGNANT, asked(PREGNANCY, {})),
]


@pytest.mark.parametrize(("term", "item"), YES)
def test_a_listed_yes_is_present_by_code_by_words_and_as_a_boolean(book: RuleBook, term: str, item: Json) -> None:
    result = answer(book, item)
    assert result["findings"][term] == "present"
    assert NOT_UNDERSTOOD not in codes(result)


@pytest.mark.parametrize(("term", "item"), NO)
def test_a_listed_no_is_absent(book: RuleBook, term: str, item: Json) -> None:
    result = answer(book, item)
    assert result["findings"][term] == "absent"
    assert NOT_UNDERSTOOD not in codes(result)


@pytest.mark.parametrize(("term", "item"), NOT_KNOWN)
def test_any_other_answer_is_unknown_and_said(book: RuleBook, term: str, item: Json) -> None:
    result = answer(book, item)
    assert result["findings"][term] == "unknown"
    assert [issue["source"] for issue in result["issues"] if issue["code"] == NOT_UNDERSTOOD] == ["Observation/q"]
    assert all(term in issue["text"] for issue in result["issues"] if issue["code"] == NOT_UNDERSTOOD)


@pytest.mark.parametrize(("term", "item"), NO_ANSWER)
def test_a_question_without_an_answer_is_unknown_and_said(book: RuleBook, term: str, item: Json) -> None:
    result = answer(book, item)
    assert result["findings"][term] == "unknown"
    assert "no-value" in codes(result)


OLD_PREGNANCY, HISTORY, TOBACCO_USE = "LOINC 11449-6", "LOINC 11367-0", "SNOMED 229819007"
DAILY = coded(SNOMED, "449868002", "Smokes tobacco daily")
TRUE, FALSE = {"valueBoolean": True}, {"valueBoolean": False}
OTHER_CODES = [
    (PREGNANT, OLD_PREGNANCY, coded(SNOMED, "77386006", "Pregnant"), "present"),
    (PREGNANT, OLD_PREGNANCY, coded(LOINC, "LA26683-5", "Not pregnant"), "absent"),
    (PREGNANT, OLD_PREGNANCY, TRUE, "present"),
    (PREGNANT, "SNOMED 77386006", TRUE, "present"),
    (PREGNANT, "SNOMED 77386006", FALSE, "absent"),
    (PREGNANT, "SNOMED 77386006", {}, "unknown"),
    (PREGNANT, "SNOMED 77386006", text("likely"), "unknown"),
    (PREGNANT, "SNOMED 413712001", coded(SNOMED, "373066001", "Yes"), "present"),
    (SMOKER, "SNOMED 77176002", TRUE, "present"),
    (SMOKER, HISTORY, DAILY, "present"),
    (SMOKER, HISTORY, coded(SNOMED, "8517006", "Ex-smoker"), "absent"),
    (SMOKER, HISTORY, FALSE, "absent"),
    (SMOKER, HISTORY, TRUE, "unknown"),
    (SMOKER, HISTORY, coded(LOINC, "LA33-6", "Yes"), "unknown"),
    (SMOKER, HISTORY, text("yes"), "unknown"),
    (SMOKER, TOBACCO_USE, DAILY, "present"),
    (SMOKER, TOBACCO_USE, TRUE, "unknown"),
    (SMOKER, TOBACCO_USE, {"valueString": "10 pack years"}, "unknown"),
]


@pytest.mark.parametrize(("term", "question", "value", "state"), OTHER_CODES)
def test_a_status_is_also_asked_by_other_codes_and_by_the_status_itself(
    book: RuleBook, term: str, question: str, value: Json, state: str
) -> None:
    result = answer(book, asked(question, value))
    assert result["findings"][term] == state
    assert bool(codes(result) & {NOT_UNDERSTOOD, "no-value"}) is (state == "unknown")


WORDS = [
    (PREGNANT, {"text": "Pregnant?"}),
    (PREGNANT, {"text": "Breastfeeding"}),
    (PREGNANT, {"text": "Is the patient currently pregnant or breast-feeding?"}),
    (PREGNANT, {"text": "Pregnancy status (reported)"}),
    (PREGNANT, {"coding": [{"system": "http://example.org/local", "code": "GRAV", "display": "Pregnancy"}]}),
    (PREGNANT, {"coding": [{"code": "82810-3"}]}),
    (SMOKER, {"text": "Current smoker"}),
    (SMOKER, {"coding": [{"code": "72166-2"}]}),
]


@pytest.mark.parametrize(("term", "question"), WORDS)
def test_a_question_in_words_is_answered_as_one_by_its_code_and_that_is_said(
    book: RuleBook, term: str, question: Json
) -> None:
    for value, state in ((TRUE, "present"), (FALSE, "absent"), (text("see notes"), "unknown"), ({}, "unknown")):
        result = answer(book, {**asked("", value), "code": question})
        assert result["findings"][term] == state, value
        assert "matched-by-name" in codes(result)
        assert bool(codes(result) & {NOT_UNDERSTOOD, "no-value"}) is (state == "unknown")


@pytest.mark.parametrize("question", [{"text": "Pregnant?"}, concept("SNOMED 77386006"), concept(OLD_PREGNANCY)])
def test_an_answer_that_is_not_understood_to_a_question_by_another_code_or_in_words_is_named_on_the_card(
    book: RuleBook, question: Json
) -> None:
    usual = (statement(), observation(CALCIUM, 9.4, "mg/dL"), observation(CREATININE, 0.8, "mg/dL", identity="c"))
    result = answer(book, *usual, {**asked("", text("2nd trimester")), "code": question})
    assert f"{PREGNANT} (on record, but not certain or too old" in result["cards"][0]["detail"]


@pytest.mark.parametrize(
    "words",
    [
        "History of pregnancies",
        "Number of pregnancies",
        "Age at first pregnancy",
        "Pregnancy intention",
        "Not pregnant",
        "Mother was a smoker",
        "Passive smoker",
        "Yes",
        "Smoker in the household",
        "Breastfeeding advice",
    ],
)
def test_a_text_that_says_more_than_the_status_does_not_ask_for_it(book: RuleBook, words: str) -> None:
    result = answer(book, {**asked("", TRUE), "code": {"text": words}})
    assert {result["findings"][PREGNANT], result["findings"][SMOKER]} == {"absent"}


def test_an_answer_of_unknown_status_is_unknown_and_a_withdrawn_one_does_not_exist(book: RuleBook) -> None:
    yes = {"valueBoolean": True}
    for status, state in ((None, "unknown"), ("registered", "unknown"), ("entered-in-error", "absent")):
        assert answer(book, asked(PREGNANCY, yes, status=status))["findings"][PREGNANT] == state, status


def test_the_deciding_card_says_that_a_pregnancy_which_was_not_understood_is_not_known(book: RuleBook) -> None:
    tests = ((CALCIUM, 9.4, "mg/dL"), (ALBUMIN, 4.2, "g/dL"), (CREATININE, 0.8, "mg/dL"))
    usual = (statement(), *(observation(*test, identity=f"o{n}") for n, test in enumerate(tests)))
    plain = answer(book, *usual)
    result = answer(book, *usual, asked(PREGNANCY, text("Pregnant, 2nd trimester")))
    assert result["outcome"] == plain["outcome"] != "not-applicable"
    assert "SCOPE-02" in result["asks"]
    card = result["cards"][0]
    told = f"{PREGNANT} (on record, but not certain or too old)"
    assert f"**Not known, so not judged:** {told}" in card["detail"]
    assert told in card["extension"][EXTENSION]["missing"]
    assert PREGNANT not in str(plain["cards"])


@pytest.mark.parametrize(
    ("day", "state"),
    [("2025-03-22", "present"), ("2025-03-21", "present"), ("2025-03-20", "unknown"), ("2019-05-01", "unknown")],
)
def test_a_yes_older_than_300_days_is_unknown(book: RuleBook, day: str, state: str) -> None:
    assert answer(book, asked(PREGNANCY, coded(SNOMED, "77386006", "Pregnant"), day=day))["findings"][PREGNANT] == state


YES_THEN = coded(SNOMED, "77386006", "Pregnant")
NO_THEN, UNCLEAR = coded(SNOMED, "60001007", "Not pregnant"), text("see notes")
COURSES = [
    ("pregnant in 2019, not pregnant now", [(YES_THEN, "2019-02-01"), (NO_THEN, "2026-01-10")], "absent"),
    ("not pregnant, then pregnant", [(NO_THEN, "2025-11-01"), (YES_THEN, "2026-01-10")], "present"),
    ("both on one day", [(NO_THEN, "2026-01-10"), (YES_THEN, "2026-01-10")], "present"),
    ("pregnant, then not understood", [(YES_THEN, "2025-12-01"), (UNCLEAR, "2026-01-10")], "present"),
    ("not pregnant, then not understood", [(NO_THEN, "2025-12-01"), (UNCLEAR, "2026-01-10")], "unknown"),
    ("not understood, then not pregnant", [(UNCLEAR, "2025-12-01"), (NO_THEN, "2026-01-10")], "absent"),
    ("undated yes, then no", [(YES_THEN, None), (NO_THEN, "2026-01-10")], "present"),
    ("an old no", [(NO_THEN, "2019-02-01")], "absent"),
]


@pytest.mark.parametrize(("history", "state"), [course[1:] for course in COURSES], ids=[c[0] for c in COURSES])
@pytest.mark.parametrize("turn", [1, -1])
def test_the_newest_yes_or_no_to_a_question_replaces_older_answers(
    book: RuleBook, history: list[tuple[Json, str | None]], state: str, turn: int
) -> None:
    items = [asked(PREGNANCY, value, day=day, identity=f"q{n}") for n, (value, day) in enumerate(history)]
    assert answer(book, *items[::turn])["findings"][PREGNANT] == state


def test_a_no_to_one_question_says_nothing_about_another(book: RuleBook) -> None:
    items = asked(BREASTFEEDING, {"valueBoolean": True}, day="2025-12-01", identity="b"), asked(PREGNANCY, NO_THEN)
    assert answer(book, *items)["findings"][PREGNANT] == "present"


def status(code: str, *more: str) -> Json:
    return {"coding": [{"code": item} for item in (code, *more)]}


STATUSES = [
    ({"clinicalStatus": status("A", "active")}, "present"),
    ({"clinicalStatus": status("A", "resolved")}, "absent"),
    ({"clinicalStatus": status("active", "resolved")}, "unknown"),
    ({"clinicalStatus": {"text": "Resolved"}}, "absent"),
    ({"clinicalStatus": {"text": "quiescent"}}, "unknown"),
    ({"verificationStatus": status("suspected")}, "unknown"),
    ({"verificationStatus": status("X", "confirmed")}, "present"),
    ({"verificationStatus": {"text": "Refuted"}}, "absent"),
]


@pytest.mark.parametrize(("parts", "state"), STATUSES)
def test_the_status_of_a_condition_that_is_not_understood_is_unknown(book: RuleBook, parts: Json, state: str) -> None:
    result = answer(book, condition("ICD-10-CM M81.0", **parts))
    assert result["findings"]["osteoporosis"] == state
    assert ("unclear-condition" in codes(result)) is (state == "unknown")


def test_a_condition_of_the_future_does_not_exist_yet_and_that_is_said(book: RuleBook) -> None:
    result = answer(book, condition("ICD-10-CM M81.0", onsetDateTime="2026-02-01"))
    assert result["findings"]["osteoporosis"] == "absent"
    assert "future-date" in codes(result)
    assert "DATA-06" not in result["fired"], "a condition is no result"


@pytest.mark.slow
def test_a_hospital_says_in_its_overlay_what_its_own_answers_mean(tmp_path: Path) -> None:
    hospital = Path(shutil.copytree(HERE / "hospital", tmp_path / "hospital"))
    own = "terms:\n  smoker:\n    add codes for no:\n      - urn:oid:1.2.3.4 NR Nichtraucher\n"
    own += "    add words for yes:\n      - pafft\n"
    (hospital / "terms" / "answers.yaml").write_text(own, "utf-8")
    local = read_overlaid(HERE.parent / "rules", [hospital], FORMULAS)
    no, yes = asked(SMOKING, coded("urn:oid:1.2.3.4", "NR", "Nichtraucher")), asked(SMOKING, {"valueString": "Raucht"})
    assert [answer(local, item)["findings"][SMOKER] for item in (no, yes)] == ["absent", "present"]
