"""What is laid over the rules may stand in the configuration: a region, folders, for each of several rulebooks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import pytest
from test_configuration import ROOT, command, problems, running, written

from cds.service.configuration.reading import ConfigurationError, read_settings
from cds.service.configuration.rule_folders import NamedRules
from cds.service.configuration.settings import Settings

RULES, POTASSIUM, HOSPITAL = ROOT / "rules", ROOT / "tests/topics/potassium/rules", ROOT / "tests/hospital"
EU, CN = RULES / "regions/eu", RULES / "regions/cn"


def laid_over(settings: Settings) -> list[tuple[Path, list[Path]]]:
    return [(entry.folder, [Path(text) for text in entry.overlay]) for entry in settings.rules]


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """The overlay of the invented hospital, beside the configuration."""
    return Path(shutil.copytree(HOSPITAL, tmp_path / "ours"))


def test_an_overlay_is_that_of_the_first_rulebook_the_region_first(tmp_path: Path, ours: Path) -> None:
    text = f"rules: {RULES}\noverlay:\n  - ours\n  - eu\n"
    assert laid_over(read_settings(written(tmp_path, text))) == [(RULES, [EU, ours])]


def test_each_of_several_rulebooks_has_its_own(tmp_path: Path, ours: Path) -> None:
    text = f"rules:\n  - {POTASSIUM}\n  - folder: {RULES}\n    overlay:\n      - eu\n      - ours\n"
    assert laid_over(read_settings(written(tmp_path, text))) == [(POTASSIUM, []), (RULES, [EU, ours])]
    one = f"rules:\n  - folder: {RULES}\n    overlay: cn\n"
    assert laid_over(read_settings(written(tmp_path, one))) == [(RULES, [CN])]


def test_a_folder_is_taken_from_beside_the_file_and_a_region_has_the_bare_name(tmp_path: Path, ours: Path) -> None:
    own = ours.rename(tmp_path / "eu")
    text = f"rules: {RULES}\noverlay: "
    assert laid_over(read_settings(written(tmp_path, f"{text}eu\n"))) == [(RULES, [EU])]
    assert laid_over(read_settings(written(tmp_path, f"{text}./eu\n"))) == [(RULES, [own])]
    assert laid_over(read_settings(written(tmp_path, f"{text}{own}\n"))) == [(RULES, [own])]


def test_without_rules_it_is_laid_over_those_that_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_RULES", str(RULES))
    assert laid_over(read_settings(written(tmp_path, "overlay: eu\n"))) == [(RULES, [EU])]


def test_the_command_line_comes_before_it(tmp_path: Path, ours: Path) -> None:
    text = f"rules:\n  - {RULES}\n  - {POTASSIUM}\noverlay: eu\n"
    named = NamedRules(overlays=("cn",))
    assert laid_over(read_settings(written(tmp_path, text), named)) == [(RULES, []), (POTASSIUM, [])]
    named = NamedRules(rules=(RULES,))
    assert laid_over(read_settings(written(tmp_path, f"rules: {POTASSIUM}\noverlay: eu\n"), named)) == [(RULES, [EU])]
    named = NamedRules(rules=(POTASSIUM, RULES), overlays=("ours",))
    of_each = f"rules:\n  - folder: {RULES}\n    overlay: eu\n"
    assert laid_over(read_settings(written(tmp_path, of_each), named)) == [(POTASSIUM, []), (RULES, [])]


WRONG = {
    f"rules: {RULES}\noverlay: ue\n": (2, "no region of that name (there are: cn, eu)"),
    f"rules: {RULES}\noverlay:\n  - eu\n  - cn\n": (2, "are two regions, and a site has one"),
    f"rules: {RULES}\noverlay: {RULES}/nowhere\n": (2, "there is no folder of an overlay"),
    "rules: nowhere\n": (1, "there is no folder of rule files at"),
    f"rules:\n  - {RULES}\n  - folder: nowhere\n": (3, "there is no folder of rule files at"),
    f"rules:\n  - {POTASSIUM}\n  - folder: {RULES}\n    overlay: ue\n": (4, "no region of that name"),
    f"rules:\n  - folder: {RULES}\n    overlay: eu\noverlay: eu\n": (4, "has an overlay of its own. Keep one"),
    f"rules:\n  - folder: {RULES}\n    overlays: eu\n": (3, "Did you mean 'overlay'?"),
    "rules:\n  - overlay: eu\n": (2, "'folder' is missing"),
    "rules:\n  - folder: \n    overlay:\n": (3, "nothing is said here"),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_laid_over_the_rules_is_said_with_its_line(text: str, tmp_path: Path) -> None:
    line, says = WRONG[text]
    found = problems(tmp_path, text)
    assert found[0].startswith(f"service.yaml:{line}: ")
    assert says in found[0]


def test_an_overlay_is_not_lost_silently_where_the_command_line_names_other_rules(tmp_path: Path) -> None:
    text = f"rules:\n  - folder: {RULES}\n    overlay: eu\n"
    with pytest.raises(ConfigurationError, match="laid over rules that --rules replaces"):
        read_settings(written(tmp_path, text), NamedRules(rules=(POTASSIUM,)))


@pytest.mark.slow
def test_a_service_answers_by_the_rules_with_what_its_configuration_lays_over_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The configuration comes before CDS_OVERLAY, and the command line before both."""
    monkeypatch.setenv("CDS_OVERLAY", str(tmp_path / "nowhere"))
    text = f"rules:\n  - {RULES}\n  - {POTASSIUM}\noverlay: eu\n"
    config = written(tmp_path, text)
    found: list[tuple[list[str], list[Any]]] = []
    for words in ((), ("--overlay", "cn")):
        with running("--config", str(config), *words) as (base, process):
            version = httpx2.get(f"{base}/version", trust_env=False).json()
            process.terminate()
            _, said = process.communicate(timeout=30)
        lines = [json.loads(line) for line in said.splitlines() if '"event":"rulebook"' in line]
        found.append(([line["overlay"] for line in lines], [book["sha256"] for book in version["rulebooks"]]))
    (over, (eu, plain)), (other, (cn, same)) = found
    assert (over, other) == ([str(EU), ""], [str(CN), ""])
    assert (eu != cn, plain == same) == (True, True)


@pytest.mark.slow
def test_a_wrong_overlay_stops_the_start_with_the_line(tmp_path: Path) -> None:
    config = str(written(tmp_path, f"rules: {RULES}\noverlay: ue\n"))
    environment = {**os.environ, "CDS_OVERLAY": ""}
    done = subprocess.run(
        command("--config", config), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, "service.yaml:2: overlay" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
