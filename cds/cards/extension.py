"""The extension of a card: what it carries as data, under the key that the topic of its rulebook names."""

from __future__ import annotations

from cds.jsontypes import Json
from cds.rulebook.model import RuleBook


def extension_of(book: RuleBook, data: Json) -> Json:
    """The member ``extension`` of a card or an answer."""
    return {book.topic.extension: data}


def data_of(card: Json) -> Json:
    """What a card carries as data, under whatever key; empty where it carries none."""
    extension = card.get("extension")
    parts = extension.values() if isinstance(extension, dict) else ()
    return next((part for part in parts if isinstance(part, dict)), {})
