"""Faults of the processes and of what the system grants them: kills, descriptors, memory, slow connections."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import ClassVar

import orjson
from callers import PATH
from deployment import Setting
from kept_wire import KeptWire
from sick_people import Patient
from trial import Stage

KILLS = 20
SLOW_SOCKETS = 200
LARGE_BYTES = 1_800_000
LARGE_CALLS = 64
MEMORY_MB = 320


class Killed:
    """The service is killed again and again, and started each time."""

    kills: ClassVar[int] = KILLS
    name = f"kill -9, {KILLS} times"
    disk_mb: ClassVar[int] = 0

    def setting(self) -> Setting:
        return Setting()

    async def cause(self, stage: Stage) -> str:
        chance = Random(1)
        for _ in range(self.kills):
            stage.deployment.process.kill()
            stage.deployment.process.wait()
            await asyncio.sleep(0.2)
            await stage.deployment.ready()
            await asyncio.sleep(chance.uniform(0.1, 1.0))
        return ""


class WorkerKilled:
    """One of two workers is killed every 5 s for a minute."""

    name = "one of two workers killed every 5 s for 60 s"
    disk_mb: ClassVar[int] = 0

    def setting(self) -> Setting:
        return Setting(arguments=("--workers", "2"))

    async def cause(self, stage: Stage) -> str:
        chance, kills = Random(1), 0
        for _ in range(12):
            workers = workers_of(stage.deployment.process.pid)
            os.kill(chance.choice(workers), signal.SIGKILL)
            kills += 1
            await asyncio.sleep(5)
        return f"{kills} workers killed"


def workers_of(process: int) -> list[int]:
    """The processes that a service has started."""
    said = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(process)], capture_output=True, check=False, text=True
    ).stdout
    return [int(line.split()[0]) for line in said.splitlines() if "resource_tracker" not in line]


class FewDescriptors:
    """So few file descriptors that callers and their connections take all of them."""

    name = "32 file descriptors, 60 connections held open"
    disk_mb: ClassVar[int] = 0

    def setting(self) -> Setting:
        return Setting(before=("prlimit", "--nofile=32:32"))

    async def cause(self, stage: Stage) -> str:
        held = [await _connected(stage.deployment.port) for _ in range(60)]
        await asyncio.sleep(15)
        for writer in filter(None, held):
            writer.close()
        return ""


class SlowSockets:
    """Connections that send a byte of a request now and then."""

    name = f"{SLOW_SOCKETS} slow sockets for 20 s"
    disk_mb: ClassVar[int] = 0

    def setting(self) -> Setting:
        return Setting()

    async def cause(self, stage: Stage) -> str:
        held = [await _connected(stage.deployment.port) for _ in range(SLOW_SOCKETS)]
        head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\n".encode()
        for number in range(20):
            for writer in filter(None, held):
                with suppress(OSError):
                    writer.write(head[number : number + 1])
            await asyncio.sleep(1)
        left = sum(not reader_is_over(writer) for writer in held if writer)
        for writer in filter(None, held):
            writer.close()
        return f"{left} of {SLOW_SOCKETS} were still open at the end"


def reader_is_over(writer: asyncio.StreamWriter) -> bool:
    """Whether the other side has closed a connection."""
    protocol = writer.transport.get_protocol()
    reader = getattr(protocol, "_stream_reader", None)
    return writer.is_closing() or (reader is not None and reader.at_eof())


async def _connected(port: int) -> asyncio.StreamWriter | None:
    with suppress(OSError, asyncio.TimeoutError):
        return (await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 2))[1]
    return None


class LargeCalls:
    """Large calls at once, while the memory of the service is bounded as that of a container."""

    name = f"{LARGE_CALLS} calls of 1.8 MB at once with {MEMORY_MB} MB of memory"
    disk_mb: ClassVar[int] = 0

    def setting(self) -> Setting:
        self._group = bounded_memory(MEMORY_MB)
        return Setting(before=("sh", "-c", f'echo $$ > {self._group}/cgroup.procs && exec "$0" "$@"'))

    def end(self) -> None:
        """Remove the control group."""
        self._group.rmdir()

    async def cause(self, stage: Stage) -> str:
        before = stage.deployment.memory()
        seen = await asyncio.gather(*(_large_call(stage, number) for number in range(LARGE_CALLS)))
        await asyncio.sleep(3)
        kinds = ", ".join(f"{kind} {seen.count(kind)}" for kind in sorted(set(seen)))
        return f"large calls: {kinds}; {before:.0f} MB before, {stage.deployment.memory():.0f} MB after"


async def _large_call(stage: Stage, number: int) -> str:
    patient = Patient(number)
    filling = {"extension": {"example.filling": "x" * 100}, "prefetch": _many(patient.body["prefetch"])}
    patient.body = {**patient.body, **filling}
    instance, body = patient.call()
    wire = KeptWire(stage.deployment.port)
    try:
        status, answer = await asyncio.wait_for(wire.exchange(stage.callers.head(body) + body), 60)
    except (OSError, EOFError, ValueError, asyncio.TimeoutError) as error:
        return type(error).__name__
    finally:
        wire.close()
    stage.callers.note(instance, status, answer)
    return str(status)


def _many(prefetch: dict[str, object]) -> dict[str, object]:
    """A prefetch whose observations fill 1.8 MB."""
    listed = orjson.loads(orjson.dumps(prefetch["observations"]))
    if not listed.get("entry"):
        return prefetch
    first, number = listed["entry"][0], 0
    each = len(orjson.dumps(first)) + 8
    for number in range(LARGE_BYTES // each):
        listed["entry"].append({"resource": {**first["resource"], "id": f"more-{number}"}})
    return {**prefetch, "observations": listed}


def bounded_memory(megabytes: int) -> Path:
    """A control group of version 1 with a limit of memory; it needs root."""
    folder = Path("/sys/fs/cgroup/memory") / f"trial-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(str(megabytes << 20), encoding="ascii")
    return folder


FAULTS = (Killed, FewDescriptors, LargeCalls, SlowSockets, WorkerKilled)
