"""Values of one line: codes, windows, rows, conditions, votes, what a card says; ``cds.rulebook.lines`` reads them."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple, TypeAlias, get_args

from cds.rulebook.declared import Known
from cds.rulebook.model.sense import Sense


class Code(NamedTuple):
    """A code of a code system; ``rank`` is its place in the preference of its term (0 first)."""

    system: str
    code: str
    display: str
    rank: int = 0


class Window(NamedTuple):
    """How long a value stays usable: so many days (None: for ever), if the finding is present or the value low."""

    days: int | None
    finding: Annotated[str, Known(("finding",))] = ""
    at_most: float | None = None
    below: float | None = None


class Choice(NamedTuple):
    """Which of several results counts: how, and of how many last days where the way to choose has such a number."""

    how: str
    days: int | None = None

    def __str__(self) -> str:
        """As it is written in the rule files."""
        return self.how if self.days is None else self.how.replace(SO_MANY_DAYS, f"{self.days} days")


SO_MANY_DAYS = "N days"
"""Stands for the days in the way to choose that has some."""
FIRST_CODE = "newest day, first code of the list"
LOWEST = "lowest of the newest day"
HIGHEST = f"highest of the last {SO_MANY_DAYS}, else newest"


class Row(NamedTuple):
    """One row of a table by age (completed years, both ends included) and sex."""

    sexes: tuple[str, ...]
    first: int
    last: int
    amount: float


class WordsNear(NamedTuple):
    """One of some words, and one of others at most so many words away, before or behind it."""

    one: tuple[str, ...]
    words: int
    other: tuple[str, ...]


class Instead(NamedTuple):
    """An amount, or a term's value, that replaces the table's while a finding is present."""

    amount: float | None
    term: str
    finding: Annotated[str, Known(("finding",))]


class Part(NamedTuple):
    """A finding in a list, in the sense in which it stands there."""

    finding: str
    sense: Sense = Sense.IS

    def __str__(self) -> str:
        """As the rule file says it."""
        return self.sense.of(self.finding)


Indicator: TypeAlias = Literal["info", "warning", "critical"]
INDICATORS: tuple[Indicator, ...] = get_args(Indicator)
"""How urgent a card is, in the words of CDS Hooks, from the least to the most."""


class Clause(NamedTuple):
    """A condition on the answer itself: a finding, the rule's own vote, the outcome, or another rule's card."""

    kind: Literal["finding", "vote", "outcome", "decider", "fires", "shown"]
    value: str
    negated: bool = False
    sense: Sense = Sense.IS


class Vote(NamedTuple):
    """The tier in which a rule decides, while the finding is present (empty: whenever the rule fires)."""

    tier: str
    finding: str = ""


class Saying(NamedTuple):
    """An advice code and the conditions under which the card says it (all of them)."""

    code: str
    conditions: tuple[Clause, ...] = ()
