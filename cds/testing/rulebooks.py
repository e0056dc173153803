"""The rulebook of a run of pytest, by its options and its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cds.rulebook.model import RuleBook

OPENED = pytest.StashKey["RuleBook"]()


def rulebook_of(config: pytest.Config) -> RuleBook:
    """The rulebook of this run of pytest, opened once.

    Raises:
        CdsError: it cannot be opened.

    """
    if OPENED not in config.stash:
        from cds.api.functions import open_rulebook  # noqa: PLC0415

        rules = config.getoption("--cds-rules") or _beside(config, config.getini("cds_rules"))
        named = [_beside(config, overlay) for overlay in config.getini("cds_overlay")]
        config.stash[OPENED] = open_rulebook(rules or None, *(config.getoption("--cds-overlay") or named))
    return config.stash[OPENED]


def _beside(config: pytest.Config, name: str) -> str:
    """A folder that the configuration names, which stands beside it; any other name as it is."""
    place = config.rootpath / name
    return str(place) if name and place.is_dir() else name
