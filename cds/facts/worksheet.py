"""The worksheet on which facts and findings are worked out: what formulas and sentences may ask meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

from cds.facts.fact import Fact
from cds.facts.formulas import FORMULAS
from cds.intake.record import Reading, Record
from cds.quantity import ABSENT, PRESENT, Interval, State, point
from cds.rulebook.model import Computed, Measurement, RuleBook, Window


class Worksheet:
    """Facts and states of findings worked out so far; whoever asks comes after what he asks for.

    ``past`` are readings that stand in place of those of the record.
    """

    __slots__ = ("book", "day", "facts", "past", "record", "stale", "states")

    def __init__(self, record: Record, book: RuleBook, day: int, past: Mapping[str, list[Reading]]) -> None:
        self.record, self.book, self.day, self.past = record, book, day, past
        self.facts: dict[str, Fact | None] = {}
        self.states: dict[str, State] = {}
        self.stale: dict[str, Fact] = {}

    def value(self, name: str) -> Fact | None:
        """The usable fact of a term; None when the record holds none, or only a stale one (kept in ``stale``)."""
        return self.facts.get(name)

    def state(self, name: str) -> State:
        """Whether a finding is present, absent or unknown."""
        return self.states[name]

    def history(self, name: str) -> list[Reading]:
        """All readings behind a term that lie within its longest window, in no order."""
        if name in self.past:
            return self.past[name]
        term = self.book.terms[name]
        if isinstance(term, Measurement):
            readings = self.record.readings.get(name, [])
            longest = longest_window(term.windows)
            return [r for r in readings if longest is None or self.day - r.when.first <= longest]
        if isinstance(term, Computed) and (past := FORMULAS[term.formula].history) is not None:
            return past(self, term)
        return []

    def usable(self, term: Measurement | Computed, value: Interval, age: int | None) -> bool:
        """Whether a value of so many days is recent enough for this patient: the shortest window that applies."""
        return age is None or not any(
            window.days is not None and age > window.days and self._applies(window, value) for window in term.windows
        )

    def _applies(self, window: Window, value: Interval) -> bool:
        if window.at_most is not None:
            return value.high <= window.at_most
        if window.below is not None:
            return value.is_at_least(point(window.below)) is ABSENT
        return not window.finding or self.states[window.finding] is PRESENT

    def while_usable(self, term: Measurement | Computed, fact: Fact | None) -> Fact | None:
        """The fact if it is recent enough; a stale one is kept aside, so that its date can be shown."""
        if fact is None or self.usable(term, fact.value, fact.age(self.day)):
            return fact
        self.stale.setdefault(term.name, fact)
        return None


def longest_window(windows: tuple[Window, ...]) -> int | None:
    """The most days that any window allows; None for ever."""
    always = [w for w in windows if not w.finding and w.at_most is None and w.below is None]
    days = [window.days for window in always]
    return None if not days or None in days else max(d for d in days if d is not None)
