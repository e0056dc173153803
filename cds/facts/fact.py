"""A fact: what the record says about a term on the day of the evaluation."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias

from cds.intake.record import Reading, Record
from cds.intake.times import Moment
from cds.quantity import Interval, State
from cds.rulebook.model import Computed, Measurement, RuleBook


class Result(NamedTuple):
    """One result among several that a fact was chosen from."""

    value: Interval
    unit: str
    when: Moment
    source: str
    limits: tuple[float | None, float | None] = (None, None)

    def __repr__(self) -> str:
        """The unit; no patient data."""
        return f"<Result: in {self.unit or 'no unit'}>"


class Fact(NamedTuple):
    """The value of a term: an interval in a unit, its date and the resources it came from.

    ``taken_from`` is the term whose value this is; ``note`` says what a reader should know (assumed, uncorrected ...);
    ``results`` are all results it was chosen from.
    """

    value: Interval
    unit: str
    when: Moment | None = None
    sources: tuple[str, ...] = ()
    limits: tuple[float | None, float | None] = (None, None)
    taken_from: str = ""
    note: str = ""
    conflict: bool = False
    results: tuple[Result, ...] = ()

    def __repr__(self) -> str:
        """The unit, and from how many resources; no patient data."""
        return f"<Fact: in {self.unit or 'no unit'}, from {len(self.sources)} resources>"

    def age(self, day: int) -> int | None:
        """The days from the value to a day; the most possible where the date is partial, None without a date."""
        return None if self.when is None else day - self.when.first


def of_reading(reading: Reading, unit: str, term: str) -> Fact:
    """The fact of one reading."""
    return Fact(reading.value, unit, reading.when, (reading.source,), reading.limits, term)


def as_result(reading: Reading, unit: str) -> Result:
    """The result of one reading."""
    return Result(reading.value, unit, reading.when, reading.source, reading.limits)


class FactView(Protocol):
    """What is known about one patient on one day."""

    @property
    def record(self) -> Record:
        """What was read about the patient."""

    @property
    def book(self) -> RuleBook:
        """The rulebook in whose words it is known."""

    @property
    def day(self) -> int:
        """The day of the evaluation, as an ordinal."""

    def value(self, name: str) -> Fact | None:
        """The usable fact of a term."""

    def state(self, name: str) -> State:
        """Whether a finding is present."""


class Facts(FactView, Protocol):
    """What formulas and sentences may ask while facts and findings are worked out."""

    def history(self, name: str) -> list[Reading]:
        """All readings behind a term."""

    def while_usable(self, term: Measurement | Computed, fact: Fact | None) -> Fact | None:
        """The fact, if it is recent enough."""


Check: TypeAlias = Callable[[Facts], State]
"""Tells the state of a finding."""
