"""Answers recorded requests again: by the same rules the same cards byte for byte, by others the differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import orjson

from cds.boundary import error_boundary
from cds.cards.frames import data_of
from cds.errors import CdsError, with_code
from cds.jsontypes import Json
from cds.records.entry import LogEntry
from cds.rulebook.model import Frozen, RuleBook

Responder = Callable[[LogEntry, RuleBook], bytes]
"""What answers a request again: the body of an entry, by a rulebook with its switches set, as of the entry's day."""


class Replayed(NamedTuple):
    """A record answered again: by the very rules of the record or by others; how the answer differs, or why none."""

    number: int
    same_rules: bool
    differences: tuple[str, ...]
    failure: str = ""


def replay(
    entries: Iterable[tuple[int, LogEntry]], book_of: Callable[[LogEntry], RuleBook], answer: Responder
) -> Iterator[Replayed]:
    """Each entry answered again by its rulebook, with the switches that were in force."""
    switched: dict[object, RuleBook] = {}
    for number, entry in entries:
        book = book_of(entry)
        key = (book, entry.off, entry.shadow, tuple(entry.reasons.items()))
        if key not in switched:
            switched[key] = _switched(book, entry)
        yield _again(number, entry, switched[key], answer)


def _switched(book: RuleBook, entry: LogEntry) -> RuleBook:
    off, shadow = (frozenset(rules) & book.rules.keys() for rules in (entry.off, entry.shadow))
    return replace(book, off=off, shadow=shadow, reasons=Frozen({**entry.reasons, **book.reasons}))


def _again(number: int, entry: LogEntry, book: RuleBook, answer: Responder) -> Replayed:
    same = entry.rulebook_sha256 == book.sha256
    try:
        with error_boundary():
            cards = answer(entry, book)
            found = () if cards == entry.cards else tuple(card_differences(entry.cards, cards, comparable=not same))
    except CdsError as error:
        return Replayed(number, same, (), with_code(error))
    if cards == entry.cards:
        return Replayed(number, same, ())
    return Replayed(number, same, found or (("the bytes differ, the cards do not",) if same else ()))


def card_differences(before: bytes, after: bytes, *, comparable: bool) -> Iterator[str]:
    """What changed between two answers, card by card; ``comparable``: without the mention of the rulebook's version."""
    old, new = _cards(before, comparable=comparable), _cards(after, comparable=comparable)
    for key in dict.fromkeys([*old, *new]):
        if key not in new:
            yield f"- {_name(old[key])}"
        elif key not in old:
            yield f"+ {_name(new[key])}"
        elif parts := sorted(part for part in old[key].keys() | new[key].keys() if _differ(old[key], new[key], part)):
            yield f"~ {_name(new[key])}: {', '.join(_change(old[key], new[key], part) for part in parts)}"
    if list(old) != list(new) and old.keys() == new.keys():
        yield "the order of the cards"


def _cards(answer: bytes, *, comparable: bool) -> dict[str, Json]:
    cards = orjson.loads(answer)["cards"]
    return {card["uuid"]: _comparable(card) if comparable else card for card in cards}


def _comparable(card: Json) -> Json:
    """A card without the version of the rulebook, which every card mentions."""
    parts = {key: value for key, value in data_of(card).items() if key != "rulebook"}
    for name in ("folded", "joined"):
        if name in parts:
            parts[name] = [{k: v for k, v in part.items() if k != "rulebook"} for part in parts[name]]
    source = {key: value for key, value in card["source"].items() if key != "label"}
    return {**card, "source": source, "extension": {"data": parts}}


def _name(card: Json) -> str:
    topic = card["source"]["topic"]["code"]
    rule = data_of(card).get("rule", topic)
    return f"{rule} ({card['indicator']}) {card['summary']}"


def _differ(old: Json, new: Json, part: str) -> bool:
    return bool(old.get(part) != new.get(part))


def _change(old: Json, new: Json, part: str) -> str:
    return f"{part} was {old[part]}" if part == "indicator" else part
