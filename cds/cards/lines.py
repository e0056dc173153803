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

    Who the patient is (age, sex) is no such value: whoever reads a card knows it. ``data`` is the same for ``basis`` of
    the extension, made once for all cards (to be read, not changed); None where it names no resource and no value.
    """

    text: str
    sources: tuple[str, ...] = ()
    value: str = ""
    data: Json | None = None


def line_of(text: str, sources: Iterable[str] = (), value: str = "", shown: list[str] | None = None) -> Line:
    """A line with its data; ``shown`` are the resources made harmless, where somebody has made them so already."""
    behind = tuple(sources)
    data: Json = {"line": text}
    if behind:
        data["sources"] = [harmless(source) for source in behind] if shown is None else shown
    if value:
        data["value"] = value
    return Line(text, behind, value, data if len(data) > 1 else None)


def each_once(lines: Iterable[Line]) -> list[Line]:
    """The lines, each text once, with the resources of all that read alike."""
    found: dict[str, Line] = {}
    for line in lines:
        other = found.setdefault(line.text, line)
        if other is not line:
            found[line.text] = line_of(line.text, dict.fromkeys((*other.sources, *line.sources)), line.value)
    return list(found.values())


def most_telling(lines: list[Line], *texts: str) -> list[Line]:
    """As many lines as a card shows, in their order; first goes what its texts say already, or says no value."""
    if len(lines) <= MOST_LINES:
        return lines
    text = " ".join(texts)
    needed = [bool(line.value) and not says(text, line.value) for line in lines]
    room = MOST_LINES - sum(needed)
    found = []
    for line, is_needed in zip(lines, needed, strict=True):
        if is_needed or room > 0:
            found.append(line)
            room -= not is_needed
    return found


def says(text: str, value: str) -> bool:
    """Whether a text says a value: 200 mg/day is not said by 1200 mg/day. No value is said by every text."""
    return value in text and (not value or re.search(rf"(?<![\d.]){re.escape(value)}(?!\d)", text) is not None)


def listed(lines: Iterable[Line]) -> str:
    """The lines as a list in Markdown."""
    return "\n".join([f"- {line.text}" for line in lines])


def data_of_lines(lines: Iterable[Line]) -> list[Json]:
    """The lines as data, but for those that say neither a value nor an entry."""
    return [line.data for line in lines if line.data is not None]


def fact_line(
    book: RuleBook, name: str, fact: Fact, remarks: Mapping[str, str], sources: list[str] | None = None
) -> Line:
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
    return line_of(wording.filled("{} ({})", told, about) if about else told, fact.sources, own, sources)


def named_in_a_row(wording: Wording, names: Iterable[str]) -> str:
    """The first names of entries, each once, and how many more there are."""
    every = list(dict.fromkeys(names))
    told, more = wording.phrase(", ").join(every[:MOST_NAMED]), len(every) - MOST_NAMED
    return wording.filled("{} and {} more", told, str(more)) if more > 0 else told
