"""The account on the page: every entry that ``cds evaluate`` names, in its words, and those that it only counts."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from people import bundle, condition, observation, patient
from test_page_routes import JSON, client_of
from test_passed_over import given

from cds.cards.account_words import entries_text
from cds.errors import RecordError
from cds.evaluation import evaluate
from cds.intake.account import account_of
from cds.intake.reading import parse_json, read_record
from cds.intake.validation import report_invalid
from cds.rulebook.model import RuleBook
from cds.screen.patients import evaluation_text
from cds.service.configuration.settings import Settings
from cds.service.page.evaluated import evaluated

Json = dict[str, Any]
DAY = date(2026, 11, 22)
SAMPLES = sorted((Path(__file__).resolve().parent.parent / "fhir_samples").glob("*/bundle.json"))
LINES = ("Sent: ", "Not understood: ", "Not shown: ", "Data: ", "Sources of this answer: ")


def in_terminal(raw: bytes, book: RuleBook) -> list[str]:
    """The lines of the account that the command line prints."""
    record = read_record(parse_json(raw), book, DAY)
    report_invalid(record)
    text = evaluation_text(evaluate(record, book, DAY), "a.json")
    return [line for line in text.splitlines() if line.startswith(LINES)]


def on_page(found: Json) -> set[str]:
    """The same lines, as the page makes them of its data, and every entry that was not understood on its own."""
    said = found["accountSaid"]
    return {
        said["sent"],
        *(f"Not shown: {text}" for text in said["notShown"]),
        *(f"Data: {issue['source']}: {issue['text']} [{issue['code']}]" for issue in found["issues"]),
        f"Sources of this answer: {', '.join(said['sources'])}.",
        *(entry["text"] for entry in said["notUnderstood"]),
    }


def missing(raw: bytes, book: RuleBook) -> list[str]:
    """What the command line says of a record and the page does not."""
    found = evaluated(parse_json(raw), book, DAY)
    shown, lines = on_page(found), in_terminal(raw, book)
    (named,) = [line for line in lines if line.startswith("Not understood: ")] or [""]
    first = re.sub(r"; and \d+ more\.$|\.$", "", named.removeprefix("Not understood: "))
    entries = [entry["text"] for entry in found["accountSaid"]["notUnderstood"]]
    left = [] if "; ".join(entries).startswith(first) and bool(first) == bool(entries) else [named]
    return left + [line for line in lines if line != named and line not in shown]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_what_the_command_line_says_of_a_sample_stands_on_the_page(path: Path, book: RuleBook) -> None:
    assert missing(path.read_bytes(), book) == []


@pytest.mark.slow
def test_what_the_command_line_says_of_every_published_record_stands_on_the_page(book: RuleBook, shared: Path) -> None:
    files = 0
    for file in sorted((shared / "data").rglob("*.json")):
        try:
            assert missing(file.read_bytes(), book) == [], file.name
        except RecordError:
            continue
        files += 1
    assert files > 100


def test_the_page_names_every_entry_that_was_not_understood_where_the_command_line_counts_the_last(
    book: RuleBook,
) -> None:
    odd = [condition(text=f"zzz{number}\u202e", identity=f"c{number:02}") for number in range(30)]
    raw = orjson.dumps(bundle(patient(), *odd))
    answer = client_of(book, Settings()).post("/evaluate?asOf=2026-11-22", content=raw, headers=JSON).json()
    entries = answer["accountSaid"]["notUnderstood"]
    assert [entry["text"] for entry in entries] == [f"Condition/c{number:02} (zzz{number})" for number in range(30)]
    assert all(entry["why"] for entry in entries)
    assert "30 not understood" in answer["accountSaid"]["sent"]
    account = account_of(read_record(parse_json(raw), book, DAY), book)
    assert entries_text(account.not_understood, 8).endswith("; and 22 more")


def test_the_page_counts_what_is_of_types_that_nothing_reads(book: RuleBook) -> None:
    named = [f"powder {number}" for number in range(9)]
    orders = [given(medicationCodeableConcept={"text": text}) | {"id": f"g{n}"} for n, text in enumerate(named)]
    raw = orjson.dumps(bundle(patient(), *orders))
    found = evaluated(parse_json(raw), book, DAY)
    assert found["accountSaid"]["notRead"] == [{"type": "MedicationAdministration", "count": 9, "words": named}]


@pytest.mark.parametrize(("units", "told"), [("si", "2.79 mmol/L"), ("conventional", "11.2 mg/dL"), ("", "11.2 mg/dL")])
def test_the_service_answers_with_the_units_first_that_were_asked_for(book: RuleBook, units: str, told: str) -> None:
    raw = orjson.dumps(bundle(patient(), observation("LOINC 2000-8", 11.2, "mg/dL", day="2026-11-20")))
    answer = client_of(book, Settings()).post(f"/evaluate?asOf=2026-11-22&units={units}", content=raw, headers=JSON)
    facts = {fact["term"]: fact["text"] for fact in answer.json()["known"]}
    assert facts["serum calcium"].startswith(told)


def test_units_of_no_system_are_refused_with_those_there_are(book: RuleBook) -> None:
    answer = client_of(book, Settings()).post("/evaluate?units=metric", content=b"{}", headers=JSON)
    assert answer.status_code == 400
    assert "'units' is neither si nor conventional." in answer.json()["issue"][0]["diagnostics"]
