"""One decision as the log keeps it: what was asked, by whom, under which rules, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from hashlib import sha256
from typing import NamedTuple

import orjson

from cds.cards.frames import data_of
from cds.jsontypes import Json

BYTES = ("body", "cards")
"""What is kept byte for byte; the content of a record holds the SHA-256 of each."""


class ShownCard(NamedTuple):
    """A card that was answered with: what feedback about it needs."""

    uuid: str
    topic: str
    rule: str
    version: str
    indicator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A decision.

    ``client`` is the issuer of the token, empty without authentication. ``patient`` and ``user`` are pseudonyms.
    ``as_of`` is an ISO date. ``off`` and ``shadow`` are the switches in force, sorted, ``reasons`` why each rule is
    switched: cards say it (records of before have none). ``body`` is the request as received, but for its access token
    (the standard forbids to keep it), with what the service fetched for it in its prefetch. ``cards`` is the answer as
    sent. ``left_out`` names the topics that a cool-down took away, ``shadowed`` the rules in shadow that would have
    spoken.
    """

    time: str
    service: str
    hook: str
    instance: str
    client: str = ""
    tenant: str = ""
    patient: str = ""
    user: str = ""
    profile: str = ""
    program: str
    as_of: str
    rulebook_version: str
    rulebook_sha256: str
    off: tuple[str, ...] = ()
    shadow: tuple[str, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    outcome: str
    decided_by: str
    shadowed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    shown: tuple[ShownCard, ...] = ()
    body: bytes
    cards: bytes


def utc_text(moment: datetime) -> str:
    """A time with a zone, as the records write it: UTC, of one width."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def utc_moment(time: str) -> datetime:
    """The moment of a time as the records write it."""
    return datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%f%z")


def shown_of(cards: list[Json]) -> tuple[ShownCard, ...]:
    """What the records keep of cards; of a folded card, the topic stands in for the rule."""
    return tuple(_shown(card) for card in cards)


def _shown(card: Json) -> ShownCard:
    topic = card["source"]["topic"]["code"]
    about = data_of(card)
    return ShownCard(card["uuid"], topic, about.get("rule", topic), about.get("version", ""), card["indicator"])


def without_token(body: bytes) -> bytes:
    """A request body without its access token; the very bytes where there is none.

    Written anew, the body parses to the same values: numbers and texts survive, and of equal keys the last had won.
    """
    if b"fhirAuthorization" not in body and b"\\u" not in body:
        return body
    data = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    if not isinstance(data, dict) or "fhirAuthorization" not in data:
        return body
    authorization = data["fhirAuthorization"]
    kept = {**authorization, "access_token": "removed"} if isinstance(authorization, dict) else None
    return orjson.dumps({**data, "fhirAuthorization": kept})


def content_of(entry: LogEntry, number: int, previous: str) -> bytes:
    """The canonical JSON of a record: keys sorted, the bytes by their SHA-256."""
    data = {field.name: getattr(entry, field.name) for field in fields(entry)}
    data |= {name: sha256(data[name]).hexdigest() for name in BYTES}
    data["shown"] = [shown._asdict() for shown in entry.shown]
    return orjson.dumps({**data, "number": number, "previous": previous}, option=orjson.OPT_SORT_KEYS)


def entry_of(content: bytes, kept: dict[str, bytes]) -> LogEntry:
    """The entry of a record's content and of the bytes beside it."""
    data = orjson.loads(content)
    del data["number"], data["previous"]
    data = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    data["shown"] = tuple(ShownCard(**shown) for shown in data["shown"])
    return LogEntry(**{**data, **kept})
