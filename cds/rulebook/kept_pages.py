"""Pages of rule files as they were read before, kept by the text of each: of a folder, few files change at a time."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson

from cds.cache import cache_folder, keep, key_of, read_own
from cds.errors import Problem
from cds.rulebook.yaml_text import Data, Page, Place, read_page

READER = ("rulebook/yaml_text.py", "rulebook/yaml_trouble.py", "rulebook/kept_pages.py")
"""The code that makes a page of a text."""


class KeptPages:
    """The pages of one folder; only those of this reading are kept for the next one, and none with a problem."""

    def __init__(self, folder: Path) -> None:
        self.place = cache_folder() / f"{key_of(str(folder.resolve()), READER)}.pages"
        self.known, self.read = _kept(self.place), dict[str, Page]()

    def page(self, path: Path, name: str, problems: list[Problem]) -> Page | None:
        """The page of one file; None when it cannot be read, and then ``problems`` says why."""
        digest = hashlib.sha256(name.encode() + b"\0" + path.read_bytes()).hexdigest()
        found = len(problems)
        page = _page(name, self.known[digest]) if digest in self.known else read_page(path, name, problems)
        if page is not None and len(problems) == found:
            self.read[digest] = page
        return page

    def keep(self) -> None:
        """Keep what was read, unless nothing is new."""
        if self.read.keys() - self.known.keys():
            pages = {digest: _content(page) for digest, page in self.read.items()}
            keep(self.place, orjson.dumps(pages))


def _content(page: Page) -> tuple[Data, list[tuple[Place, int]], list[tuple[Place, int]]]:
    return page.data, list(page.lines.items()), list(page.begins.items())


def _kept(place: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(read_own(place))
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def _page(name: str, kept: Any) -> Page:
    data, *numbered = kept
    return Page(name, data, *({tuple(place): line for place, line in lines} for lines in numbered))
