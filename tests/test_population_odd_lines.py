"""Odd lines and odd Bundles among those of an export: none stops a run, and none is lost without a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

pytest.importorskip("duckdb", reason="DuckDB is not installed (extra 'population')")
pytest.importorskip("pyarrow", reason="Arrow is not installed (extra 'population')")

from datetime import date

from made_lines import HIGH, NORMAL, TAKES, about, balanced, lines
from people import patient
from populations import one_by_one, run

from cds.rulebook.model import RuleBook

DAY = date(2026, 6, 1)
TWO = about("two", TAKES, NORMAL)
ONE = {"subject": {"reference": "Patient/one"}}
CODE = {"code": TAKES["medicationCodeableConcept"]}
MEDICATION = {"resourceType": "Medication", "id": "m", **CODE}


def referring(reference: str) -> dict[str, Any]:
    """A statement that names its medicine by a reference."""
    taken = {key: value for key, value in TAKES.items() if key != "medicationCodeableConcept"}
    return taken | {"medicationReference": {"reference": reference}}


def bundle(*entries: dict[str, Any], **more: Any) -> bytes:
    """A Bundle of a search."""
    return orjson.dumps({"resourceType": "Bundle", "type": "searchset", "entry": list(entries), **more})


@pytest.mark.parametrize("name", ["subject", "medicationReference"])
def test_a_line_with_broken_bytes_in_a_reference_stops_nothing(name: str, tmp_path: Path) -> None:
    broken = orjson.dumps({**referring("Medication/?"), **ONE, name: {"reference": "Patient/one?"}}).replace(
        b"?", b"\xff"
    )
    ran = run(tmp_path / "run", lines(tmp_path / "data", a=[*TWO, broken, *about("one", TAKES, HIGH)]))
    assert (ran.status, ran.answers()["Patient/one"]["outcome"]) == (0, "hold")
    assert [letter["reason"] for letter in ran.dead] == ["not-json"]


def test_a_broken_bundle_that_names_a_patient_stops_nothing(tmp_path: Path) -> None:
    broken = bundle({"resource": ONE})[:-2]
    ran = run(tmp_path / "run", lines(tmp_path / "data", a=[broken, *TWO], b=about("one", TAKES, HIGH)))
    assert (ran.status, ran.answers()["Patient/one"]["outcome"]) == (0, "hold")
    assert len(ran.dead) == 1


def test_a_broken_line_of_any_type_is_a_dead_letter(tmp_path: Path) -> None:
    broken = orjson.dumps({"resourceType": "also", **ONE})[:-1]
    ran = run(tmp_path / "run", lines(tmp_path / "data", a=[broken, *TWO], b=about("one", TAKES, HIGH)))
    assert (ran.status, len(ran.dead), balanced(ran.ledger)) == (0, 1, True)


@pytest.mark.parametrize(
    "more",
    [
        {"link": [{"relation": "next", "url": "https://a.example/?page=2"}]},
        {"total": 7},
        {"entry": [{"fullUrl": "https://a.example/Observation/3"}]},
    ],
)
def test_a_bundle_without_a_patient_that_is_not_whole_makes_the_run_incomplete(
    more: dict[str, Any], tmp_path: Path
) -> None:
    folder = lines(tmp_path / "data", a=[*TWO, *about("one", TAKES)])
    (folder / "b.json").write_bytes(bundle({"resource": {**HIGH, **ONE}}, **more))
    ran = run(tmp_path / "run", folder)
    assert (ran.status, ran.text.splitlines()[0].split(".")[0]) == (1, "Incomplete")
    assert "a Bundle in it is not whole" in ran.ledger["problems"][0]


@pytest.mark.parametrize(
    ("line", "counted"),
    [
        (b"[]", {"type": "Bundle", "notAboutTheQuestion": 1}),
        (b'{"resourceType":"Bundle","type":"searchset","total":0}', {"type": "Bundle", "notAboutTheQuestion": 1}),
        (b"[1]", {"type": "unknown", "refused": {"unknown-resource": 1}}),
        (b'[{"id":"x"}]', {"type": "unknown", "refused": {"unknown-resource": 1}}),
        (b'{"resourceType":"Bundle","entry":{"resource":{}}}', {"type": "unknown", "refused": {"unknown-resource": 1}}),
    ],
)
def test_a_line_that_holds_no_resource_stands_in_the_books(
    line: bytes, counted: dict[str, Any], tmp_path: Path
) -> None:
    ran = run(tmp_path / "run", lines(tmp_path / "data", a=[*TWO], b=[line]))
    assert [row for row in ran.ledger["rows"] if row["file"] == 1 and counted.items() <= row.items()]
    assert balanced(ran.ledger)


def test_a_medication_is_found_by_the_full_url_of_its_entry(tmp_path: Path, book: RuleBook) -> None:
    folder = lines(tmp_path / "data", a=[*TWO, *about("one", HIGH)])
    taken = {"resource": {**referring("urn:uuid:1"), **ONE}}
    entries: list[dict[str, Any]] = [{"fullUrl": "urn:uuid:1", "resource": MEDICATION}, taken]
    (folder / "b.json").write_bytes(bundle(*entries))
    ran = run(tmp_path / "run", folder, options=["--as-of", str(DAY)])
    assert ran.answers()["Patient/one"]["outcome"] == "hold"
    assert ran.answers() == one_by_one(book, DAY, folder)


def test_a_medication_inside_a_record_may_be_made_of_one_elsewhere(tmp_path: Path, book: RuleBook) -> None:
    made_of = [{"itemReference": {"reference": "Medication/m"}}]
    inside = [{"resourceType": "Medication", "id": "c", "ingredient": made_of}]
    taken = {**referring("#c"), "contained": inside}
    folder = lines(tmp_path / "data", a=[*TWO, *about("one", HIGH, taken)], b=[orjson.dumps(MEDICATION)])
    ran = run(tmp_path / "run", folder, options=["--as-of", str(DAY)])
    assert ran.answers()["Patient/one"]["outcome"] == "hold"
    assert ran.answers() == one_by_one(book, DAY, folder)


def test_several_medications_of_a_bundle_are_counted_each(tmp_path: Path) -> None:
    folder = lines(tmp_path / "data", a=[*TWO, *about("one", HIGH, referring("Medication/m"))])
    (folder / "b.json").write_bytes(bundle({"resource": MEDICATION}, {"resource": {**MEDICATION, "id": "n"}}))
    ran = run(tmp_path / "run", folder)
    assert (ran.status, ran.ledger["problems"]) == (0, [])
    assert next(row["lines"] for row in ran.ledger["rows"] if row["type"] == "Medication") == 2


@pytest.mark.parametrize("marks", [1, 2])
def test_an_identifier_of_linked_records_leads_to_their_person(marks: int, tmp_path: Path, book: RuleBook) -> None:
    mark = {"system": "https://a.example/mrn", "value": "7"}
    first = {**patient(), "id": "one", **({"identifier": [mark]} if marks == 2 else {})}
    link = [{"other": {"reference": "Patient/one"}, "type": "seealso"}]
    second = {**patient(), "id": "uno", "identifier": [mark], "link": link}
    result = {**HIGH, "id": "r", "subject": {"identifier": mark}}
    own = [orjson.dumps(first), *about("one", TAKES)[1:]]
    folder = lines(tmp_path / "data", a=own, b=[*TWO, orjson.dumps(second), orjson.dumps(result)])
    ran = run(tmp_path / "run", folder, options=["--as-of", str(DAY)])
    assert ran.answers()["Patient/one"]["outcome"] == "hold"
    assert ran.answers() == one_by_one(book, DAY, folder)
    assert ran.ledger["patients"]["in"] == 2


@pytest.mark.parametrize(
    "cut", [b'{"resourceType":"Observation","code":{"text":"x"}', b'[{"resourceType":"Observation"}']
)
def test_a_file_that_is_cut_off_after_a_bracket_makes_the_run_incomplete(cut: bytes, tmp_path: Path) -> None:
    folder = lines(tmp_path / "data", a=TWO)
    with (folder / "a.ndjson").open("ab") as file:
        file.write(cut)
    ran = run(tmp_path / "run", folder)
    assert ran.status == 1
    assert "the file is cut off" in ran.ledger["problems"][0]


def test_a_document_that_is_cut_off_makes_the_run_incomplete(tmp_path: Path) -> None:
    folder = lines(tmp_path / "data", a=TWO)
    (folder / "b.json").write_bytes(bundle({"resource": {**patient(), "id": "one"}}, {"resource": HIGH})[:-40])
    ran = run(tmp_path / "run", folder)
    assert ran.status == 1
    assert "b.json: it is no JSON, or cut off" in ran.ledger["problems"][0]
    assert len(ran.dead) == 1


def test_a_line_of_many_megabytes_stops_nothing(tmp_path: Path) -> None:
    long = orjson.dumps({**NORMAL, **ONE, "id": "long", "note": [{"text": "x" * 50_000_000}]})
    ran = run(tmp_path / "run", lines(tmp_path / "data", a=[*about("one", TAKES, HIGH), long, *TWO]))
    assert (ran.status, ran.ledger["patients"]["answered"]) == (0, 2)
    assert balanced(ran.ledger)
