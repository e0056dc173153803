"""The figures of a population as the book prints them: a book is published, so a run's small cells are not shown."""

from __future__ import annotations

from collections import Counter

from cds.audit.patients import Population
from cds.population.report.small_cells import LEAST, SMALL

NOT_SHOWN = "not shown"
"""Of a larger count, by which a small one could be worked out."""


def size_of(people: Population) -> str:
    """How many patients were counted."""
    return _printed(people, "patients", "", people.patients)


def figure(people: Population, kind: str, name: str) -> str:
    """How many patients: ``kind`` is ``outcomes``, ``fired``, ``decided``, ``silenced`` or ``asked``, of this name."""
    counts: Counter[str] | None = getattr(people, kind)
    return "not counted" if counts is None else _printed(people, kind, name, counts[name])


def per_100(people: Population, kind: str, name: str) -> str:
    """The same as ``3.4 in 100``; the count in words where it is not shown or was not counted."""
    counts: Counter[str] | None = getattr(people, kind)
    told = figure(people, kind, name)
    if counts is None or told == NOT_SHOWN:
        return told
    if told == SMALL:
        return f"fewer than {LEAST} patients"
    return f"{100 * counts[name] / people.patients:.1f} in 100" if people.patients else "nobody"


def unread_of(people: Population | None) -> dict[str, str]:
    """How many patients could not be evaluated, by the reason."""
    counts = Counter(item.why for item in people.unread) if people else Counter()
    return {why: _printed(people, "unread", why, counts[why]) for why in sorted(counts)} if people else {}


def unread_size(people: Population) -> str:
    """How many patients could not be evaluated."""
    return _printed(people, "unread", "", len(people.unread))


def _printed(people: Population, kind: str, name: str, count: int) -> str:
    if people.run is None or (kind, name) not in people.run.hidden:
        return str(count)
    return SMALL if count < LEAST else NOT_SHOWN
