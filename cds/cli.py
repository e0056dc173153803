"""``cds``: the command line. Exit status 0: everything was done; 1: a file could not be; 2: wrong use."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import click

from cds.about import version
from cds.commands.endings import ENDINGS
from cds.commands.lazily import LazyCommands

COMMANDS = {
    "audit": ("audit", "Write the audit book: every rule in words, with evidence, ladders, cases and proofs, as HTML."),
    "check": ("check", "Check the rule files: names, texts, cases, and whether each small change would be noticed."),
    "claims": ("authors", "Print what became of the claims of the articles behind this project."),
    "diff": ("versions", "Say what changed between two versions of the rules, and which patients get another answer."),
    "doctor": ("doctor", "Look at this installation, and say what to do about what is wrong."),
    "evaluate": ("evaluate", "Say for the patient in each file what the rules advise, and why."),
    "explain": ("patients", "Show the why-tree of a file: rules, findings, facts, thresholds, dates and resources."),
    "export": (
        "exchange",
        "Write the rulebook as FHIR R4 PlanDefinitions, ActivityDefinitions, a Library and ValueSets.",
    ),
    "feedback": ("records", "Report what users did with the cards."),
    "forms": ("forms", "Print every form of term, finding, condition, advice and case value, with an example."),
    "healthcheck": ("healthcheck", "Ask the service of this machine how it is, for containers: exit status 0 or 1."),
    "import-products": ("exchange", "Write a hospital's table of products (CSV) as products of an overlay."),
    "import-value-set": ("exchange", "Write the codes of a hospital's ValueSet as additional codes of a term."),
    "invoke": ("invoke", "Call a CDS Hooks server as an EHR would, with the patient in a bundle."),
    "log": ("log", "Verify the decision log, answer its requests again, erase from it, back it up."),
    "new": ("authors", "Begin something new."),
    "population": ("population", "Answer for everybody in a Bulk Data export, with books that balance."),
    "prove": ("prove", "Prove for every possible patient what must always hold, or show who breaks it."),
    "rule": ("rule", "Print a rule as people read it: when, what it decides and says, numbers, sources, cases."),
    "schema": ("schema", "Write JSON Schemas by which an editor completes and checks rule files, with their names."),
    "second-reading": ("second_reading", "Compare a rule with what somebody else makes of its sentence."),
    "serve": ("serve", "Serve CDS Hooks 2.0."),
    "sign": ("signing", "Sign a rule that was reviewed, or write the sheet on which it is read and signed."),
    "what-if": (
        "patients",
        "Say for one patient what would change the outcome, and which missing data would settle it.",
    ),
}
"""The commands, each with its module in ``cds.commands``, where ``what-if`` is ``what_if_command``, and its help."""


class Commands(LazyCommands):
    """``evaluate`` starts without what ``serve`` needs."""

    table = COMMANDS


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    """Print the version of the program."""
    if asked:
        click.echo(f"cds, version {version()}")
        context.exit()


@click.group(cls=Commands, epilog=ENDINGS[""].text, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="The version.")
def app() -> None:
    """Clinical decision support for calcium supplements: FHIR R4 data in, CDS Hooks cards out."""


def main() -> None:
    """The entry point; characters that the terminal does not know are written as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()
