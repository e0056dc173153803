"""What is to be erased: the records of a patient or a client, those of some numbers, and those that are too old."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, or_, select

from cds.records.database import snapshot
from cds.records.erasure import Part, Range, Why, joined, ranges_of
from cds.records.tables import CARDS_TABLE, DECISIONS_TABLE, FEEDBACK_TABLE, REQUESTS_TABLE

AT_ONCE, AT_MOST = 500, 100_000
_DECISION, _TOLD = DECISIONS_TABLE.c, FEEDBACK_TABLE.c


class Chosen(NamedTuple):
    """The records that are to be erased: how many of each part, and their numbers as ranges."""

    why: Why
    counts: dict[Part, int]
    ranges: dict[Part, tuple[Range, ...]]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to erase."""
        return not any(self.counts.values())


def of_patient(engine: Engine, pseudonym: str) -> Chosen:
    """All decisions about a patient, and all feedback about them, or about a card of this patient."""
    own = select(CARDS_TABLE.c.uuid).where(CARDS_TABLE.c.patient == pseudonym)
    with snapshot(engine) as connection:
        decisions = _numbers(connection, _DECISION.number, _DECISION.patient == pseudonym)
        told = or_(_TOLD.patient == pseudonym, _TOLD.card.in_(own))
        feedback = {*_numbers(connection, _TOLD.id, told), *_about(connection, decisions)}
    return _exactly("patient", decisions, sorted(feedback))


def of_client(engine: Engine, issuer: str) -> Chosen:
    """All decisions that a client asked for, and all feedback of it; every decision is looked at."""
    decisions = [number for number, client in _clients(engine) if client == issuer]
    with snapshot(engine) as connection:
        feedback = {*_numbers(connection, _TOLD.id, _TOLD.client == issuer), *_about(connection, decisions)}
    return _exactly("client", decisions, sorted(feedback))


def _clients(engine: Engine) -> Iterator[tuple[int, str]]:
    """The number of each decision, and who asked; of one that cannot be read, nobody."""
    first = 0
    while True:
        query = select(_DECISION.number, _DECISION.content).where(_DECISION.number > first).order_by(_DECISION.number)
        with engine.connect() as connection:
            rows = connection.execute(query.limit(AT_ONCE)).all()
        if not rows:
            return
        for row in rows:
            yield row.number, _client(row.content)
        first = rows[-1].number


def _client(content: bytes) -> str:
    try:
        return str(orjson.loads(content)["client"])
    except (ValueError, KeyError, TypeError):
        return ""


def of_numbers(engine: Engine, first: int, last: int) -> Chosen:
    """The decisions and the feedback of some numbers, and the feedback about these decisions."""
    with snapshot(engine) as connection:
        decisions = _numbers(connection, _DECISION.number, _DECISION.number.between(first, last))
        own = or_(_TOLD.id.between(first, last), _TOLD.number.between(first, last))
        feedback = _numbers(connection, _TOLD.id, own)
    return _exactly("operator", decisions, feedback)


def older(engine: Engine, requests: str | None, decisions: str | None, most: int | None = AT_MOST) -> Chosen:
    """The requests, and the decisions with their feedback, from before a time (UTC, as the records write it; or never).

    A decision takes its request with it. A time that is exactly the given one is not before it. There may be more than
    the most of each: ask again.
    """
    wanted: tuple[tuple[Part, Any, Any, str | None], ...] = (
        ("decisions", _DECISION.number, _DECISION.time, decisions),
        ("requests", REQUESTS_TABLE.c.number, REQUESTS_TABLE.c.time, requests),
        ("feedback", _TOLD.id, _TOLD.received, decisions),
    )
    counts: dict[Part, int] = {}
    ranges: dict[Part, tuple[Range, ...]] = {}
    with snapshot(engine) as connection:
        for part, number, time, before in wanted:
            found = _numbers(connection, number, time < before, most=most) if before else []
            counts[part], ranges[part] = len(found), ranges_of(found, _between(connection, number, time, before, found))
    return Chosen("age", counts, ranges)


def _between(connection: Connection, number: Any, time: Any, before: str | None, found: list[int]) -> Iterable[int]:
    """The numbers among those found that stay: of a host whose clock was ahead."""
    if not found:
        return ()
    return _numbers(connection, number, number.between(found[0], found[-1]), time >= before)


def _about(connection: Connection, decisions: list[int]) -> Iterator[int]:
    """The feedback about decisions, some at a time: a statement holds so many numbers."""
    for start in range(0, len(decisions), AT_ONCE):
        yield from _numbers(connection, _TOLD.id, _TOLD.number.in_(decisions[start : start + AT_ONCE]))


def _numbers(connection: Connection, number: Any, *where: ColumnElement[bool], most: int | None = None) -> list[int]:
    return list(connection.execute(select(number).where(*where).order_by(number).limit(most)).scalars())


def _exactly(why: Why, decisions: list[int], feedback: list[int]) -> Chosen:
    """These and nothing between them: whatever lies there is of others."""
    parts: dict[Part, list[int]] = {"decisions": decisions, "feedback": feedback}
    ranges = {part: tuple(joined(Range(number, number) for number in found)) for part, found in parts.items()}
    return Chosen(why, {part: len(found) for part, found in parts.items()}, ranges)
