"""What ``cds doctor`` found, in a terminal: a line for each thing, and below it what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rich.table import Table
from rich.text import Text

from cds.cards.wording import plain
from cds.screen.lines import as_wide_as_it_takes

COLOURS = {"ok": "green", "note": "yellow", "wrong": "bold red"}
NAME_WIDTH = 19
Checks: TypeAlias = Sequence[tuple[str, str, str, str]]
"""Name, state, what was found, what to do."""


def doctor_text(checks: Checks) -> str:
    """The checks for this terminal, or plain and not wrapped; at the end how many things are wrong."""
    screen = as_wide_as_it_takes()
    with screen.capture() as text:
        screen.print(_table(checks))
        screen.print(_end([state for _, state, _, _ in checks]))
    return "".join(f"{line.rstrip()}\n" for line in text.get().splitlines())


def _table(checks: Checks) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=len("wrong"))
    table.add_column(min_width=NAME_WIDTH, no_wrap=True)
    table.add_column(overflow="fold")
    for name, state, told, todo in checks:
        table.add_row(Text(state, COLOURS[state]), Text(name, "bold"), Text(plain(told)))
        if todo:
            table.add_row("", "", Text(f"-> {plain(todo)}", COLOURS[state]))
    return table


def _end(states: Sequence[str]) -> Text:
    wrong = states.count("wrong")
    if wrong:
        return Text(f"{wrong} of {len(states)} things are wrong. Do what stands behind the arrows.", "bold red")
    return Text(f"Nothing is wrong. Looked at: {len(states)}.", "bold green")
