"""Results as laboratories write them, from the resource to what is said: one row of a table each.

The table says beside each form who prints it, and what was said before it was read.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from people import Json
from results_said import said

from cds.rulebook.model import RuleBook

TABLE = Path(__file__).parent / "written" / "results.jsonl"
ROWS: list[Json] = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["row"]))
def test_a_written_result_is_read_for_what_it_says(book: RuleBook, row: Json) -> None:
    resource = row["resource"]
    assert said(resource if isinstance(resource, list) else [resource], book) == row["now"]


def test_each_row_has_a_name_of_its_own_and_says_who_prints_it() -> None:
    assert len({row["row"] for row in ROWS}) == len(ROWS) >= 200
    assert all(row["printed by"] and row["before"] for row in ROWS)
