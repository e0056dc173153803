"""The same records in files of other forms: each patient is answered alike, whoever else is in the file or folder."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from published import Case, labelled

from cds.evaluation import evaluate
from cds.files.people import Found, people_of
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
Answer = tuple[str, frozenset[str]]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Labelled patients, of every outcome; no two of them have an id in common."""
    return list(islice(labelled(), 0, None, 9))


def patient_of(case: Case) -> str:
    return next(item["id"] for item in resources(case) if item["resourceType"] == "Patient")


def resources(case: Case) -> list[Json]:
    return [entry["resource"] for entry in case.data["entry"]]


def bundle(entries: list[Json]) -> str:
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, ensure_ascii=False)


def each_in_its_file(folder: Path, cases: list[Case]) -> None:
    """One Bundle a file."""
    for number, case in enumerate(cases):
        (folder / f"{number}.json").write_text(json.dumps(case.data), encoding="utf-8")


def compressed(folder: Path, cases: list[Case]) -> None:
    """One compressed Bundle a file."""
    for number, case in enumerate(cases):
        (folder / f"{number}.json.gz").write_bytes(gzip.compress(json.dumps(case.data).encode()))


def in_folders_below(folder: Path, cases: list[Case]) -> None:
    """One Bundle a file, in folders of folders."""
    for number, case in enumerate(cases):
        place = folder / str(number % 3) / "more"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.json").write_text(json.dumps(case.data), encoding="utf-8")


def with_a_byte_order_mark(folder: Path, cases: list[Case]) -> None:
    """One Bundle a file, as Windows writes UTF-8."""
    for number, case in enumerate(cases):
        (folder / f"{number}.json").write_text(json.dumps(case.data), encoding="utf-8-sig")


def in_utf_16(folder: Path, cases: list[Case]) -> None:
    """One Bundle a file, in UTF-16."""
    for number, case in enumerate(cases):
        (folder / f"{number}.json").write_text(json.dumps(case.data), encoding="utf-16")


def lines_of_bundles(folder: Path, cases: list[Case]) -> None:
    """NDJSON with a Bundle in each line."""
    lines = [json.dumps(case.data) for case in cases]
    (folder / "all.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")


def lines_of_resources(folder: Path, cases: list[Case]) -> None:
    """NDJSON with a resource in each line, those of one patient far from each other."""
    lines = sorted((json.dumps(item) for case in cases for item in resources(case)), key=lambda text: text[::-1])
    (folder / "all.ndjson").write_text("\n".join(lines), encoding="utf-8")


def bulk_export(folder: Path, cases: list[Case]) -> None:
    """A bulk export: a file for each type, some of them compressed."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for case in cases:
        for item in resources(case):
            kinds[item["resourceType"]].append(json.dumps(item))
    for kind, lines in kinds.items():
        text = "\n".join(lines).encode()
        if kind == "Observation":
            (folder / f"1.{kind}.ndjson.gz").write_bytes(gzip.compress(text))
        else:
            (folder / f"1.{kind}.ndjson").write_bytes(text)


def one_file_for_each_resource(folder: Path, cases: list[Case]) -> None:
    """Each resource as a file of its own."""
    for number, item in enumerate(item for case in cases for item in resources(case)):
        (folder / f"{number}.json").write_text(json.dumps(item), encoding="utf-8")


def one_bundle_of_all(folder: Path, cases: list[Case]) -> None:
    """One Bundle with all patients."""
    (folder / "all.json").write_text(
        bundle([entry for case in cases for entry in case.data["entry"]]), encoding="utf-8"
    )


def one_bundle_of_bundles(folder: Path, cases: list[Case]) -> None:
    """One Bundle with the Bundles of all patients."""
    (folder / "all.json").write_text(bundle([{"resource": case.data} for case in cases]), encoding="utf-8")


def one_list_of_all(folder: Path, cases: list[Case]) -> None:
    """A JSON list of all resources."""
    text = json.dumps([item for case in cases for item in resources(case)])
    (folder / "all.json").write_text(text, encoding="utf-8")


FORMS: tuple[Callable[[Path, list[Case]], None], ...] = (
    each_in_its_file, compressed, in_folders_below, with_a_byte_order_mark, in_utf_16, lines_of_bundles,
    lines_of_resources, bulk_export, one_file_for_each_resource, one_bundle_of_all, one_bundle_of_bundles,
    one_list_of_all,
)  # fmt: skip


def answer(record: Any, book: RuleBook, day: date) -> Answer:
    decision = evaluate(record, book, day).decision
    return decision.outcome, frozenset(code for said in decision.said for code in said.codes)


@pytest.fixture(scope="module")
def expected(cases: list[Case], book: RuleBook) -> dict[str, Answer]:
    return {patient_of(case): answer(read_record(case.data, book, case.day), book, case.day) for case in cases}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_the_form_of_the_files_changes_no_answer(
    form: Callable[[Path, list[Case]], None],
    cases: list[Case],
    expected: dict[str, Answer],
    book: RuleBook,
    tmp_path: Path,
) -> None:
    form(tmp_path, cases)
    days = {patient_of(case): case.day for case in cases}
    found = {}
    for item in people_of(tmp_path, lambda *_: None):
        assert isinstance(item, Found), item
        name = item.patient.rpartition("/")[2]
        found[name] = answer(item.record(book, days[name]), book, days[name])
    assert found == expected


def test_another_patients_broken_resource_changes_no_answer(
    cases: list[Case], expected: dict[str, Answer], book: RuleBook, tmp_path: Path
) -> None:
    broken = {"resourceType": "Observation", "id": "x", "subject": {"reference": f"Patient/{patient_of(cases[0])}"},
              "status": 7, "code": "calcium", "valueQuantity": [1], "effectiveDateTime": {"a": None}}  # fmt: skip
    one_bundle_of_all(tmp_path, [*cases, Case("broken", {"entry": [{"resource": broken}]}, cases[0].day)])
    days = {patient_of(case): case.day for case in cases}
    for item in people_of(tmp_path, lambda *_: None):
        assert isinstance(item, Found)
        name = item.patient.rpartition("/")[2]
        if name != patient_of(cases[0]):
            assert answer(item.record(book, days[name]), book, days[name]) == expected[name]
