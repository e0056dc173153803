"""The card into which information is folded."""

from __future__ import annotations

from collections.abc import Iterable

from cds.cards.drafts import associated
from cds.cards.frames import card_about, data_of
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.rulebook.model import LONGEST_SUMMARY, Wording

ALSO_REVIEW = "ALSOREVIEW"


def also_review(cards: list[Json], points: Iterable[str], evaluation: Evaluation) -> Json:
    """The folded card: its text is that of the points; it has the data, links and suggestions of the cards."""
    titles = [card["source"]["topic"]["display"] for card in cards]
    about = (ALSO_REVIEW, "Also review", "info", _summary(titles, evaluation.book.wording), "\n\n".join(points))
    data = {"folded": [{"summary": card["summary"], **data_of(card)} for card in cards]}
    folded = card_about(evaluation, *about, data=data, **actions_of(cards))
    folded["extension"] |= associated(cards)
    return folded


def whole_point(card: Json) -> str:
    """A card as a point of the folded one, with everything that it says."""
    return f"### {card['summary']}\n\n{card['detail']}"


def actions_of(cards: list[Json]) -> Json:
    """The links and suggestions of several cards; that a draft is removed is suggested once."""
    offered = [suggestion for card in cards for suggestion in card.get("suggestions", ())]
    removed = [tuple(action.get("resourceId") for action in one["actions"]) for one in offered]
    suggestions = [one for n, one in enumerate(offered) if None in removed[n] or removed.index(removed[n]) == n]
    links = {link["url"]: link for card in cards for link in card.get("links", ())}
    more: Json = {"links": list(links.values())} if links else {}
    if suggestions:
        more |= {"suggestions": suggestions, "selectionBehavior": "any"}
    return more


def _summary(titles: list[str], wording: Wording) -> str:
    """As many titles as fit."""
    shown = [_inside_a_sentence(title) for title in titles]
    for count in range(len(shown), 0, -1):
        rest, told = len(shown) - count, wording.series("{}; {}", shown[:count])
        listed = wording.filled("{}; and {} more", told, str(rest)) if rest else told
        text = wording.filled("Also review: {}.", listed)
        if len(text) <= LONGEST_SUMMARY:
            return text
    return wording.filled("Also review: {} further points.", str(len(shown)))


def _inside_a_sentence(title: str) -> str:
    """The title with a small first letter, unless it begins with an abbreviation such as CKD or HIV."""
    abbreviated = title[1:2].isupper() or title[1:2].isdigit()
    return title if abbreviated else title[:1].lower() + title[1:]
