"""``cds`` at the terminal: exit status, one JSON object per file, clear errors without tracebacks or patient data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).resolve().parent.parent / "fhir_samples"
QUESTION = SAMPLES / "osteoporosis-and-calcified-arteries" / "bundle.json"
KEYS = {
    "patient", "asOf", "rulebook", "outcome", "decidedBy", "advice", "fired", "overruled", "facts", "findings",
    "issues", "cards",
}  # fmt: skip


def cds(*words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cds", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **more}, timeout=120)


@pytest.mark.slow
def test_json_output_is_one_object_for_each_file() -> None:
    done = cds("evaluate", QUESTION, QUESTION, "--as-of", "2026-11-22", "--json")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [result["outcome"] for result in results] == ["continue", "continue"]
    assert all(result.keys() >= KEYS for result in results)


@pytest.mark.slow
def test_a_dash_is_the_standard_input() -> None:
    command = [sys.executable, "-m", "cds", "evaluate", "-", "--as-of", "2026-11-22", "--json"]
    done = subprocess.run(command, input=QUESTION.read_bytes(), capture_output=True, timeout=120)

    assert done.returncode == 0
    assert json.loads(done.stdout)["outcome"] == "continue"


def test_people_see_outcome_cards_and_disclaimer() -> None:
    done = cds("evaluate", QUESTION, "--as-of", "2026-11-22")
    assert "Outcome: continue" in done.stdout
    assert "Not a cleared medical device" in " ".join(done.stdout.split())


@pytest.mark.slow
def test_one_broken_file_does_not_stop_the_others(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"resourceType": "Bundle",}', encoding="utf-8")
    done = cds("evaluate", broken, tmp_path / "absent.json", QUESTION, "--json")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [result.get("error", {}).get("code") for result in results] == ["not-json", "unreadable-file", None]
    assert "Traceback" not in done.stderr
    assert f"{broken}: This is not JSON" in done.stderr


@pytest.mark.slow
def test_an_unknown_rule_is_wrong_use_and_the_nearest_is_offered() -> None:
    done = cds("explain", QUESTION, "--rule", "BONE01")
    assert done.returncode == 2
    assert "Did you mean 'BONE-01'?" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--as-of", "yesterday", "x.json")])
def test_wrong_use_ends_with_status_two(words: tuple[str, ...]) -> None:
    assert cds("evaluate", *words).returncode == 2


def test_a_missing_rules_folder_is_wrong_use(tmp_path: Path) -> None:
    done = cds("evaluate", QUESTION, "--rules", tmp_path / "none")
    assert done.returncode == 2
    assert "there is no folder of rule files" in done.stderr


@pytest.mark.slow
def test_the_environment_names_another_rulebook(tmp_path: Path) -> None:
    done = cds("evaluate", QUESTION, CDS_RULES=str(tmp_path / "none"))
    assert done.returncode == 2


def test_a_broken_rulebook_says_all_its_problems_and_nothing_is_evaluated(tmp_path: Path) -> None:
    (tmp_path / "rulebook.yaml").write_text("title: x\n", encoding="utf-8")
    done = cds("evaluate", QUESTION, "--rules", tmp_path)
    assert done.returncode == 2
    assert "rulebook.yaml:1: file: 'version' is missing." in done.stderr
    assert "[missing-file]" in done.stderr
    assert done.stdout == ""


@pytest.mark.slow
def test_explain_shows_the_tree_with_values_dates_and_resources() -> None:
    done = cds("explain", QUESTION, "--as-of", "2026-11-22")
    text = " ".join(done.stdout.split())
    assert "fired and decided" in text
    assert "upper limit of calcium" in text
    assert "Observation/" in text


@pytest.mark.slow
def test_explain_says_why_a_named_rule_did_not_fire() -> None:
    done = cds("explain", QUESTION, "--rule", "CA-02", "--as-of", "2026-11-22")
    assert "CA-02" in done.stdout
    assert "did not fire" in done.stdout


def test_explain_as_json_is_the_tree_of_every_rule_that_speaks_down_to_values_and_resources() -> None:
    done = cds("explain", QUESTION, "--as-of", "2026-11-22", "--json")
    explained = json.loads(done.stdout)
    first = explained["why"][0]
    assert explained["file"] == str(QUESTION)
    assert first["rule"] == explained["decidedBy"]
    assert first["verdict"] == "fired and decided"
    leaves = [leaf for rule in explained["why"] for part in rule["parts"] for leaf in leaves_of(part)]
    assert any(source.startswith("Observation/") for leaf in leaves for fact in leaf["facts"]
               for source in fact.get("sources", ()))  # fmt: skip
    assert any(threshold["word"] == "above" for leaf in leaves for threshold in leaf["thresholds"])


@pytest.mark.slow
def test_explain_as_json_says_what_a_rule_does_and_why_a_named_rule_did_not_fire() -> None:
    high = SAMPLES / "high-calcium" / "bundle.json"
    spoke = json.loads(cds("explain", high, "--as-of", "2026-11-22", "--json").stdout)["why"][0]
    silent = json.loads(cds("explain", high, "--rule", "CA-02", "--as-of", "2026-11-22", "--json").stdout)["why"]
    assert "hold-calcium" in spoke["advice"]
    assert "CON-06" in spoke["silences"]
    assert [(rule["rule"], rule["verdict"], rule["state"]) for rule in silent] == [("CA-02", "did not fire", "absent")]


def leaves_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "sentence" in node:
        yield node
    for part in node.get("parts", ()):
        yield from leaves_of(part)


@pytest.mark.slow
def test_schema_writes_one_schema_for_each_kind_of_file(tmp_path: Path) -> None:
    done = cds("schema", tmp_path)
    assert done.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} >= {
        "rule.schema.json",
        "findings.schema.json",
        "terms.schema.json",
    }
