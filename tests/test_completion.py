"""A shell completes commands, options, rules, outcomes and regions; while somebody types, nothing is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from cds.cli import app
from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
RULES = ["--rules", str(ROOT / "rules")]


def completed(*words: str) -> list[str]:
    *before, begun = words
    return [item.value for item in ShellComplete(app, {}, "cds", "_CDS_COMPLETE").get_completions(before, begun)]


def test_rules_are_completed_where_one_is_named(book: RuleBook) -> None:
    wanted = [rule for rule in book.rules if rule.startswith("CA-")]
    assert completed("explain", *RULES, "x.json", "--rule", "CA-") == wanted
    assert completed("explain", *RULES, "x.json", "--rule", "ca-0") == wanted
    assert completed("sign", *RULES, "CA-") == wanted
    assert completed("second-reading", *RULES, "CA-") == wanted


def test_outcomes_are_completed_also_after_a_comma(book: RuleBook) -> None:
    assert completed("evaluate", *RULES, "ward", "--only", "") == list(book.outcomes)
    assert completed("evaluate", *RULES, "ward", "--only", "hold,st") == ["hold,stop"]
    assert "stop,stop" not in completed("evaluate", *RULES, "ward", "--only", "stop,")


def test_regions_are_completed_beside_folders() -> None:
    assert completed("evaluate", *RULES, "ward", "--overlay", "e") == ["eu", "e"]
    assert "eu" in completed("serve", *RULES, "--overlay", "")


def test_commands_options_and_formats_are_completed() -> None:
    assert completed("ev") == ["evaluate"]
    assert "--format" in completed("evaluate", "--fo")
    assert completed("evaluate", "--format", "c") == ["csv"]
    assert completed("population", "r") == ["run"]


@pytest.mark.parametrize("rules", ["broken", "absent"])
def test_rules_that_cannot_be_read_complete_nothing_and_say_nothing(
    rules: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "rulebook.yaml").write_text("title: x\n", "utf-8")
    assert completed("explain", "--rules", str(tmp_path / rules), "x.json", "--rule", "CA") == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_takes_what_the_documentation_says(tmp_path: Path) -> None:
    cds = tmp_path / "cds"
    cds.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'import sys; sys.argv[0] = \"cds\"; "
                   'from cds.cli import main; main()\' "$@"\n', "utf-8")  # fmt: skip
    cds.chmod(0o755)
    typed = "COMP_WORDS=(cds ev); COMP_CWORD=1; _cds_completion cds; echo $COMPREPLY"
    script = f'eval "$(_CDS_COMPLETE=bash_source cds)"; {typed}'
    path = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=path, timeout=60, check=False)
    assert done.stdout.strip() == "evaluate", done.stderr
