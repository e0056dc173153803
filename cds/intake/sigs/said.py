"""What directions in words say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

from cds.intake.sigs.dose import Dose
from cds.quantity import Interval


class Part(NamedTuple):
    """One dose at its times: intakes a day, and the parts of the day; None where the text does not say."""

    dose: Dose | None = None
    per_day: Interval | None = None
    hours: frozenset[str] = frozenset()


class Said(NamedTuple):
    """What a text says.

    ``parts`` are taken beside each other; of ``others`` one may be meant instead of them. ``odd``: it has numbers that
    are not understood, so that dose and times are not known. ``open``: words that are not understood may change it.
    ``lasts`` are the fewest days for which it is taken; ``stopped``: it says that the medicine is not taken.
    """

    parts: tuple[Part, ...] = ()
    others: tuple[Part, ...] = ()
    needed: bool = False
    most: Dose | None = None
    lasts: float | None = None
    stopped: bool = False
    odd: bool = False
    open: bool = False

    @property
    def says_something(self) -> bool:
        """Whether it says a dose or times, or has numbers that are not understood."""
        return self.odd or any(part.dose or part.per_day for part in self.parts)

    @property
    def is_complete(self) -> bool:
        """Whether each part has a dose and times, and nothing is left over."""
        return bool(self.parts) and not self.odd and all(part.dose and part.per_day for part in self.parts)


NOTHING = Said()


def as_one(parts: Sequence[Part]) -> Part:
    """Several parts of a day as one, with the range of their doses."""
    if len(parts) < 2:
        return parts[0] if parts else Part()
    doses, often = [p.dose for p in parts if p.dose], [p.per_day for p in parts if p.per_day]
    if len(doses) < len(parts) or len(often) < len(parts) or len({d.unit for d in doses}) > 1:
        return Part()
    numbers = reduce(Interval.hull, (dose.number for dose in doses))
    hours = frozenset[str]().union(*(part.hours for part in parts))
    return Part(Dose(numbers, doses[0].unit), reduce(Interval.plus, often), hours)
