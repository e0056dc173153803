"""What the page is made of: static files, the headers that keep it inside this service, and the invented patients."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import NamedTuple

import orjson

from cds.about import PROGRAM
from cds.jsontypes import Json

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGE_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}
"""For every answer of the page. A script can neither come from elsewhere nor turn a text into HTML (Trusted Types)."""


class PageFile(NamedTuple):
    """A static file with its media type."""

    media_type: str
    content: bytes


def page_files() -> dict[str, PageFile]:
    """The files by their names under ``/page/``; ``index.html`` is the answer at ``/``."""
    folder = Path(__file__).resolve().parent / "static"
    return {path.name: PageFile(MEDIA_TYPES[path.suffix], path.read_bytes()) for path in sorted(folder.iterdir())}


def first_page(page: bytes, question: str) -> bytes:
    """``index.html`` with the name of the program, and the question that the rulebook answers."""
    told = {"program": PROGRAM, "question": question}
    for name, text in told.items():
        page = page.replace(b"{{%s}}" % name.encode(), escape(text).encode())
    return page


@lru_cache(maxsize=4)
def samples(folder: Path, first: str = "") -> tuple[Json, ...]:
    """Each sample with its name, title, story (plain text) and the day of its evaluation; the ``first`` one first."""
    return tuple(sorted(_samples(folder), key=lambda sample: (sample["name"] != first, sample["title"])))


def _samples(folder: Path) -> Iterator[Json]:
    for place in folder.glob("*/bundle.json"):
        title, story = place.with_name("story.md").read_text(encoding="utf-8").split("\n", 1)
        day = orjson.loads(place.with_name("expected.json").read_bytes())["asOf"]
        plain = story.strip().replace("**", "").replace("`", "")
        yield {"name": place.parent.name, "title": title.lstrip("# "), "story": plain, "asOf": day}


def sample(folder: Path, name: str) -> bytes | None:
    """The bundle of a sample; None when there is none of this name."""
    if name not in {known["name"] for known in samples(folder)}:
        return None
    return (folder / name / "bundle.json").read_bytes()
