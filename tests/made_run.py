"""A folder as a run leaves it, made without one: rows of patients who were evaluated here, or of invented answers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cds.evaluation import Evaluation
from cds.intake.account import account_of
from cds.population.answers.results import RESULTS
from cds.result import result_of
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
DAY = date(2026, 11, 22)
EMPTY: Json = {
    "patient": "", "file": "", "outcome": None, "decidedBy": None, "advice": [], "fired": [], "asks": [],
    "settledBy": [], "cards": "[]", "issues": "[]", "evidence": [], "values": [], "orphans": [], "nextChange": None,
    "trace": None, "error": None, "lines": [], "digest": "",
}  # fmt: skip


def row(number: int, **parts: Any) -> Json:
    """One row of the table; cards and issues are given as data."""
    texts = {key: json.dumps(parts[key]) for key in ("cards", "issues", "error") if key in parts}
    return {**EMPTY, "patient": f"Patient/secret-{number}", "file": "0:0", **parts, **texts}


def cards(*indicators: str) -> list[Json]:
    return [{"summary": "s", "indicator": indicator} for indicator in indicators]


def issues(*codes: str) -> list[Json]:
    return [{"code": code, "source": "Observation/secret", "text": "t"} for code in codes]


def value(term: str, low: float, high: float | None = None, unit: str = "mg/dL") -> Json:
    return {"term": term, "low": low, "high": low if high is None else high, "unit": unit, "day": None}


def orphan(text: str, kind: str = "code", system: str = "", code: str = "", like: str = "") -> Json:
    return {"kind": kind, "system": system, "code": code, "text": text, "like": like}


def row_of(number: int, evaluation: Evaluation, settled: Sequence[str] = ()) -> Json:
    """The row of a patient who was evaluated."""
    found = result_of(evaluation)
    values = [
        {"term": term.name, "low": fact.value.low, "high": fact.value.high, "unit": fact.unit, "day": None}
        for term, fact in _facts(evaluation)
    ]
    entries = account_of(evaluation.chart.record, evaluation.book).not_understood
    return row(
        number,
        **{key: found[key] for key in ("outcome", "decidedBy", "advice", "fired", "asks", "cards", "issues")},
        settledBy=list(settled),
        values=values,
        orphans=[orphan(entry.words[0]) for entry in entries if entry.words],
    )


def _facts(evaluation: Evaluation) -> Iterable[tuple[Any, Any]]:
    named = {fact["term"] for fact in result_of(evaluation)["facts"]}
    terms = (term for term in evaluation.book.terms.values() if term.name in named)
    return ((term, evaluation.chart.value(term.name)) for term in terms)


def made_run(folder: Path, book: RuleBook, rows: Sequence[Json], /, **ledger: Any) -> Path:
    """The folder of a run with these rows, in three parts, whose books balance unless ``ledger`` says otherwise."""
    (folder / "results").mkdir(parents=True, exist_ok=True)
    for part in range(3):
        table = pa.Table.from_pylist(list(rows[part::3]), schema=RESULTS)
        pq.write_table(table, folder / "results" / f"part-{part:05}.parquet")
    _write(folder / "run.json", run_data(book))
    _write(folder / "ledger.json", ledger_data(rows) | ledger)
    return folder


def run_data(book: RuleBook) -> Json:
    return {
        "format": 1,
        "asOf": DAY.isoformat(),
        "rulebook": {"version": book.version, "sha256": book.sha256},
        "versions": {"calcium-cds": "0.1.0"},
        "inputs": [
            {"number": 0, "file": "export/Patient.ndjson", "bytes": 4096, "sha256": "a" * 64, "kind": "ndjson"},
            {"number": 1, "file": "export/Observation.ndjson", "bytes": 1048576, "sha256": "b" * 64, "kind": "ndjson"},
        ],
        "options": {"trace": False, "validate": False},
        "parts": 3,
    }


def ledger_data(rows: Sequence[Json]) -> Json:
    refused = Counter(json.loads(item["error"])["code"] for item in rows if item["outcome"] is None)
    patients = len(rows)
    return {
        "rows": [
            {"file": 0, "type": "Patient", "lines": patients, "used": patients, "notAboutTheQuestion": 0,
             "refused": {}, "deadLetter": 0},
            {"file": 1, "type": "Observation", "lines": 4000, "used": 3000, "notAboutTheQuestion": 950,
             "refused": {"no-subject": 47}, "deadLetter": 3},
        ],
        "patients": {"in": patients, "answered": patients - refused.total(), "refused": dict(refused)},
        "export": {},
        "problems": [],
    }  # fmt: skip


def _write(path: Path, data: Json) -> None:
    path.write_text(json.dumps(data), encoding="utf-8")
