"""Rules: what they rest on, how they vote, what their cards say, and their cases."""

from __future__ import annotations

from typing import Literal, NamedTuple

from cds.quantity import Interval
from cds.rulebook.model.finding import Joined
from cds.rulebook.model.frozen import Frozen, Spot
from cds.rulebook.model.value import Clause, Indicator, Saying, Vote

LONGEST_SUMMARY = 139
"""The characters of a summary: CDS Hooks 2.0 wants fewer than 140."""


class CardText(NamedTuple):
    """The text of a card; a variant stands in when any of its lines is true, a line when all its clauses are."""

    summary: str
    detail: str
    when: tuple[tuple[Clause, ...], ...] = ()


class Card(NamedTuple):
    """A card: its texts (variants first, the plain one last) and its indicators (likewise)."""

    texts: tuple[CardText, ...]
    indicators: tuple[tuple[Indicator, tuple[Clause, ...]], ...]


CASE_WORDS = ("fires", "nothing", "ask")
"""What a case may expect of its rule besides an outcome: that it fires, does not, or asks for what is unknown."""


class Case(NamedTuple):
    """An example patient of a rule in its own words; ``summary`` and ``indicator`` of the card where they matter."""

    name: str
    given: tuple[tuple[str, str], ...]
    expect: str
    says: tuple[str, ...]
    not_says: tuple[str, ...]
    spot: Spot
    summary: str = ""
    indicator: str = ""


class OtherNumber(NamedTuple):
    """A number that the texts of a rule need and its findings do not hold: what it is, and the sources that state it.

    Instead of sources it can have the finding or the term whose number it is (``of``). ``amount`` is the text of the
    file.
    """

    amount: str
    value: Interval
    unit: str
    what: str
    sources: tuple[str, ...]
    of: str
    spot: Spot


class Rule(NamedTuple):
    """Findings -> a vote for an outcome, advice and a card; with its evidence and its cases.

    ``spots`` say where its texts stand: ``title``, ``card summary``, ``card variant 1 detail``.
    """

    id: str
    title: str
    says: str
    chapter: str
    version: str
    status: str
    owner: str
    authored: str
    review_by: str
    when: Joined
    if_unknown: Literal["ask", "ignore"]
    because: str
    votes: tuple[Vote, ...]
    advice: tuple[Saying, ...]
    card: Card
    never: tuple[str, ...]
    evidence: tuple[str, ...]
    strength: str
    attributes: Frozen[str, str]
    cases: tuple[Case, ...]
    spot: Spot
    guarded: bool = False
    other_numbers: tuple[OtherNumber, ...] = ()
    spots: Frozen[str, Spot] = Frozen()
