"""One decision as the log keeps it: what was asked, by whom, under which rules, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from typing import NamedTuple

import orjson

from cds.cards.frames import data_of
from cds.jsontypes import Json
from cds.records.card_ids import is_keyed

BYTES = ("body", "cards")
"""What is kept byte for byte beside the content of a record, which holds a salted SHA-256 of each."""


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

    ``request_id`` is the id of the request, as its answer's header and the journal have it (records of before have
    none). ``client`` is the issuer of the token, empty without authentication. ``patient`` and ``user`` are pseudonyms.
    ``as_of`` is an ISO date. ``off`` and ``shadow`` are the switches in force, sorted, ``reasons`` why each rule is
    switched: cards say it (records of before have none). ``body`` is the request as received, but for its access token
    (the standard forbids to keep it), with what the service fetched for it in its prefetch; read from the log, it is
    empty where it was erased, or not kept (``request_kept``). ``cards`` is the answer as sent. ``left_out`` names the
    topics that a cool-down took away, ``shadowed`` the rules in shadow that would have spoken. ``key`` is the
    fingerprint of the key of the pseudonyms and of the cards' ids (records of before have none: their ids are plain).
    """

    time: str
    service: str
    hook: str
    instance: str
    request_id: str = ""
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
    key: str = ""
    request_kept: bool = True
    body: bytes
    cards: bytes

    @property
    def keyed(self) -> bool:
        """Whether the ids of its cards were made with a key."""
        return any(is_keyed(shown.uuid) for shown in self.shown)


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


def content_of(entry: LogEntry, body: str, cards: str) -> bytes:
    """The canonical JSON of a record: keys sorted, the bytes by their digests."""
    data = {name: getattr(entry, name) for name in _NAMES}
    data |= {"body": body, "cards": cards, "shown": [shown._asdict() for shown in entry.shown]}
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def entry_of(content: bytes, kept: dict[str, bytes]) -> LogEntry:
    """The entry of a record's content and of the bytes beside it; what version 0.1 held of the chain is left away."""
    data = {name: value for name, value in orjson.loads(content).items() if name in _KNOWN}
    data = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    data["shown"] = tuple(ShownCard(**shown) for shown in data["shown"])
    return LogEntry(**{**data, **kept})


_KNOWN = frozenset(field.name for field in fields(LogEntry))
_NAMES = tuple(field.name for field in fields(LogEntry) if field.name not in (*BYTES, "shown"))
