"""A condition that has ended is not there; one of which nobody can tell is unknown, and that is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from people import AS_OF, CARBONATE_500, Json, bundle, codes_of, condition, dosage, patient, quantity, statement

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook

OSTEOPOROSIS = "SNOMED 64859006"
YESTERDAY, TODAY, TOMORROW = (str(AS_OF + timedelta(days=days)) for days in (-1, 0, 1))


def found(book: RuleBook, resource: Json, birth: str | None = "1950-07-01", term: str = "osteoporosis") -> str:
    """The state of a condition on record, with a mark where an issue says that it is not clear."""
    record = read_record(bundle(patient(birth=birth), resource), book, AS_OF)
    state = max((mention.state.word for mention in record.mentions.get(term, ())), default="absent")
    return state + ("?" if "unclear-condition" in codes_of(record) else "")


def told(clinical: str | None, **abatement: Any) -> Json:
    resource = condition(OSTEOPOROSIS, **abatement)
    if clinical is None:
        del resource["clinicalStatus"]
        return resource
    return {**resource, "clinicalStatus": {"coding": [{"code": clinical}]}}


@pytest.mark.parametrize(
    ("clinical", "day", "state"),
    [
        (None, YESTERDAY, "absent"), (None, TODAY, "present"), (None, TOMORROW, "present"), (None, None, "present"),
        ("active", YESTERDAY, "unknown?"), ("active", TODAY, "present"), ("active", TOMORROW, "present"),
        ("recurrence", YESTERDAY, "present"), ("relapse", YESTERDAY, "present"), ("resolved", None, "absent"),
        (None, "2025", "absent"), (None, "2026", "unknown?"), ("active", "2026", "present"),
        (None, "2025-12", "absent"), (None, "soon", "unknown?"), ("active", "soon", "unknown?"),
    ],
)  # fmt: skip
def test_a_date_of_abatement_counts(book: RuleBook, clinical: str | None, day: str | None, state: str) -> None:
    assert found(book, told(clinical, **({"abatementDateTime": day} if day else {}))) == state


@pytest.mark.parametrize(
    ("abatement", "without_status", "active"),
    [
        ({"abatementPeriod": {"start": "2020", "end": "2024-05-01"}}, "absent", "unknown?"),
        ({"abatementPeriod": {"start": "2020"}}, "unknown?", "unknown?"),
        ({"abatementPeriod": {"end": TOMORROW}}, "present", "present"),
        ({"abatementAge": quantity(60, "a")}, "absent", "unknown?"),
        ({"abatementAge": quantity(75, "a")}, "unknown?", "present"),
        ({"abatementAge": {"value": 60}}, "unknown?", "unknown?"),
        ({"abatementRange": {"low": quantity(50, "a"), "high": quantity(60, "a")}}, "absent", "unknown?"),
        ({"abatementRange": {"low": quantity(50, "a")}}, "unknown?", "unknown?"),
        ({"abatementString": "2019"}, "absent", "unknown?"),
        ({"abatementString": "after the menopause"}, "unknown?", "unknown?"),
        ({"abatementString": "Ongoing"}, "present", "present"),
        ({"abatementBoolean": True}, "absent", "unknown?"),
        ({"abatementBoolean": "yes"}, "unknown?", "unknown?"),
        ({"abatementBoolean": False}, "present", "present"),
    ],
)
def test_an_abatement_of_any_form_is_read_or_is_unknown(
    book: RuleBook, abatement: Json, without_status: str, active: str
) -> None:
    assert (found(book, told(None, **abatement)), found(book, told("active", **abatement))) == (without_status, active)


@pytest.mark.parametrize(("years", "state"), [(74, "absent"), (75, "unknown?"), (76, "present")])
def test_an_age_of_abatement_lasts_a_year(book: RuleBook, years: int, state: str) -> None:
    assert found(book, told(None, abatementAge=quantity(years, "a"))) == state


def test_an_age_of_abatement_without_a_birth_date_is_unknown(book: RuleBook) -> None:
    assert found(book, told(None, abatementAge=quantity(20, "a")), birth=None) == "unknown?"


def test_where_history_counts_an_abatement_changes_nothing(book: RuleBook) -> None:
    name = "hip fracture"
    term: Any = book.terms[name]
    assert term.also_inactive
    history = condition("", identity="c", abatementDateTime="2024-01-01")
    history["code"] = {"coding": [{"system": term.codes[0].system, "code": term.codes[0].code}]}

    assert found(book, history, term=name) == "present"


def test_an_emergency_that_is_over_is_none(book: RuleBook) -> None:
    def outcome(**abatement: Any) -> str:
        sick = condition(text="calciphylaxis", **abatement)
        del sick["clinicalStatus"]
        taken = statement(CARBONATE_500, dosage())
        return evaluate(read_record(bundle(patient(), taken, sick), book, AS_OF), book, AS_OF).outcome

    assert outcome() == "stop"
    assert outcome(abatementDateTime="2024-01-01") != "stop"


@pytest.mark.parametrize(
    ("clinical", "verification", "state"),
    [
        ({"text": "Resolved"}, None, "absent"), ({"text": "Active"}, None, "present"),
        ({"text": "odd"}, None, "unknown?"),
        ({"coding": [{"system": "urn:local", "code": "R"}, {"code": "resolved"}]}, None, "absent"),
        ({"coding": [{"code": "R", "display": "Resolved"}]}, None, "absent"),
        (None, {"text": "Refuted"}, "absent"), (None, {"text": "suspected"}, "unknown?"),
        (None, {"coding": [{"code": "confirmed"}]}, "present"),
    ],
)  # fmt: skip
def test_a_status_in_words_is_read_or_is_unknown(
    book: RuleBook, clinical: Json | None, verification: Json | None, state: str
) -> None:
    parts = {"clinicalStatus": clinical, "verificationStatus": verification}
    assert found(book, condition(OSTEOPOROSIS, **{key: value for key, value in parts.items() if value})) == state
