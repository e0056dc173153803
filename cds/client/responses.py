"""What a service answers: discovery and cards, what in them is not as the standard asks, and the feedback to them.

https://cds-hooks.hl7.org/2.0/#discovery
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from cds.cards.wording import harmless
from cds.client.calling import CallError
from cds.errors import nearest
from cds.rulebook.model import INDICATORS

Json = dict[str, Any]
PATH = "/cds-services"


def discovery_url(url: str) -> str:
    """The address of discovery for an address of the server, of its discovery, or of one of its services."""
    base, _, _ = url.rstrip("/").partition(PATH)
    return f"{base.rstrip('/')}{PATH}"


def service_at(url: str, hook: str, answer: object) -> Json:
    """The service of a discovery answer for a hook: the one that the address names, else the only one for the hook.

    Raises:
        CallError: the answer is no list of services, or none of them, or several, are meant.

    """
    listed = answer.get("services") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise CallError(f"{discovery_url(url)} does not answer with a list of services.")
    services = [
        item for item in listed if isinstance(item, dict) and item.get("id") and isinstance(item.get("hook"), str)
    ]
    named = url.rstrip("/").partition(f"{PATH}/")[2]
    meant = [item for item in services if item["hook"] == hook and (not named or item["id"] == named)]
    if not meant:
        hooks = sorted({harmless(item["hook"]) for item in services})
        what = f"no service for the hook '{hook}'" + (f" and the id '{named}'" if named else "")
        raise CallError(f"There is {what}. It offers: {', '.join(hooks) or 'nothing'}. {nearest(hook, hooks)}")
    if len(meant) > 1:
        names = ", ".join(f"{discovery_url(url)}/{harmless(str(item['id']))}" for item in meant)
        raise CallError(f"Several services answer '{hook}'; give the address of one: {names}.")
    return meant[0]


def cards_in(answer: object) -> list[Json]:
    """The cards of an answer that can be shown.

    Raises:
        CallError: it has no list of cards, or a card has no summary.

    """
    cards = answer.get("cards") if isinstance(answer, dict) else None
    if not isinstance(cards, list):
        raise CallError("The answer has no list of 'cards'.")
    if not all(isinstance(card, dict) and isinstance(card.get("summary"), str) for card in cards):
        raise CallError("A card of the answer has no 'summary'.")
    return cards


def complaints(cards: list[Json]) -> Iterator[str]:
    """What CDS Hooks 2.0 requires of cards and is not so."""
    for number, card in enumerate(cards, 1):
        source, suggestions = card.get("source"), card.get("suggestions")
        if not 0 < len(card["summary"]) < 140:
            yield f"card {number}: 'summary' has {len(card['summary'])} characters; fewer than 140 are allowed."
        if card.get("indicator") not in INDICATORS:
            yield f"card {number}: 'indicator' is none of {', '.join(INDICATORS)}."
        if not (isinstance(source, dict) and source.get("label")):
            yield f"card {number}: 'source.label' is missing."
        if suggestions and card.get("selectionBehavior") not in ("at-most-one", "any"):
            yield f"card {number}: suggestions need a 'selectionBehavior', 'at-most-one' or 'any'."


def feedback_entries(cards: list[Json], outcome: Literal["accepted", "overridden"], now: datetime) -> list[Json]:
    """The feedback entries for cards with a uuid: their first suggestion accepted, or overridden for the first reason.

    Nothing for a card without a suggestion that could be accepted.
    """
    entries = []
    for card in cards:
        detail = _accepted(card) if outcome == "accepted" else _overridden(card)
        if card.get("uuid") and (detail or outcome == "overridden"):
            time = now.isoformat(timespec="seconds").replace("+00:00", "Z")
            entries.append({"card": card["uuid"], "outcome": outcome, **detail, "outcomeTimestamp": time})
    return entries


def _accepted(card: Json) -> Json:
    known = [suggestion["uuid"] for suggestion in card.get("suggestions") or () if suggestion.get("uuid")]
    return {"acceptedSuggestions": [{"id": known[0]}]} if known else {}


def _overridden(card: Json) -> Json:
    reasons = card.get("overrideReasons")
    return {"overrideReason": {"reason": reasons[0]}} if reasons else {}
