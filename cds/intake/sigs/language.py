"""How a language writes directions: its words, each with what it means.

The tables of the languages stand in modules of their own. A table has, for each kind of word, phrases with commas
between them; where the kind has values, one list of phrases for each value. Letters stand without regard to accents
and capitals, dots in abbreviations are left out (``bid`` is also ``b.i.d.``).

Kinds without values:
``form`` what is counted (tablet) · ``times`` (2 *times*, 2 *x*) · ``turn`` (the same; one turn is each intake) ·
``every`` · ``other`` (every *other* day) · ``apart`` (8 hours *apart*: every, behind its time) · ``per`` · ``to`` and
``or`` (between two numbers) · ``and`` · ``then`` (what follows is later) · ``most`` (up to) · ``needed`` (as needed) ·
``lasting`` (*for* 10 days) · ``before`` (2 hours *before*) · ``meals`` · ``each`` (per intake) · ``split`` (in 2
*divided doses*) · ``stop`` (not taken) · ``if`` (a condition) · ``avoid`` (do not take: not taken, or not with what
follows) · ``change`` (what changes the meaning in a way that is not read) · ``dispensed`` (what follows is a supply) ·
``purpose`` (words behind it are what for, or with what) · ``article`` (one, where a form or a unit stands behind it) ·
``said`` (changes nothing).

Kinds with values:
``number`` · ``count`` (twice) · ``often`` (intakes a day: bid) · ``period`` (days: daily is 1) · ``length`` (days: an
hour is 1/24) · ``hourly`` (the same) · ``hour`` (the part of the day, FHIR EventTiming) · ``weekday`` · ``unit``
(of the unit's spelling).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from cds.intake.sigs.text import phrase_of, pieces
from cds.quantity import point

Phrases: TypeAlias = str | Mapping[Any, str]
Table: TypeAlias = Mapping[str, Phrases]


class Token(NamedTuple):
    """A piece of a text: its kind, and what it means."""

    kind: str
    value: Any = None


class Language(NamedTuple):
    """A language: its name and its words.

    ``comma_parts_thousands``: 1,500 is always more than a thousand. ``amount_of_a_day``: a number of dose forms without
    'each' may be that of a whole day. ``wide``: it has no spaces between words.
    """

    name: str
    table: Table
    comma_parts_thousands: bool = False
    amount_of_a_day: bool = False
    wide: bool = False


NUMBERS = frozenset({"number", "count", "often"})
"""The kinds whose value is a number, as an interval."""
Lexicon: TypeAlias = dict[str, list[tuple[tuple[str, ...], Token]]]
"""The phrases of a language by their first piece, the longest first."""


def lexicon(*tables: Table) -> Lexicon:
    """The phrases of some tables; a later table counts before an earlier one."""
    meant = {words: token for table in tables for words, token in _meanings(table)}
    found: Lexicon = {}
    for words, token in sorted(meant.items(), key=lambda item: -len(item[0])):
        found.setdefault(words[0], []).append((words, token))
    return found


def _meanings(table: Table) -> Iterator[tuple[tuple[str, ...], Token]]:
    for phrase, token in _phrases(table):
        yield tuple(pieces(phrase_of(phrase))), token


def _phrases(table: Table) -> Iterator[tuple[str, Token]]:
    for kind, phrases in table.items():
        valued = phrases if isinstance(phrases, Mapping) else {None: phrases}
        for value, text in valued.items():
            for phrase in text.split(","):
                if phrase.strip():
                    yield phrase.strip(), Token(kind, point(float(value or 0)) if kind in NUMBERS else value)


def phrases_of(kind: str, *tables: Table) -> dict[str, Any]:
    """All phrases of one kind, normalised, with their values."""
    return {
        phrase_of(phrase): token.value for table in tables for phrase, token in _phrases(table) if token.kind == kind
    }
