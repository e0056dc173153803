"""What it costs that a token is good once for all processes: processor time of a decision of 30 KB that is recorded.

    python tests/benchmarks/token_writes.py [--calls 600]

Without a token; with its row in the transaction of the decision, as the service does it; and with a transaction of its
own before. With 1 and 16 calls under way, on SQLite and on a PostgreSQL server that is started for it.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from recorded import new_database, plain, server  # noqa: E402 - the tests' own

from cds.cluster.tokens import once_of, use_up  # noqa: E402
from cds.records.records import Records  # noqa: E402
from cds.trust.caller import UsedToken  # noqa: E402

WAYS = ("no token", "in one transaction", "a transaction before")
BODY = b"b" * 30 * 1024


async def record(records: Records, way: str) -> None:
    """One call."""
    token = UsedToken(secrets.token_bytes(16), int(time.time()) + 300)
    if way == WAYS[2]:
        await asyncio.wrap_future(use_up(records, token))
    once = once_of(token) if way == WAYS[1] else None
    await asyncio.wrap_future(records.add_decision(plain(body=BODY), once))


async def load(records: Records, way: str, calls: int, under_way: int) -> None:
    """So many calls, so many of them at a time."""
    waiting = iter(range(calls))

    async def client() -> None:
        for _ in waiting:
            await record(records, way)

    await asyncio.gather(*(client() for _ in range(under_way)))


def measured(place: str, way: str, calls: int, under_way: int) -> tuple[float, float]:
    """Milliseconds of this processor, and of the clock, for each call."""
    records = Records(place)
    asyncio.run(load(records, way, 50, under_way))
    busy, begin = time.process_time(), time.perf_counter()
    asyncio.run(load(records, way, calls, under_way))
    found = 1000 * (time.process_time() - busy) / calls, 1000 * (time.perf_counter() - begin) / calls
    records.close()
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=600)
    calls = parser.parse_args().calls
    print("| database | under way | token | processor ms a call | ms a call |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, server() as url:
        for name, under_way in ((name, number) for name in ("SQLite", "PostgreSQL") for number in (1, 16)):
            for way in WAYS:
                place = f"{folder}/{secrets.token_hex(4)}.sqlite" if name == "SQLite" else new_database(url)
                busy, took = measured(place, way, calls, under_way)
                print(f"| {name} | {under_way} | {way} | {busy:.2f} | {took:.2f} |", flush=True)


if __name__ == "__main__":
    main()
