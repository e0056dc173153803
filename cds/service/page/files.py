"""The static files of the page, and the headers that keep the page inside this service."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}  # fmt: skip
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
    return {path.name: PageFile(TYPES[path.suffix], path.read_bytes()) for path in sorted(folder.iterdir())}
