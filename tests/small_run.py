"""The folder of a small run, made here of real evaluations, for what works from such a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from cds.boundary import error_boundary
from cds.errors import CdsError
from cds.files.people import Found, Trouble, people_of
from cds.result import result_of
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "fhir_samples"
LABELLED = ROOT / "tests" / "patients.jsonl"
SHARED = ROOT.parent / "shared" / "data"
DAY = date(2026, 11, 22)


class Row(NamedTuple):
    """What a run holds of a patient, by the names of its columns."""

    patient: str
    file: str
    result: Json
    digest: str


def rows_of(place: Path, book: RuleBook, day: date) -> Iterator[Row]:
    """A row for everybody in a place."""
    for item in people_of(place, lambda _, __: None):
        assert isinstance(item, Found), item.error if isinstance(item, Trouble) else item
        yield row_of(item, str(item.path), book, day)


def row_of(found: Found, file: str, book: RuleBook, day: date) -> Row:
    try:
        with error_boundary():
            result = result_of(found.evaluation(book, day))
    except CdsError as error:
        result = {"error": {"code": error.code, "text": str(error)}}
    resources = found.gather().sent
    return Row(found.patient, file, result, hashlib.sha256(orjson.dumps(resources)).hexdigest())


def samples(book: RuleBook, day: date = DAY) -> list[Row]:
    """The sample patients, each of a file of its own."""
    return [row for path in sorted(SAMPLES.glob("*/bundle.json")) for row in rows_of(path, book, day)]


def labelled(book: RuleBook, folder: Path, day: date = DAY) -> list[Row]:
    """The labelled patients, who are called as they are in one file."""
    bundles = [json.loads(line)["bundle"] for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    path = folder / "labelled.ndjson"
    path.write_bytes(b"".join(orjson.dumps(bundle, option=orjson.OPT_APPEND_NEWLINE) for bundle in bundles))
    return [row._replace(file=str(path)) for row in rows_of(path, book, day)]


def made_run(
    folder: Path,
    rows: Iterable[Row],
    book: RuleBook,
    day: date = DAY,
    *,
    parts: int = 3,
    problems: Iterable[str] = (),
    inputs: Mapping[str, str] | None = None,
) -> Path:
    """The folder, with everything in it that the commands after a run read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from cds.population.answers.results import RESULTS

    found = sorted(rows, key=lambda row: (row.patient, row.file))
    (folder / "results").mkdir(parents=True)
    for number in range(parts):
        own = [_columns(row) for row in found if _part(row.patient, parts) == number]
        pq.write_table(pa.Table.from_pylist(own, RESULTS), folder / "results" / f"part-{number:05}.parquet")
    overlay = {"overlay": book.overlay.name} if book.overlay else {}
    named = inputs if inputs is not None else {row.file: row.digest for row in found}
    told = {
        "format": 1,
        "asOf": day.isoformat(),
        "rulebook": {"version": book.version, "sha256": book.sha256, **overlay},
        "versions": {"calcium-cds": "0.2.0"},
        "inputs": [
            {"number": number, "file": file, "bytes": 1, "sha256": digest, "kind": "document"}
            for number, (file, digest) in enumerate(named.items())
        ],
        "options": {"trace": False, "validate": True},
        "parts": parts,
    }
    refused = [row for row in found if "error" in row.result]
    ledger = {
        "rows": [],
        "patients": {"in": len(found), "answered": len(found) - len(refused), "refused": {}},
        "export": {},
        "problems": list(problems),
    }
    (folder / "run.json").write_bytes(orjson.dumps(told))
    (folder / "ledger.json").write_bytes(orjson.dumps(ledger))
    return folder


def _part(patient: str, parts: int) -> int:
    return int(hashlib.sha256(patient.encode()).hexdigest(), 16) % parts


def _columns(row: Row) -> Json:
    result = row.result
    lists = {name: result.get(name, []) for name in ("advice", "fired", "asks")}
    empty: Json = {"settledBy": [], "evidence": [], "values": [], "orphans": [], "lines": []}
    return {
        "patient": row.patient,
        "file": row.file,
        "outcome": result.get("outcome"),
        "decidedBy": result.get("decidedBy"),
        "cards": orjson.dumps(result.get("cards", [])).decode(),
        "issues": orjson.dumps(result.get("issues", [])).decode(),
        "error": orjson.dumps(result["error"]).decode() if "error" in result else None,
        "digest": row.digest,
        **lists,
        **empty,
    }
