"""Some links of the chain with all that they are about, as of one moment, and the erasures that were known then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Table, func, select

from cds.records.database import snapshot
from cds.records.erasure import Erasure, Named, erasure_of
from cds.records.tables import (
    CARDS_TABLE,
    CHAIN_TABLE,
    DECISIONS_TABLE,
    ERASING_TABLE,
    ERASURES_TABLE,
    FEEDBACK_TABLE,
    REQUESTS_TABLE,
)

AT_ONCE = 200
_SINGLE = {
    "decisions": (DECISIONS_TABLE, DECISIONS_TABLE.c.number),
    "requests": (REQUESTS_TABLE, REQUESTS_TABLE.c.number),
    "feedback": (FEEDBACK_TABLE, FEEDBACK_TABLE.c.id),
    "erasures": (ERASURES_TABLE, ERASURES_TABLE.c.number),
}
"""The tables with one row for each record of a kind, and which column is its number."""

_ERASING = select(ERASING_TABLE.c.number)


class Page(NamedTuple):
    """``rows`` are those of each table by their number, ``cards`` the rows of each decision.

    ``named`` is what all erasures name, ``erasing`` the numbers of those that are not finished, ``unfinished`` what
    these name.
    """

    links: list[Any]
    rows: dict[str, dict[int, Any]]
    cards: dict[int, list[Any]]
    named: Named
    erasing: frozenset[int]
    unfinished: Named


class Erasures:
    """The erasures as they are read from page to page; an erasure stands behind what it names."""

    def __init__(self) -> None:
        self._last = 0
        self._known: dict[int, Erasure] = {}
        self.named = Named()

    def read(self, connection: Connection) -> None:
        """Read those that are new; one that cannot be read names nothing, and is found when its link is verified."""
        number = ERASURES_TABLE.c.number
        for row in connection.execute(select(ERASURES_TABLE).where(number > self._last).order_by(number)):
            self._last = row.number
            try:
                self._known[row.number] = erasure_of(row.content)
            except (ValueError, KeyError, TypeError):
                continue
        self.named = Named(self._known.values())

    def those(self, numbers: Iterable[int]) -> Named:
        """What some of them name."""
        return Named(self._known[number] for number in numbers if number in self._known)


def pages(engine: Engine) -> Iterator[Page]:
    """The whole chain, some links at a time; each page is read at one moment, no transaction lasts longer."""
    erasures, first = Erasures(), 1
    while True:
        with snapshot(engine) as connection:
            erasures.read(connection)
            links = _links(connection, first)
            if not links:
                return
            last, erasing = links[-1].number, frozenset(connection.execute(_ERASING).scalars())
            page = Page(
                links,
                {name: _rows(connection, *where, first, last) for name, where in _SINGLE.items()},
                _cards(connection, first, last),
                erasures.named,
                erasing,
                erasures.those(erasing),
            )
        yield page
        first = last + 1


def _links(connection: Connection, first: int) -> list[Any]:
    number = CHAIN_TABLE.c.number
    query = select(CHAIN_TABLE).where(number >= first).order_by(number).limit(AT_ONCE)
    return list(connection.execute(query))


def _rows(connection: Connection, table: Table, number: Any, first: int, last: int) -> dict[int, Any]:
    query = select(table).where(number.between(first, last))
    return {getattr(row, number.name): row for row in connection.execute(query)}


def _cards(connection: Connection, first: int, last: int) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in connection.execute(select(CARDS_TABLE).where(CARDS_TABLE.c.number.between(first, last))):
        found.setdefault(row.number, []).append(row)
    return found


def without_link(connection: Connection, last: int) -> int | None:
    """The first number after the last link under which something stands all the same."""
    tables = (*_SINGLE.values(), (CARDS_TABLE, CARDS_TABLE.c.number))
    found = [connection.execute(select(func.min(number)).where(number > last)).scalar() for _, number in tables]
    return min((number for number in found if number is not None), default=None)
