"""The structure of a Dosage and its words as one: words fill what it leaves out, and are compared."""

from __future__ import annotations

from cds.intake.medicines.dosages.schedule import CONTRADICTED, IN_WORDS, Schedule
from cds.intake.sigs.dose import ANY_NUMBER, NOT_UNDERSTOOD
from cds.intake.sigs.dose_units import UNKNOWN
from cds.intake.sigs.said import Part, Said, as_one
from cds.quantity import Interval


def in_words(stated: Schedule, said: Said) -> list[Schedule]:
    """A schedule with what its words add: usually one, several where the words name several doses of one day."""
    stated = _qualified(stated, said)
    if not said.says_something:
        return [stated]
    if stated.dose is not None and stated.per_day is not None:
        return [stated if said.odd else _compared(stated, said)]
    if said.odd:
        return [_unknown(stated)]
    return _filled(stated, said)


def _qualified(stated: Schedule, said: Said) -> Schedule:
    """A schedule as needed, limited, or stopped, where the words say so."""
    length = stated.length
    if length is None and said.lasts is not None and stated.bounds[1] is None:
        length = Interval(said.lasts, ANY_NUMBER.high)
    return stated._replace(
        as_needed=stated.as_needed or said.needed,
        most=stated.most or said.most,
        length=length,
        stopped=said.stopped,
    )


def _unknown(stated: Schedule) -> Schedule:
    """A schedule of which the words say something that is not understood: what the structure lacks may be anything."""
    dose, often = stated.dose or NOT_UNDERSTOOD, stated.per_day or ANY_NUMBER
    return stated._replace(dose=dose, per_day=often, notes=stated.notes | {IN_WORDS})


def _filled(stated: Schedule, said: Said) -> list[Schedule]:
    """A schedule with the dose and the times of its words where it has none of its own."""
    others = (*said.others, *((Part(),) if said.open else ()))
    if stated.dose is None and stated.per_day is None:
        parts = said.parts
    elif _contradicts(stated, as_one(said.parts)):
        parts, others = (Part(stated.dose, stated.per_day),), (*others, as_one(said.parts))
    else:
        whole_day = as_one(said.parts)
        parts = (Part(stated.dose or whole_day.dose, stated.per_day or whole_day.per_day, whole_day.hours),)
    notes = stated.notes | {IN_WORDS}
    return [
        stated._replace(dose=p.dose, per_day=p.per_day, hours=stated.hours or p.hours, others=others, notes=notes)
        for p in parts
    ]


def _compared(stated: Schedule, said: Said) -> Schedule:
    """A complete schedule; where its words say something else, with this as what may be meant."""
    told = as_one(said.parts)
    if not _contradicts(stated, told):
        return stated
    either = Part(told.dose or stated.dose, told.per_day or stated.per_day)
    return stated._replace(others=(either, *said.others), notes=stated.notes | {CONTRADICTED})


def _contradicts(stated: Schedule, told: Part) -> bool:
    """Whether words say another amount of a day, or another dose or frequency where they say no more.

    A mass and a number of dose forms are not compared.
    """
    dose, often = stated.dose, stated.per_day
    alike = dose is None or told.dose is None or dose.unit == told.dose.unit != UNKNOWN
    if dose and often and told.dose and told.per_day:
        return alike and not _meet(dose.number.across(often), told.dose.number.across(told.per_day))
    if dose and told.dose:
        return alike and not _meet(dose.number, told.dose.number)
    return bool(often and told.per_day and not _meet(often, told.per_day))


def _meet(one: Interval, other: Interval) -> bool:
    """Whether two ranges have a number in common, but for rounding."""
    return max(one.low, other.low) <= min(one.high, other.high) * 1.001
