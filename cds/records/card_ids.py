"""The ids of cards as a service sends and keeps them: they lead back to no patient without the key of the installation.

By itself the id of a card is a hash of the patient's id and the topic (``cds.cards``), which whoever has a list of
patients can try. Keyed, it still is the same for the same patient, on every host with the key, so that a repeated call
updates the card.
"""

from __future__ import annotations

from hashlib import blake2b, sha512

from cds.cards.suggestions import VARIANT
from cds.jsontypes import Json

_VERSION = 14
"""The digit of a UUID that says how it was made; a keyed one has 8 there (RFC 9562: a form of our own)."""


class CardIds:
    """A keyed hash of the id of each card and suggestion, as a UUID.

    It is BLAKE2b with a key (RFC 7693), for a sixth of the time of HMAC-SHA-256: a call has a dozen of them.
    """

    def __init__(self, key: bytes, fingerprint: str) -> None:
        self._begun = blake2b(key=sha512(key).digest(), digest_size=16, person=b"ids of cards")
        self.fingerprint = fingerprint

    def of(self, uuid: str) -> str:
        """The keyed id in place of an id."""
        hashing = self._begun.copy()
        hashing.update(uuid.encode())
        text = hashing.hexdigest()
        return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"

    def keyed(self, cards: list[Json]) -> list[Json]:
        """The cards with keyed ids; nothing else of them changes."""
        return [self._keyed(card) for card in cards]

    def _keyed(self, card: Json) -> Json:
        changed = {**card, "uuid": self.of(card["uuid"])}
        if "suggestions" in card:
            changed["suggestions"] = [{**one, "uuid": self.of(one["uuid"])} for one in card["suggestions"]]
        return changed


def is_keyed(uuid: str) -> bool:
    """Whether an id of a card was made with a key."""
    return uuid[_VERSION : _VERSION + 1] == "8"


def with_ids_of(cards: list[Json], before: list[Json]) -> list[Json]:
    """Cards with the ids of those about the same topics before, and of their suggestions, each in its place."""
    known = {card["source"]["topic"]["code"]: card for card in before}
    return [_like(card, known.get(card["source"]["topic"]["code"])) for card in cards]


def _like(card: Json, before: Json | None) -> Json:
    if before is None:
        return card
    changed = {**card, "uuid": before["uuid"]}
    old, new = before.get("suggestions", []), card.get("suggestions", [])
    if len(old) == len(new) and new:
        pairs = zip(new, old, strict=True)
        changed["suggestions"] = [{**one, "uuid": other["uuid"]} for one, other in pairs]
    return changed
