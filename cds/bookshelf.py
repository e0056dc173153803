"""Where the rule files are, and how a rulebook is opened fast: once read and checked, it is kept in a cache.

The cache is keyed by the content of the rule files and of the code that reads them, so it is never out of date.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cds.cache import HERE, READING, cache_folder, keep, key_of, read_own
from cds.forms import registry
from cds.rulebook import model
from cds.rulebook.folder import fingerprint, working_rules
from cds.rulebook.kept import note_cache_file
from cds.rulebook.model import RuleBook
from cds.rulebook.regions import layers_of

SAMPLES = "fhir_samples"
PACKAGES = frozenset({"site-packages", "dist-packages"})
"""The folders into which Python packages are installed."""


def rules_folder(given: Path | None = None) -> Path:
    """The folder of rule files that a command reads; the command says which.

    The one given, else ``CDS_RULES``, else the rulebook of the working directory, else the one of this installation.
    """
    return given or _named() or working_rules() or _shipped("rules")


def samples_folder(rules: Path | None = None) -> Path:
    """The folder of the invented sample patients: the one beside the rules that it tests, else that of this package."""
    beside = None if rules is None else rules.resolve().parent / SAMPLES
    return beside if beside is not None and beside.is_dir() else _shipped(SAMPLES)


def _named() -> Path | None:
    named = os.environ.get("CDS_RULES")
    return Path(named) if named else None


def _shipped(name: str) -> Path:
    """What belongs to this package: inside it when it was installed, beside it in a checkout."""
    packed = HERE / name
    return packed if packed.is_dir() else HERE.parent / name


def is_installed(folder: Path) -> bool:
    """Whether a folder is part of an installed package, whose files the next installation overwrites."""
    place = folder.resolve()
    return place.is_relative_to(HERE) or not PACKAGES.isdisjoint(place.parts)


def overlay_names(given: Sequence[str | Path] = ()) -> tuple[str | Path, ...]:
    """What is laid over the rules: what is given, else what ``CDS_OVERLAY`` names, several joined as in ``PATH``."""
    named = os.environ.get("CDS_OVERLAY", "").split(os.pathsep)
    return tuple(given) or tuple(filter(None, named))


def open_rulebook(folder: str | Path | None = None, *overlays: str | Path) -> RuleBook:
    """The checked rulebook of a folder, with what is laid over it: a region by its name, folders (``overlay_names``).

    Without a folder it is ``CDS_RULES``, else the rulebook of this installation: what a program is answered by never
    depends on the directory in which it was started.

    Raises:
        CdsError: there is no such overlay.
        RulebookError: with every problem of every file.

    """
    rules = Path(folder) if folder else _named() or _shipped("rules")
    return open_exactly(rules, *layers_of(rules, overlay_names(overlays)))


def open_exactly(folder: Path, *overlays: Path) -> RuleBook:
    """The checked rulebook of a folder, with overlays or with none; what the environment names does not count.

    Raises:
        RulebookError: with every problem of every file.

    """
    kept = cache_folder() / f"{_key(folder, overlays)}.rulebook"
    book = kept_rulebook(kept)
    if book is None:
        book = _read(folder, overlays)
        keep(kept, packed(book))
    note_cache_file(book, kept, folder)
    return book


def packed(book: RuleBook) -> bytes:
    """A rulebook as ``kept_rulebook`` reads it from a file, in this version of the program."""
    return pickle.dumps(book, protocol=5)


def _read(folder: Path, overlays: tuple[Path, ...]) -> RuleBook:
    """Reading needs the YAML and schema libraries; a kept rulebook does not, and starts in a fraction of the time."""
    from cds.facts.formulas import FORMULAS  # noqa: PLC0415

    if not overlays:
        from cds.rulebook.loading import read_rulebook  # noqa: PLC0415

        return read_rulebook(folder, FORMULAS)
    from cds.rulebook.overlaying import read_overlaid  # noqa: PLC0415

    return read_overlaid(folder, overlays, FORMULAS)


def _key(folder: Path, overlays: tuple[Path, ...]) -> str:
    places = (folder.resolve(), *(overlay.resolve() for overlay in overlays))
    return key_of((fingerprint(folder, *overlays), sys.version_info[:2], *places), READING)


def kept_rulebook(path: Path) -> RuleBook | None:
    """The rulebook of a file that belongs to this user alone; None when there is none, or it is damaged.

    What follows from the rulebook is kept beside that file: its name is that of one content, and of no other.
    """
    try:
        book = _Unpickler(io.BytesIO(read_own(path))).load()
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, TypeError, ValueError, IndexError, KeyError):
        return None
    if not isinstance(book, RuleBook):
        return None
    note_cache_file(book, path)
    return book


class _Unpickler(pickle.Unpickler):
    """Refuses every class that is not part of a rulebook."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "frozenset"):
            return frozenset
        if module == "cds.quantity" or module.startswith((f"{model.__name__}.", f"{registry.PACKAGE}.")):
            found = getattr(sys.modules.get(module), name, None)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a rulebook")
