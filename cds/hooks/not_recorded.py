"""An answer that is given although nobody could write it down: it says so itself, as data and on its deciding card."""

from __future__ import annotations

from cds.cards.frames import data_of, extension_of
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook

SENTENCE = "**Not recorded:** this answer could not be written into the decision log of the service."


def not_recorded(answer: Json, book: RuleBook) -> Json:
    """The body of an answer, marked; where it has no cards, only its extension says it."""
    cards = answer["cards"]
    leading = next((number for number, card in enumerate(cards) if data_of(card).get("decides")), 0)
    marked = [_marked(card, book) if number == leading else card for number, card in enumerate(cards)]
    return {**answer, "cards": marked, "extension": extension_of(book, {**data_of(answer), "notRecorded": True})}


def _marked(card: Json, book: RuleBook) -> Json:
    extension = extension_of(book, {**data_of(card), "notRecorded": True})
    return {**card, "detail": f"{card['detail']}\n\n{SENTENCE}", "extension": extension}
