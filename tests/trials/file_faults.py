"""Files that are removed while the service runs, and brought back by an operator after ten seconds."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import ClassVar

from deployment import Setting
from places import BESIDE, SqlitePlace
from trial import Stage

SECONDS = 10


class _Moved:
    """One file or folder of the deployment is moved away, and back."""

    path: ClassVar[str]
    disk_mb: ClassVar[int] = 0

    def setting(self) -> Setting:
        return Setting()

    async def cause(self, stage: Stage) -> str:
        path = stage.folder / self.path
        path.rename(stage.folder / "shelf")
        await asyncio.sleep(SECONDS)
        (stage.folder / "shelf").rename(path)
        return ""


class PseudonymKey(_Moved):
    name = "the pseudonym key removed"
    path = "pseudonym.key"


class Switches(_Moved):
    name = "the switches removed"
    path = "switches.yaml"


class Rules(_Moved):
    name = "the rules folder removed"
    path = "rules"


class KeysFile(_Moved):
    name = "the keys file removed"
    path = "keys.json"


class RecordsDeleted:
    """The SQLite file is deleted for good, with what is beside it; what the service saved of it is put in its place."""

    seconds: ClassVar[float] = SECONDS
    name = "the records deleted"
    disk_mb: ClassVar[int] = 0
    only = SqlitePlace

    def setting(self) -> Setting:
        return Setting()

    async def cause(self, stage: Stage) -> str:
        assert isinstance(stage.place, SqlitePlace)
        for end in BESIDE:
            Path(f"{stage.place.file}{end}").unlink(missing_ok=True)
        await asyncio.sleep(self.seconds)
        saved = sorted(stage.place.file.parent.glob("records.sqlite.saved-*"))
        if not saved:
            return "nothing was saved"
        saved[-1].rename(stage.place.file)
        return "what the service saved was put back"


class RecordsReplaced:
    """An older copy, as of a backup, is in the place of the SQLite file for ten seconds; then the right one is."""

    name = "the records replaced by a copy of 5 s before"
    disk_mb: ClassVar[int] = 0
    only = SqlitePlace

    def setting(self) -> Setting:
        return Setting()

    async def prepare(self, stage: Stage) -> None:
        """Take the copy."""
        assert isinstance(stage.place, SqlitePlace)
        file = stage.place.file
        (file.parent / "copy").mkdir()
        for end in BESIDE:
            shutil.copyfile(f"{file}{end}", file.parent / "copy" / f"{file.name}{end}")
        await asyncio.sleep(5)

    async def cause(self, stage: Stage) -> str:
        assert isinstance(stage.place, SqlitePlace)
        file = stage.place.file
        copy, shelf = file.parent / "copy", file.parent / "shelf"
        shelf.mkdir()
        _swap(file, shelf, copy)
        await asyncio.sleep(SECONDS)
        _swap(file, copy, shelf)
        return ""


class RecordsLogDeleted:
    """The ``-wal`` and ``-shm`` beside the SQLite file are deleted for good."""

    name = "-wal and -shm of the records deleted"
    disk_mb: ClassVar[int] = 0
    only = SqlitePlace

    def setting(self) -> Setting:
        return Setting()

    async def cause(self, stage: Stage) -> str:
        assert isinstance(stage.place, SqlitePlace)
        for end in BESIDE[1:]:
            Path(f"{stage.place.file}{end}").unlink()
        await asyncio.sleep(SECONDS)
        return ""


def _swap(file: Path, shelf: Path, other: Path) -> None:
    """Put the file and what is beside it on a shelf, and another one in its place."""
    for end in BESIDE:
        if Path(f"{file}{end}").exists():
            Path(f"{file}{end}").rename(shelf / f"{file.name}{end}")
    for end in reversed(BESIDE):
        if (other / f"{file.name}{end}").exists():
            (other / f"{file.name}{end}").rename(f"{file}{end}")


FAULTS = (RecordsDeleted, RecordsReplaced, RecordsLogDeleted, PseudonymKey, Switches, Rules, KeysFile)
