"""Runs over many patients: the same answers as one by one, and books in which every line stands."""

from __future__ import annotations

import gzip
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import orjson
import pytest

pytest.importorskip("duckdb", reason="DuckDB is not installed (extra 'population')")
pytest.importorskip("pyarrow", reason="Arrow is not installed (extra 'population')")

import pyarrow as pa
import pyarrow.parquet as pq
from damaged_lines import WAYS, Damaged, damage_export
from made_export import Plan, write_export
from made_lines import HIGH, NORMAL, TAKES, about, balanced, lines
from people import condition, patient
from populations import Ran, one_by_one, run

from cds.rulebook.model import RuleBook

DAY = date(2026, 6, 1)
PUBLISHED = date(2021, 6, 1)


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of 300 patients, a tenth of them with an odd shape."""
    folder = tmp_path_factory.mktemp("export")
    write_export(Plan(300, seed=3, odd=0.1), folder, lines_per_file=900)
    return folder


@pytest.fixture(scope="session")
def done(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Its run."""
    return run(tmp_path_factory.mktemp("done") / "run", export)


def codes_of_issues(ran: Ran, patient: str) -> set[str]:
    """The codes of what is wrong with the data of a patient."""
    return {issue["code"] for issue in ran.answers()[patient]["issues"]}


@pytest.mark.parametrize("name", ["bulk", "synthea", "ips"])
def test_everybody_in_published_data_gets_the_answer_of_cds_evaluate(
    name: str, shared: Path, tmp_path: Path, book: RuleBook
) -> None:
    ran = run(tmp_path / "run", shared / "data" / name, options=["--as-of", str(PUBLISHED)])
    assert ran.status == 0
    assert ran.text.startswith("Complete. ")
    assert ran.answers() == one_by_one(book, PUBLISHED, shared / "data" / name)
    assert balanced(ran.ledger)


def test_everybody_in_an_export_with_odd_shapes_gets_the_answer_of_cds_evaluate(
    export: Path, done: Ran, book: RuleBook
) -> None:
    assert done.status == 0
    assert done.answers() == one_by_one(book, DAY, export)


def test_every_line_of_every_file_stands_in_the_books_once(export: Path, done: Ran) -> None:
    manifest = orjson.loads((done.folder / "run.json").read_bytes())
    counted: Counter[str] = Counter()
    for row in done.ledger["rows"]:
        counted[Path(manifest["inputs"][row["file"]]["file"]).name] += row["lines"]
    assert counted == {path.name: len(path.read_bytes().splitlines()) for path in export.glob("*.ndjson")}
    assert balanced(done.ledger)


def test_the_place_of_each_piece_of_evidence_is_where_its_resource_stands(done: Ran) -> None:
    files = [item["file"] for item in orjson.loads((done.folder / "run.json").read_bytes())["inputs"]]
    found = [item for row in done.rows() for item in row["evidence"]]
    assert len(found) > 100
    for item in found:
        with Path(files[item["file"]]).open("rb") as file:
            file.seek(item["offset"])
            resource = orjson.loads(file.readline())
        assert f"{resource['resourceType']}/{resource['id']}" == item["reference"]


@pytest.mark.parametrize("workers", ["1", "3"])
def test_the_number_of_workers_changes_no_byte(workers: str, export: Path, done: Ran, tmp_path: Path) -> None:
    assert run(tmp_path / "run", export, options=["--workers", workers]).files() == done.files()


def test_compressed_files_and_tables_of_json_say_the_same(export: Path, done: Ran, tmp_path: Path) -> None:
    packed, tables = tmp_path / "packed", tmp_path / "tables"
    packed.mkdir()
    tables.mkdir()
    for path in export.glob("*.ndjson"):
        (packed / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        pq.write_table(pa.table({"resource": path.read_text().splitlines()}), tables / f"{path.name}.parquet")
    options = ["--as-of", str(DAY)]
    assert run(tmp_path / "a", packed, options=options).answers() == done.answers()
    assert run(tmp_path / "b", tables, options=options).answers() == done.answers()


def test_an_address_of_a_file_system_is_read_like_a_folder(export: Path, done: Ran, tmp_path: Path) -> None:
    ran = run(tmp_path / "run", f"file://{export}", options=["--as-of", str(DAY)])
    assert (ran.status, ran.answers()) == (0, done.answers())


def test_the_day_is_that_of_the_newest_export(done: Ran) -> None:
    assert "As of: 2026-06-01" in done.errors


def test_a_broken_line_of_a_known_patient_leaves_that_one_open_and_all_others_alone(tmp_path: Path) -> None:
    whole = lines(tmp_path / "whole", a=about("one", TAKES, NORMAL), b=about("two", TAKES, NORMAL))
    broken = lines(
        tmp_path / "broken",
        a=[*about("one", TAKES), about("one", TAKES, NORMAL)[2][:-9]],
        b=about("two", TAKES, NORMAL),
    )
    before, after = run(tmp_path / "before", whole), run(tmp_path / "after", broken)
    assert after.answers()["Patient/two"] == before.answers()["Patient/two"]
    assert "incomplete-data" not in codes_of_issues(before, "Patient/one")
    assert "incomplete-data" in codes_of_issues(after, "Patient/one")
    assert [(letter["reason"], letter["attributed"]) for letter in after.dead] == [("not-json", True)]
    assert balanced(after.ledger)


def test_a_file_that_is_cut_off_makes_the_run_incomplete(tmp_path: Path) -> None:
    folder = lines(tmp_path / "cut", a=about("one", TAKES, NORMAL))
    whole = (folder / "a.ndjson").read_bytes()
    (folder / "a.ndjson").write_bytes(whole[:-40])
    ran = run(tmp_path / "run", folder)
    assert ran.status == 1
    assert ran.text.startswith("Incomplete. ")
    assert "cut off" in ran.ledger["problems"][0]


def test_a_compressed_file_that_is_cut_off_makes_the_run_incomplete(tmp_path: Path) -> None:
    folder = lines(tmp_path / "cut", a=about("one", TAKES, NORMAL))
    packed = gzip.compress(b"".join(about(f"p{n}", TAKES, NORMAL)[1] + b"\n" for n in range(500)))
    (folder / "b.ndjson.gz").write_bytes(packed[:-100])
    ran = run(tmp_path / "run", folder)
    assert (ran.status, ran.text.split(".")[0]) == (1, "Incomplete")
    assert any("b.ndjson.gz: it could not be read to its end" in problem for problem in ran.ledger["problems"])


def test_a_file_that_the_manifest_names_and_that_is_missing_makes_the_run_incomplete(
    export: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "export"
    shutil.copytree(export, folder)
    next(folder.glob("*.Condition.ndjson")).unlink()
    ran = run(tmp_path / "run", folder)
    assert (ran.status, ran.text.split(".")[0]) == (1, "Incomplete")
    assert "a file of Condition is not there" in ran.ledger["problems"][0]


def test_lines_that_are_missing_by_the_count_of_the_manifest_make_the_run_incomplete(
    export: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "export"
    shutil.copytree(export, folder)
    path = next(folder.glob("*.Condition.ndjson"))
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    ran = run(tmp_path / "run", folder)
    assert ran.status == 1
    assert "promises" in ran.ledger["problems"][0]


def test_a_file_that_is_there_twice_is_counted_once_and_that_is_said(export: Path, done: Ran, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    shutil.copytree(export, folder)
    shutil.copy(folder / "1.Observation.ndjson", folder / "9.Observation.ndjson")
    ran = run(tmp_path / "run", folder)
    assert ran.status == 0
    assert ran.answers() == done.answers()
    assert "is the same as file" in ran.ledger["notes"][0]


def test_lines_that_name_no_patient_are_refused_and_change_nobodys_answer(
    export: Path, done: Ran, tmp_path: Path
) -> None:
    folder = tmp_path / "export"
    shutil.copytree(export, folder)
    nobodys = {key: value for key, value in HIGH.items() if key != "subject"}
    (folder / "nobodys.ndjson").write_bytes(orjson.dumps(nobodys))
    ran = run(tmp_path / "run", folder)
    assert ran.answers() == done.answers()
    assert {"names-no-patient": 1} in [row["refused"] for row in ran.ledger["rows"]]
    assert "lines name no patient of these data" in ran.text


def test_a_patient_who_is_named_and_not_in_the_data_is_refused_with_all_lines(tmp_path: Path) -> None:
    ran = run(
        tmp_path / "run", lines(tmp_path / "data", a=about("one", TAKES), b=about("two", TAKES), c=about("x", HIGH)[1:])
    )
    assert ran.answers()["Patient/x"] == {"error": "no-patient"}
    assert ran.ledger["patients"] == {"in": 3, "answered": 2, "refused": {"no-patient": 1}}
    assert balanced(ran.ledger)


@pytest.mark.parametrize(
    "reference", ["Patient/one", "https://a.example/fhir/Patient/one", "Patient/one/_history/3", "Patient\\/one"]
)
def test_a_reference_of_any_form_leads_to_the_patient(reference: str, tmp_path: Path) -> None:
    result = about("one", HIGH)[1].replace(b'"Patient/one"', f'"{reference}"'.encode())
    ran = run(tmp_path / "run", lines(tmp_path / "data", a=about("one", TAKES), b=about("two"), c=[result]))
    assert ran.answers()["Patient/one"]["outcome"] == "hold"


def test_an_identifier_that_one_patient_has_leads_to_that_one(tmp_path: Path) -> None:
    mark = {"system": "https://a.example/mrn", "value": "7"}
    person = orjson.dumps({**patient(), "id": "one", "identifier": [mark]})
    result = orjson.dumps({**HIGH, "id": "r", "subject": {"identifier": mark}})
    ran = run(
        tmp_path / "run", lines(tmp_path / "data", a=[person, *about("one", TAKES)[1:]], b=about("two"), c=[result])
    )
    assert ran.answers()["Patient/one"]["outcome"] == "hold"


def test_linked_records_are_one_person_wherever_they_lie(tmp_path: Path) -> None:
    link = [{"other": {"reference": "Patient/one"}, "type": "seealso"}]
    other = orjson.dumps({**patient(), "id": "uno", "link": link})
    ran = run(
        tmp_path / "run",
        lines(tmp_path / "data", a=about("one", TAKES), b=[other, *about("uno", HIGH)[1:]], c=about("two")),
    )
    assert ran.answers()["Patient/one"]["outcome"] == "hold"
    assert ran.ledger["patients"]["in"] == 2


def test_a_medication_of_the_export_names_what_is_taken(tmp_path: Path) -> None:
    code = {key: value for key, value in TAKES.items() if key == "medicationCodeableConcept"}
    medication = {"resourceType": "Medication", "id": "m", "code": code["medicationCodeableConcept"]}
    referring = {key: value for key, value in TAKES.items() if key not in code} | {
        "medicationReference": {"reference": "Medication/m"}
    }
    ran = run(
        tmp_path / "run",
        lines(tmp_path / "data", a=about("one", referring, HIGH), b=about("two"), c=[orjson.dumps(medication)]),
    )
    assert ran.answers()["Patient/one"]["outcome"] == "hold"
    assert next(row for row in ran.ledger["rows"] if row["type"] == "Medication")["used"] == 1


def test_a_patient_without_any_data_has_an_answer(tmp_path: Path) -> None:
    ran = run(tmp_path / "run", lines(tmp_path / "data", a=about("one"), b=about("two", condition("ICD-10-CM M81.0"))))
    assert ran.answers()["Patient/one"]["outcome"] == "not-applicable"


def test_a_folder_with_other_files_is_not_written_over(export: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("my only copy")
    ran = run(tmp_path, export)
    assert ran.status == 2
    assert "holds other files" in ran.errors
    assert (tmp_path / "thesis.txt").read_text() == "my only copy"


def test_a_finished_run_is_not_done_again(export: Path, done: Ran) -> None:
    again = run(done.folder, export)
    assert (again.status, "holds a finished run" in again.errors) == (2, True)
    assert run(done.folder, export, options=["--resume"]).text.startswith("Complete. ")


def test_a_run_does_not_go_on_with_another_question(export: Path, done: Ran) -> None:
    ran = run(done.folder, export, options=["--resume", "--as-of", "2026-06-02"])
    assert ran.status == 2
    assert "was begun with another asOf" in ran.errors


def test_a_run_does_not_lie_in_its_own_input(tmp_path: Path) -> None:
    folder = lines(tmp_path / "data", a=about("one", TAKES))
    ran = run(folder / "run", folder)
    assert ran.status == 2
    assert "lies in an input" in ran.errors
    assert not (folder / "run").exists()


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_lines_are_counted_with_their_reasons_and_change_nobody_else(seed: int, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    write_export(Plan(400, seed=seed, odd=0), whole)
    (whole / "manifest.json").unlink()
    shutil.copytree(whole, broken)
    damaged = damage_export(broken, share=0.02, seed=seed)
    # A broken Medication concerns all who refer to it; whom, only the whole one could say.
    shutil.copy(whole / "1.Medication.ndjson", broken)
    damaged = [one for one in damaged if one.file != "1.Medication.ndjson"]
    options = ["--as-of", str(DAY)]
    before, after = run(tmp_path / "before", whole, options=options), run(tmp_path / "after", broken, options=options)
    assert {one.way for one in damaged} == WAYS.keys()
    _nobody_else_changed(before, after, damaged)
    assert balanced(after.ledger)
    names = [Path(item["file"]).name for item in orjson.loads((after.folder / "run.json").read_bytes())["inputs"]]
    letters = {(names[letter["file"]], letter["offset"]): letter for letter in after.dead}
    unreadable = [one for one in damaged if not WAYS[one.way].readable]
    assert [one for one in unreadable if (one.file, one.offset) not in letters] == []
    assert all(letter["reason"] for letter in after.dead)


def _nobody_else_changed(before: Ran, after: Ran, damaged: list[Damaged]) -> None:
    concerned = {f"Patient/{name.rpartition('/')[2]}" for one in damaged for name in one.patients}
    one, other = before.answers(), after.answers()
    others = one.keys() - concerned
    assert len(others) > 200
    assert {name: other[name] for name in others} == {name: one[name] for name in others}
    assert other.keys() - concerned == others
    attributed = {
        name for item in damaged if WAYS[item.way].attributed and not WAYS[item.way].readable for name in item.patients
    }
    known = [f"Patient/{name.rpartition('/')[2]}" for name in attributed]
    assert [name for name in known if "incomplete-data" not in codes_of_issues(after, name)] == []
