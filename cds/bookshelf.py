"""Where the rule files are, and how a rulebook is opened fast: once read and checked, it is kept in a cache.

The cache is keyed by the content of the rule files and of the code that reads them, so it is never out of date.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cds.rulebook import model
from cds.rulebook.folder import fingerprint
from cds.rulebook.model import RuleBook

HERE = Path(__file__).resolve().parent
READERS = ("quantity.py", "errors.py", "rulebook", "facts/formulas.py")


def rules_folder(given: Path | None = None) -> Path:
    """The folder of rule files: the one given, else ``CDS_RULES``, else the one of this installation.

    The last is ``cds/rules`` in an installed package and ``rules`` beside ``cds`` in a checkout.
    """
    if given is not None:
        return given
    if named := os.environ.get("CDS_RULES"):
        return Path(named)
    packed = HERE / "rules"
    return packed if packed.is_dir() else HERE.parent / "rules"


def is_built_in(folder: Path) -> bool:
    """Whether the rule files are those inside an installed package, which nobody edits."""
    return folder.resolve() == HERE / "rules"


def overlay_folder(given: Path | None = None) -> Path | None:
    """The folder of the overlay: the one given, else ``CDS_OVERLAY``, else none."""
    named = os.environ.get("CDS_OVERLAY")
    return given if given is not None or not named else Path(named)


def open_rulebook(folder: Path | None = None, overlay: Path | None = None) -> RuleBook:
    """The checked rulebook of a folder, with an overlay where there is one (see ``rules_folder``, ``overlay_folder``).

    Raises:
        RulebookError: with every problem of every file.

    """
    place, over = rules_folder(folder), overlay_folder(overlay)
    kept = cache_folder() / f"{_key(place, over)}.rulebook"
    book = _kept(kept)
    if book is None:
        book = _read(place, over)
        _keep(book, kept)
    return book


def _read(folder: Path, overlay: Path | None) -> RuleBook:
    """Reading needs the YAML and schema libraries; a kept rulebook does not, and starts in a fraction of the time."""
    from cds.facts.formulas import FORMULAS  # noqa: PLC0415

    if overlay is None:
        from cds.rulebook.loading import read_rulebook  # noqa: PLC0415

        return read_rulebook(folder, FORMULAS)
    from cds.rulebook.overlaying import read_overlaid  # noqa: PLC0415

    return read_overlaid(folder, overlay, FORMULAS)


def _key(folder: Path, overlay: Path | None) -> str:
    digest = hashlib.sha256(fingerprint(folder, overlay).encode())
    places = (folder.resolve(), overlay and overlay.resolve())
    digest.update(repr((sys.version_info[:2], *places)).encode())
    for path in _sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for name in READERS:
        place = HERE / name
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def cache_folder() -> Path:
    """Where checked rulebooks, and what was worked out from them, are kept: ``$XDG_CACHE_HOME/calcium-cds``."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(home) / "calcium-cds"


def _kept(path: Path) -> RuleBook | None:
    """The rulebook of a cache file that belongs to this user alone; None when there is none, or it is damaged."""
    try:
        owner = path.stat()
        if owner.st_mode & 0o022 or (hasattr(os, "getuid") and owner.st_uid != os.getuid()):
            return None
        with path.open("rb") as file:
            book = _Unpickler(file).load()
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, TypeError, ValueError, IndexError, KeyError):
        return None
    return book if isinstance(book, RuleBook) else None


def _keep(book: RuleBook, path: Path) -> None:
    """Write the cache file beside its place and rename it; a folder that cannot be written is no error."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(pickle.dumps(book, protocol=5))
        unfinished.replace(path)
    except OSError:
        return


class _Unpickler(pickle.Unpickler):
    """Refuses every class that is not part of a rulebook."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "frozenset"):
            return frozenset
        if module in ("cds.quantity", "cds.rulebook.sentences") or module.startswith(f"{model.__name__}."):
            found = getattr(sys.modules.get(module), name, None)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a rulebook")
