"""Exports by their manifests: what is promised is there, or the run says what is not; increments in order."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import orjson
import pytest

pytest.importorskip("duckdb", reason="DuckDB is not installed (extra 'population')")
pytest.importorskip("pyarrow", reason="Arrow is not installed (extra 'population')")

from made_lines import HIGH, NORMAL, TAKES, about, lines
from populations import Ran, run

from cds.bookshelf import open_rulebook
from cds.population.answers.question import Question
from cds.population.lines.sources import inputs_of
from cds.population.run import Ordered, run_population

ONE, TWO = about("one", TAKES, HIGH), about("two", TAKES, NORMAL)
RULES = Path(__file__).resolve().parent.parent / "rules"
HIGH_LATE = about("one", NORMAL, NORMAL, HIGH)[3] + b"\n"
SINCE = "https://a.example/$export?_since=2026-01-01T00:00:00Z"


def export(folder: Path, time: str = "2026-01-01T00:00:00Z", request: str = "https://a.example/$export",
           deleted: tuple[bytes, ...] = (), **files: list[bytes]) -> Path:  # fmt: skip
    """The folder of an export with its manifest."""
    named = [entry("Observation", f"https://a.example/{name}.ndjson", len(files[name])) for name in files]
    gone = [entry("Bundle", "https://a.example/gone.ndjson")] if deleted else []
    lines(folder, **files, **({"gone": list(deleted)} if deleted else {}))
    written = manifest(named, transactionTime=time, request=request, deleted=gone)
    (folder / "manifest.json").write_bytes(written)
    return folder


def entry(kind: str, url: str, count: int | None = None) -> dict[str, Any]:
    """An entry of a manifest."""
    return {"type": kind, "url": url, **({} if count is None else {"count": count})}


def manifest(output: Any, **more: Any) -> bytes:
    """The bytes of a manifest."""
    return orjson.dumps({"transactionTime": "2026-01-01T00:00:00Z", "request": "", "output": output, **more})


def deletion(*urls: str) -> bytes:
    """A Bundle that says what was deleted."""
    entries = [{"request": {"method": "DELETE", "url": url}} for url in urls]
    return orjson.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})


def problem_of(ran: Ran) -> str:
    """The first problem of a run that is incomplete."""
    assert ran.status == 1
    assert ran.text.startswith("Incomplete")
    return str(ran.ledger["problems"][0])


def test_an_empty_file_that_should_hold_lines_makes_the_run_incomplete(tmp_path: Path) -> None:
    folder = export(tmp_path / "data", a=[*ONE, *TWO], b=about("one", HIGH)[1:])
    (folder / "b.ndjson").write_bytes(b"")
    assert "b.ndjson: the manifest promises 1 lines, and it has 0" in problem_of(run(tmp_path / "run", folder))


def test_an_empty_line_does_not_stand_for_one_that_is_missing(tmp_path: Path) -> None:
    folder = export(tmp_path / "data", a=[*ONE, *TWO])
    (folder / "a.ndjson").write_bytes(b"\n".join([*ONE, *TWO[:-1]]) + b"\n\n")
    assert "promises 6 lines, and it has 5" in problem_of(run(tmp_path / "run", folder))


def test_empty_lines_are_none_of_those_that_are_promised(tmp_path: Path) -> None:
    folder = export(tmp_path / "data", a=[*ONE, *TWO])
    with (folder / "a.ndjson").open("ab") as file:
        file.write(b"\r\n\n")
    assert run(tmp_path / "run", folder).status == 0


def test_two_files_of_a_manifest_are_not_the_one_that_is_there(tmp_path: Path) -> None:
    folder = lines(tmp_path / "data", a=[*ONE, *TWO])
    named = [entry("Patient", "https://a.example/Patient/a.ndjson"), entry("Condition", "https://a.example/b/a.ndjson")]
    (folder / "manifest.json").write_bytes(manifest(named))
    assert "a file of Condition has the name of another one" in problem_of(run(tmp_path / "run", folder))


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    folder = lines(tmp_path / "data", a=[*ONE, *TWO])
    (folder / "manifest.json").write_bytes(manifest([entry("Patient", "https://a.example/a.ndjson", 6)] * 2))
    ran = run(tmp_path / "run", folder)
    assert (ran.status, ran.ledger["patients"]["answered"]) == (0, 2)


def test_a_file_that_is_the_same_as_another_one_keeps_its_own_promise(tmp_path: Path) -> None:
    folder = export(tmp_path / "data", a=[*ONE, *TWO], b=[*ONE, *TWO, *TWO])
    (folder / "b.ndjson").write_bytes((folder / "a.ndjson").read_bytes())
    assert "b.ndjson: the manifest promises 9 lines, and it has 6" in problem_of(run(tmp_path / "run", folder))


def test_a_file_of_an_export_needs_no_ending(tmp_path: Path) -> None:
    folder = lines(tmp_path / "data", a=[*ONE, *TWO])
    (folder / "a.ndjson").rename(folder / "4711")
    (folder / "manifest.json").write_bytes(manifest([entry("Patient", "https://a.example/4711?x=1", 6)]))
    ran = run(tmp_path / "run", folder)
    assert (ran.status, ran.ledger["patients"]["answered"]) == (0, 2)


def test_a_manifest_with_a_number_for_a_list_makes_the_run_incomplete(tmp_path: Path) -> None:
    folder = lines(tmp_path / "data", a=[*ONE, *TWO])
    (folder / "manifest.json").write_bytes(manifest([entry("Patient", "https://a.example/a.ndjson")], deleted=5))
    assert "'deleted'" in problem_of(run(tmp_path / "run", folder))


@pytest.mark.parametrize("line", [b"{", b"[]", deletion("Observation?code=1"), deletion("Observation/one-1")[:-9]])
def test_a_deletion_that_cannot_be_read_makes_the_run_incomplete(line: bytes, tmp_path: Path) -> None:
    full = export(tmp_path / "full", a=[*ONE, *TWO])
    later = export(tmp_path / "later", "2026-02-01T00:00:00Z", SINCE, (deletion("Observation/9"), line))
    assert "gone.ndjson" in problem_of(run(tmp_path / "run", full, later))


def test_what_was_deleted_last_is_gone_in_whatever_order_the_exports_are_named(tmp_path: Path) -> None:
    gone = (deletion("Observation/one-1"),)
    full = export(tmp_path / "0", a=[*ONE, *TWO])
    first = export(tmp_path / "1", "2026-02-01T00:00:00Z", SINCE, gone)
    again = export(tmp_path / "2", "2026-03-01T00:00:00Z", SINCE, b=ONE[2:])
    last = export(tmp_path / "3", "2026-04-01T00:00:00Z", SINCE, gone)
    for number, order in enumerate(permutations([first, again, last])):
        ran = run(tmp_path / f"run{number}", full, *order)
        assert (ran.status, ran.answers()["Patient/one"]["outcome"]) == (0, "insufficient-data")


def test_the_later_version_of_a_medication_counts_in_whatever_order_the_exports_are_named(tmp_path: Path) -> None:
    code = TAKES["medicationCodeableConcept"]
    taken = {key: value for key, value in TAKES.items() if key != "medicationCodeableConcept"}
    person = about("one", HIGH, {**taken, "medicationReference": {"reference": "Medication/m"}})
    medication = {"resourceType": "Medication", "id": "m"}
    old = orjson.dumps({**medication, "code": {"text": "water"}})
    full = export(tmp_path / "full", a=[*person, *TWO, old])
    later = export(tmp_path / "later", "2026-02-01T00:00:00Z", SINCE, b=[orjson.dumps({**medication, "code": code})])
    for number, order in enumerate(permutations([full, later])):
        assert run(tmp_path / f"run{number}", *order).answers()["Patient/one"]["outcome"] == "hold"


def test_a_medication_that_was_deleted_names_nothing(tmp_path: Path) -> None:
    taken = {key: value for key, value in TAKES.items() if key != "medicationCodeableConcept"}
    person = about("one", HIGH, {**taken, "medicationReference": {"reference": "Medication/m"}})
    medication = {"resourceType": "Medication", "id": "m", "code": TAKES["medicationCodeableConcept"]}
    full = export(tmp_path / "full", a=[*person, *TWO, orjson.dumps(medication)])
    later = export(tmp_path / "later", "2026-02-01T00:00:00Z", SINCE, (deletion("Medication/m"),))
    assert run(tmp_path / "run", full, later).answers()["Patient/one"]["outcome"] == "insufficient-data"


def test_exports_are_in_the_order_of_their_instants_and_not_of_their_texts(tmp_path: Path) -> None:
    full = export(
        tmp_path / "full", "2026-01-01T00:00:00Z", a=[*about("one", TAKES), *TWO, *about("one", NORMAL, HIGH)[2:]]
    )
    later = export(tmp_path / "later", "2025-12-31T23:00:00-05:00", SINCE, (deletion("Observation/one-1"),))
    ran = run(tmp_path / "run", full, later)
    assert ran.answers()["Patient/one"]["outcome"] == "insufficient-data"


def test_a_file_that_grows_while_it_is_read_makes_the_run_incomplete(tmp_path: Path) -> None:
    folder = lines(tmp_path / "data", a=[*ONE, *TWO])

    def grow(step: str, done: int, total: int) -> None:
        if step == "Reading" and done == total:
            with (folder / "a.ndjson").open("ab") as file:
                file.write(HIGH_LATE)

    rules = open_rulebook(RULES)
    inputs = inputs_of([str(folder)], lambda *_: None)
    question = Question(str(RULES), (), date(2026, 6, 1), files=(inputs.files[0].file,), exports=(0,))
    ordered = Ordered(tmp_path / "run", inputs, question, rules, "duckdb", 1)
    assert run_population(ordered, grow, resume=False)["status"] == "incomplete"
    assert "changed while it was read" in Ran(tmp_path / "run", 1, "", "").ledger["problems"][0]


def test_a_result_that_an_increment_gives_to_another_patient_is_with_the_old_one_no_more(tmp_path: Path) -> None:
    full = export(tmp_path / "full", a=[*ONE, *TWO])
    moved = ONE[2].replace(b"Patient/one", b"Patient/two")
    later = export(tmp_path / "later", "2026-02-01T00:00:00Z", SINCE, b=[moved])
    ran = run(tmp_path / "run", full, later)
    assert ran.status == 0
    assert ran.answers()["Patient/one"]["outcome"] == "insufficient-data"
    assert ran.answers()["Patient/two"]["outcome"] == "hold"
    assert {"replaced-version": 1} in [row["refused"] for row in ran.ledger["rows"]]
