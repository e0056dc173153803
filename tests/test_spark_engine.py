"""The engine Spark: the folder of a run is the one that DuckDB makes, byte for byte, whoever is killed meanwhile.

``SPARK_KILLS=10 pytest tests/test_spark_engine.py -k killed`` kills ten runs instead of one.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import orjson
import pytest

pytest.importorskip("duckdb", reason="DuckDB is not installed (extra 'population')")
pytest.importorskip("pyspark", reason="Spark is not installed (extra 'spark')")
if shutil.which("java") is None:
    pytest.skip("there is no Java", allow_module_level=True)

from made_export import Plan, write_export
from populations import Ran, run

from cds.population.answers.partition import EvaluatePartition
from cds.population.answers.question import Question
from cds.population.books.finished_run import RunError
from cds.population.engines.processes import Workers
from cds.population.engines.spark_engine import engine
from cds.population.engines.spark_engine.session import LOG, session_of
from cds.population.lines import planning

ROOT = Path(__file__).resolve().parent.parent
SHORT = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""A Java for short runs."""
SMALL = "from cds.population.lines import planning as p; p.BYTES_OF_TASK = 150_000; p.BYTES_OF_PART = 200_000"
COMMAND = f"{SMALL}; from cds.cli import main; main()"
KILLS = int(os.environ.get("SPARK_KILLS", "1"))


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One Spark for all tests: to start one takes longer than what they do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_SUBMIT_OPTS", SHORT)
        session = session_of(2, tmp_path_factory.mktemp("spark"))
    yield
    session.stop()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces so small that small data have many tasks and parts, as large ones have."""
    monkeypatch.setattr(planning, "BYTES_OF_TASK", 150_000)
    monkeypatch.setattr(planning, "BYTES_OF_PART", 200_000)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of 200 patients, many of them with odd shapes; one file is not of lines."""
    folder = tmp_path_factory.mktemp("made")
    write_export(Plan(200, seed=5, odd=0.2), folder)
    return folder


def both(data: Path, day: str, tmp_path: Path) -> tuple[Ran, Ran]:
    """A run by each engine."""
    options = ["--as-of", day, "--workers", "1", "--trace", "fired"]
    return (
        run(tmp_path / "duckdb", data, options=options),
        run(tmp_path / "spark", data, options=[*options, "--engine", "spark"]),
    )


@pytest.mark.usefixtures("spark", "small")
@pytest.mark.parametrize("name", ["bulk", "synthea", "ips", "odd", "world"])
def test_spark_makes_the_folder_of_duckdb_from_published_data(name: str, shared: Path, tmp_path: Path) -> None:
    first, second = both(shared / "data" / name, "2021-06-01", tmp_path)
    assert second.errors == first.errors
    assert second.files() == first.files()


@pytest.mark.usefixtures("spark", "small")
def test_spark_makes_the_folder_of_duckdb_from_an_export(made: Path, tmp_path: Path) -> None:
    first, second = both(made, "2026-06-01", tmp_path)
    assert len(list((second.folder / "results").iterdir())) > 4
    assert first.status == second.status == 0
    assert second.files() == first.files()


def calcium(number: int, patient: str | dict[str, str], **more: object) -> dict[str, object]:
    """A result of a patient."""
    subject = {"reference": f"Patient/{patient}"} if isinstance(patient, str) else {"identifier": patient}
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "17861-6"}]},
        "subject": subject,
        "effectiveDateTime": "2021-01-01",
        "valueQuantity": {
            "value": 8 + number % 20 / 10,
            "unit": "mg/dL",
            "system": "http://unitsofmeasure.org",
            "code": "mg/dL",
        },
        **more,
    }


def people() -> list[dict[str, object]]:
    """Patients: the second is the first, by a link; the third has an identifier."""
    return [
        {"resourceType": "Patient", "id": "a", "gender": "female", "birthDate": "1950-01-01"},
        {
            "resourceType": "Patient",
            "id": "b",
            "gender": "female",
            "birthDate": "1950-01-01",
            "link": [{"other": {"reference": "Patient/a"}, "type": "seealso"}],
        },
        {
            "resourceType": "Patient",
            "id": "ç\U0001f9b4",
            "identifier": [{"system": "urn:mrn", "value": "7"}],
            "gender": "male",
            "birthDate": "1940-01-01",
        },
    ]


def taken(number: int, patient: str | dict[str, str], medication: str) -> dict[str, object]:
    """A medicine that a patient takes, which is named elsewhere."""
    subject = {"reference": f"Patient/{patient}"} if isinstance(patient, str) else {"identifier": patient}
    return {
        "resourceType": "MedicationStatement",
        "id": f"m{number}",
        "status": "active",
        "subject": subject,
        "medicationReference": {"reference": f"Medication/{medication}"},
    }


def medications() -> list[dict[str, object]]:
    """A product, and a mixture that has that as an ingredient."""
    product = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "318076"}]}
    mixture = [{"itemReference": {"reference": "Medication/p"}}]
    return [
        {"resourceType": "Medication", "id": "p", "code": product},
        {"resourceType": "Medication", "id": "q", "code": {"text": "mixture"}, "ingredient": mixture},
    ]


@pytest.mark.usefixtures("spark", "small")
def test_linked_people_identifiers_and_shared_resources_come_together_alike(tmp_path: Path) -> None:
    known = {"system": "urn:mrn", "value": "7"}
    lines = [
        *people(),
        *(calcium(number, "ab"[number % 2]) for number in range(20)),
        *(calcium(number, known) for number in range(20, 30)),
        *(calcium(number, {"system": "urn:mrn", "value": "8"}) for number in range(30, 32)),
        taken(1, "b", "q"),
        taken(2, known, "q"),
        taken(3, "a", "p"),
        *medications(),
    ]
    (tmp_path / "data").mkdir()
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    (tmp_path / "data" / "all.ndjson").write_text(text, encoding="utf-8")
    first, second = both(tmp_path / "data", "2021-06-01", tmp_path)
    assert {len(row["lines"]) for row in first.rows()} == {26, 14}
    assert second.files() == first.files()


@pytest.mark.usefixtures("spark")
def test_entries_of_a_document_keep_their_order(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in people())
    (tmp_path / "data" / "people.ndjson").write_text(text, encoding="utf-8")
    entries = [{"resource": calcium(number, "ab"[number % 2])} for number in range(3000)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    (tmp_path / "data" / "results.json").write_text(json.dumps(bundle))
    first, second = both(tmp_path / "data", "2021-06-01", tmp_path)
    lines = [*text.encode().splitlines()[:2], *(orjson.dumps(entry["resource"]) for entry in entries)]
    assert first.rows()[0]["digest"] == sha256(b"\n".join(lines)).hexdigest()[:32]
    assert second.files() == first.files()


@pytest.mark.usefixtures("spark")
def test_what_a_file_of_rows_cannot_give_ends_the_run_and_is_said_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "work" / "rows").mkdir(parents=True)
    (tmp_path / "work" / "rows" / "00000.parquet").write_bytes(b"PAR1 Mrs Miller PAR1")
    asked = EvaluatePartition(Question(str(ROOT / "rules"), (), date(2021, 6, 1)))
    with pytest.raises(RunError, match=r"^Spark did not finish its work: \w+\. .*--resume") as failed:
        list(engine(Workers(1)).answer([0], asked, tmp_path, tmp_path / "work"))
    assert "Miller" not in str(failed.value)


def begun(mark: str, out: Path, data: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    """A run as a process of its own, by Spark; all processes that belong to it know its mark."""
    arguments = ["population", "run", data, "--out", out, "--engine", "spark", "--as-of", "2026-06-01", *options]
    outer = {**os.environ, "SPARK_SUBMIT_OPTS": SHORT, "PYTHONPATH": str(ROOT), "RUN_OF_TEST": mark, **environment}
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", COMMAND, *map(str, arguments)]
    return subprocess.Popen(command, env=outer, stdout=pipe, stderr=pipe, text=True, cwd=out.parent)


def with_mark(mark: str) -> list[str]:
    """The names of the processes that belong to a run."""
    places = Path("/proc").glob("[0-9]*")
    return [of(place, "comm") for place in places if f"RUN_OF_TEST={mark}" in of(place, "environ")]


def of(place: Path, name: str) -> str:
    """What the system says of a process; nothing when it has ended meanwhile."""
    try:
        return (place / name).read_text(errors="replace")
    except OSError:
        return ""


def is_all_over(mark: str) -> bool:
    """Whether all processes of a run end soon."""
    deadline = time.monotonic() + 60
    while with_mark(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not with_mark(mark)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc that shows processes")
@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_run_leaves_no_process_and_goes_on_to_the_bytes_of_duckdb(
    number: int, made: Path, small: None, tmp_path: Path
) -> None:
    options = ["--as-of", "2026-06-01"]
    whole = run(tmp_path / "whole", made, options=options)
    mark, out = uuid4().hex, tmp_path / "run"
    first = begun(mark, out, made, "--workers", "2")
    chance = random.Random(number)
    stage = chance.choice([out / "work" / LOG, out / "work" / "read", out / "work" / "answered"])
    while not stage.exists() and first.poll() is None:
        time.sleep(0.05)
    time.sleep(chance.uniform(0, 2))
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert is_all_over(mark), with_mark(mark)
    again = begun(mark, out, made, "--workers", "3", "--resume")
    said, errors = again.communicate()
    assert again.returncode == 0, errors
    assert Ran(out, 0, said, errors).files() == whole.files()
    assert errors.splitlines() == whole.errors.splitlines()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "whole"]
    assert is_all_over(mark), with_mark(mark)


@pytest.mark.parametrize(("version", "why"), [(None, "there is none"), ("11.0.2", "is version 11")])
def test_a_java_that_is_missing_or_too_old_is_said(version: str | None, why: str, made: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    if version:
        (tmp_path / "bin" / "java").write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2019-01-15' >&2\n")
        (tmp_path / "bin" / "java").chmod(0o755)
    done = begun(uuid4().hex, tmp_path / "run", made, PATH=str(tmp_path / "bin"), JAVA_HOME="")
    _, errors = done.communicate()
    assert done.returncode == 2
    assert "The engine spark needs Java 17 or newer: " in errors
    assert why in errors
    assert "Traceback" not in errors
