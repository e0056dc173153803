"""Which rule files a command reads: those of the clone in which it is started, and it says so.

The package is laid out as an installation does it (``rules`` and ``fhir_samples`` inside ``cds``) and started as its
console script is; the clone is another folder, with an edit.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PATIENT = ROOT / "fhir_samples" / "high-calcium" / "bundle.json"
LIMIT = "when: calcium to use is above upper limit of calcium"
TYPO = "when: calcium to use is above uper limit of calcium"
FINDINGS = "serum-calcium/findings.yaml"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the package was installed, with the script that starts it."""
    place = tmp_path_factory.mktemp("venv") / "site-packages"
    leave_out = shutil.ignore_patterns("__pycache__", "rules", "fhir_samples")
    shutil.copytree(ROOT / "cds", place / "cds", ignore=leave_out)
    for name in ("rules", "fhir_samples"):
        shutil.copytree(ROOT / name, place / "cds" / name)
    start = f"import sys\nsys.path.insert(0, {str(place)!r})\nfrom cds.cli import main\nmain()\n"
    (place.parent / "cds-script.py").write_text(start, "utf-8")
    return place


def cloned(place: Path) -> Path:
    """A clone of the project: its rules and samples are enough."""
    for name in ("rules", "fhir_samples"):
        shutil.copytree(ROOT / name, place / name)
    (place / ".git").mkdir()
    return place


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone that no test changes."""
    return cloned(tmp_path_factory.mktemp("untouched") / "clone")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone for one test."""
    return cloned(tmp_path / "clone")


class Cds:
    """The installed program, started in a directory."""

    def __init__(self, installed: Path, here: Path) -> None:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("CDS_", "PYTHONPATH"))}
        self.command = [sys.executable, str(installed.parent / "cds-script.py")]
        self.here, self.environment = here, kept

    def __call__(self, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *map(str, words)], cwd=self.here, env={**self.environment, **more}, capture_output=True,
            text=True, timeout=240,
        )  # fmt: skip


def edit(folder: Path, name: str, before: str, after: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def read(done: subprocess.CompletedProcess[str]) -> str:
    """The folder that the first line of the error stream names."""
    found = re.match(r"Rules: ([^\s,]+)", done.stderr)
    assert found, done.stderr
    return found[1]


def test_check_in_a_clone_sees_an_edit_of_its_rules_though_the_package_is_installed(
    installed: Path, clone: Path
) -> None:
    edit(clone / "rules", FINDINGS, LIMIT, TYPO)
    done = Cds(installed, clone)("check")

    assert done.returncode == 2
    assert "'uper limit of calcium' is not a term" in done.stderr
    assert f"The rule files in '{clone / 'rules'}' have one problem" in done.stderr


@pytest.mark.parametrize("inside", [".", "rules", "rules/kidney", "fhir_samples"])
def test_every_directory_of_a_clone_has_the_rules_of_the_clone(installed: Path, untouched: Path, inside: str) -> None:
    done = Cds(installed, untouched / inside)("claims")

    assert (done.returncode, read(done)) == (0, str(untouched / "rules")), done.stderr


def test_without_a_clone_around_it_only_the_working_directory_itself_counts(installed: Path, clone: Path) -> None:
    (clone / ".git").rmdir()

    assert read(Cds(installed, clone)("claims")) == str(clone / "rules")
    assert read(Cds(installed, clone / "rules")("claims")) == str(clone / "rules")
    assert read(Cds(installed, clone / "rules" / "kidney")("claims")) == str(installed / "cds" / "rules")


def test_a_folder_that_is_called_rules_and_is_no_rulebook_is_not_taken(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "firewall.yaml").write_text("allow: all\n", "utf-8")
    done = Cds(installed, tmp_path)("claims")

    assert read(done) == str(installed / "cds" / "rules")
    assert done.stderr.splitlines()[1] == f"Passed over: {tmp_path / 'rules'} has no rulebook.yaml."


def test_rules_of_somebody_else_in_a_shared_directory_are_not_taken(installed: Path, clone: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(clone / "rules" / "rulebook.yaml", 12345, -1)
    done = Cds(installed, clone)("claims")

    assert read(done) == str(installed / "cds" / "rules")
    assert done.stderr.splitlines()[1] == f"Passed over: {clone / 'rules'} belongs to somebody else."


def test_an_option_comes_before_the_environment_and_the_environment_before_the_working_directory(
    installed: Path, clone: Path, tmp_path: Path
) -> None:
    named, other = (Path(shutil.copytree(clone / "rules", tmp_path / name)) for name in ("named", "other"))
    cds = Cds(installed, clone)

    assert read(cds("claims", CDS_RULES=str(named))) == str(named)
    assert read(cds("claims", "--rules", other, CDS_RULES=str(named))) == str(other)


def test_evaluate_says_on_the_error_stream_which_rules_answer_and_json_stays_json(
    installed: Path, clone: Path, tmp_path: Path
) -> None:
    edit(clone / "rules", "rulebook.yaml", "version: 0.2.0", "version: 9.1.0")
    words = ("evaluate", PATIENT, "--as-of", "2026-11-22", "--json")
    ours, theirs = Cds(installed, clone)(*words), Cds(installed, tmp_path)(*words)
    books = [json.loads(done.stdout)["rulebook"] for done in (ours, theirs)]

    assert [book["version"] for book in books] == ["9.1.0", "0.2.0"]
    assert ours.stderr == f"Rules: {clone / 'rules'}, version 9.1.0, sha256 {books[0]['sha256'][:12]}\n"
    assert theirs.stderr == (
        f"Rules: {installed / 'cds' / 'rules'} (installed), version 0.2.0, sha256 {books[1]['sha256'][:12]}\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("explain", PATIENT), ("what-if", PATIENT), ("claims",), ("export", "--bundle", os.devnull),
        ("import-value-set", "nothing.json", "--term", "x"), ("import-products", "nothing.csv"),
    ],
)  # fmt: skip
def test_every_command_that_reads_rules_says_which_and_where(
    installed: Path, untouched: Path, words: tuple[object, ...]
) -> None:
    assert read(Cds(installed, untouched)(*words)) == str(untouched / "rules")


def test_a_program_is_answered_by_the_installed_rules_wherever_it_was_started(installed: Path, clone: Path) -> None:
    """It is shown no line on the error stream, so the directory must not choose for it."""
    edit(clone / "rules", "rulebook.yaml", "version: 0.2.0", "version: 9.1.0")
    program = (
        f"import sys; sys.path[:] = [{str(installed)!r}, *sys.path[1:]]; import cds; print(cds.open_rulebook().version)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=clone, env=Cds(installed, clone).environment, text=True,
                          capture_output=True)  # fmt: skip

    assert done.stdout == "0.2.0\n", done.stderr


def test_an_overlay_is_said_with_the_rules_that_it_is_laid_over(installed: Path, untouched: Path) -> None:
    hospital = ROOT / "tests" / "hospital"
    done = Cds(installed, untouched)("claims", CDS_OVERLAY=str(hospital))

    assert done.stderr.startswith(f"Rules: {untouched / 'rules'} with the overlay {hospital}, version 0.2.0, sha256 ")


def test_diff_compares_the_working_directory_with_git_and_says_both(installed: Path, clone: Path) -> None:
    commit(clone)
    edit(clone / "rules", "vitamin-d/findings.yaml", "at least 12 and below 20 ng/mL", "at least 12 and below 25 ng/mL")
    done = Cds(installed, clone)("diff", "HEAD", "rules")
    first, second = done.stderr.splitlines()

    assert done.returncode == 0, done.stderr
    assert "threshold 20 ng/mL -> 25 ng/mL" in done.stdout
    assert first.startswith(f"Old: {clone / 'rules'} at HEAD, version 0.2.0, sha256 ")
    assert second.startswith(f"New: {clone / 'rules'}, version 0.2.0, sha256 ")


def test_check_against_a_revision_says_both_folders(installed: Path, clone: Path) -> None:
    commit(clone)
    edit(clone / "rules", "vitamin-d/findings.yaml", "at least 12 and below 20 ng/mL", "at least 12 and below 25 ng/mL")
    done = Cds(installed, clone)("check", "--against", "HEAD")

    assert "threshold 20 ng/mL -> 25 ng/mL" in done.stdout
    assert [line.split(",")[0] for line in done.stderr.splitlines()] == [
        f"Rules: {clone / 'rules'}", f"Against: {clone / 'rules'} at HEAD"
    ]  # fmt: skip


def commit(clone: Path) -> None:
    (clone / ".git").rmdir()
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "as it was")):
        subprocess.run(["git", *words], cwd=clone, check=True, capture_output=True)


WRITERS = {
    "sign": ("sign", "CON-06", "--reviewer", "Dr. A", "--role", "physician"),
    "new rule": ("new", "rule", "CA-06", "--chapter", "serum-calcium"),
}


@pytest.mark.parametrize("command", WRITERS)
def test_what_writes_rules_writes_into_the_clone_and_says_so(installed: Path, clone: Path, command: str) -> None:
    done = Cds(installed, clone)(*WRITERS[command])

    assert (done.returncode, read(done)) == (0, str(clone / "rules")), done.stderr
    assert done.stdout.startswith(f"{clone / 'rules'}/")


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("command", WRITERS)
def test_nothing_is_written_into_an_installation(installed: Path, tmp_path: Path, command: str, *, named: bool) -> None:
    rules = installed / "cds" / "rules"
    before = {path: path.read_bytes() for path in rules.rglob("*") if path.is_file()}
    done = Cds(installed, tmp_path)(*WRITERS[command], *(("--rules", rules) if named else ()))

    assert done.returncode == 2
    assert f"'{rules}' belongs to the installation, and nothing is written there." in done.stderr
    assert f"cp -r '{rules}' rules" in done.stderr
    assert {path: path.read_bytes() for path in rules.rglob("*") if path.is_file()} == before


def test_serve_says_where_its_rules_are_and_tests_them_by_the_samples_beside_them(installed: Path, clone: Path) -> None:
    for place in (clone / "fhir_samples").iterdir():
        if place.is_dir() and place.name != "high-calcium":
            shutil.rmtree(place)
    edit(clone / "fhir_samples", "high-calcium/expected.json", '"outcome": "hold"', '"outcome": "stop"')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cds = Cds(installed, clone)
    log = clone.parent / "stderr"
    with log.open("wb") as stream:
        running = subprocess.Popen([*cds.command, "serve", "--port", str(port)], cwd=clone, env=cds.environment,
                                   stderr=stream)  # fmt: skip
    try:
        wait_for(lambda: "self-test-failed" in log.read_text("utf-8"))
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)
    lines = log.read_text("utf-8").splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]

    assert lines[0].startswith(f"Rules: {clone / 'rules'}, version 0.2.0, sha256 ")
    assert [event["folder"] for event in events if event["event"] == "rulebook"] == [str(clone / "rules")]
    assert [event["problem"] for event in events if event["event"] == "self-test-failed"] == [
        "high-calcium: outcome not as expected."
    ]


def wait_for(done: Callable[[], bool]) -> None:
    for _ in range(300):
        if done():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen within thirty seconds")
