"""All pages on one, for printing and searching: the links between the pages become links inside it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

LEFT_OUT = ("index.html", "numbers.html", "decisions.html")
"""The first page, and pages whose tables stand in the chapters as well."""
_MAIN = re.compile(r"<main[^>]*>(.*)</main>", re.DOTALL)
_LINK = re.compile(r'href="([a-z0-9-]+\.html)?(?:#([a-z0-9-]+))?"')
_PLACE = re.compile(r'\b(id|aria-labelledby)="([a-z0-9-]+)"')
_HEADING = re.compile(r"<(/?)h([1-5])\b")


class Page(NamedTuple):
    """A page, or a part of one: the name of its file, and its HTML."""

    name: str
    html: str


def whole(pages: Iterable[Page]) -> list[Page]:
    """The content of each page, made to stand beside the others: places and headings are moved, links follow."""
    kept = [page for page in pages if page.name not in LEFT_OUT]
    names = {page.name for page in kept}
    return [Page(_own(page.name), _moved(page, names)) for page in kept]


def _own(name: str) -> str:
    """The place of a page in the whole."""
    return name.removesuffix(".html")


def _moved(page: Page, names: Collection[str]) -> str:
    found = _MAIN.search(page.html)
    content = found[1] if found else ""

    def link(match: re.Match[str]) -> str:
        name, place = match[1] or page.name, match[2]
        if name not in names:
            return match[0]
        return f'href="#{_own(name)}{f"--{place}" if place else ""}"'

    content = _LINK.sub(link, content)
    content = _PLACE.sub(lambda match: f'{match[1]}="{_own(page.name)}--{match[2]}"', content)
    return _HEADING.sub(lambda match: f"<{match[1]}h{int(match[2]) + 1}", content)
