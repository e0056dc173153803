"""What the service can take, in one run on one machine: 500 different requests of 30 KB for every server.

    python tests/benchmarks/load.py [--healthchain PYTHON] [--seconds 9] [--requests 500] [--minutes 10]

(a) Starlette that only parses the request and answers; (b) ``cds serve`` without authentication: different calls, and
the same call over and over, whose answer is remembered for a minute; (c) with tokens of ES384 and the decision log, on
SQLite and on PostgreSQL, with one worker and with two; (d) HealthChain 0.16.1 with a one-line rule and no engine (name
a Python that has it). All run under uvicorn with httptools and uvloop. A server of one worker has the first processor
for itself, the client the second, with PostgreSQL; two workers share both with the client. Then (b) at ten times of its
saturation load, and (c) at half of it, for so many minutes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain, repeat
from pathlib import Path
from typing import NamedTuple

from joserfc.jwk import ECKey
from load_client import Seen, closed_loop, once_each, open_loop
from load_requests import different_bodies, resources_in
from load_servers import HERE, OURS, PATH, Server, disk, guarded, memory, pin, processor_seconds, running
from load_tokens import exchanges, requests, signed, signed_beside
from recorded import BINARIES, new_database, server_of_its_own

UNDER_WAY, ROUNDS = 16, 3
FASTEST = 1500
"""So many calls a second get a token that was signed before; the client signs for a quicker server as it goes."""
FIRST, SECOND = (0,), (1,)
WARM_SECONDS = 3.0


class Contender(NamedTuple):
    """A server with the requests that it gets, the right answers, and the times of the first answers, in seconds."""

    server: Server
    bodies: list[bytes]
    right: list[bytes]
    first: list[float]
    workers: int = 1

    @property
    def alone(self) -> bool:
        """Whether it has a processor for itself."""
        return self.workers == 1


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--healthchain", metavar="PYTHON", help="a Python that has HealthChain 0.16.1")
    parser.add_argument("--seconds", type=float, default=9.0, help="how long each load lasts (default: 9)")
    parser.add_argument("--requests", type=int, default=500, help="so many different ones (default: 500)")
    parser.add_argument("--minutes", type=int, default=1, help="how long half of the load lasts (default: 1)")
    parser.add_argument("--only", default="abcd", help="the servers to measure, by their letters")
    parser.add_argument("--workers", type=int, default=2, help="the most workers (default: 2)")
    options = parser.parse_args()
    bodies, key = different_bodies(options.requests), ECKey.generate_key("P-384", {"kid": "load"})
    told(bodies, options.seconds)
    with ExitStack() as stack:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
        contenders = list(started(stack, options, bodies, key))
        found = in_turns(contenders, key, options.seconds)
        table(contenders, found)
        for contender in contenders:
            rate = found[contender.server.name].rate()
            if contender.server.name.startswith("(b) ours, different"):
                overload(contender, rate, min(options.seconds, 4.0))
            if contender.server.guarded and contender.alone:
                half(contender, key, rate / 2, options.minutes)


def told(bodies: list[bytes], seconds: float) -> None:
    """Print what is sent."""
    sizes, resources = sorted(map(len, bodies)), sorted(len(list(resources_in(body))) for body in bodies)
    print(
        f"{len(bodies)} different requests of {sizes[0]} to {sizes[-1]} bytes and {resources[0]} to {resources[-1]} "
        f"resources; {UNDER_WAY} under way for each worker; {seconds:g} s for each server, in {ROUNDS} turns.\n",
        flush=True,
    )


def started(stack: ExitStack, options: argparse.Namespace, bodies: list[bytes], key: ECKey) -> Iterator[Contender]:
    """Every server that is to be measured, running, after its first answers."""
    folder, only = Path(stack.enter_context(tempfile.TemporaryDirectory())), options.only
    if "a" in only:
        bare = running("(a) Starlette that parses and answers", [str(HERE / "load_bare.py")])
        yield ready(stack.enter_context(bare), bodies, key)
    if "b" in only:
        ours = stack.enter_context(running("(b) ours, different calls", [*OURS, "--port"]))
        yield ready(ours, bodies, key)
        yield ready(ours._replace(name="(b) ours, the same call: remembered"), bodies[:1], key)
    if "c" in only:
        for log in databases(stack):
            for workers in range(1, 1 + options.workers):
                name, place = (
                    f"(c) ours, ES384 and log on {log.name}, workers: {workers}",
                    folder / f"{log.name}{workers}",
                )
                own = new_database(log.url) if log.url else str(place / "log.sqlite")
                server = stack.enter_context(guarded(name, key, place, own, workers))
                server = server._replace(database=log.process, log=log.folder or place)
                yield warm(ready(server, bodies, key)._replace(workers=workers), key)
    if "d" in only and options.healthchain:
        name, file = "(d) HealthChain 0.16.1, one line, no engine", str(HERE / "load_healthchain.py")
        theirs = running(name, [file], options.healthchain, f"/cds{PATH}")
        yield ready(stack.enter_context(theirs), bodies, key)


class Database(NamedTuple):
    """A database for the log: the URL (empty: a file), the process of its server, and the folder of its data."""

    name: str
    url: str = ""
    process: int = 0
    folder: Path | None = None


def databases(stack: ExitStack) -> Iterator[Database]:
    """The databases that are there."""
    yield Database("SQLite")
    if BINARIES:
        server = stack.enter_context(server_of_its_own())
        yield Database("PostgreSQL", server.url, server.running.pid, server.data / "base")


def warm(contender: Contender, key: ECKey) -> Contender:
    """The same, once every worker has met the patients: what they have in common is remembered."""
    for _ in range(1 if contender.alone else 3):
        one_turn(contender, key, WARM_SECONDS)
    return contender


def ready(server: Server, bodies: list[bytes], key: ECKey) -> Contender:
    """A server that has given one quiet answer to each request: what every other one is compared with."""
    tokens = signed(key, server, len(bodies)) if server.guarded else []
    sent = requests(server, bodies, iter(tokens))
    right, times = once_each(server.port, [next(sent) for _ in bodies])
    return Contender(server, bodies, right, times)


def in_turns(contenders: list[Contender], key: ECKey, seconds: float) -> dict[str, Seen]:
    """Each as busy as it can be, one after another, several times: what else the machine does falls on all of them."""
    found = {contender.server.name: Seen() for contender in contenders}
    for _ in range(ROUNDS):
        for contender in contenders:
            found[contender.server.name].add(one_turn(contender, key, seconds / ROUNDS))
    return found


def one_turn(contender: Contender, key: ECKey, seconds: float) -> Seen:
    """A server as busy as it can be."""
    server = contender.server
    number = int(FASTEST * seconds) if server.guarded else 0
    tokens = chain(signed(key, server, number), (signed(key, server, 1)[0] for _ in repeat(None)))
    every = tuple(range(os.cpu_count() or 1))
    pin(server.process.pid, FIRST if contender.alone and len(every) > 1 else every)
    pin(server.database, SECOND if contender.alone and len(every) > 1 else every)
    os.sched_setaffinity(0, SECOND if contender.alone and len(every) > 1 else every)
    before, beside = processor_seconds(server.process.pid), processor_seconds(server.database)
    calls = exchanges(server, contender.bodies, contender.right, tokens)
    seen = closed_loop(server.port, calls, UNDER_WAY * contender.workers, seconds)
    seen.busy = processor_seconds(server.process.pid) - before
    seen.beside = processor_seconds(server.database) - beside
    return seen


def table(contenders: list[Contender], found: dict[str, Seen]) -> None:
    """Print what was measured."""
    print(
        "| server | requests/s | of (a) | processor ms a request | of the database | p50, p99 ms | first answers, "
        "p50, p99 ms |\n|---|---|---|---|---|---|---|"
    )
    bare = next(iter(found.values())).rate()
    for contender in contenders:
        seen, first = found[contender.server.name], Seen(contender.first)
        number = len(seen.times)
        beside = f"{1000 * seen.beside / number:.2f}" if contender.server.database else ""
        print(
            f"| {contender.server.name} | {seen.rate():.0f} | {seen.rate() / bare:.2f} "
            f"| {1000 * seen.busy / number:.2f} | {beside} | {seen.percentile(0.5):.1f}, {seen.percentile(0.99):.1f} "
            f"| {first.percentile(0.5):.1f}, {first.percentile(0.99):.1f} |", flush=True,
        )  # fmt: skip
        if set(seen.kinds) != {"right"}:
            print(f"| not all right: {dict(seen.kinds)} |", flush=True)


def half(contender: Contender, key: ECKey, rate: float, minutes: int) -> None:
    """Print the times at half of the saturation load, and the memory after every minute."""
    server, number = contender.server, int(60 * rate)
    print(f"\n{server.name}, {rate:.0f} requests/s for {minutes} minutes; memory of each process in MB:")
    print(f"before: {figures(memory(server.process.pid))}", flush=True)
    every, before = Seen(), disk(server.log)
    for minute, tokens in enumerate(signed_beside(key, server, [number] * minutes), 1):
        calls = exchanges(server, contender.bodies, contender.right, iter(tokens))
        seen = open_loop(server.port, calls, rate, 60.0)
        every.add(seen)
        times = f"p50 {seen.percentile(0.5):.1f} ms, p99 {seen.percentile(0.99):.1f} ms"
        print(f"{minute}: {times}, {dict(seen.kinds)}, {figures(memory(server.process.pid))}", flush=True)
    times = ", ".join(f"p{100 * share:g} {every.percentile(share):.1f} ms" for share in (0.5, 0.99, 0.999))
    taken = 1000 * (disk(server.log) - before) / max(1, len(every.times))
    print(f"all: {times}, {dict(every.kinds)}; {taken:.1f} MB on the disk for 1,000 of them.", flush=True)


def figures(several: list[float]) -> str:
    """Numbers in a row."""
    return ", ".join(f"{one:.0f}" for one in several)


def overload(contender: Contender, rate: float, seconds: float) -> None:
    """Print what becomes of ten times the saturation load, and of the memory of the server."""
    server = contender.server
    before = figures(memory(server.process.pid))
    calls = exchanges(server, contender.bodies, contender.right, iter(()))
    seen = open_loop(server.port, calls, 10 * rate, seconds)
    bad = {kind: count for kind, count in seen.kinds.items() if kind not in ("right", "429", "503")}
    most = figures(memory(server.process.pid, "VmHWM"))
    print(f"\n{server.name}: at ten times of it, {10 * rate:.0f} requests/s for {seconds:g} s: {dict(seen.kinds)}; "
          f"neither right nor 429 or 503: {bad or 'none'}; memory {before} MB before, at most {most} MB.")  # fmt: skip
    again = closed_loop(server.port, calls, UNDER_WAY, 2.0)
    print(f"Afterwards: {again.rate():.0f} requests/s, {dict(again.kinds)}.", flush=True)


if __name__ == "__main__":
    main()
