"""What this program is called, and its version: the one place of its name, which is no name of a topic."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

PROGRAM = "calcium-cds"
"""The name of the package, of its folders for what is kept, and of the program among others (FHIR, HTTP, metrics)."""
CHECKOUT = Path(__file__).resolve().parent.parent / "pyproject.toml"
_VERSION = re.compile(r'^name = "(?P<name>[^"]+)"\nversion = "(?P<version>[^"]+)"$', re.MULTILINE)


@lru_cache(maxsize=1)
def version() -> str:
    """The version that is installed; ``0.1.0+checkout`` of a checkout that is not, ``0+unknown`` where nothing says."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow to load

    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return _of_checkout()


def _of_checkout() -> str:
    try:
        found = _VERSION.search(CHECKOUT.read_text(encoding="utf-8"))
    except OSError:
        found = None
    return f"{found['version']}+checkout" if found and found["name"] == PROGRAM else "0+unknown"
