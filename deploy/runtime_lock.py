"""Writes ``deploy/requirements.lock``: of ``requirements.lock`` what a running service needs, with the same hashes.

    python deploy/runtime_lock.py

The container installs it and the bill of materials (SBOM) names it. A package is needed when the project depends on it,
or one that is needed does: the lock file says so under each ("via").
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("postgresql", "opentelemetry")
HEADER = """# Written by deploy/runtime_lock.py from requirements.lock: what a running service needs, with the extras
# postgresql and opentelemetry.
"""


def releases(lock: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """The name of each release, its lines, and the names of what needs it; a name may have several releases."""
    for block in re.split(r"^(?=[A-Za-z])", lock, flags=re.MULTILINE)[1:]:
        lines, _, needed_by = block.partition("    # via")
        yield name_of(block), lines, frozenset(re.findall(r"^(?:    #  )? ([\w.-]+)", needed_by, re.MULTILINE))


def name_of(requirement: str) -> str:
    """The name of a package as the index writes it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


def wanted() -> Iterator[str]:
    """What the project itself depends on, with the extras of a service."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for lines in (about["dependencies"], *(about["optional-dependencies"][extra] for extra in EXTRAS)):
        yield from map(name_of, lines)


def needed(found: Iterable[tuple[str, str, frozenset[str]]]) -> frozenset[str]:
    """The names of all that a service needs."""
    known, parents, before = set(wanted()), list(found), 0
    while len(known) > before:
        before = len(known)
        known |= {name for name, _, needed_by in parents if needed_by & known}
    return frozenset(known)


def runtime_lock() -> str:
    """The text of the file."""
    found = list(releases((ROOT / "requirements.lock").read_text(encoding="utf-8")))
    names = needed(found)
    return HEADER + "".join(lines for name, lines, _ in found if name in names)


if __name__ == "__main__":
    (ROOT / "deploy" / "requirements.lock").write_text(runtime_lock(), encoding="utf-8")
