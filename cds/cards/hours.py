"""When each medicine on record is taken beside what a card is about: a line for each, with its own hours alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.cards.filling import LONGEST_NAME, Filling
from cds.cards.wording import escaped
from cds.quantity import ABSENT, PRESENT
from cds.rulebook.model import Card


class Hours(NamedTuple):
    """What the record calls a medicine, made harmless for Markdown, and when it is taken."""

    medicine: str
    when: str
    colon: str = ": "

    def __str__(self) -> str:
        """As a line of a card: ``- Cipro 500 mg: 2 hours before or 6 hours after calcium``."""
        return f"- {self.medicine}{self.colon}{self.when}"


def hours_of(filling: Filling, card: Card) -> list[Hours]:
    """The lines for the medicines on record, each by the first term of the card that it is."""
    return list(dict.fromkeys(_lines(filling, card)))


def hours_text(filling: Filling, card: Card) -> str:
    """The lines as a list in Markdown; empty for a card without hours."""
    return "\n".join(map(str, hours_of(filling, card)))


def _lines(filling: Filling, card: Card) -> Iterator[Hours]:
    chart, seen, wording = filling.chart, set[str](), filling.book.wording
    colon = wording.filled("{}: {}", "", "")
    for term, when in card.hours:
        there = [course for course in chart.courses(term) if course.state is not ABSENT]
        for course in there:
            if course.source not in seen:
                seen.add(course.source)
                yield Hours(
                    escaped(filling.calls.name(course.source) or course.name or term, LONGEST_NAME), when, colon
                )
        if not there and chart.state(term) is PRESENT:
            yield Hours(wording.name(term), when, colon)
