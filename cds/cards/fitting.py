"""The cards as a client shows them: folded until they fit on a screen, as the public sandbox has it.

A point of the folded card has its title and its text, and a fact where neither of them has its value and no card that
stands whole says it; its sources stand without their grades. Where that is not enough, the last points are shortened:
then title, lists and rule stay, and the ``detail`` stands in the extension. Critical cards, warnings and the one that
decides always stand whole.
"""

from __future__ import annotations

from collections.abc import Collection

from cds.cards.also_review import also_review
from cds.cards.closing import closing_of, short_closing_of
from cds.cards.drafts import with_orders_named
from cds.cards.folding import MOST_WHOLE, can_be_folded, joined, with_folded
from cds.cards.frames import data_of
from cds.cards.lines import says
from cds.cards.room import BUTTON, FRAME, GAP, MOST_ROOM, TITLE_LINE, room_of, room_of_text
from cds.cards.wording import escaped
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.rulebook.model import LONGEST_SUMMARY, RuleBook, Wording

SHORTENED = "Shortened."
FOLDED_ROOM = FRAME + 3 * TITLE_LINE + 2 * BUTTON
"""What the folded card takes beside its points."""
BASED_ON = "**Based on**\n"
BREAK = "  \n"
"""A line break that every renderer of Markdown keeps."""


def fitted(cards: list[Json], evaluation: Evaluation) -> list[Json]:
    """The cards, with as few of them folded as it takes; each begins with the orders that it is about."""
    cards = joined(cards, evaluation)
    room = sum(map(room_of, cards))
    if len(cards) > MOST_WHOLE or room > MOST_ROOM:
        cards = _mildest(cards, room, evaluation)
    return with_orders_named(cards, evaluation.book) if evaluation.chart.record.drafts else cards


def _mildest(cards: list[Json], room: int, evaluation: Evaluation) -> list[Json]:
    """The first step that fits, or the last one: more and more cards are folded, then more and more are shortened."""
    others, can_go = can_be_folded(cards, evaluation)
    fewest = max(0, len(others) - MOST_WHOLE)
    if (room <= MOST_ROOM and fewest < 2) or len(can_go) < 2:
        return cards
    points = _Points(cards, can_go, evaluation.book)
    count = max(2, fewest)
    while count < len(can_go) and points.room(room, count) > MOST_ROOM:
        count += 1
    extra = [card for card in cards if any(card is other for other in can_go[:count])]
    shortened = points.shortened(extra, points.room(room, count) - MOST_ROOM)
    return with_folded(cards, extra, points.folded(extra, shortened, evaluation), evaluation)


class _Points:
    """The points of cards that can be folded, each written once; facts that stand on the others are not repeated."""

    def __init__(self, cards: list[Json], can_go: list[Json], book: RuleBook) -> None:
        self.book, self.can_go = book, can_go
        kept = [card for card in cards if not any(card is other for other in can_go)]
        self.said = {line for card in kept for line in card["detail"].split("\n") if line[:2] == "- "}
        self.texts = {card["uuid"]: _point(card, self.said, book) for card in can_go}

    def room(self, whole: int, count: int) -> int:
        """The room of the answer with the first so many cards folded, where it takes so much with all of them whole."""
        extra = self.can_go[:count]
        return whole + FOLDED_ROOM + sum(room_of_text(self.texts[card["uuid"]]) + GAP - room_of(card) for card in extra)

    def shortened(self, extra: list[Json], too_much: int) -> list[Json]:
        """The last cards that make so much room when they are shortened; they are, from here on."""
        found: list[Json] = []
        for card in reversed(extra):
            if too_much > 0 and _can_be_shortened(card, self.book):
                long, self.texts[card["uuid"]] = self.texts[card["uuid"]], _short_point(card, self.said, self.book)
                too_much -= room_of_text(long) - room_of_text(self.texts[card["uuid"]])
                found.append(card)
        return found

    def folded(self, extra: list[Json], shortened: list[Json], evaluation: Evaluation) -> Json:
        """The card of these points; of those that are shortened the whole text is data."""
        texts = (self.texts[card["uuid"]] for card in extra)
        one = also_review([_with_one_link(card) for card in extra], texts, evaluation)
        for card, data in zip(extra, data_of(one)["folded"], strict=True):
            if any(card is other for other in shortened):
                data["detail"] = card["detail"]
        return one


def _can_be_shortened(card: Json, book: RuleBook) -> bool:
    """Whether the title of a card says by itself what it is about: no fallback stands in its place."""
    return card["summary"] not in [text.fallback for text in book.rules[data_of(card)["rule"]].card.texts]


def _with_one_link(card: Json) -> Json:
    return {**card, "links": card["links"][:1]} if "links" in card else card


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
