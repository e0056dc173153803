"""Lines for a terminal, wrapped to its width; for a file or another program plain, and as long as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

INDICATOR_COLOURS = {"info": "cyan", "warning": "yellow", "critical": "bold red"}
console = Console(highlight=False, soft_wrap=False)
WIDEST = 100_000
"""Characters: no line is longer, so that none is wrapped for a file or another program."""


class Line(NamedTuple):
    """A line for a terminal, which may be as long as it will; what follows a break in it is indented too."""

    text: Text
    indent: int = 0

    @property
    def plain(self) -> str:
        """The line without colours, as it is for a file or another program."""
        return "".join(f"{' ' * self.indent if part else ''}{part}\n" for part in self.text.plain.split("\n"))


def shown(lines: Iterable[Line], screen: Console | None = None) -> str:
    """The lines for a screen, by default this terminal: in its width where it is one, else plain and not wrapped."""
    screen = screen or console
    if not screen.is_terminal:
        return "".join(line.plain for line in lines)
    with screen.capture() as text:
        for line in lines:
            screen.print(Padding(line.text, (0, 0, 0, line.indent)) if line.indent else line.text)
    return text.get()


def as_wide_as_it_takes() -> Console:
    """The terminal here; where there is none, a screen on which no line is wrapped."""
    return console if console.is_terminal else Console(width=WIDEST, highlight=False, color_system=None)
