"""What users did with cards, linked to the decision and kept once; and the cards that rest because of it.

What users write is not kept, for it may name the patient: a reason is kept when it has the form of a code.

A card that a user overrode rests: for that user, that patient and that topic, for a configured time. A critical card
never rests, and neither does one that has become more urgent since it was overridden, nor one that says that data of
the patient were not used: it is not the card that was put aside.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, Select, insert, select

from cds.cards.frames import data_of
from cds.jsontypes import Json
from cds.records.chain import FEEDBACK, Appending
from cds.records.entry import utc_moment, utc_text
from cds.records.feedback_content import feedback_content
from cds.records.sealing import SALT_BYTES, salted
from cds.records.tables import CARDS_TABLE, FEEDBACK_TABLE
from cds.rulebook.model import INDICATORS

REASON_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
OTHER_REASON = "other"
"""Stands for a reason that is not of the form of a code, and for a comment alone."""
CLOCK_SKEW = timedelta(seconds=60)
"""How far the clock of a client may be behind ours: a card was shown before it was overridden."""
RECENT = timedelta(days=1)
"""How long a card stays open on a screen, at most."""
_TOLD = insert(FEEDBACK_TABLE)
_ABOUT = ("topic", "rule", "version", "indicator", "patient", "user")


class FeedbackEntry(NamedTuple):
    """One entry: the uuid of the card, accepted or overridden, when (as the client says), the code of the reason."""

    tenant: str
    client: str
    service: str
    card: str
    outcome: str
    at: str
    suggestions: tuple[str, ...]
    reason: str


def feedback_entry(
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
) -> FeedbackEntry:
    """The feedback that may be kept of one entry, which has been checked against the standard."""
    chosen = tuple(sorted({one for one in suggestions if REASON_CODE.fullmatch(one)}))
    why = reason if REASON_CODE.fullmatch(reason) else OTHER_REASON if reason or comment else ""
    return FeedbackEntry(tenant, client, service, card.lower(), outcome, utc_text(at), chosen, why)


def store_feedback(appending: Appending, told: Iterable[FeedbackEntry], received: datetime) -> int:
    """Keep each entry once; how many were new. Entries about cards that are not on record are kept as such."""
    appending.flush()  # a card of the same batch is on record too
    return sum(_keep(appending, one, received) for one in told)


def _keep(appending: Appending, told: FeedbackEntry, received: datetime) -> int:
    connection = appending.connection
    if connection.execute(_known(told)).first() is not None:
        return 0
    found = _decision_of(connection, told)
    about = {name: getattr(found, name) for name in _ABOUT} if found else dict.fromkeys(_ABOUT, "")
    if found and _seen_by_others(connection, told, found.user):
        about["user"] = ""
    row = told._asdict() | {"suggestions": orjson.dumps(told.suggestions).decode(), "received": utc_text(received)}
    values = row | about | {"number": found.number if found else None}
    salt = os.urandom(SALT_BYTES)
    number = appending.link(FEEDBACK, utc_text(received), salted(salt, feedback_content(values)))
    appending.also(_TOLD, {"id": number, "salt": salt, **values})
    appending.flush()
    return 1


def _known(told: FeedbackEntry) -> Select[tuple[int]]:
    """The feedback that says the same: whoever writes is alone, so none can come in between."""
    row, same = FEEDBACK_TABLE.c, ("tenant", "client", "card", "outcome", "at")
    return select(row.id).where(*(row[name] == getattr(told, name) for name in same))


def _of_card(told: FeedbackEntry) -> tuple[ColumnElement[bool], ...]:
    """The cards of this uuid that this client was sent for this tenant."""
    return CARDS_TABLE.c.uuid == told.card, CARDS_TABLE.c.tenant == told.tenant, CARDS_TABLE.c.client == told.client


def _decision_of(connection: Connection, told: FeedbackEntry) -> Any:
    """The card of the last decision that the user can have seen: a repeated call sends the same uuid again."""
    seen = utc_text(utc_moment(told.at) + CLOCK_SKEW)
    order = (CARDS_TABLE.c.time <= seen).desc(), CARDS_TABLE.c.number.desc()
    return connection.execute(select(CARDS_TABLE).where(*_of_card(told)).order_by(*order).limit(1)).first()


def _seen_by_others(connection: Connection, told: FeedbackEntry, user: str) -> bool:
    """Whether other users were sent this card not long before.

    FeedbackEntry does not say who gives it: then nobody can know whose card should rest, and it rests for none.
    """
    since = utc_text(utc_moment(told.at) - RECENT)
    others = (
        select(CARDS_TABLE.c.number)
        .where(*_of_card(told), CARDS_TABLE.c.user != user, CARDS_TABLE.c.time > since)
        .limit(1)
    )
    return connection.execute(others).first() is not None


class Rested(NamedTuple):
    """The cards that are shown, and the topics of those that were left out."""

    cards: list[Json]
    left_out: tuple[str, ...]


def overridden_topics(engine: Engine, patient: str, user: str, now: datetime, length: timedelta) -> dict[str, str]:
    """The topics that this user overrode for this patient within a time, each with its last indicator.

    ``patient`` and ``user`` are pseudonyms. A client cannot prolong the time by a clock that is ahead: what counts is
    the earlier of its time and the time of receipt.
    """
    if not (patient and user):
        return {}
    row, since = FEEDBACK_TABLE.c, utc_text(now - length)
    recent = (row.patient == patient, row.user == user, row.outcome == "overridden")
    query = select(row.topic, row.indicator).where(*recent, row.at > since, row.received > since)
    with engine.connect() as connection:
        return {one.topic: one.indicator for one in connection.execute(query.order_by(row.at, row.id))}


def rested(cards: Sequence[Json], resting: dict[str, str]) -> Rested:
    """The cards without those that rest."""
    shown = [card for card in cards if not _rests(card, resting)]
    left_out = (card["source"]["topic"]["code"] for card in cards if _rests(card, resting))
    return Rested(shown, tuple(left_out))


def _rests(card: Json, resting: dict[str, str]) -> bool:
    before = resting.get(card["source"]["topic"]["code"])
    if before is None or card["indicator"] == "critical" or "notUsed" in data_of(card):
        return False
    return INDICATORS.index(card["indicator"]) <= INDICATORS.index(before)
