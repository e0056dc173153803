"""``cds doctor`` says of everything that answers rest on how it is, and what to do where it is wrong."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds.cli import app
from cds.doctor.machine import version_of

ROOT = Path(__file__).resolve().parent.parent


def looked(*words: str | Path, charset: str = "utf-8", **environment: str) -> tuple[int, str]:
    done = CliRunner(charset=charset).invoke(app, ["doctor", *map(str, words)], env=environment)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout


def checks(*words: str | Path, **environment: str) -> tuple[int, dict[str, dict[str, str]]]:
    status, text = looked(*words, "--json", **environment)
    data = json.loads(text)
    assert data["ok"] == (status == 0)
    return status, {check["name"]: check for check in data["checks"]}


def test_where_all_is_well_every_thing_is_told_and_nothing_is_to_do() -> None:
    status, found = checks("--rules", ROOT / "rules")
    assert status == 0
    assert found.keys() >= {"program", "libraries", "cache", "encoding", "rules", "overlay", "engine", "samples"}
    assert all(
        check["state"] != "wrong" and (check["todo"] == "") == (check["state"] == "ok") for check in found.values()
    )
    assert "durable-rules 2.0.28, fhir.resources " in found["libraries"]["told"]
    assert f"{ROOT / 'rules'}, version " in found["rules"]["told"]
    assert found["samples"]["told"] == "14 of 14 sample patients are answered as expected"
    text = looked("--rules", ROOT / "rules")[1]
    assert text.endswith(f"Nothing is wrong. Looked at: {len(found)}.\n")
    assert all(f"{check['state']:<5}  {name}" in text for name, check in found.items())


def test_rules_that_cannot_be_read_are_counted_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "rulebook.yaml").write_text("title: x\n", encoding="utf-8")
    status, found = checks("--rules", tmp_path)
    assert status == 1
    assert found["rules"]["state"] == "wrong"
    assert " problems: " in found["rules"]["told"]
    assert "cds check" in found["rules"]["todo"]
    assert found["engine"]["told"].startswith("it loads")
    assert "1 of " in looked("--rules", tmp_path)[1]
    assert "there is no folder of rule files" in checks("--rules", tmp_path / "none")[1]["rules"]["told"]


@pytest.mark.slow
def test_an_overlay_that_is_not_there_is_wrong_and_a_region_is_named() -> None:
    status, found = checks("--rules", ROOT / "rules", "--overlay", "ue")
    assert (status, found["overlay"]["state"]) == (1, "wrong")
    assert "no folder of an overlay at 'ue'" in found["overlay"]["told"]
    status, found = checks("--rules", ROOT / "rules", CDS_OVERLAY="eu")
    assert (status, found["overlay"]["told"]) == (0, str(ROOT / "rules" / "regions" / "eu"))


@pytest.mark.slow
def test_an_engine_that_cannot_be_loaded_is_wrong_and_the_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    status, found = checks("--rules", ROOT / "rules")
    assert (status, found["engine"]["state"]) == (1, "wrong")
    assert 'CC="gcc -DPyEval_CallObject=PyObject_CallObject"' in found["engine"]["told"]


@pytest.mark.slow
def test_samples_that_are_answered_otherwise_are_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    one = Path(shutil.copytree(ROOT / "fhir_samples" / "high-calcium", tmp_path / "fhir_samples" / "one"))
    status, found = checks("--rules", tmp_path / "rules")
    assert (status, found["samples"]["state"]) == (0, "ok")
    (one / "expected.json").write_text((one / "expected.json").read_text("utf-8").replace('"hold"', '"stop"'), "utf-8")
    status, found = checks("--rules", tmp_path / "rules")
    assert (status, found["samples"]["state"]) == (1, "wrong")
    assert "1 of 1 in " in found["samples"]["told"]
    assert "one: outcome not as expected." in found["samples"]["told"]
    shutil.rmtree(tmp_path / "fhir_samples")
    status, found = checks("--rules", tmp_path / "rules")
    assert (status, found["samples"]["state"]) == (0, "note")


@pytest.mark.slow
def test_a_cache_that_others_can_write_is_told_with_the_command(tmp_path: Path) -> None:
    place = tmp_path / "calcium-cds"
    status, found = checks(XDG_CACHE_HOME=str(tmp_path))
    assert (status, found["cache"]["state"]) == (0, "ok")
    assert f"{place}, not there yet" in found["cache"]["told"]
    place.mkdir(exist_ok=True)
    place.chmod(0o777)
    status, found = checks(XDG_CACHE_HOME=str(tmp_path))
    assert (status, found["cache"]["state"], found["cache"]["todo"]) == (0, "note", f"chmod go-w '{place}'")


@pytest.mark.slow
def test_an_output_that_knows_few_characters_is_told() -> None:
    assert "note   encoding" in looked(charset="ascii")[1]


@pytest.mark.slow
def test_no_secret_of_the_environment_is_printed() -> None:
    secret = {"CDS_DATABASE": "postgresql://cds:geheim@db/cds", "CDS_TOKEN": "geheim"}
    assert all("geheim" not in looked(*words, **secret)[1] for words in ((), ("--json",)))


def test_a_package_that_is_not_installed_has_no_version() -> None:
    assert (version_of("no-such-package"), version_of("durable-rules")) == ("", "2.0.28")
