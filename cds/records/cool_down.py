"""A card that a user overrode rests: for that user, that patient and that topic, for a configured time.

A critical card never rests, and neither does one that has become more urgent since it was overridden, nor one that says
that data of the patient were not used: it is not the card that was put aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Engine, select

from cds.cards.extension import data_of
from cds.records.entry import time_of
from cds.records.tables import FEEDBACK

Json = dict[str, Any]
URGENCY = ("info", "warning", "critical")


class Rested(NamedTuple):
    """The cards that are shown, and the topics of those that were left out."""

    cards: list[Json]
    left_out: tuple[str, ...]


def overridden_recently(
    engine: Engine, patient: str, topic: str, user: str, now: datetime, length: timedelta
) -> str | None:
    """The indicator that a card of this topic had when this user overrode it, within a time; None if not.

    ``patient`` and ``user`` are pseudonyms. A client cannot prolong the time by a clock that is ahead: what counts is
    the earlier of its time and the time of receipt.
    """
    return overridden(engine, patient, user, now, length).get(topic)


def overridden(engine: Engine, patient: str, user: str, now: datetime, length: timedelta) -> dict[str, str]:
    """The topics that this user overrode for this patient within a time, each with its last indicator."""
    if not (patient and user):
        return {}
    row, since = FEEDBACK.c, time_of(now - length)
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
    return URGENCY.index(card["indicator"]) <= URGENCY.index(before)
