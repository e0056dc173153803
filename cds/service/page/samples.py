"""The invented patients that stand beside the rules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

Json = dict[str, Any]


FIRST = "osteoporosis-and-calcified-arteries"
"""The patient whose question this package was made for."""


@lru_cache(maxsize=1)
def samples(folder: Path) -> tuple[Json, ...]:
    """Each sample with its name, title, story (plain text) and the day of its evaluation, ``FIRST`` first."""
    return tuple(sorted(_samples(folder), key=lambda sample: (sample["name"] != FIRST, sample["title"])))


def _samples(folder: Path) -> Iterator[Json]:
    for place in folder.glob("*/bundle.json"):
        title, story = place.with_name("story.md").read_text(encoding="utf-8").split("\n", 1)
        day = orjson.loads(place.with_name("expected.json").read_bytes())["asOf"]
        yield {"name": place.parent.name, "title": title.lstrip("# "), "story": story.strip(), "asOf": day}


def sample(folder: Path, name: str) -> bytes | None:
    """The bundle of a sample; None when there is none of this name."""
    if name not in {known["name"] for known in samples(folder)}:
        return None
    return (folder / name / "bundle.json").read_bytes()
