"""Conditions, status questions and expected ends as many systems print them, each from JSON to what is said.

``tests/written/conditions.jsonl`` has one form a line: who prints it, the resource, what was said of it before these
forms were read, and what is said now.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from people import AS_OF, bundle, patient

from cds.facts.formulas import FORMULAS
from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.intake.vocabulary import vocabulary
from cds.quantity import State
from cds.rulebook.model import Condition, RuleBook
from cds.rulebook.overlaying import read_overlaid

Json = dict[str, Any]
HERE = Path(__file__).parent
TABLE = HERE / "written" / "conditions.jsonl"
ROWS = [json.loads(line) for line in TABLE.read_text("utf-8").splitlines()]
WORDS = {State.PRESENT: "present", State.UNKNOWN: "unknown", State.ABSENT: "no"}
TRAPS = {"unknown", "no", "something else", "not understood", "nothing", "nothing is known"}
LONGEST = 40


def read(book: RuleBook, resource: Json) -> Record:
    return read_record(bundle(patient(), resource), book, AS_OF)


def said(book: RuleBook, resource: Json) -> str:
    """The terms with their states; else what a resource is that is none of them."""
    record = read(book, resource)
    states = sorted(f"{term}: {WORDS[item.state]}" for term, items in record.mentions.items() for item in items)
    if states:
        return "; ".join(states)
    if record.unread or "conditions-not-known" in {issue.code for issue in record.issues}:
        return "nothing is known"
    known = [item.is_something_else for item in record.unrecognised]
    return "not understood" if not all(known) else "something else" if known else "nothing"


@pytest.mark.parametrize("row", ROWS, ids=[row["row"] for row in ROWS])
def test_what_a_record_says_is_read_as_it_is_meant(book: RuleBook, row: Json) -> None:
    assert said(book, row["resource"]) == row["now"]


def test_the_table_is_broad_and_holds_traps() -> None:
    assert len(ROWS) >= 250
    assert len({row["row"] for row in ROWS}) == len(ROWS)
    traps = [row for row in ROWS if row["now"].rpartition(": ")[2] in TRAPS]
    assert len(traps) >= 80
    assert sum(row["before"] != row["now"] for row in ROWS) >= 250


def test_nothing_is_passed_over_without_a_word(book: RuleBook) -> None:
    for row in ROWS:
        record = read(book, row["resource"])
        if "unknown" in row["now"]:
            assert {"unclear-condition", "answer-not-understood"} & {issue.code for issue in record.issues}, row["row"]


def test_no_name_of_a_term_is_one_of_another_condition(book: RuleBook) -> None:
    words = vocabulary(book)
    assert not words.other_conditions & words.condition_names.keys()


def test_every_name_of_a_term_is_read_as_that_term(book: RuleBook) -> None:
    for term in book.terms.values():
        if isinstance(term, Condition):
            for name in term.names:
                found = read(book, {"resourceType": "Condition", "id": "c", "code": {"text": name}}).mentions
                assert term.name in found, name


def test_every_name_of_another_condition_is_known_to_be_one(book: RuleBook) -> None:
    for name in sorted(book.other_conditions):
        assert said(book, {"resourceType": "Condition", "id": "c", "code": {"text": name}}) == "something else", name


def test_a_name_is_the_same_in_every_case_width_and_spelling(book: RuleBook) -> None:
    forms = "OSTÉOPOROSE", "Ostéoporose", "ostéoporose", "Osteoporose ", "ＯＳＴＥＯＰＯＲＯＳＥ", "osteo\u0301porose"
    assert {said(book, {"resourceType": "Condition", "id": "c", "code": {"text": form}}) for form in forms} == {
        "osteoporosis: present"
    }


def test_a_text_where_a_concept_belongs_is_read_and_that_is_said(book: RuleBook) -> None:
    record = read(book, {"resourceType": "Condition", "id": "c", "code": "Osteoporosis"})
    assert "concept-as-text" in {issue.code for issue in record.issues}


def test_a_long_text_is_read_in_time_that_grows_with_its_length(book: RuleBook) -> None:
    text = "stone of the kidney, no, history of " * LONGEST * LONGEST
    assert said(book, {"resourceType": "Condition", "id": "c", "code": {"text": text}}) == "not understood"


@pytest.mark.slow
def test_a_hospital_names_conditions_that_no_rule_looks_for_and_codes_that_may_mean_one(tmp_path: Path) -> None:
    hospital = Path(shutil.copytree(HERE / "hospital", tmp_path / "hospital"))
    own = "terms:\n  kidney stone:\n    add codes that may mean it:\n      - urn:oid:1.2.3.4 K1 Koliken\n"
    own += "other conditions are named:\n  German:\n    - Hausstauballergie\n"
    (hospital / "terms" / "own.yaml").write_text(own, "utf-8")
    local = read_overlaid(HERE.parent / "rules", [hospital], FORMULAS)
    known: Json = {"resourceType": "Condition", "id": "c", "code": {"text": "Hausstauballergie"}}
    wide: Json = {**known, "code": {"coding": [{"system": "urn:oid:1.2.3.4", "code": "K1"}]}}
    assert (said(local, known), said(local, wide)) == ("something else", "kidney stone: unknown")
