"""A rules engine that is not there is one error with its cure; CI tells a failing README from a missing bare system."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "fhir_samples" / "osteoporosis-and-calcified-arteries" / "bundle.json"


@pytest.mark.parametrize("why", ["No module named 'durable_rules_engine'", "undefined symbol: PyEval_CallObject"])
def test_an_engine_that_cannot_be_loaded_is_one_error_with_the_command_that_installs_it(
    tmp_path: Path, why: str
) -> None:
    (tmp_path / "durable_rules_engine.py").write_text(f"raise ImportError({why!r})\n", encoding="utf-8")
    paths = os.pathsep.join((str(tmp_path), str(ROOT)))
    command = [sys.executable, "-m", "cds", "evaluate", SAMPLE, "--as-of", "2026-11-22"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths}, timeout=120)
    cure = (
        f'CC="gcc -DPyEval_CallObject=PyObject_CallObject" {shlex.quote(sys.executable)} -m pip install '
        "--force-reinstall --no-cache-dir durable-rules==2.0.28"
    )
    needs = "Install gcc and the Python headers (on Debian and Ubuntu: apt-get install gcc python3-dev), then: "
    assert done.returncode == 1
    rules, _, error = done.stderr.partition("\n")
    assert rules.startswith("Rules: ")
    assert error == (f"{SAMPLE}: the rules engine durable-rules cannot be loaded ({why}). {needs}{cure} [engine]\n")


TOOLS = {
    "cannot make the system": ("exit 1", "true", 0, "could not be made"),
    "makes it, and the command fails": ('cd "$2/root/app"; sh -c "$4"', "echo it broke; false", 1, "it broke"),
    "makes it, and the command passes": ('cd "$2/root/app"; sh -c "$4"', "true", 0, "passes on a bare Debian 13"),
}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount")
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare")
@pytest.mark.skipif(not Path("/etc/apt/sources.list.d/debian.sources").is_file(), reason="this is no Debian")
@pytest.mark.parametrize("case", TOOLS)
def test_ci_fails_where_the_command_fails_and_goes_on_where_no_bare_system_can_be_made(
    tmp_path: Path, case: str
) -> None:
    tool, command, status, said = TOOLS[case]
    checkout = tmp_path / "checkout"
    (checkout / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "bare", checkout / ".ci")
    (checkout / "README.md").write_text(f"Text.\n\n```sh\n{command}\n```\n", encoding="utf-8")
    (tmp_path / "shared" / "tools").mkdir(parents=True)
    made = 'mkdir -p "$2/root/app"'
    (tmp_path / "shared" / "tools" / "bare_debian.sh").write_text(f"{made}\n{tool}\n", encoding="utf-8")
    for _ in range(2):
        done = subprocess.run([checkout / ".ci" / "bare"], capture_output=True, text=True, timeout=120)
        assert done.returncode == status, done.stdout + done.stderr
        assert said in done.stdout
    assert str(tmp_path) not in Path("/proc/mounts").read_text(encoding="utf-8")
