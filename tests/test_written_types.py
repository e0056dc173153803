"""Administrations, procedures, dispenses, allergies and patients as systems of many countries write them.

``tests/written/types.jsonl`` holds one resource a line, what was said of it before these types were read, and what is
said now: rows whose name begins with ``trap`` must say nothing, or why they do not count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds.intake.reading import read_record
from cds.intake.record import Course, Record
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
AS_OF = date(2026, 1, 15)
ROWS: dict[str, Json] = {
    row["row"]: row
    for row in map(json.loads, (Path(__file__).parent / "written" / "types.jsonl").read_text("utf-8").splitlines())
}
SHE: Json = {"resourceType": "Patient", "id": "p", "birthDate": "1950-07-01", "gender": "female"}
BESIDE = frozenset({"matched-by-name", "subject-unclear", "medicine-not-recognised", "condition-not-recognised"})
"""Issues that are said of what was read, beside what it says."""


def said(record: Record) -> str:
    """Everything that a record says, in one line."""
    parts = [f"{term}: {_course(course)}" for term, found in record.courses.items() for course in found]
    parts += [f"product: {_product(course)}" for course in record.products]
    parts += [f"{term}: {mention.state.word}" for term, found in record.mentions.items() for mention in found]
    parts += [f"not recognised: {item.name or 'without a name'}" for item in record.unrecognised]
    parts += [f"not read: {item.kind}" for item in record.passed_over]
    parts += [issue.code for issue in record.issues if issue.code not in BESIDE]
    return "; ".join(sorted(dict.fromkeys(parts)))


def _course(course: Course) -> str:
    if course.dosed is None:
        return course.state.word
    days = dict.fromkeys(date.fromordinal(day).isoformat() for day in course.dosed)
    return f"{course.state.word}, dosed {' to '.join(days)}"


def _product(course: Course) -> str:
    a_day, _ = course.amounts["calcium"]
    return f"{course.state.word}, calcium {a_day.low:g} to {a_day.high:g} mg a day"


def _told(book: RuleBook, row: Json) -> str:
    is_she = row["resource"]["resourceType"] == "Patient"
    record = read_record([*([] if is_she else [SHE]), row["resource"], *row.get("beside", ())], book, AS_OF)
    parts = list(filter(None, [said(record)]))
    if is_she:
        born = record.birth.text if record.birth else "not known"
        parts = sorted([*"; ".join(parts).split("; "), f"sex: {record.sex or 'not known'}", f"born: {born}"])
    return "; ".join(filter(None, parts)) or "nothing"


@pytest.mark.parametrize("name", ROWS)
def test_a_resource_says_what_stands_in_the_table(book: RuleBook, name: str) -> None:
    assert _told(book, ROWS[name]) == ROWS[name]["now"]


def _claims(now: str) -> Iterator[str]:
    """What a row says for certain."""
    return (part for part in now.split("; ") if ": present" in part)


def test_no_trap_says_anything_for_certain() -> None:
    traps = {name: row["now"] for name, row in ROWS.items() if name.startswith("trap")}
    assert {name: now for name, now in traps.items() if any(_claims(now))} == {}
    assert len(traps) >= 40


def test_rows_were_silent_or_unread_before() -> None:
    claimed = {name: list(_claims(row["before"])) for name, row in ROWS.items() if any(_claims(row["now"]))}
    assert {name for name, before in claimed.items() if before} == {
        name for name, row in ROWS.items() if row.get("beside") and any(_claims(row["before"]))
    }
