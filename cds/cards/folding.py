"""Few cards: what is information only, beyond the first three, goes into one card that keeps each rule and reason."""

from __future__ import annotations

from typing import Any

from cds.cards.card import DRAFT, cards_of, uuid_of
from cds.cards.override_reasons import OVERRIDE_REASONS
from cds.cards.wording import LONGEST_SUMMARY
from cds.evaluation import Evaluation

Json = dict[str, Any]
MOST_INFO = 3
TOPIC = "ALSOREVIEW"


def shown_cards(evaluation: Evaluation) -> list[Json]:
    """The cards of an evaluation as they are shown."""
    return folded(cards_of(evaluation), evaluation)


def folded(cards: list[Json], evaluation: Evaluation) -> list[Json]:
    """The cards with those for information beyond the third folded into one; critical and warning ones stay whole.

    The deciding card is never folded, and a single card too many stays as it is.
    """
    info = [card for card in cards[1:] if card["indicator"] == "info"]
    first = MOST_INFO - sum(card["indicator"] == "info" for card in cards[:1])
    extra = info[first:]
    if len(extra) < 2:
        return cards
    return [card for card in cards if card not in extra] + [_also_review(extra, evaluation)]


def _also_review(cards: list[Json], evaluation: Evaluation) -> Json:
    book = evaluation.book
    suggestions = [suggestion for card in cards for suggestion in card.get("suggestions", ())]
    links = {link["url"]: link for card in cards for link in card.get("links", ())}
    topic = {"system": f"{book.canonical}/topics", "code": TOPIC, "display": "Also review"}
    return {
        "summary": _summary([card["source"]["topic"]["display"] for card in cards]),
        "detail": _detail(cards),
        "indicator": "info",
        "source": {"label": f"{book.title} {book.version}", "topic": topic},
        "uuid": uuid_of(evaluation, TOPIC),
        "overrideReasons": OVERRIDE_REASONS,
        **({"links": list(links.values())} if links else {}),
        **({"suggestions": suggestions, "selectionBehavior": "any"} if suggestions else {}),
        "extension": _extension(cards),
    }


def _detail(cards: list[Json]) -> str:
    """The details under their summaries; that rules are drafts is said once, at the end."""
    details = [card["detail"].removesuffix(f"\n\n{DRAFT}") for card in cards]
    drafts = any(detail != card["detail"] for detail, card in zip(details, cards, strict=True))
    parts = [f"### {card['summary']}\n\n{detail}" for detail, card in zip(details, cards, strict=True)]
    return "\n\n".join([*parts, DRAFT] if drafts else parts)


def _extension(cards: list[Json]) -> Json:
    """The extension of every card that was folded, as a list under the same key."""
    (key,) = cards[0]["extension"]
    return {key: {"folded": [{"summary": card["summary"], **card["extension"][key]} for card in cards]}}


def _summary(titles: list[str]) -> str:
    """As many titles as fit."""
    shown = [_inside_a_sentence(title) for title in titles]
    for count in range(len(shown), 0, -1):
        rest = len(shown) - count
        text = f"Also review: {'; '.join(shown[:count])}" + (f"; and {rest} more" if rest else "") + "."
        if len(text) <= LONGEST_SUMMARY:
            return text
    return f"Also review: {len(shown)} further points."


def _inside_a_sentence(title: str) -> str:
    """The title with a small first letter, unless it begins with an abbreviation such as CKD or HIV."""
    abbreviated = title[1:2].isupper() or title[1:2].isdigit()
    return title if abbreviated else title[:1].lower() + title[1:]
