"""Directions that say how often and not how many, for a product that is counted one by one.

``Brausetabletten, 1x täglich`` means one tablet. As needed, and for a liquid or a form that is not said, it is not
known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cds.intake.medicines.dosages.schedule import ONE_UNIT, Schedule
from cds.intake.medicines.names.label_words import label_words
from cds.intake.medicines.names.label_writing import plain_writing
from cds.intake.sigs.dose import Dose
from cds.quantity import point
from cds.rulebook.model import Contents, RuleBook

ONE = Dose(point(1.0), "")


def is_counted_one_by_one(contents: Contents, texts: Iterable[str], book: RuleBook) -> bool:
    """Whether the name or the form of a product says that it is a tablet, a capsule or a sachet, not a measure."""
    counted = label_words(book).counted
    return not contents.measure and any(counted.search(plain_writing(text)) for text in (*texts, contents.name))


def one_unit_each(plan: Sequence[Schedule]) -> list[Schedule]:
    """The schedules, with one unit each time where they say how often and not how many."""
    return [
        schedule._replace(dose=ONE, notes=schedule.notes | {ONE_UNIT})
        if schedule.dose is None and schedule.per_day is not None and not schedule.as_needed
        else schedule
        for schedule in plan
    ]
