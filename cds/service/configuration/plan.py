"""What a service is made from; one value, so that each of several workers is made from the same."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cds.service.configuration.settings import Settings


class Plan(NamedTuple):
    """The settings, and the folder of each rulebook with the folders that are laid over it."""

    settings: Settings
    laid_over: tuple[tuple[Path, tuple[Path, ...]], ...]

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of rule files."""
        return tuple(folder for folder, _ in self.laid_over)

    @property
    def overlays(self) -> tuple[tuple[Path, ...], ...]:
        """What is laid over each."""
        return tuple(overlays for _, overlays in self.laid_over)
