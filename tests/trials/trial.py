"""One fault on one database under load: what is running, what came of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, NamedTuple, Protocol

from callers import Callers, Signer
from deployment import Deployment, Setting
from places import Place, PostgresqlPlace, SqlitePlace, kept_in, small_disk
from readiness_watch import ReadinessWatch

CALM = 3.0
LONGEST_WAIT = 90.0
AFTERWARDS = 3.0


class Stage(NamedTuple):
    """What a fault can reach."""

    place: Place
    deployment: Deployment
    callers: Callers
    signer: Signer
    folder: Path


class Fault(Protocol):
    """Something that goes wrong; ``cause`` lets it happen, and returns when it is over.

    A fault may have ``begin(signer)``, called before the service starts, ``prepare(stage)``, awaited before it happens,
    and ``end()``, called when the service has ended; ``only`` is the kind of database that it is about.
    """

    name: ClassVar[str]
    disk_mb: ClassVar[int]

    def setting(self) -> Setting: ...
    async def cause(self, stage: Stage) -> str: ...


class Found(NamedTuple):
    """What came of a trial; seconds are None where it never happened. ``remark`` is what the fault itself measured."""

    fault: str
    kind: str
    seen: Counter[str]
    noticed: float | None
    back: float | None
    lost: int
    changed: int
    unkept: int
    right_again: float | None
    restarts: int
    problem: str
    words: str
    remark: str
    refusals: Counter[str]

    @property
    def is_bad(self) -> bool:
        """Whether something acknowledged is lost or was changed, the chain is broken, or an answer was wrong."""
        return bool(self.lost or self.changed or self.problem or self.seen["wrong"]) or not self.seen["right"]


async def tried(fault: Fault, kind: type[SqlitePlace] | type[PostgresqlPlace]) -> Found:
    """Try one fault on one database."""
    with _stage(fault, kind) as stage:
        deployment, callers, watch = stage.deployment, stage.callers, ReadinessWatch(stage.deployment.port)
        over = asyncio.Event()
        deployment.start()
        await deployment.ready()
        running = [asyncio.ensure_future(task) for task in (callers.call_until(over), watch.look_until(over),
                                                            deployment.keep_until(over))]  # fmt: skip
        await _until_ready(watch)
        await asyncio.sleep(CALM)
        if prepare := getattr(fault, "prepare", None):
            await prepare(stage)
        begun = time.monotonic()
        remark = await fault.cause(stage)
        lifted = time.monotonic()
        await _until_right(callers, watch, lifted)
        over.set()
        await asyncio.gather(*running)
        deployment.watched = False
        await asyncio.to_thread(deployment.stop)
        kept, problem = kept_in(stage.place.records)
        known = callers.acknowledged
        return Found(
            fault.name, kind.kind, callers.counts(), watch.noticed(begun, lifted), watch.back(lifted),
            len(known.keys() - kept.keys()), sum(kept.get(one, digest) != digest for one, digest in known.items()),
            callers.unkept, callers.right_again(lifted), deployment.restarts, problem, watch.words(begun), remark,
            callers.refusals,
        )  # fmt: skip


@contextmanager
def _stage(fault: Fault, kind: type[SqlitePlace] | type[PostgresqlPlace]) -> Iterator[Stage]:
    with ExitStack() as ends:
        folder = Path(ends.enter_context(TemporaryDirectory(prefix="trial-", ignore_cleanup_errors=True)))
        folder.chmod(0o755)
        disk = folder / "disk"
        disk.mkdir()
        if fault.disk_mb:
            ends.enter_context(small_disk(disk, fault.disk_mb if kind is SqlitePlace else 4 * fault.disk_mb))
        if end := getattr(fault, "end", None):
            ends.callback(end)
        place, signer, setting = kind(disk), Signer(), fault.setting()
        ends.callback(place.close)
        if begin := getattr(fault, "begin", None):
            begin(signer)
        deployment = Deployment(folder, place, signer, setting)
        ends.callback(deployment.stop)
        yield Stage(place, deployment, Callers(deployment.port, signer, setting.fhir), signer, folder)


async def _until_ready(watch: ReadinessWatch) -> None:
    ends = time.monotonic() + LONGEST_WAIT
    while not watch.said or watch.said[-1][1] != 200:
        assert time.monotonic() < ends, f"it never was ready: {watch.said[-1:]}"
        await asyncio.sleep(0.2)


async def _until_right(callers: Callers, watch: ReadinessWatch, lifted: float) -> None:
    """Wait until all was right for some seconds, but not for ever."""
    while time.monotonic() - lifted < LONGEST_WAIT:
        await asyncio.sleep(AFTERWARDS)
        recent = [seen.kind for seen in callers.seen if seen.ended > time.monotonic() - AFTERWARDS]
        if recent and set(recent) == {"right"} and watch.said[-1][1] == 200:
            return
