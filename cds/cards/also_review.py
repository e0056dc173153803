"""The card into which information is folded: each point with its title and its text, and the facts they do not name.

What such a point is based on stands in the extension, whole. Here a fact is said where neither title nor text has its
value, and no card that stands whole says it; the sources stand without their grades. A point that is shortened, because
the answer would be too tall, keeps its title and its rule; its ``detail`` stands in the extension.
"""

from __future__ import annotations

from collections.abc import Collection

from cds.cards.closing import closing_of, short_closing_of
from cds.cards.drafts import associated
from cds.cards.frames import card_about, data_of
from cds.cards.lines import says
from cds.cards.wording import escaped
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.rulebook.model import LONGEST_SUMMARY, RuleBook, Wording

ALSO_REVIEW = "ALSOREVIEW"
SHORTENED = "Shortened."
BREAK = "  \n"
"""A line break that every renderer of Markdown keeps."""
BASED_ON = "**Based on**\n"


def also_review(cards: list[Json], whole: list[Json], shortened: int, evaluation: Evaluation) -> Json:
    """The folded card beside the ``whole`` ones; so many points are shortened, the last ones first."""
    book = evaluation.book
    short = [card for card in cards if can_be_shortened(card, book)]
    short = short[len(short) - shortened :]
    said = {line for card in whole for line in card["detail"].split("\n") if line.startswith("- ")}
    points = ((_short_point if card in short else _point)(card, said, book) for card in cards)
    data = [_data(card, short) for card in cards]
    links = [{**card, "links": card["links"][:1]} if "links" in card else card for card in cards]
    summary = _summary([card["source"]["topic"]["display"] for card in cards], book.wording)
    about = (ALSO_REVIEW, "Also review", "info", summary, "\n\n".join(points))
    card = card_about(evaluation, *about, data={"folded": data}, **actions_of(links))
    card["extension"] |= associated(cards)
    return card


def can_be_shortened(card: Json, book: RuleBook) -> bool:
    """Whether the title of a card says by itself what it is about: no fallback stands in its place."""
    return card["summary"] not in [text.fallback for text in book.rules[data_of(card)["rule"]].card.texts]


def _data(card: Json, short: list[Json]) -> Json:
    return {"summary": card["summary"], **data_of(card), **({"detail": card["detail"]} if card in short else {})}


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


def _point(card: Json, said: Collection[str], book: RuleBook) -> str:
    """A card as a point of the folded one; its lists are lines, so that nothing after them becomes part of a list."""
    text = _text(card, book).replace("\n\n- ", BREAK).replace("\n- ", BREAK)
    return _written(card, text, _closing(card, book), said, book.wording)


def _short_point(card: Json, said: Collection[str], book: RuleBook) -> str:
    """The same without the text of its rule; when each medicine is taken stays, and what has a heading."""
    kept = [line for line in _text(card, book).split("\n") if line.startswith(("- ", "**"))]
    text = BREAK.join(line.removeprefix("- ") for line in kept)
    return _written(card, text, f"{_closing(card, book)} {book.wording.phrase(SHORTENED)}", said, book.wording)


def _text(card: Json, book: RuleBook) -> str:
    """What a card says before the facts that it is based on."""
    before: str = card["detail"].partition(closing_of(book, [data_of(card)["rule"]]))[0]
    return before.partition(BASED_ON)[0].strip()


def _closing(card: Json, book: RuleBook) -> str:
    return short_closing_of(book, data_of(card)["rule"])


def _written(card: Json, text: str, closing: str, said: Collection[str], wording: Wording) -> str:
    """Title, text, the facts that nobody said, the rule, and what the card says after it."""
    title = f"**{escaped(card['summary'], LONGEST_SUMMARY)}**"
    return BREAK.join(part for part in (title, text, _facts(card, text, said, wording), closing) if part)


def _facts(card: Json, text: str, said: Collection[str], wording: Wording) -> str:
    """What a point is based on and nobody said, in a row."""
    shown = f"{card['summary']} {text}"
    facts = [(one["line"], one.get("value", "")) for one in data_of(card).get("basis", ())]
    kept = [line for line, value in facts if f"- {line}" not in said and not says(shown, value)]
    told = wording.filled("{}.", wording.series("{}; {}", kept)) if kept else ""
    return f"**{wording.phrase('Based on')}** {told}" if told else ""


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
