"""How the fact of each kind of term is worked out on a worksheet; conditions, medicines and products have none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cds.facts.choice import choose
from cds.facts.doses import dose_fact
from cds.facts.fact import Fact
from cds.facts.formulas import FORMULAS
from cds.facts.worksheet import Worksheet
from cds.intake.times import years_between
from cds.quantity import Interval, point
from cds.rulebook.model import BIRTH_DATE, SEXES, Computed, Demographic, Dose, GoalTerm, Measurement


def measured(sheet: Worksheet, term: Measurement) -> Fact | None:
    """The result that counts among those that are recent enough; without one, the newest old one is kept aside."""
    readings = sheet.record.readings.get(term.name)
    if readings is None:
        return None
    day = sheet.day
    usable = [r for r in readings if sheet.usable(term, r.value, day - r.when.first)] if term.windows else readings
    if not usable and (old := choose(term, readings, day)) is not None:
        sheet.stale.setdefault(term.name, old)
    return choose(term, usable, day)


def computed(sheet: Worksheet, term: Computed) -> Fact | None:
    """What the formula of the term gives."""
    return FORMULAS[term.formula].compute(sheet, term)


def dosed(sheet: Worksheet, term: Dose) -> Fact | None:
    """The amount from active products."""
    return dose_fact(sheet.record, term)


def targeted(sheet: Worksheet, term: GoalTerm) -> Fact | None:
    """The newest target on record."""
    targets = sheet.record.targets.get(term.of, [])
    newest = max(targets, key=lambda t: (t.when.minute, t.value), default=None)
    return newest and Fact(newest.value, "", newest.when, (newest.source,), taken_from=term.name)


def demographic(sheet: Worksheet, term: Demographic) -> Fact | None:
    """The age or the sex of the patient."""
    return _age(sheet, term) if term.element == BIRTH_DATE else _sex(sheet, term)


def _age(sheet: Worksheet, term: Demographic) -> Fact | None:
    """Completed years; an interval where day or month of birth are missing."""
    birth = sheet.record.birth
    if birth is None or birth.first > sheet.day:
        return None
    youngest = oldest = years_between(birth.last, sheet.day)
    if birth.first != birth.last:
        oldest = years_between(birth.first, sheet.day)
    return Fact(Interval(max(0, youngest), oldest), term.unit, None, (sheet.record.patient,), taken_from=term.name)


def _sex(sheet: Worksheet, term: Demographic) -> Fact | None:
    if sheet.record.sex not in SEXES:
        return None
    return Fact(point(SEXES[sheet.record.sex]), "", None, (sheet.record.patient,), taken_from=term.name)


WORK_OUT: dict[type, Callable[[Worksheet, Any], Fact | None]] = {
    Measurement: measured,
    Computed: computed,
    Dose: dosed,
    GoalTerm: targeted,
    Demographic: demographic,
}
