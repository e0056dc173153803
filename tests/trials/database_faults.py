"""Faults of the database: locked, gone, frozen, read-only, without room."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from deployment import Setting
from places import SqlitePlace
from trial import Stage


class _OfThePlace:
    """Something that is done to the database for some seconds."""

    seconds: ClassVar[float] = 20
    disk_mb: ClassVar[int] = 0
    does: ClassVar[str]

    def setting(self) -> Setting:
        return Setting()

    async def cause(self, stage: Stage) -> str:
        doing = getattr(stage.place, self.does)()
        await asyncio.to_thread(doing.__enter__)  # callers and watch go on meanwhile
        await asyncio.sleep(self.seconds)
        await asyncio.to_thread(doing.__exit__, None, None, None)
        return ""


class Locked(_OfThePlace):
    name = "locked by somebody else for 30 s"
    does, seconds = "locked", 30


class Gone(_OfThePlace):
    name = "database gone for 20 s"
    does = "away"


class GoneAndAnswered(Gone):
    name = "database gone for 20 s, `when not recorded: answer`"

    def setting(self) -> Setting:
        return Setting(more="when not recorded: answer")


class Frozen(_OfThePlace):
    name = "database frozen for 20 s"
    does = "frozen"


class ReadOnly(_OfThePlace):
    name = "database read-only for 10 s"
    does, seconds = "read_only", 10


class ReadOnlyWholly(ReadOnly):
    """Also the file through which the processes of SQLite share their memory: the system ends who writes there."""

    name = "database read-only for 10 s, -shm too"
    does = "wholly_read_only"
    only = SqlitePlace


class DiskFull(_OfThePlace):
    name = "disk full for 10 s"
    does, seconds = "full", 10
    disk_mb = 48


FAULTS = (DiskFull, ReadOnly, ReadOnlyWholly, Locked, Gone, GoneAndAnswered, Frozen)
