"""What a service is made from; one value, so that each of several workers is made from the same."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cds.service.settings import Settings


class Plan(NamedTuple):
    """The settings, the folders of rule files in their order, and what is laid over the first of them."""

    settings: Settings
    folders: tuple[Path, ...]
    overlays: tuple[Path, ...] = ()

    @property
    def laid_over(self) -> tuple[tuple[Path, ...], ...]:
        """What is laid over each folder."""
        return (self.overlays, *(() for _ in self.folders[1:]))
