"""The folder of an export: ``export.json``, ``manifest.json`` and the files. One process at a time uses it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from cds.bulk.download import Fetched, counted
from cds.bulk.manifest import PARTS, ManifestFile
from cds.bulk.problems import ExportError
from cds.bulk.state import ExportState, as_json, state_from
from cds.jsontypes import Json

STATE, MANIFEST = "export.json", "manifest.json"


@contextmanager
def export_folder(path: Path) -> Iterator[ExportFolder]:
    """A folder, made where there is none, that no other process uses meanwhile. Only its owner may read a new one.

    Raises:
        ExportError: another process uses it, or it cannot be used.

    """
    with _disk(path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise ExportError("other-export", f"Another process fetches an export into '{path}'.") from None
    try:
        yield ExportFolder(path, handle)
    finally:
        os.close(handle)


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportError("disk", f"'{error.filename or path}' cannot be used: {error.strerror}.") from None


class ExportFolder:
    """A folder that is ours; see ``export_folder``. Everything raises ExportError where the disk fails."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path, self._handle = path, handle

    def state(self) -> ExportState | None:
        """How far the export in it is; None in an empty folder.

        Raises:
            ExportError: it holds something else.

        """
        with _disk(self.path):
            try:
                return state_from(orjson.loads((self.path / STATE).read_bytes()))
            except FileNotFoundError:
                if any(place.name != f"{STATE}.part" for place in self.path.iterdir()):
                    raise ExportError(
                        "other-export", f"'{self.path}' is not empty, and no export was begun in it. Name a new folder."
                    ) from None
                return None
            except (ValueError, KeyError, TypeError, AttributeError):
                raise ExportError("other-export", f"'{self.path / STATE}' is not of this program.") from None

    def keep(self, state: ExportState) -> None:
        """Write how far the export is."""
        self._write(STATE, as_json(state))

    def keep_manifest(self, data: Json) -> None:
        """Write the manifest."""
        self._write(MANIFEST, data)

    def place(self, file: ManifestFile) -> Path:
        """Where a file is kept."""
        return self.path / file.name

    def fetched(self, state: ExportState) -> Iterator[tuple[str, Fetched]]:
        """What is here of the files of an export, by name, but what was changed after it was fetched.

        A file has its name only when it is whole: one that nobody wrote down is counted again, not fetched again.
        """
        for file in state.files:
            place, known = self.place(file), state.fetched.get(file.name)
            with _disk(place):
                size = place.stat().st_size if place.is_file() else None
                if size is not None and (known is None or known.bytes == size):
                    yield file.name, known or counted(place)

    def clear(self, state: ExportState) -> None:
        """Remove what was fetched of an export."""
        with _disk(self.path):
            for file in state.files:
                place = self.place(file)
                place.unlink(missing_ok=True)
                place.with_name(f"{place.name}.part").unlink(missing_ok=True)
            for below in filter(None, PARTS.values()):
                with suppress(OSError):
                    (self.path / below).rmdir()
            (self.path / MANIFEST).unlink(missing_ok=True)

    def _write(self, name: str, data: Json) -> None:
        """Write a file so that it is the old or the new one, whatever happens meanwhile."""
        place = self.path / name
        part = self.path / f"{name}.part"
        with _disk(place):
            with part.open("wb") as out:
                out.write(orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
                out.flush()
                os.fsync(out.fileno())
            part.replace(place)
            os.fsync(self._handle)
