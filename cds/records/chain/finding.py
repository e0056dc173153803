"""The decisions that an id leads to: the id of a request, the instance of a hook, or the uuid of a card."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
from sqlalchemy import Engine, Select, select

from cds.errors import CdsError
from cds.records.chain.reading import entry_at
from cds.records.entry import LogEntry
from cds.records.tables import CARDS_TABLE, DECISIONS_TABLE

CONTENTS_AT_ONCE = 1000


def entries_with(engine: Engine, identity: str) -> Iterator[tuple[int, LogEntry]]:
    """The numbers and entries of the decisions that carry an id, in order; without those that were erased.

    Cards are looked up. For the others every content is read, without requests and cards: seconds for 100,000.
    """
    with engine.connect() as connection:
        of_card = set(connection.execute(select(CARDS_TABLE.c.number).where(CARDS_TABLE.c.uuid == identity)).scalars())
    for number in sorted(of_card | set(_of_request(engine, identity))):
        with suppress(CdsError):  # erased just now
            yield number, entry_at(engine, number)[0]


def _of_request(engine: Engine, identity: str) -> Iterator[int]:
    first = 1
    while True:
        with engine.connect() as connection:
            rows = connection.execute(_contents(first)).all()
        if not rows:
            return
        yield from (row.number for row in rows if identity.encode() in row.content and _carries(row.content, identity))
        first = rows[-1].number + 1


def _contents(first: int) -> Select[Any]:
    columns = DECISIONS_TABLE.c
    wanted = select(columns.number, columns.content).where(columns.number >= first)
    return wanted.order_by(columns.number).limit(CONTENTS_AT_ONCE)


def _carries(content: bytes, identity: str) -> bool:
    data = orjson.loads(content)
    return identity in (data.get("request_id"), data["instance"])
