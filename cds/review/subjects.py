"""Whose time a sentence states: in ``no calcium in 90 days`` the 90 days are of calcium, whatever else is 90 days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cds.forms.results import Dated
from cds.review.numbers import Number, numbers_of
from cds.review.prose import DAY, Mention
from cds.rulebook.graph import FINDING, Node
from cds.rulebook.model import RuleBook

_END = re.compile(r"[.;](?=\s)")
_FROM_AN_EVENT = re.compile(r"\s+(?:after|before|away|apart|later)\b")
_NEWEST = "newest "


def times_of_subjects(book: RuleBook, mention: Mention, text: str, nodes: Iterable[Node]) -> Iterator[set[Number]]:
    """The days within which each value must be dated that a sentence names before a time; nothing for other numbers.

    A time that is counted from something else (``the 14 days after a dose``) is of nobody.
    """
    if mention.unit == DAY and not _FROM_AN_EVENT.match(text, mention.at + len(mention.words)):
        before = _END.split(text[: mention.at])[-1].lower()
        days = _days_by_term(book, nodes)
        yield from (times for term, times in days.items() if _is_named(term.removeprefix(_NEWEST), before))


def _days_by_term(book: RuleBook, nodes: Iterable[Node]) -> dict[str, set[Number]]:
    found: dict[str, set[Number]] = {}
    for kind, name in nodes:
        definition = book.findings[name].definition if kind == FINDING else None
        if isinstance(definition, Dated):
            found.setdefault(definition.term, set()).update(numbers_of(book, [(kind, name)]))
    return found


def _is_named(name: str, words: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name.lower())}\b", words) is not None
