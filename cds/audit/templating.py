"""The environment in which pages are written: every text is escaped, and a name that nothing has is an error."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

__all__ = ["Environment", "environment_in"]


def environment_in(*folders: Path) -> Environment:
    """An environment with the templates of these folders; of two with one name that of the first folder counts."""
    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
