"""What users did with cards, linked to the decision and kept once.

What users write is not kept, for it may name the patient: a reason is kept when it has the form of a code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from cds.records.entry import moment_of, time_of
from cds.records.tables import CARDS, FEEDBACK

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
OTHER = "other"
"""Stands for a reason that is not of the form of a code, and for a comment alone."""
SKEW = timedelta(seconds=60)
"""How far the clock of a client may be behind ours: a card was shown before it was overridden."""
RECENT = timedelta(days=1)
"""How long a card stays open on a screen, at most."""
_ABOUT = ("topic", "rule", "version", "indicator", "patient", "user")


class Feedback(NamedTuple):
    """One entry: the uuid of the card, accepted or overridden, when (as the client says), the code of the reason."""

    tenant: str
    client: str
    service: str
    card: str
    outcome: str
    at: str
    suggestions: tuple[str, ...]
    reason: str


def feedback_of(
    card: str,
    outcome: str,
    at: datetime,
    service: str,
    *,
    suggestions: Iterable[str] = (),
    reason: str = "",
    comment: str = "",
    client: str = "",
    tenant: str = "",
) -> Feedback:
    """The feedback that may be kept of one entry, which has been checked against the standard."""
    chosen = tuple(sorted({one for one in suggestions if CODE.fullmatch(one)}))
    why = reason if CODE.fullmatch(reason) else OTHER if reason or comment else ""
    return Feedback(tenant, client, service, card.lower(), outcome, time_of(at), chosen, why)


def keep(connection: Connection, told: Iterable[Feedback], received: datetime) -> int:
    """Keep each entry once; how many were new. Entries about cards that are not on record are kept as such."""
    return sum(_keep(connection, one, received) for one in told)


def _keep(connection: Connection, told: Feedback, received: datetime) -> int:
    found = _decision_of(connection, told)
    about = {name: getattr(found, name) for name in _ABOUT} if found else dict.fromkeys(_ABOUT, "")
    if found and _seen_by_others(connection, told, found.user):
        about["user"] = ""
    row = told._asdict() | {"suggestions": orjson.dumps(told.suggestions).decode(), "received": time_of(received)}
    values = row | about | ({"number": found.number} if found else {})
    if connection.dialect.name == "postgresql":
        new = postgresql.insert(FEEDBACK).values(values).on_conflict_do_nothing()
        return len(connection.execute(new.returning(FEEDBACK.c.id)).all())
    once = sqlite.insert(FEEDBACK).values(values).on_conflict_do_nothing()
    return len(connection.execute(once.returning(FEEDBACK.c.id)).all())


def _of_card(told: Feedback) -> tuple[ColumnElement[bool], ...]:
    """The cards of this uuid that this client was sent for this tenant."""
    return CARDS.c.uuid == told.card, CARDS.c.tenant == told.tenant, CARDS.c.client == told.client


def _decision_of(connection: Connection, told: Feedback) -> Any:
    """The card of the last decision that the user can have seen: a repeated call sends the same uuid again."""
    seen = time_of(moment_of(told.at) + SKEW)
    order = (CARDS.c.time <= seen).desc(), CARDS.c.number.desc()
    return connection.execute(select(CARDS).where(*_of_card(told)).order_by(*order).limit(1)).first()


def _seen_by_others(connection: Connection, told: Feedback, user: str) -> bool:
    """Whether other users were sent this card not long before.

    Feedback does not say who gives it: then nobody can know whose card should rest, and it rests for none.
    """
    since = time_of(moment_of(told.at) - RECENT)
    others = select(CARDS.c.number).where(*_of_card(told), CARDS.c.user != user, CARDS.c.time > since).limit(1)
    return connection.execute(others).first() is not None
