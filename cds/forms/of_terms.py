"""What forms about one term have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from cds.quantity import ABSENT, PRESENT, Interval, State
from cds.rulebook.model.form import Form

ENDLESS = float("inf")
MINUTES = 24 * 60
"""The minutes of a day."""


def within(days: int) -> Interval:
    """At most so many days."""
    return Interval(0, days)


def lasting(days: int) -> Interval:
    """So many days or more."""
    return Interval(days, ENDLESS)


@dataclass(frozen=True, slots=True)
class OfTerm(Form):
    """A form about one term."""

    term: str

    @property
    def terms(self) -> tuple[str, ...]:
        """The term."""
        return (self.term,)


@dataclass(frozen=True, slots=True)
class OfDays(OfTerm):
    """A form about one term and a number of days; ``measures`` says which days these are, ``span`` which of them."""

    days: int

    measures: ClassVar[str] = ""
    span: ClassVar[Callable[[int], Interval]] = within

    @property
    def time(self) -> tuple[str, Interval]:
        """The days in words, and which of them make the finding present."""
        return f"{self.term}: {self.measures}", type(self).span(self.days)


def yes(true: bool) -> State:
    """Present or absent."""
    return PRESENT if true else ABSENT
