"""The decisions that are on record, in order or by their number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, select

from cds.errors import CdsError
from cds.records.chain.links import DECISION, OLD_DECISION, log_head
from cds.records.entry import LogEntry, entry_of
from cds.records.tables import CHAIN_TABLE, DECISIONS_TABLE, REQUESTS_TABLE

AT_ONCE = 200
_WHOLE = (
    select(DECISIONS_TABLE, REQUESTS_TABLE.c.body, CHAIN_TABLE.c.hash)
    .join(CHAIN_TABLE, CHAIN_TABLE.c.number == DECISIONS_TABLE.c.number)
    .outerjoin(REQUESTS_TABLE, REQUESTS_TABLE.c.number == DECISIONS_TABLE.c.number)
)


def entries(engine: Engine, first: int = 1) -> Iterator[tuple[int, LogEntry]]:
    """The numbers and entries of the decisions on record in order, from a number on; without those that were erased.

    A few at a time: a long log does not fill the memory, nor hold a transaction open.
    """
    number = DECISIONS_TABLE.c.number
    while True:
        with engine.connect() as connection:
            rows = connection.execute(_WHOLE.where(number >= first).order_by(number).limit(AT_ONCE)).all()
        if not rows:
            return
        yield from ((row.number, _entry(row)) for row in rows)
        first = rows[-1].number + 1


def _entry(row: Any) -> LogEntry:
    return entry_of(row.content, {"body": row.body or b"", "cards": row.cards})


def entry_at(engine: Engine, number: int) -> tuple[LogEntry, str]:
    """The decision of a number, and the hash of its link.

    Raises:
        CdsError: there is no such record, it was erased, or it is none of a decision.

    """
    with engine.connect() as connection:
        row = connection.execute(_WHOLE.where(DECISIONS_TABLE.c.number == number)).one_or_none()
        kind = connection.execute(select(CHAIN_TABLE.c.kind).where(CHAIN_TABLE.c.number == number)).scalar()
        last = log_head(connection).number
    if row is not None:
        return _entry(row), row.hash
    if kind is None:
        raise CdsError(f"there is no record {number}. The log ends at {last}.")
    if kind in (DECISION, OLD_DECISION):
        raise CdsError(f"record {number} was erased. 'cds log verify' says whether that is on record.")
    raise CdsError(f"record {number} is no decision; it is of the kind '{kind}'.")
