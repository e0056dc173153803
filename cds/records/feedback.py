"""What users did with cards: read from the entries of CDS Hooks feedback, linked to the decision, kept once.

What users write is not kept, for it may name the patient: a reason is kept when it has the form of a code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from cds.errors import CdsError
from cds.records.entry import time_of
from cds.records.tables import CARDS, FEEDBACK

Json = dict[str, Any]
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII)
OTHER = "other"
"""Stands for a reason that is not of the form of a code."""
SKEW = timedelta(seconds=60)
"""How far the clock of a client may be behind ours: a card was shown before it was overridden."""
_ABOUT = ("topic", "rule", "version", "indicator", "patient", "user")


class Feedback(NamedTuple):
    """One entry: the uuid of the card, accepted or overridden, when (as the client says), and why."""

    tenant: str
    client: str
    service: str
    card: str
    outcome: str
    at: str
    suggestions: tuple[str, ...]
    reason: str


def feedback_of(entry: Json, service: str, client: str = "", tenant: str = "") -> Feedback:
    """The feedback that an entry of a request tells; the entry has been checked against the standard.

    Raises:
        CdsError: ``outcomeTimestamp`` is no time.

    """
    override = entry.get("overrideReason")
    reason = _code(override) if isinstance(override, dict) else ""
    chosen = (str(item["id"]).lower() for item in entry.get("acceptedSuggestions") or ())
    suggestions = tuple(sorted({one for one in chosen if CODE.fullmatch(one)}))
    at = time_of(_moment(entry["outcomeTimestamp"]))
    return Feedback(tenant, client, service, entry["card"].lower(), entry["outcome"], at, suggestions, reason)


def _code(override: Json) -> str:
    coding = override.get("reason")
    code = coding.get("code") if isinstance(coding, dict) else None
    return code if isinstance(code, str) and CODE.fullmatch(code) else OTHER


def _moment(text: object) -> datetime:
    """An RFC 3339 time; fractions of a second beyond the sixth digit are cut."""
    parts = TIME.fullmatch(text.upper()) if isinstance(text, str) else None
    try:
        if parts:
            day, clock, fraction, zone = parts.groups()
            zone = "+00:00" if zone == "Z" else zone
            return datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6].ljust(6, '0')}{zone}")
    except ValueError:
        pass
    raise CdsError("'outcomeTimestamp' is no time with a zone.")


def keep(connection: Connection, told: Iterable[Feedback], received: datetime) -> int:
    """Keep each entry once; how many were new. Entries about cards that are not on record are kept as such."""
    return sum(_keep(connection, one, received) for one in told)


def _keep(connection: Connection, told: Feedback, received: datetime) -> int:
    found = _decision_of(connection, told)
    about = {"number": found.number, **{name: getattr(found, name) for name in _ABOUT}} if found else {}
    row = told._asdict() | {"suggestions": orjson.dumps(told.suggestions).decode(), "received": time_of(received)}
    values = row | (about or dict.fromkeys(_ABOUT, ""))
    if connection.dialect.name == "postgresql":
        new = postgresql.insert(FEEDBACK).values(values).on_conflict_do_nothing()
        return len(connection.execute(new.returning(FEEDBACK.c.id)).all())
    once = sqlite.insert(FEEDBACK).values(values).on_conflict_do_nothing()
    return len(connection.execute(once.returning(FEEDBACK.c.id)).all())


def _decision_of(connection: Connection, told: Feedback) -> Any:
    """The card of the last decision that the user can have seen: a repeated call sends the same uuid again."""
    seen = time_of(_moment(told.at) + SKEW)
    query = (
        select(CARDS)
        .where(CARDS.c.uuid == told.card, CARDS.c.tenant == told.tenant, CARDS.c.client == told.client)
        .order_by((CARDS.c.time <= seen).desc(), CARDS.c.number.desc())
        .limit(1)
    )
    return connection.execute(query).first()
