"""Which folders are laid over the rules, in which order: a region that the rulebook brings along, then those of a site.

A region is an overlay in the folder ``regions`` of the rules, and is called by its name. An overlay says which one it
needs (``region: eu``), or the region is named beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from cds.errors import CdsError
from cds.rulebook.folder import OVERLAY_MARK

REGIONS = "regions"
_NAMED = re.compile(r"^region:[ \t]*['\"]?([\w-]+)", re.MULTILINE)


def regions_of(folder: Path) -> dict[str, Path]:
    """The regions that a folder of rules brings along, by name."""
    found = sorted((folder / REGIONS).glob(f"*/{OVERLAY_MARK}"))
    return {path.parent.name: path.parent for path in found}


def region_needed(overlay: Path) -> str:
    """The region that an overlay says it needs; empty where it says none."""
    try:
        found = _NAMED.search((overlay / OVERLAY_MARK).read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return ""
    return found[1] if found else ""


def layers_of(folder: Path, given: Iterable[str | Path]) -> tuple[Path, ...]:
    """The folders to lay over the rules, the region first, for what was named: names of regions, and folders.

    A bare name is that of a region where there is one; a folder beside it of the same name is given as ``./name``.

    Raises:
        CdsError: something that was named is neither, or there is more than one region.

    """
    regions = regions_of(folder)
    named = [regions.get(item, Path(item)) if isinstance(item, str) else item for item in given]
    for overlay in named:
        if not overlay.is_dir():
            raise CdsError(f"there is no folder of an overlay at '{overlay}', {_no_region(regions)}.")
    needed = [name for overlay in named if (name := region_needed(overlay))]
    for name in needed:
        if name not in regions:
            raise CdsError(f"an overlay names the region '{name}', {_no_region(regions)}.")
    own = {path.resolve() for path in regions.values()}
    first = [path.resolve() for path in (*named, *(regions[name] for name in needed)) if path.resolve() in own]
    if len(set(first)) > 1:
        names = " and ".join(sorted({path.name for path in first}))
        raise CdsError(f"{names} are two regions, and a site has one. Name one of them.")
    return (*first[:1], *(path for path in named if path.resolve() not in own))


def _no_region(regions: Iterable[str]) -> str:
    known = ", ".join(regions)
    return f"and no region of that name (there are: {known})" if known else "and these rules bring no regions along"
