"""Erases: first the log says what goes, then it goes, some records at a time, so that nobody waits long to write.

Both are there or neither, whenever the process ends: an erasure that was begun is in ``erasing`` until it is finished,
and whoever erases next finishes it first.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine, Table, delete, insert, select
from sqlalchemy.sql.elements import KeyedColumnElement

from cds.records.chain import ERASURE, Appending
from cds.records.choosing import Chosen, older
from cds.records.database import writing
from cds.records.entry import utc_text
from cds.records.erasure import PARTS, Erasure, Part, Range, erasure_of
from cds.records.sealing import salted
from cds.records.tables import (
    CARDS_TABLE,
    DECISIONS_TABLE,
    ERASING_TABLE,
    ERASURES_TABLE,
    FEEDBACK_TABLE,
    REQUESTS_TABLE,
)

AT_ONCE = 100
"""Records for each transaction: with requests of 30 KB some tens of milliseconds."""
SHORTEST_PAUSE = 0.02
"""Seconds between two transactions, at least; a longer one is followed by as long a pause, for those who write."""
_COLUMNS: dict[Part, tuple[tuple[Table, KeyedColumnElement[int]], ...]] = {
    "decisions": tuple((table, table.c.number) for table in (DECISIONS_TABLE, REQUESTS_TABLE, CARDS_TABLE)),
    "requests": ((REQUESTS_TABLE, REQUESTS_TABLE.c.number),),
    "feedback": ((FEEDBACK_TABLE, FEEDBACK_TABLE.c.id),),
}
"""What is deleted of each part, and by which number; the first table says what is still there."""
_NAMED, _BEGUN = insert(ERASURES_TABLE), insert(ERASING_TABLE)


def erase(engine: Engine, chosen: Chosen, now: datetime, sleep: Callable[[float], None] = time.sleep) -> int:
    """Erase what was chosen; the number of the erasure in the log.

    The deleted bytes are overwritten (SQLite) or wait for the vacuum (PostgreSQL): ``cds.records.space``.
    """
    erasure = Erasure(utc_text(now), chosen.why, chosen.ranges)
    with writing(engine) as connection:
        appending = Appending(connection)
        number = appending.link(ERASURE, erasure.time, salted(b"", erasure.content))
        appending.also(_NAMED, {"number": number, "content": erasure.content})
        appending.also(_BEGUN, {"number": number})
        appending.flush()
    _finish(engine, number, sleep)
    return number


def finish(engine: Engine, sleep: Callable[[float], None] = time.sleep) -> list[int]:
    """Finish the erasures that were begun and not finished; their numbers."""
    with engine.connect() as connection:
        numbers = list(connection.execute(select(ERASING_TABLE.c.number).order_by(ERASING_TABLE.c.number)).scalars())
    for number in numbers:
        _finish(engine, number, sleep)
    return numbers


def forget(engine: Engine, requests: str | None, decisions: str | None, now: datetime) -> Counter[str]:
    """Erase what is from before two times (UTC, as the records write it; None: nothing), and what was begun before.

    How much of each part it was, without what was only finished.
    """
    finish(engine)
    counts: Counter[str] = Counter()
    while not (chosen := older(engine, requests, decisions)).nothing:
        erase(engine, chosen, now)
        counts.update(chosen.counts)
    return counts


def _finish(engine: Engine, number: int, sleep: Callable[[float], None]) -> None:
    with engine.connect() as connection:
        query = select(ERASURES_TABLE.c.content).where(ERASURES_TABLE.c.number == number)
        ranges = erasure_of(connection.execute(query).scalar_one()).ranges
    for part in PARTS:
        todo = deque(ranges[part])
        while todo:
            started = time.monotonic()
            with writing(engine) as connection:
                _delete_some(connection, part, todo)
            sleep(max(SHORTEST_PAUSE, time.monotonic() - started))
    with writing(engine) as connection:
        connection.execute(delete(ERASING_TABLE).where(ERASING_TABLE.c.number == number))


def _delete_some(connection: Connection, part: Part, todo: deque[Range]) -> None:
    """Delete the next records that are named, and take what is done from ``todo``."""
    left = AT_ONCE
    _, number = _COLUMNS[part][0]
    while todo and left > 0:
        first, last = todo.popleft()
        query = select(number).where(number.between(first, last)).order_by(number).limit(left)
        found = list(connection.execute(query).scalars())
        if len(found) == left and found[-1] < last:
            todo.appendleft(Range(found[-1] + 1, last))
            last = found[-1]
        for table, column in _COLUMNS[part]:
            connection.execute(delete(table).where(column.between(first, last)))
        left -= max(len(found), 1)
