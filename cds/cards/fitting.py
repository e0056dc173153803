"""The cards as a client shows them: folded until they fit on a screen, as the public sandbox has it.

A point of the folded card has its title and its text, and a fact where neither of them has its value and no card that
stands whole says it; its sources stand without their grades. Where that is not enough, the last points are shortened:
then title, lists and rule stay, and the ``detail`` stands in the extension. Critical cards, warnings and the one that
decides always stand whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cds.cards.also_review import also_review
from cds.cards.closing import closing_of, short_closing_of
from cds.cards.drafts import with_orders_named
from cds.cards.folding import MOST_WHOLE, can_be_folded, joined, with_folded
from cds.cards.frames import data_of
from cds.cards.lines import says
from cds.cards.room import MOST_ROOM, room_of_all
from cds.cards.wording import escaped
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.rulebook.model import LONGEST_SUMMARY, RuleBook, Wording

SHORTENED = "Shortened."
BASED_ON = "**Based on**\n"
BREAK = "  \n"
"""A line break that every renderer of Markdown keeps."""


def fitted(cards: list[Json], evaluation: Evaluation) -> list[Json]:
    """The cards, with as few of them folded as it takes; each begins with the orders that it is about."""
    cards = joined(cards, evaluation)
    if len(cards) > MOST_WHOLE or room_of_all(cards) > MOST_ROOM:
        cards = _mildest(cards, evaluation)
    return with_orders_named(cards, evaluation.book) if evaluation.chart.record.drafts else cards


def _mildest(cards: list[Json], evaluation: Evaluation) -> list[Json]:
    """The first step that fits, or the last one."""
    others, can_go = can_be_folded(cards, evaluation)
    shown = cards
    for count, shortened in _steps(max(0, len(others) - MOST_WHOLE), len(can_go)):
        shown = _folded(cards, can_go[:count], shortened, evaluation) if count > 1 else cards
        if room_of_all(shown) <= MOST_ROOM:
            break
    return shown


def _steps(fewest: int, most: int) -> Iterator[tuple[int, int]]:
    """How many cards are folded, and how many of them are shortened."""
    yield from ((count, 0) for count in range(fewest, most + 1))
    yield from ((most, shortened) for shortened in range(1, most + 1))


def _folded(cards: list[Json], extra: list[Json], shortened: int, evaluation: Evaluation) -> list[Json]:
    """The cards with the extra ones as points of one, so many of them shortened, the last ones first."""
    book = evaluation.book
    points = [card for card in cards if card in extra]
    may = [card for card in points if _can_be_shortened(card, book)]
    short = may[len(may) - shortened :]
    said = {line for card in cards if card not in extra for line in card["detail"].split("\n") if line[:2] == "- "}
    texts = ((_short_point if card in short else _point)(card, said, book) for card in points)
    one = also_review([_with_one_link(card) for card in points], texts, evaluation)
    for card, data in zip(points, data_of(one)["folded"], strict=True):
        if card in short:
            data["detail"] = card["detail"]
    return with_folded(cards, extra, one, evaluation)


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
