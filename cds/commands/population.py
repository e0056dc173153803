"""``cds population``: answers for everybody in a Bulk Data export. What a command does not need is not loaded."""

from __future__ import annotations

import click

from cds.commands.lazily import LazyCommands

COMMANDS = {
    "compare": ("population_compare", "Say what changed between two runs, by outcome and rule, with examples."),
    "export": ("population_export", "Fetch an export from a FHIR Bulk Data server."),
    "plan": ("population_plan", "Print the smallest export that the rulebook needs, as a kick-off request."),
    "run": ("population_run", "Answer for everybody in an export, a folder of bundles or Parquet files."),
}
"""The commands, each with its module in ``cds.commands``, where ``run`` is ``run_command``, and its help."""


class PopulationCommands(LazyCommands):
    """``plan`` starts without what ``run`` needs."""

    table = COMMANDS


@click.group(cls=PopulationCommands)
def population_command() -> None:
    """Answer for everybody in a FHIR Bulk Data export, with books that balance, on one machine or on a cluster."""
