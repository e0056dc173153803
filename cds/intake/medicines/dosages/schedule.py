"""When and how much of a medicine is taken, as one element of a record says it."""

from __future__ import annotations

from typing import NamedTuple

from cds.intake.sigs.dose import Dose
from cds.intake.sigs.said import Part
from cds.intake.times import Moment
from cds.quantity import Interval

IN_WORDS, CONTRADICTED, AS_TEXT = "dosage-in-words", "dosage-contradictory", "number-as-text"
ONE_UNIT = "one-unit-assumed"
"""Issues of dosages that say how they were read."""


class Schedule(NamedTuple):
    """One Dosage element: the dose of an intake, intakes a day, and what is not clear about them.

    ``bounds`` are the first and the last day, ``length`` how many days it goes on; ``sequence`` is its number among
    instructions that follow each other, ``hours`` the times of the day or meals that it names. Instead of it one of
    ``others`` may be meant. ``notes`` are the issues of its reading; ``stopped``: its words say that it is not taken;
    ``meals``: it is taken with a meal.
    """

    dose: Dose | None = None
    per_day: Interval | None = None
    as_needed: bool = False
    most: Dose | None = None
    bounds: tuple[Moment | None, Moment | None] = (None, None)
    length: Interval | None = None
    sequence: int | None = None
    hours: frozenset[str] = frozenset()
    others: tuple[Part, ...] = ()
    notes: frozenset[str] = frozenset()
    stopped: bool = False
    meals: bool = False
