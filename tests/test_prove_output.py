"""What ``cds prove`` prints for CI servers: a property that does not hold is a problem at a rule."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from check_output import FINDINGS, SMALL, planted
from click.testing import CliRunner

from cds.cli import app
from cds.proof.as_problems import report_of_proofs
from cds.proof.report import Proof
from cds.rulebook.model import RuleBook
from cds.screen.problems.formats import FORMATS
from cds.screen.problems.sources import Sources


def prove(rules: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["prove", "--rules", str(rules), *words])


@pytest.fixture
def unsaid(tmp_path: Path) -> Path:
    """The small topic without what it promises, so that nothing of it can be asked."""
    rules = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    (rules / "safety.yaml").unlink()
    return rules


def test_each_property_is_a_test_of_junit(unsaid: Path) -> None:
    pytest.importorskip("z3", reason="the solver z3 is not installed (extra 'prove')")
    done = prove(unsaid, "--only", "safety", "--only", "contradictions", "--format", "junit")
    suite = fromstring(done.stdout).find("testsuite")  # noqa: S314 - our own
    assert suite is not None
    tests = {case.get("name"): case.find("failure") for case in suite.iter("testcase")}
    assert (done.exit_code, tests.keys()) == (1, {"safety", "contradictions"})
    failure = tests["safety"]
    assert failure is not None
    assert tests["contradictions"] is None
    assert (failure.text or "").startswith("rulebook.yaml:3: safety: not settled: ")
    assert (failure.text or "").endswith(" See more with: cds prove --only safety. [not-settled]")


def test_what_does_not_hold_stands_at_the_rule_that_decides_about_the_witness(book: RuleBook) -> None:
    seen = {"asOf": "2026-12-01", "outcome": "hold", "decidedBy": "CA-01", "fired": ["CA-01"]}
    broken = Proof("safe-x", False, "Less is more permissive.", ("CA-02",), {}, 1.0, seen)
    open_one = Proof("other", None, "The solver gave up.", ("CA-02",), None, 1.0)
    rules = SMALL.parents[3] / "rules"
    document = json.loads(FORMATS["sarif"](report_of_proofs(book, (broken, open_one), Sources(rules))))
    found = [
        (item["ruleId"], item["message"]["text"], item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for item in document["runs"][0]["results"]
    ]
    (first, says, file), (second, _, other) = found
    assert (first, second) == ("not-true", "not-settled")
    assert says == "safe-x: DOES NOT HOLD: Less is more permissive. See more with: cds prove --only safe-x."
    assert file.endswith("/ca-01-high-calcium.yaml")
    assert "/ca-02-" in other


def test_rules_that_do_not_load_are_said_in_the_format_as_well(tmp_path: Path) -> None:
    done = prove(planted("refused", tmp_path), "--format", "json")
    *problems, figures = map(json.loads, done.stdout.splitlines())
    assert (done.exit_code, figures) == (2, {"loaded": False, "problems": 2})
    assert problems[0]["file"] == FINDINGS


def test_how_two_rules_relate_is_no_problem_for_a_ci_server() -> None:
    done = prove(SMALL, "--compare", "KS-01", "KS-02", "--format", "sarif")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Take text or json." in done.stderr
