"""What ``cds doctor`` found, in a terminal: a line for each thing, and below it what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from cds.cards.wording import plain
from cds.screen.lines import Line, shown

COLOURS = {"ok": "green", "note": "yellow", "wrong": "bold red"}


def doctor_text(checks: Sequence[tuple[str, str, str, str]]) -> str:
    """Checks (name, state, what was found, what to do) for this terminal, or plain."""
    return shown([*_lines(checks), Line(_end([state for _, state, _, _ in checks]))])


def _lines(checks: Iterable[tuple[str, str, str, str]]) -> Iterator[Line]:
    for name, state, told, todo in checks:
        yield Line(Text.assemble((f"{state:<5}", COLOURS[state]), "  ", (f"{name:<20}", "bold"), plain(told)))
        if todo:
            yield Line(Text(f"-> {plain(todo)}", COLOURS[state]), 7)


def _end(states: Sequence[str]) -> Text:
    wrong = states.count("wrong")
    if wrong:
        return Text(f"{wrong} of {len(states)} things are wrong. Do what stands behind the arrows.", "bold red")
    return Text(f"Nothing is wrong. Looked at: {len(states)}.", "bold green")
