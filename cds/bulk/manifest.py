"""The manifest of an export: its pages as one, its files, and the name of each here.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html#response---complete-status; pages came with STU 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cds.bulk.addresses import joined
from cds.bulk.problems import ExportError
from cds.jsontypes import Json

PARTS = {"output": "", "deleted": "deleted/", "error": "error/"}
"""The lists of a manifest, and where their files are kept."""
MOST_PAGES = 10_000
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.ndjson")
PLACE = re.compile(rf"(?:{'|'.join(PARTS.values())}){SAFE_NAME.pattern}")
"""The names that files have here, below the folder."""
TYPE = re.compile(r"[A-Za-z]{1,64}")


class ManifestFile(NamedTuple):
    """A file of an export. ``name``: its path in the folder. ``expected``: its lines by the server, or None."""

    part: str
    type: str
    url: str
    name: str
    expected: int | None


class Manifest(NamedTuple):
    """A whole manifest. ``data``: as the server made it, its pages as one, with ``file`` beside each ``url``."""

    data: Json
    files: tuple[ManifestFile, ...]
    requires_token: bool


def manifest_of(url: str, first: Json, page_at: Callable[[str], Json]) -> Manifest:
    """The manifest whose first page was found at a URL.

    Raises:
        ExportError: a page is no manifest, or the pages do not end.

    """
    pages = list(_pages(url, first, page_at))
    if any(page.get("requiresAccessToken") != first.get("requiresAccessToken") for page in pages):
        raise ExportError("no-bulk-data", "The pages of the manifest differ in 'requiresAccessToken'.")
    data = {name: value for name, value in first.items() if name != "link"}
    taken: set[str] = set()
    files: list[ManifestFile] = []
    for part in PARTS:
        items = {item["url"]: item for page in pages for item in _items(page, part)}
        found = [_file(part, joined(url, key), item, taken) for key, item in items.items()]
        data[part] = [{**item, "file": file.name} for file, item in zip(found, items.values(), strict=True)]
        files += found
    return Manifest(data, tuple(files), first.get("requiresAccessToken") is True)


def _pages(url: str, first: Json, page_at: Callable[[str], Json]) -> Iterator[Json]:
    seen, page = {url}, first
    yield page
    while following := _next(page):
        url = joined(url, following)
        if url in seen or len(seen) >= MOST_PAGES:
            raise ExportError("no-bulk-data", "The pages of the manifest lead in a circle, or do not end.")
        seen.add(url)
        page = page_at(url)
        yield page


def _next(page: Json) -> str:
    links = page.get("link")
    found = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    return next((str(link["url"]) for link in found if link.get("relation") == "next" and link.get("url")), "")


def _items(page: Json, part: str) -> list[Json]:
    items: Any = [] if page.get(part) is None and part != "output" else page.get(part)
    if not isinstance(items, list) or not all(
        isinstance(one, dict) and isinstance(one.get("url"), str) for one in items
    ):
        raise ExportError("no-bulk-data", f"The list '{part}' in the manifest is none of files with a URL.")
    return items


def _file(part: str, url: str, item: Json, taken: set[str]) -> ManifestFile:
    kind = str(item.get("type", ""))
    kind, count = kind if TYPE.fullmatch(kind) else "unknown", item.get("count")
    name = _name(part, url, kind, taken)
    return ManifestFile(part, kind, url, name, count if isinstance(count, int) and count >= 0 else None)


def _name(part: str, url: str, kind: str, taken: set[str]) -> str:
    """The name that the server gives a file where it is one for files, else ``1.Patient.ndjson``; each once."""
    told = urlsplit(url).path.rpartition("/")[2]
    names = [told] if SAFE_NAME.fullmatch(told) else []
    numbered = (f"{number}.{kind}.ndjson" for number in range(1, len(taken) + 2))
    # Some file systems do not tell capital letters from small ones.
    name = next(one for one in (*names, *numbered) if f"{part}/{one}".lower() not in taken)
    taken.add(f"{part}/{name}".lower())
    return f"{PARTS[part]}{name}"
