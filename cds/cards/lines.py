"""The lines of a card about single entries of the record: what it is, its value and its date, for a person to read.

The resources behind a line stand in the extension of the card (``basis``), not in its text: the ids of a large EHR have
more than 40 characters, and nobody at a bedside reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cds.cards.wording import fact_text, harmless
from cds.facts.fact import Fact
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook, Wording
from cds.rulebook.model.term import Demographic

MOST_LINES = 5
"""How many lines say what a card is based on; all stand in its extension."""
MOST_NAMED = 3
"""How many entries a line names; the others are counted."""


class Line(NamedTuple):
    """A line of a Markdown list without its mark, the resources behind it, and the value that it says of a fact.

    Who the patient is (age, sex) is no such value: whoever reads a card knows it.
    """

    text: str
    sources: tuple[str, ...] = ()
    value: str = ""

    @property
    def data(self) -> Json:
        """As it stands in ``basis`` of the extension."""
        data: Json = {"line": self.text}
        if self.sources:
            data["sources"] = [harmless(source) for source in self.sources]
        return data | {"value": self.value} if self.value else data


def each_once(lines: Iterable[Line]) -> list[Line]:
    """The lines, each text once, with the resources of all that read alike."""
    found: dict[str, Line] = {}
    for line in lines:
        other = found.get(line.text)
        if other is None:
            found[line.text] = line
        elif other is not line:
            found[line.text] = line._replace(sources=tuple(dict.fromkeys((*other.sources, *line.sources))))
    return list(found.values())


def most_telling(lines: list[Line], text: str) -> list[Line]:
    """As many lines as a card shows, in their order; first goes what the text says already, or says no value."""
    if len(lines) <= MOST_LINES:
        return lines
    needed = {line for line in lines if line.value and not says(text, line.value)}
    others = [line for line in lines if line not in needed][: max(0, MOST_LINES - len(needed))]
    return [line for line in lines if line in needed or line in others]


def says(text: str, value: str) -> bool:
    """Whether a text says a value: 200 mg/day is not said by 1200 mg/day. No value is said by every text."""
    return value in text and (not value or re.search(rf"(?<![\d.]){re.escape(value)}(?!\d)", text) is not None)


def listed(lines: Iterable[Line]) -> str:
    """The lines as a list in Markdown."""
    return "\n".join([f"- {line.text}" for line in lines])


def data_of_lines(lines: Iterable[Line]) -> list[Json]:
    """The lines as data, but for those that say neither a value nor an entry."""
    return [line.data for line in lines if line.sources or line.value]


def fact_line(book: RuleBook, name: str, fact: Fact, remarks: Mapping[str, str]) -> Line:
    """``DXA T-score: -2.8 (2025-05-20)``; ``remarks`` say of a resource what a reader must know of its result."""
    terms, wording = book.terms, book.wording
    shown = fact.taken_from if fact.taken_from in terms else name
    value = fact_text(book, terms[shown], fact)
    told = wording.filled("{}: {}", wording.name(shown), value)
    said = dict.fromkeys(remarks[source] for source in fact.sources if source in remarks) if remarks else ()
    note = "" if fact.note in shown else fact.note
    parts = (fact.when.text if fact.when else "", *map(wording.remark, (note, *said)))
    about = wording.phrase(", ").join([part for part in parts if part])
    own = "" if isinstance(terms[shown], Demographic) else value
    return Line(wording.filled("{} ({})", told, about) if about else told, fact.sources, own)


def named_in_a_row(wording: Wording, names: Iterable[str]) -> str:
    """The first names of entries, each once, and how many more there are."""
    every = list(dict.fromkeys(names))
    told, more = wording.phrase(", ").join(every[:MOST_NAMED]), len(every) - MOST_NAMED
    return wording.filled("{} and {} more", told, str(more)) if more > 0 else told
