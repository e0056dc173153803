"""What becomes of calls and of the log when something breaks: each fault under load, on SQLite and PostgreSQL.

    python tests/trials/faults.py [--only WORD] [--database sqlite|postgresql] [--list]

The real service is started as a process, and started again when it ends, as an operator would have it. Eight clients
call for 200 different patients, with a new ES384 token each time, and 0.1 s after each answer; a ninth asks for
readiness four times a second. Every answer is compared with what the program says of that patient alone, and at the end
every acknowledged one is looked up in the log, byte for byte, and the chain is verified. The table is printed; the exit
status is 1 when an acknowledged decision is lost or changed, the chain is broken, or an answer was wrong.
It needs root (disks, control groups, read-only files), PostgreSQL, libfaketime; faults that cannot be made are named.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Iterator

import clock_faults
import database_faults
import file_faults
import network_faults
import process_faults
from places import PostgresqlPlace, SqlitePlace
from trial import Fault, Found, tried

FAULTS: tuple[type[Fault], ...] = (
    *process_faults.FAULTS, *database_faults.FAULTS, *clock_faults.FAULTS, *file_faults.FAULTS, *network_faults.FAULTS,
)  # fmt: skip
PLACES = {"sqlite": SqlitePlace, "postgresql": PostgresqlPlace}
HEAD = (
    "| fault | database | what clients saw | `/readyz` not 200 after s | ready again after s | acknowledged and lost "
    "| right again after s |\n|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Try the faults that were asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="WORD", help="only faults whose names hold this")
    parser.add_argument("--database", choices=PLACES, help="only this kind of database")
    parser.add_argument("--but", action="append", default=[], metavar="WORD", help="no faults whose names hold this")
    parser.add_argument("--list", action="store_true", help="name the faults and end")
    options = parser.parse_args()
    asked = [fault for fault in FAULTS if options.only in fault.name and not any(w in fault.name for w in options.but)]
    if options.list:
        print("\n".join(fault.name for fault in asked))
        return
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    assert os.getuid() == 0, "small disks, control groups and read-only files need root"
    print(HEAD, flush=True)
    found = []
    for fault in asked:
        for kind in kinds_of(fault, options.database):
            found += [shown(fault, kind)]
    sys.exit(any(one is None or one.is_bad for one in found))


def shown(fault: type[Fault], kind: type[SqlitePlace] | type[PostgresqlPlace]) -> Found | None:
    """What came of a trial, printed; None where it could not be made."""
    try:
        found = asyncio.run(tried(fault(), kind))
    except Exception as error:  # the others are tried all the same
        print(
            f"| {fault.name} | {kind.kind} | not tried: {type(error).__name__} {str(error)[-300:]} | | | | |",
            flush=True,
        )
        return None
    print(row(found), flush=True)
    for line in remarks(found):
        print(line, file=sys.stderr, flush=True)
    return found


def kinds_of(fault: type[Fault], asked: str | None) -> list[type[SqlitePlace] | type[PostgresqlPlace]]:
    """The databases on which a fault is tried."""
    kinds = [PLACES[asked]] if asked else list(PLACES.values())
    only = getattr(fault, "only", None)
    return [kind for kind in kinds if only is None or kind is only]


def row(found: Found) -> str:
    """A line of the table."""
    counts = ", ".join(
        f"{kind}: {count}" for kind, count in sorted(found.seen.items(), key=lambda item: item[0] != "right")
    )
    more = [f"{found.unkept} of them said to be not recorded"] if found.unkept else []
    more += [f"restarted {found.restarts} times"] if found.restarts else []
    more += [found.remark] if found.remark else []
    lost = f"{found.lost + found.changed} of {len_of(found)}"
    cells = (found.fault, found.kind, "; ".join((counts, *more)), seconds(found.noticed), seconds(found.back), lost,
             seconds(found.right_again))  # fmt: skip
    return f"| {' | '.join(cells)} |"


def len_of(found: Found) -> int:
    """How many answers were acknowledged as kept."""
    return found.seen["right"] + found.seen["wrong"] - found.unkept


def seconds(value: float | None) -> str:
    """Seconds in a cell."""
    return "never" if value is None else f"{value:.1f}"


def remarks(found: Found) -> Iterator[str]:
    """What is not in the table: what readiness said, and what is wrong with the log."""
    if found.words:
        yield f"  readiness: {found.words}"
    for text, count in found.refusals.most_common():
        yield f"  {count} times: {text}"
    if found.problem:
        yield f"  THE LOG: {found.problem}"
    if found.lost or found.changed:
        yield f"  LOST: {found.lost}, CHANGED: {found.changed}"


if __name__ == "__main__":
    main()
