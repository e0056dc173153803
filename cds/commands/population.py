"""``cds population``: answers for everybody in a Bulk Data export. What a command does not need is not loaded."""

from __future__ import annotations

from importlib import import_module

import click

from cds.errors import nearest

COMMANDS = {
    "compare": ("population_compare", "Say what changed between two runs, by outcome and rule, with examples."),
    "export": ("population_export", "Fetch an export from a FHIR Bulk Data server."),
    "plan": ("population_plan", "Print the smallest export that the rulebook needs, as a kick-off request."),
    "run": ("population_run", "Answer for everybody in an export, a folder of bundles or Parquet files."),
}
"""The commands, each with its module in ``cds.commands``, where ``run`` is ``run_command``, and its help."""


class PopulationCommands(click.Group):
    """Loads the module of a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; wrong use where there is none."""
        if cmd_name not in COMMANDS:
            ctx.fail(f"There is no command '{cmd_name}'. {nearest(cmd_name, COMMANDS)}")
        found = getattr(import_module(f"cds.commands.{COMMANDS[cmd_name][0]}"), f"{cmd_name}_command")
        assert isinstance(found, click.Command)  # noqa: S101
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl((name, COMMANDS[name][1]) for name in self.list_commands(ctx))


@click.group(cls=PopulationCommands)
def population_command() -> None:
    """Answer for everybody in a FHIR Bulk Data export, with books that balance, on one machine or on a cluster."""
