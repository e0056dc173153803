"""How much room the cards of an answer take: about so many pixels of a column, as the public CDS Hooks sandbox has it.

An estimate from the lengths of the texts (its column is 450 pixels wide, its letters 14 high); what a browser makes of
the sample patients is measured by the tests.
"""

from __future__ import annotations

from collections.abc import Iterable

from cds.jsontypes import Json

MOST_ROOM = 1500
"""What is read without much scrolling; information beyond that is folded."""
LINE, CHARACTERS = 20, 56
"""The height of a line, and how many letters stand in it."""
TITLE_LINE, TITLE_CHARACTERS = 26, 42
GAP = 10
"""Between paragraphs."""
FRAME = 105
"""Border, margins, the line with the source, and the reasons to override."""
BUTTON, BUTTON_CHARACTERS, BESIDE = 39, 50, 4
"""A row of buttons (suggestions, links), the letters in it, and what a button takes beside its own."""
WIDE = "\u2e80"
"""From here on letters are twice as wide: Chinese, Japanese, Korean."""


def room_of_all(cards: Iterable[Json]) -> int:
    """The height of the cards, one below the other."""
    return sum(map(room_of, cards))


def room_of(card: Json) -> int:
    """The height of a card."""
    title = TITLE_LINE * _lines(card["summary"], TITLE_CHARACTERS)
    buttons = sum(_buttons(card[kind]) for kind in ("suggestions", "links") if kind in card)
    return FRAME + title + _room_of_text(card["detail"]) + buttons


def _room_of_text(text: str) -> int:
    lines = text.split("\n")
    return sum(LINE * _lines(line, CHARACTERS) if line else GAP for line in lines)


def _lines(text: str, characters: int) -> int:
    width = len(text) if text.isascii() else len(text) + sum(letter >= WIDE for letter in text)
    return -(-width // characters)


def _buttons(listed: list[Json]) -> int:
    width = sum(len(one["label"]) + BESIDE for one in listed)
    return BUTTON * -(-width // BUTTON_CHARACTERS)
