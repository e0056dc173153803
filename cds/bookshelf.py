"""Where the rule files are, and how a rulebook is opened fast: once read and checked, it is kept in a cache.

The cache is keyed by the content of the rule files and of the code that reads them, so it is never out of date.
"""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import Any

from cds.cache import HERE, cache_folder, keep, key_of
from cds.rulebook import model
from cds.rulebook.folder import fingerprint
from cds.rulebook.model import RuleBook

READERS = ("quantity.py", "errors.py", "rulebook", "facts/formulas.py")


def rules_folder(given: Path | None = None) -> Path:
    """The folder of rule files: the one given, else ``CDS_RULES``, else the one of this installation.

    The last is ``cds/rules`` in an installed package and ``rules`` beside ``cds`` in a checkout.
    """
    if given is not None:
        return given
    if named := os.environ.get("CDS_RULES"):
        return Path(named)
    return _shipped("rules")


def samples_folder() -> Path:
    """The folder of the invented sample patients, in an installed package or in a checkout."""
    return _shipped("fhir_samples")


def _shipped(name: str) -> Path:
    packed = HERE / name
    return packed if packed.is_dir() else HERE.parent / name


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
        keep(kept, pickle.dumps(book, protocol=5))
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
    places = (folder.resolve(), overlay and overlay.resolve())
    return key_of((fingerprint(folder, overlay), sys.version_info[:2], *places), READERS)


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
