"""Progress on the error stream."""

from __future__ import annotations

import sys

import click


class Screen:
    """Progress on the error stream: in one line that changes, where somebody looks, else line by line."""

    def __init__(self) -> None:
        self._width = 0

    def line(self, text: str) -> None:
        """Show something that has come to pass."""
        click.echo(f"\r{text.ljust(self._width)}" if self._width else text, err=True)
        self._width = 0

    def tick(self, text: str) -> None:
        """Show something that goes on, to somebody."""
        if sys.stderr.isatty():
            click.echo(f"\r{text.ljust(self._width)}", err=True, nl=False)
            self._width = len(text)
