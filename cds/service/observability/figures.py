"""What one process has counted, as plain values: they can be written into a file, and added to those of others."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

HISTOGRAM_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The bounds of the histograms in seconds; an EHR waits about half a second."""
Json = dict[str, Any]


class Durations:
    """How long something took, by its labels: for each how many within each bound and beyond, and the sum at last."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, ...], list[float]] = {}

    def observe(self, labels: tuple[str, ...], seconds: float) -> None:
        """Count one."""
        row = self.rows.get(labels)
        if row is None:
            row = self.rows[labels] = [0] * (len(HISTOGRAM_BOUNDS) + 2)
        row[bisect_left(HISTOGRAM_BOUNDS, seconds)] += 1
        row[-1] += seconds

    def add(self, rows: Iterable[tuple[Sequence[str], Sequence[float]]]) -> None:
        """Count what others counted."""
        for labels, more in rows:
            known = self.rows.get(tuple(labels), [0] * len(more))
            self.rows[tuple(labels)] = [one + other for one, other in zip(known, more, strict=True)]


class LastFired(NamedTuple):
    """When a rule last fired, in seconds since 1970, and after how many decisions of its process."""

    at: float
    decisions: int


class Figures:
    """The figures of one process, or of several together; not for several threads at once."""

    def __init__(self, tallies: Iterable[str], durations: Iterable[str]) -> None:
        self.tallies: dict[str, Counter[str]] = {name: Counter() for name in tallies}
        self.durations = {name: Durations() for name in durations}
        self.fired: dict[str, LastFired] = {}
        self.books: Counter[str] = Counter()
        self.begun = time.time()

    def note_fired(self, rules: Iterable[str], decisions: int) -> None:
        """Note which rules fired at a decision, the last of so many."""
        self.fired.update(dict.fromkeys(rules, LastFired(time.time(), decisions)))

    def state(self) -> Json:
        """All figures as JSON."""
        rows = {name: list(found.rows.items()) for name, found in self.durations.items()}
        fired = {rule: list(last) for rule, last in self.fired.items()}
        return {
            "tallies": self.tallies, "durations": rows, "fired": fired, "books": self.books, "begun": self.begun,
            "written": time.time(),
        }  # fmt: skip

    def add(self, state: Json) -> None:
        """Count what another process counted."""
        for name, tally in state["tallies"].items():
            self.tallies[name].update(tally)
        for name, rows in state["durations"].items():
            self.durations[name].add(rows)
        self.books.update(state["books"])


def silent_decisions(rule: str, states: Sequence[Json]) -> int:
    """Decisions since a rule last fired in any of the processes, or since the start.

    Of the process where it last fired that is known; of the others' decisions the part is taken that the time since
    then is of their time.
    """
    last = max((state["fired"][rule][0] for state in states if rule in state["fired"]), default=None)
    return round(sum(_silent(rule, last, state) for state in states))


def _silent(rule: str, last: float | None, state: Json) -> float:
    decisions: int = sum(state["tallies"]["decisions"].values())
    at: float | None
    before: int
    at, before = state["fired"].get(rule, (None, 0))
    if last is None:
        return decisions
    if at == last:
        return decisions - before
    part: float = (state["written"] - last) / max(state["written"] - state["begun"], 1e-9)
    return min(decisions - before, decisions * min(1.0, max(0.0, part)))
