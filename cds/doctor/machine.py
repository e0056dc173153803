"""The installation: versions, libraries, extras, the cache, and what the terminal can show."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from cds.about import PROGRAM
from cds.cache import cache_folder
from cds.doctor.check import Check

SHOWN = ("durable-rules", "fhir.resources", "pydantic")
"""The libraries whose versions are told; of the others only those that are not there."""
FOR_DEVELOPERS = ("dev", "docs", "manifests")
"""Extras that no user of the program needs."""
NEWEST = (3, 14)
"""The newest Python with which the program was tested."""
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)[^;]*(?:;.*extra == ['\"]([a-z]+)['\"])?")


def machine_checks() -> Iterator[Check]:
    """Everything about the installation that needs no rules."""
    yield _program()
    yield _libraries()
    yield from _extras()
    yield _cache(cache_folder())
    yield _terminal()


def _program() -> Check:
    own, python = version_of(PROGRAM), platform.python_version()
    told = (
        f"{PROGRAM} {own or '(a checkout, not installed)'}, Python {python}, {platform.system()} {platform.machine()}"
    )
    if sys.version_info[:2] > NEWEST:
        newest = ".".join(map(str, NEWEST))
        return Check("program", "note", told, f"It was tested up to Python {newest}. Use that, or run the tests.")
    return Check("program", "ok", told)


def version_of(package: str) -> str:
    """The version of an installed package; empty where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _libraries() -> Check:
    lacking = [name for name in (*SHOWN, *_required().get("", ())) if not version_of(name)]
    told = ", ".join(f"{name} {version_of(name) or 'not installed'}" for name in SHOWN)
    if lacking:
        command = f"{sys.executable} -m pip install {PROGRAM}"
        return Check("libraries", "wrong", f"{told}; not installed: {', '.join(lacking)}", f"Install them: {command}")
    return Check("libraries", "ok", told)


def _required() -> dict[str, list[str]]:
    """The packages that the program needs (under the empty name), and those of each extra."""
    found: dict[str, list[str]] = {}
    try:
        listed = requires(PROGRAM) or []
    except PackageNotFoundError:
        return found
    for text in listed:
        match = _REQUIREMENT.match(text)
        if match and match[1] != PROGRAM:
            found.setdefault(match[2] or "", []).append(match[1])
    return found


def _extras() -> Iterator[Check]:
    for extra, packages in sorted(_required().items()):
        if extra and extra not in FOR_DEVELOPERS:
            lacking = [name for name in packages if not version_of(name)]
            told = ", ".join(f"{name} {version_of(name) or 'not installed'}" for name in packages)
            todo = f"Only if you need it: pip install '{PROGRAM}[{extra}]'" if lacking else ""
            yield Check(f"extra {extra}", "note" if lacking else "ok", told, todo)


def _cache(place: Path) -> Check:
    """The folder in which what takes long to work out is kept; without it every start takes longer."""
    if not place.exists():
        above = next(folder for folder in place.parents if folder.exists())
        return _cache_check(f"{place}, not there yet", can_write=os.access(above, os.W_OK))
    files = [path.stat() for path in place.rglob("*") if path.is_file()]
    found = place.stat()
    size = sum(file.st_size for file in files) / 1024 / 1024
    told = f"{place}, {len(files)} files, {size:.1f} MB, of {_owner(place)}"
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        return Check("cache", "note", f"{told}, which is somebody else", _OTHER_CACHE)
    if found.st_mode & 0o022:
        return Check("cache", "note", f"{told}; others can write there, so it is not used", f"chmod go-w '{place}'")
    return _cache_check(told, can_write=os.access(place, os.W_OK))


_OTHER_CACHE = "Each start reads the rules anew. Name a folder of yours: export XDG_CACHE_HOME=..."


def _cache_check(told: str, *, can_write: bool) -> Check:
    if can_write:
        return Check("cache", "ok", f"{told}, writable")
    return Check("cache", "note", f"{told}, not writable", _OTHER_CACHE)


def _owner(place: Path) -> str:
    try:
        return place.owner()
    except (KeyError, NotImplementedError):
        return "a user without a name"


def _terminal() -> Check:
    encoding, files = getattr(sys.stdout, "encoding", None) or "unknown", sys.getfilesystemencoding()
    told = f"output in {encoding}, file names in {files}{', a terminal' if sys.stdout.isatty() else ', no terminal'}"
    if encoding.lower().replace("-", "").replace("_", "") != "utf8":
        todo = "Other characters are printed as escapes. For all of them: export PYTHONUTF8=1"
        return Check("encoding", "note", told, todo)
    return Check("encoding", "ok", told)
