"""Every message about a rule file, word for word: ``bad_rules/CODE`` is laid over ``good_rules`` and loaded.

In such a folder ``message.txt`` holds the messages, ``remove.txt`` names files that must be absent, and ``pad.txt`` a
file and the number of bytes to which a comment makes it grow; ``hospital`` is an overlay that is laid over the rules.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cds.boundary import ProgramError
from cds.errors import ANSWER_CODES, RULE_CODES, DisagreementError, EngineError, RulebookError
from cds.facts.formulas import FORMULAS
from cds.rulebook.loading import read_rulebook
from cds.rulebook.overlaying import read_overlaid

HERE = Path(__file__).resolve().parent
BAD = HERE / "bad_rules"
FOLDERS = sorted(path.name for path in BAD.iterdir())


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the good rulebook."""
    return Path(shutil.copytree(HERE / "good_rules", tmp_path / "rules"))


def lay(rules: Path, *codes: str) -> None:
    """Lay the broken files of these codes over a rulebook."""
    for code in codes:
        shutil.copytree(BAD / code, rules, dirs_exist_ok=True)
        for line in _lines(rules / "remove.txt"):
            (rules / line).unlink()
        for line in _lines(rules / "pad.txt"):
            name, size = line.split()
            text = (rules / name).read_text("utf-8")
            (rules / name).write_text(text + "#" * (int(size) - len(text)), "utf-8")
        if (rules / "hospital").exists():
            (rules / "hospital").rename(rules.parent / "hospital")


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def expected(*codes: str) -> list[str]:
    """The messages that the broken files of these codes give, by file and line."""
    return sorted((line for code in codes for line in _lines(BAD / code / "message.txt")), key=_place)


def _place(message: str) -> tuple[str, int]:
    file, line, _ = message.split(":", 2)
    return file, int(line)


def messages(rules: Path) -> list[str]:
    """The messages that loading gives."""
    overlay = rules.parent / "hospital"
    with pytest.raises(RulebookError) as caught:
        read_overlaid(rules, [overlay], FORMULAS) if overlay.exists() else read_rulebook(rules, FORMULAS)
    return str(caught.value).split("\n")


def test_the_good_rulebook_loads_without_a_message(rules: Path) -> None:
    assert sorted(read_rulebook(rules, FORMULAS).rules) == ["CA-01", "CA-02"]


@pytest.mark.parametrize("code", FOLDERS)
def test_broken_files_give_exactly_these_messages(code: str, rules: Path) -> None:
    lay(rules, code)
    assert messages(rules) == _lines(BAD / code / "message.txt")


@pytest.mark.parametrize("code", FOLDERS)
def test_the_messages_of_a_folder_have_its_code_and_stand_in_order(code: str) -> None:
    said = _lines(BAD / code / "message.txt")
    assert said
    assert all(message.endswith(f" [{code}]") for message in said)
    assert said == expected(code)


def test_every_code_has_an_example_and_no_other() -> None:
    assert sorted(RULE_CODES) == FOLDERS


def test_the_codes_of_answers_that_cannot_be_given_are_those_of_the_errors() -> None:
    assert {error.code for error in (EngineError, DisagreementError, ProgramError)} == ANSWER_CODES.keys()


def test_all_problems_of_several_broken_files_are_said_at_once_in_order_of_file_and_line(rules: Path) -> None:
    codes = ("unknown-unit", "summary-too-long", "contradiction-one-sided", "unknown-salt")
    lay(rules, *codes)
    assert len({_place(message)[0] for message in expected(*codes)}) == 6
    assert messages(rules) == expected(*codes)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["rule: [CA-01]\n", "rule: CA-01\ntitle: High calcium\n", "title: no id\n", "- CA-01\n"]
)
@pytest.mark.parametrize("name", ["calcium/ca-01-high-calcium.yaml", "calcium/ca-02-continue.yaml"])
def test_one_broken_rule_file_neither_hides_nor_causes_problems_elsewhere(name: str, text: str, rules: Path) -> None:
    lay(rules, "summary-too-long")
    (rules / name).write_text(text, "utf-8")
    said = messages(rules)
    assert any(message.startswith(f"{name}:") for message in said)
    assert [message for message in said if not message.startswith(f"{name}:")] == expected("summary-too-long")


def test_a_broken_file_of_names_does_not_make_every_use_of_its_names_look_wrong(rules: Path) -> None:
    (rules / "calcium/findings.yaml").write_text("chapter: Calcium\n", "utf-8")
    assert {_place(message)[0] for message in messages(rules)} == {"calcium/findings.yaml"}


def test_of_a_folder_without_rulebook_yaml_only_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  web: {}\n", "utf-8")
    said = "rulebook.yaml:1: file: the file is not there. "
    assert messages(tmp_path) == [
        f"{said}Name the folder that holds it: without it a folder is no rulebook. [missing-file]"
    ]


def test_of_an_overlay_without_overlay_yaml_only_that_is_said(rules: Path) -> None:
    (rules.parent / "hospital").mkdir()
    (rules.parent / "hospital" / "compose.yaml").write_text("services:\n  web: {}\n", "utf-8")
    said = "hospital/overlay.yaml:1: file: the file is not there. "
    assert messages(rules) == [f"{said}Every overlay needs it: name, owner, reason. [missing-file]"]


def test_a_rulebook_with_nothing_but_its_title_lacks_every_file_that_a_rulebook_needs(rules: Path) -> None:
    for path in rules.rglob("*.yaml"):
        if path.name != "rulebook.yaml":
            path.unlink()
    said = messages(rules)
    assert len(said) == 5
    assert all(message.endswith("[missing-file]") for message in said)
