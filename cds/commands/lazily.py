"""A group of commands of which each is loaded when it is called: one starts without what the others need."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import ClassVar

import click

from cds.commands.endings import with_ending
from cds.errors import nearest


class LazyCommands(click.Group):
    """Commands by their names, each with its module in ``cds.commands`` and its help: ``run`` is ``run_command``."""

    table: ClassVar[Mapping[str, tuple[str, str]]]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the alphabet."""
        return sorted(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; wrong use where there is none."""
        if cmd_name not in self.table:
            ctx.fail(f"There is no command '{cmd_name}'. {nearest(cmd_name, self.table)}")
        module = import_module(f"cds.commands.{self.table[cmd_name][0]}")
        found = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        assert isinstance(found, click.Command)  # noqa: S101
        return with_ending(found, [*_path_of(ctx), cmd_name])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl((name, self.table[name][1]) for name in self.list_commands(ctx))


def _path_of(context: click.Context) -> list[str]:
    """The names of the groups, without that of the program."""
    above = _path_of(context.parent) if context.parent else []
    return [*above, context.info_name or ""] if context.parent else []
