"""What was named as input -> the files to read, each with its number, and what is missing of an export.

A folder with the manifest of an export (``manifest.json``: the answer of a Bulk Data server when an export is complete,
https://hl7.org/fhir/uv/bulkdata/export.html#response---complete-status) is read by it: every file that it names has to
be there. Any other folder is read by the endings of the names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import orjson

from cds.errors import RecordError
from cds.files.places import ENDINGS, Say
from cds.intake.times import instant, moment
from cds.one_file import rest_of, text_of
from cds.population.lines.opening import URL, files_at, is_compressed, opened, size_of
from cds.population.lines.shapes import holds_lines

PARQUET = (".parquet",)
MANIFEST = "manifest.json"
OUTPUT, DELETED, ERROR = "output", "deleted", "error"
ROLES = (OUTPUT, DELETED, ERROR)
"""The lists of files in a manifest: data, what was deleted, and what the server could not give."""
OF_THE_EXPORT = frozenset({MANIFEST, "export.json"})
"""Files that say of what an export is made, and hold no resources."""
LINES, DOCUMENT, TABLE = "ndjson", "document", "parquet"


class Source(NamedTuple):
    """A file: its number in this run, its name, what it holds, its role in an export, and how large it is.

    ``export`` is the number of the export that it belongs to, in the order of time; ``expected`` how many lines the
    manifest promises. ``splits``: it may be read in pieces. ``continues``: its export continues an earlier one.
    """

    number: int
    file: str
    kind: str
    role: str
    size: int
    export: int = 0
    expected: int | None = None
    splits: bool = False
    continues: bool = False


class Export(NamedTuple):
    """An export: when it was true (an instant; empty where nothing says), and whether it continues an earlier one."""

    time: str = ""
    is_increment: bool = False


@dataclass
class Inputs:
    """All files of a run, the exports that they belong to, and what is wrong with them as a whole."""

    files: list[Source] = field(default_factory=list)
    exports: list[Export] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """The bytes of all files, as they lie there."""
        return sum(source.size for source in self.files)


def inputs_of(places: Iterable[str], say: Say) -> Inputs:
    """The files of the places that were named, in their order; exports in the order of their times."""
    inputs = Inputs()
    found = [part for place in places for part in _parts_of(place, inputs, say)]
    order = sorted(range(len(found)), key=lambda number: instant(found[number].export.time) or 0)
    for rank, number in enumerate(order):
        inputs.exports.append(found[number].export)
        found[number].rank = rank
    for part in found:
        inputs.files += [
            source._replace(number=len(inputs.files) + number, export=part.rank, continues=part.export.is_increment)
            for number, source in enumerate(part.files)
        ]
    return inputs


@dataclass
class _Part:
    """The files of a place that was named; ``rank`` is the place of its export among all."""

    export: Export
    files: list[Source]
    rank: int = 0


def _parts_of(place: str, inputs: Inputs, say: Say) -> Iterator[_Part]:
    if not URL.match(place) and not Path(place).is_dir():
        yield _Part(Export(), [_source(place)])
        return
    names = files_at(place) if URL.match(place) else [text_of(path) for path in _below(Path(place), inputs)]
    begin = place.rstrip("/")
    manifest = f"{begin}/{MANIFEST}" if f"{begin}/{MANIFEST}" in names else None
    found = manifest and _manifest_at(manifest, inputs)
    yield _of_export(begin, found, names, inputs, say) if found else _of_folder(begin, names, inputs, say)


def _of_folder(folder: str, names: list[str], inputs: Inputs, say: Say) -> _Part:
    files = [_source(name) for name in names if _is_read(name, say)]
    if not files:
        inputs.problems.append(f"{folder}: it holds no {', '.join((*ENDINGS, *PARQUET))} file.")
    return _Part(Export(), files)


def _below(folder: Path, inputs: Inputs) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [path for path in (Path(place, name) for name in folders) if _leads_out(path, folder)]
        inputs.problems += [f"{text_of(path)}: a link to a folder was not followed. Name the folder." for path in links]
        yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))


def _leads_out(path: Path, folder: Path) -> bool:
    return path.is_symlink() and not path.resolve().is_relative_to(folder.resolve())


def _refuse(error: OSError) -> None:
    raise RecordError("unreadable-file", f"The folder {error.filename} cannot be listed: {error.strerror}.")


def _is_read(name: str, say: Say) -> bool:
    if name.rpartition("/")[2] in OF_THE_EXPORT:
        return False
    if name.lower().removesuffix(".gz").endswith((*ENDINGS, *PARQUET)):
        return True
    say(Path(name), "It was passed over: its name says that it holds no FHIR data.")
    return False


def _source(file: str, role: str = OUTPUT, expected: int | None = None) -> Source:
    kind = TABLE if file.lower().removesuffix(".gz").endswith(PARQUET) else LINES if holds_lines(file) else DOCUMENT
    splits = kind == LINES and not is_compressed(file)
    return Source(0, file, kind, role, size_of(file), expected=expected, splits=splits)


def _manifest_at(file: str, inputs: Inputs) -> dict[str, Any] | None:
    """The manifest of an export; None where it cannot be read, which is a problem."""
    try:
        with opened(file) as content:
            found = orjson.loads(rest_of(content))
    except (RecordError, orjson.JSONDecodeError):
        found = None
    if isinstance(found, dict) and isinstance(found.get(OUTPUT), list):
        return found
    inputs.problems.append(f"{file}: it is no manifest of an export; what should be here is not known.")
    return None


def _of_export(folder: str, manifest: dict[str, Any], names: list[str], inputs: Inputs, say: Say) -> _Part:
    files: dict[str, Source] = {}
    items: dict[str, Any] = {}
    for role, item in _entries_of(manifest):
        name = _file_named(folder, names, item, role)
        if name is None:
            inputs.problems.append(f"{folder}/{MANIFEST}: {_promised(item, role)} is not there.")
        elif items.setdefault(name, item) != item:
            inputs.problems.append(f"{folder}/{MANIFEST}: {_promised(item, role)} has the name of another one: {name}.")
        else:
            files[name] = _source(name, role, _count_in(item))
    for name in names:
        if name not in files and _is_read(name, say):
            say(Path(name), "The manifest does not name it; it was read.")
            files[name] = _source(name)
    export = Export(str(manifest.get("transactionTime") or ""), "_since=" in str(manifest.get("request")))
    return _Part(export, sorted(files.values(), key=lambda source: (ROLES.index(source.role), source.file)))


def _entries_of(manifest: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The entries of the lists of a manifest; what stands in place of a list is one that names no file."""
    for role in ROLES:
        named = manifest.get(role) or []
        yield from ((role, item) for item in (named if isinstance(named, list) else [named]))


def _promised(item: Any, role: str) -> str:
    kind = item.get("type") if isinstance(item, dict) else None
    return f"a file of {kind}" if role == OUTPUT and kind else f"a file of '{role}'"


def _count_in(item: Any) -> int | None:
    count = item.get("count") if isinstance(item, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def _file_named(folder: str, names: list[str], item: Any, role: str) -> str | None:
    """The file of an entry of a manifest: the one with the name at the end of its URL, compressed or not.

    Where ``cds population export`` wrote a name beside the URL, it is that one: a URL may end in no name of a file.
    """
    item = item if isinstance(item, dict) else {}
    if isinstance(item.get("file"), str):
        return next((name for name in names if name == f"{folder}/{item['file']}"), None)
    url = item.get("url")
    name = unquote(urlsplit(url).path).rpartition("/")[2] if isinstance(url, str) else ""
    places = (f"{folder}/{below}{name}{packed}" for below in ("", f"{role}/") for packed in ("", ".gz"))
    return next((place for place in places if name and place in names), None)


def day_of_inputs(inputs: Inputs) -> date | None:
    """The day on which the newest export was true; None where nothing says so."""
    times = [when for export in inputs.exports if export.time and (when := moment(export.time))]
    return date.fromordinal(max(when.first for when in times)) if times else None
