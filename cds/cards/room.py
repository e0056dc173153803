"""How much room the cards of an answer take: about so many pixels of a column, as the public CDS Hooks sandbox has it.

An estimate from the lengths of the texts (its column is 450 pixels wide, its letters 14 high); what a browser makes of
the sample patients is measured by the tests.
"""

from __future__ import annotations

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


def room_of(card: Json) -> int:
    """The height of a card."""
    title = TITLE_LINE * -(-_width(card["summary"]) // TITLE_CHARACTERS)
    buttons = _buttons(card.get("suggestions")) + _buttons(card.get("links"))
    return FRAME + title + room_of_text(card["detail"]) + buttons


def room_of_text(text: str) -> int:
    """The height of a text: its letters in lines, half a line more for each that begins anew, and the gaps."""
    gaps = text.count("\n\n")
    begun = text.count("\n") - gaps + 1
    return LINE * (_width(text) // CHARACTERS) + LINE * begun // 2 + GAP * gaps


def _width(text: str) -> int:
    """The letters of a text; those of Chinese, Japanese and Korean count twice."""
    return len(text) if text.isascii() else (len(text) + len(text.encode())) // 2


def _buttons(listed: list[Json] | None) -> int:
    width = sum([len(one["label"]) + BESIDE for one in listed or ()])
    return BUTTON * -(-width // BUTTON_CHARACTERS)
