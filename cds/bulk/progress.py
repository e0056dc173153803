"""Shows how far things are; what it is shown on is the business of the command."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Where progress is shown."""

    def line(self, text: str) -> None:
        """Something has come to pass."""

    def tick(self, text: str) -> None:
        """Something goes on; it may be left out."""
