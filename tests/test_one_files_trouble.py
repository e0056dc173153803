"""One file's trouble is one error line: whatever is wrong with it, or breaks on it, the other files are evaluated."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from people import AS_OF, CALCIUM, CARBONATE_500, Json, bundle, dosage, observation, patient, statement

from cds.audit.patients import counted
from cds.boundary import ProgramError, error_boundary
from cds.errors import DisagreementError, EngineError, RecordError
from cds.evaluation import Evaluation
from cds.review.difference import difference
from cds.review.people import Person, people_in
from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
CANARY = "CANARY-Mrs-Sample"
HIGH = observation(CALCIUM, 11.4, "mg/dL")
TAKEN = statement(CARBONATE_500, dosage(1))
# fhir.resources, but the model of a MedicationStatement cannot be loaded.
BROKEN_LIBRARY = {
    "fhir/__init__.py": "",
    "fhir/resources/__init__.py": "",
    "fhir/resources/R4B/__init__.py": "",
    "fhir/resources/R4B/medicationstatement.py": f"raise KeyError({CANARY!r})\n",
}


def cds(*words: str | Path | bytes, before: tuple[str, ...] = (), **more: str) -> subprocess.CompletedProcess[bytes]:
    """The command; its first line on the error stream, which says what rules it read, is checked and taken off."""
    command = [*before, sys.executable, "-m", "cds", *words]
    done = subprocess.run(command, capture_output=True, env={**os.environ, **more}, cwd=ROOT, timeout=120)
    rules, _, rest = done.stderr.partition(b"\n")
    assert rules.startswith(b"Rules: ") or done.returncode == 2 or words[0] == "diff"
    return subprocess.CompletedProcess(
        command, done.returncode, done.stdout, rest if rules[:7] == b"Rules: " else done.stderr
    )


def results(done: subprocess.CompletedProcess[bytes]) -> list[Json]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def summary(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    """The outcome, or the code of the error, of each file."""
    return [result["outcome"] if "outcome" in result else result["error"]["code"] for result in results(done)]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A patient who is told to hold."""
    return written(tmp_path / "good.json", bundle(patient(), HIGH, TAKEN))


def written(path: Path, data: object) -> Path:
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


UNKNOWN_TYPES: list[Any] = [
    {"resourceType": "MadeUpThing", "id": "x"}, {"resourceType": "MedicinalProduct"}, {"resourceType": ["Medication"]},
    {"resourceType": {}}, {"resourceType": ""}, {"resourceType": "\u0000"}, {"resourceType": "../x"}, "x",
    5, [],
]  # fmt: skip


def test_a_contained_resource_of_an_unknown_type_is_an_issue_of_its_resource(tmp_path: Path, good: Path) -> None:
    odd = [
        written(tmp_path / f"{number}.json", bundle(patient(), {**HIGH, "contained": [contained]}, TAKEN))
        for number, contained in enumerate(UNKNOWN_TYPES)
    ]
    done = cds("evaluate", *odd, good, "--as-of", "2026-01-15", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert summary(done) == ["hold"] * (len(odd) + 1)
    issues = [[(issue["code"], issue["source"]) for issue in result["issues"]] for result in results(done)]
    assert issues == [[("not-r4-valid", "Observation/o")]] * len(odd) + [[]]


def test_a_key_that_no_element_has_is_not_repeated_in_an_issue(tmp_path: Path) -> None:
    odd = written(tmp_path / "odd.json", bundle(patient(), {**HIGH, f"{CANARY} \u001b[2J": 1, "madeUp": 1}))
    (result,) = results(cds("evaluate", odd, "--as-of", "2026-01-15", "--json"))
    (issue,) = [issue for issue in result["issues"] if issue["code"] == "not-r4-valid"]
    assert issue["text"] == "The resource is not valid FHIR R4 at: ?, madeUp. What could be read was used."


@pytest.fixture
def broken_library(tmp_path: Path) -> str:
    """PYTHONPATH with a library that breaks on medicines."""
    for name, text in BROKEN_LIBRARY.items():
        path = tmp_path / "library" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return os.pathsep.join((str(tmp_path / "library"), str(ROOT)))


FAILED = (
    "The program failed (KeyError at medicationstatement.py:1); nothing is said about this patient. "
    "Report this line to those who maintain the program."
)


def test_what_nobody_foresaw_is_one_error_of_one_file(tmp_path: Path, good: Path, broken_library: str) -> None:
    bad = written(tmp_path / "bad.json", bundle(patient(), statement(madeUp=1)))
    done = cds("evaluate", bad, good, bad, "--as-of", "2026-01-15", "--json", PYTHONPATH=broken_library)
    assert done.returncode == 1
    assert summary(done) == ["program-error", "hold", "program-error"]
    assert results(done)[0] == {"file": str(bad), "error": {"code": "program-error", "text": FAILED}}
    assert done.stderr.decode() == f"{bad}: {FAILED} [program-error]\n" * 2


@pytest.mark.parametrize("words", [("evaluate",), ("explain",), ("explain", "--json")])
def test_what_nobody_foresaw_is_said_in_one_line_without_data(
    tmp_path: Path, broken_library: str, words: tuple[str, ...]
) -> None:
    bad = written(tmp_path / "bad.json", bundle(patient(), statement(madeUp=1)))
    done = cds(*words, bad, "--as-of", "2026-01-15", PYTHONPATH=broken_library)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"{bad}: {FAILED} [program-error]\n"


@contextmanager
def made(path: Path, kind: str) -> Iterator[Path]:
    """Something that is no readable file of a patient."""
    if kind == "folder":
        path.mkdir()
    elif kind == "broken link":
        path.symlink_to(path.parent / "gone")
    elif kind == "link to itself":
        path.symlink_to(path)
    elif kind == "too long a name":
        path = path.parent / ("x" * 300)
    elif kind == "below a file":
        path.write_text("{}", encoding="utf-8")
        path /= "file"
    yield path


@pytest.mark.parametrize(
    "kind", ["absent", "folder", "broken link", "link to itself", "too long a name", "below a file"]
)
@pytest.mark.parametrize("options", [("--json",), ()])
def test_a_file_that_cannot_be_read_does_not_stop_the_others(
    tmp_path: Path, good: Path, kind: str, options: tuple[str, ...]
) -> None:
    with made(tmp_path / "trouble.json", kind) as path:
        done = cds("evaluate", path, good, *options, "--as-of", "2026-01-15")
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"{path}: ")
    assert line.endswith(" [unreadable-file]")
    assert b'"outcome":"hold"' in done.stdout if options else b"Outcome: hold" in done.stdout


def bound_by_permissions() -> tuple[str, ...]:
    """What stands before a command so that permissions hold for it, which root has to give up."""
    if os.getuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def test_a_rule_file_without_permission_is_one_line(tmp_path: Path, good: Path) -> None:
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    closed = tmp_path / "rules" / "advice.yaml"
    closed.chmod(0)
    done = cds("evaluate", good, "--rules", tmp_path / "rules", before=bound_by_permissions())
    said = f"Error: the rule file '{closed}' cannot be read: Permission denied. Nothing was evaluated.\n"
    assert (done.returncode, done.stderr.decode()) == (2, said)


def test_a_file_without_permission_does_not_stop_the_others(tmp_path: Path, good: Path) -> None:
    closed = written(tmp_path / "closed.json", bundle(patient(), HIGH))
    closed.chmod(0)
    before = bound_by_permissions()
    for command in (("evaluate", closed, good, "--json"), ("explain", closed), ("what-if", closed)):
        done = cds(*command, "--as-of", "2026-01-15", before=before)
        assert done.returncode == 1
        assert done.stderr.decode() == f"{closed}: The file cannot be read: Permission denied. [unreadable-file]\n"
        assert summary(done) == ["unreadable-file", "hold"] if command[0] == "evaluate" else done.stdout == b""
    done = cds("diff", "rules", "rules", "--population", closed, "--population", good, "--json", before=before)
    assert (done.returncode, results(done)[0]["patients"]["evaluated"]) == (1, 1)


@pytest.mark.parametrize("options", [("--json",), ("--long",), ()])
def test_a_name_that_is_no_text_is_written_with_escapes(tmp_path: Path, good: Path, options: tuple[str, ...]) -> None:
    odd = os.fsencode(tmp_path) + b"/od\xff\x1b[2J\nd.json"
    shutil.copy(good, odd)
    done = cds("evaluate", odd, os.fsencode(tmp_path) + b"/\xff\n", good, *options, "--as-of", "2026-01-15")
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        f"{tmp_path}/\\udcff\\n: The file cannot be read: No such file or directory. [unreadable-file]"
    ]
    if "--json" in options:
        assert summary(done) == ["hold", "unreadable-file", "hold"]
        assert results(done)[0]["file"] == f"{tmp_path}/od\\udcff\u001b[2J\nd.json"
    else:
        # Of several patients each has a line; --long says everything of each.
        assert done.stdout.count(b" Patient/p ") == 2
        assert done.stdout.count(b"Outcome: hold") == 2 * ("--long" in options)
        assert b"\x1b" not in done.stdout


def test_without_a_standard_input_a_dash_is_a_file_that_cannot_be_read(good: Path) -> None:
    command = f"exec {sys.executable} -m cds evaluate - {good} --as-of 2026-01-15 --json <&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, cwd=ROOT, timeout=120)
    assert (done.returncode, summary(done)) == (1, ["unreadable-file", "hold"])


CONTENTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not-json"),
    "a lone surrogate": (rb'{"resourceType": "Patient", "id": "\ud800"}', "not-json"),
    "a surrogate as bytes": (b'{"resourceType": "Patient", "id": "\xed\xa0\x80"}', "not-json"),
    "bytes of no text": (bytes(range(256)), "not-json"),
    "not a number": (b'{"resourceType": "Patient", "x": NaN}', "not-json"),
    "a number without end": (b'{"resourceType": "Patient", "x": 1e999}', "not-json"),
    "a deep list": (b"[" * 65 + b"]" * 65, "too-deep"),
    "a list without a bottom": (b"[" * 100_000 + b"]" * 100_000, "not-json"),
    "null": (b"null", "not-fhir"),
    "a number": (b"1" * 300, "not-fhir"),
    "a text": (b'"Bundle"', "not-fhir"),
    "two values": (b"{}\n{}", "not-json"),
}


def test_every_content_that_is_no_patient_is_one_error_line(tmp_path: Path, good: Path) -> None:
    paths = []
    for number, (content, _) in enumerate(CONTENTS.values()):
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_bytes(content)
    done = cds("evaluate", *paths, good, "--as-of", "2026-01-15", "--json")
    assert done.returncode == 1
    assert dict(zip(CONTENTS, summary(done), strict=False)) == {name: code for name, (_, code) in CONTENTS.items()}
    assert summary(done)[-1] == "hold"
    assert len(done.stderr.splitlines()) == len(CONTENTS)


def test_a_terminal_that_knows_few_characters_gets_escapes(good: Path) -> None:
    done = cds("evaluate", good, "--as-of", "2026-01-15", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Outcome: hold" in done.stdout


def test_a_place_of_the_population_that_cannot_be_read_is_a_patient_without_an_answer(
    book: RuleBook, tmp_path: Path, good: Path
) -> None:
    lines = tmp_path / "people.ndjson"
    lines.write_text(f"{good.read_text()}\n{{\n\n{good.read_text()}\n", encoding="utf-8")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "link.json").symlink_to(tmp_path / "gone")
    (tmp_path / "link.ndjson").symlink_to(tmp_path / "gone")
    places = [tmp_path / name for name in ("link.json", "good.json", "people.ndjson", "link.ndjson", "folder.json")]
    people = list(people_in(map(str, places), AS_OF))
    assert [person.name.rpartition("/")[2] for person in people] == [
        "link.json", "good.json", "people.ndjson:1", "people.ndjson:2", "people.ndjson:4", "link.ndjson",
    ]  # fmt: skip
    found = counted(book, people, AS_OF)
    assert (found.patients, [item.error.code for item in found.unread]) == (
        3, ["unreadable-file", "not-json", "unreadable-file"],
    )  # fmt: skip


@pytest.mark.parametrize("place", ["absent.json", "nothing*.json", "x" * 300])
def test_a_place_of_the_population_that_is_not_there_is_said_before_anybody_is_counted(place: str) -> None:
    with pytest.raises(RecordError, match="is not there"):
        people_in([str(ROOT / "fhir_samples"), place], AS_OF)


def failing(error: Exception) -> Person:
    def evaluated(_: RuleBook) -> Evaluation:
        raise error

    return Person("patient", evaluated)


ERRORS = [KeyError(CANARY), RecursionError(CANARY), StopIteration(CANARY), EngineError("engine"),
          DisagreementError("they differ"), RecordError("no-patient", "none")]  # fmt: skip
CODES = ["program-error", "program-error", "program-error", "engine", "disagreement", "no-patient"]


@pytest.mark.parametrize(("error", "code"), list(zip(ERRORS, CODES, strict=True)))
def test_whatever_breaks_on_one_patient_of_a_population_the_others_are_counted_and_compared(
    book: RuleBook, good: Path, error: Exception, code: str
) -> None:
    people = [failing(error), *people_in([str(good)], AS_OF)]
    found, compared = counted(book, people, AS_OF), difference(book, book, people)
    assert (found.patients, [item.error.code for item in found.unread]) == (1, [code])
    assert compared.patients == 1
    ((_, text),) = compared.unread
    assert text.endswith(f"[{code}]")
    assert CANARY not in text


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt, SystemExit, BrokenPipeError])
def test_what_ends_the_whole_program_is_not_held_back(error: type[BaseException]) -> None:
    with pytest.raises(error), error_boundary():
        raise error


def test_the_cause_stays_with_the_error_for_those_who_look_for_it() -> None:
    with pytest.raises(ProgramError) as caught, error_boundary():
        date.fromisoformat(CANARY)
    assert isinstance(caught.value.__cause__, ValueError)
    assert CANARY not in str(caught.value)
