"""Every command that reads rules takes the same options for them, under the same names."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from check_output import KS_02, SMALL
from click.testing import CliRunner

from cds.cli import app

NO_RULES = {
    "feedback report": "reads the records alone",
    "healthcheck": "asks a service",
    "invoke": "asks a service, which has the rules",
    "log backup": "copies the records",
    "log erase": "reads the records alone",
    "log find": "reads the records alone",
    "log prune": "reads the records alone",
    "log restore": "copies the records",
    "log vacuum": "reads the records alone",
    "log verify": "reads the records alone",
    "population compare": "compares what two runs wrote",
    "population export": "fetches files",
}
"""The commands that read no rules, and why."""
NO_DAY = {
    "claims": "prints a table of the rule files",
    "doctor": "looks at the installation",
    "export": "says nothing of a day but that of publication, --date",
    "forms": "prints the forms of the rule files",
    "import-products": "reads codes",
    "import-value-set": "reads codes",
    "log export": "prints an answer of the day on which it was given",
    "log replay": "answers as of the day of each record",
    "prove": "holds on every day",
    "rule": "prints a rule as it is written",
    "schema": "writes the forms and names of the rule files",
    "second-reading": "holds on every day",
    "serve": "answers as of the day of each call",
}
"""The commands that read rules and know no day, and why."""


def commands(group: click.Group, context: click.Context, *above: str) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, context, *above, name)
        elif command is not None:
            yield " ".join((*above, name)), command


def all_commands() -> dict[str, click.Command]:
    return dict(commands(app, click.Context(app)))


def options(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts}


def test_every_command_takes_rules_and_overlays_or_reads_none() -> None:
    without = {name for name, command in all_commands().items() if not {"--rules", "--overlay"} <= options(command)}
    assert without == NO_RULES.keys()


def test_every_command_that_reads_rules_takes_a_day_or_knows_none() -> None:
    reading = {name: command for name, command in all_commands().items() if name not in NO_RULES}
    assert {name for name, command in reading.items() if "--as-of" not in options(command)} == NO_DAY.keys()


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [*map(str, words)])


@pytest.mark.parametrize("command", ["check", "prove"])
def test_rules_that_are_named_twice_are_wrong_use(command: str) -> None:
    done = run(command, SMALL, "--rules", SMALL)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"Error: the rules are named twice: '{SMALL}', and --rules '{SMALL}'. Name them once.\n"


def test_check_reads_the_rules_that_are_named_in_either_way() -> None:
    one, other = (run("check", *words, "--json", "--as-of", "2026-12-01") for words in ([SMALL], ["--rules", SMALL]))
    assert (one.exit_code, one.stdout) == (0, other.stdout)


def test_reviews_are_due_by_the_day_of_the_check() -> None:
    done = run("check", "--rules", SMALL, "--as-of", "2027-11-30")
    assert done.exit_code == 1
    assert f"{KS_02}:9: review by: the review was due on 2027-11-29." in done.stdout


def test_a_new_rule_is_written_on_the_day_that_is_named(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    done = run("new", "rule", "KS-09", "--chapter", "potassium", "--rules", rules, "--as-of", "2026-11-22")
    assert done.exit_code == 0, done.stderr
    text = (rules / "potassium" / "ks-09.yaml").read_text("utf-8")
    assert "authored: 2026-11-22\nreview by: 2027-11-22\n" in text


def test_a_signature_has_no_other_day_than_that_on_which_it_is_given() -> None:
    done = run("sign", "KS-02", "--rules", SMALL, "--reviewer", "Dr. A", "--as-of", "2026-01-01")
    assert done.exit_code == 2
    assert "a signature has the day on which it is given" in done.stderr


def test_the_sheet_of_a_rule_is_made_for_the_day_that_is_named(tmp_path: Path) -> None:
    out = tmp_path / "sheet.html"
    done = run("sign", "KS-02", "--sheet", "--out", out, "--rules", SMALL, "--as-of", "2026-01-01")
    assert done.exit_code == 0, done.stderr
    assert "2026-01-01" in out.read_text("utf-8")
