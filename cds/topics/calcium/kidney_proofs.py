"""How kidney function changed, and what came after a diagnosis, as the solver sees them: free numbers within laws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import z3

from cds.proof.three_valued import FALSE, TRUE, Bool, Model, disjunction, exact
from cds.proof.twins import Earlier, Twin
from cds.proof.values import ZERO, AnyPatient, SolverValue
from cds.rulebook.model import Computed, Measurement
from cds.topics.calcium.kidney_changes import FROM, HOURS, RECENT, TO


class History(NamedTuple):
    """The one earlier result of a plain patient: how many days older it may be, and how many times the newest one.

    ``least`` is the least of the newest result: with it nothing else follows from the earlier one.
    """

    days: tuple[int, ...]
    times: float
    least: float


FALLEN, RISEN, CONTRADICTED = History((100, 50), 2, 30.0), History((100, 2), 0.5, 0.9), History((1,), 2, 0.9)
HALVED, DOUBLED, MORE = 50, 2, exact(0.45)
"""The fall in percent, the rise over the earlier result, and the rise as a number that is surely one."""


def of_several_results(patient: AnyPatient, term: Computed) -> SolverValue:
    """A number from 0 that only several results give, while the first input is on record; a plain patient has none."""
    found = _while_on_record(patient, term)
    patient.plain.append(z3.Not(found.known))
    return found


def _while_on_record(patient: AnyPatient, term: Computed) -> SolverValue:
    found = patient.free_value(term.name)
    patient.laws += [found.low >= ZERO, z3.Implies(found.known, patient.value(term.inputs[0]).known)]
    return found


def _fall(patient: AnyPatient, term: Computed) -> SolverValue:
    """A free number from 0, while the newest result is usable and there is an earlier one of its kind.

    Whether there is one is said by a variable of its own name: it stays the same where the result itself moves.
    In a plain patient the newest is half of the earlier one.
    """
    name, window = term.role("reported"), patient.book.terms[term.role("usable as")]
    reported, found = patient.value(name), patient.free_value(term.name)
    earlier = patient.variables.boolean(f"{term.name}: an earlier result")
    there = _among(patient, name, FALLEN, term.numbers[FROM], term.numbers[TO])
    patient.plain += [_can_be_written(patient, name, FALLEN), earlier == there, found.low == HALVED]
    patient.laws += [found.low >= ZERO, found.is_point, z3.Not(z3.Or(found.low_open, found.high_open))]
    usable = patient.usable(window.windows, reported) if isinstance(window, Computed) else z3.BoolVal(True)
    known = z3.And(reported.known, usable, earlier)
    return found.but(known=known, dated=reported.dated, age=reported.age)


def _is_earlier(patient: AnyPatient, name: str, days: int) -> Bool:
    return patient.variables.boolean(f"earlier result of {name}", f"{days} days")


def _among(patient: AnyPatient, name: str, history: History, first: float, last: float) -> Bool:
    """That a plain patient has an earlier result, from so many days before the newest to so many."""
    return disjunction(_is_earlier(patient, name, days) for days in history.days if first <= days <= last)


def _can_be_written(patient: AnyPatient, name: str, history: History) -> Bool:
    """With an earlier result, of which there is one at most, the newest is one number that allows for it."""
    value, term = patient.value(name), patient.book.terms[name]
    days = [_is_earlier(patient, name, each) for each in history.days]
    most = exact(term.plausible.high / history.times if isinstance(term, Measurement) else history.least)
    fits = z3.And(value.known, value.is_point, exact(history.least) <= value.low, value.low <= most)
    return z3.And(z3.AtMost(*days, 1), z3.Implies(z3.Or(days), fits))


def _earlier_of(history: History) -> Earlier:
    """What is written for a plain patient beside the first input: days before it, and times its number."""

    def earlier(patient: AnyPatient, model: Model, term: Computed) -> Iterator[tuple[str, int, float]]:
        name = term.inputs[0]
        there = (days for days in history.days if model.is_true(_is_earlier(patient, name, days)))
        yield from ((name, days, history.times) for days in there)

    return earlier


def _rise(patient: AnyPatient, term: Computed) -> SolverValue:
    """A free number from 0, while the last input is there; in a plain patient the double of the earlier result."""
    found, name, numbers = patient.free_value(term.name), term.inputs[0], term.numbers
    own = patient.value(term.inputs[-1])
    patient.laws += [found.low >= ZERO, z3.Implies(found.known, own.known)]
    last = numbers.get(TO, numbers[HOURS] / 24 if HOURS in numbers else RISEN.days[0])
    there = _among(patient, name, RISEN, numbers.get(FROM, 0), last)
    recent = own.age <= int(numbers[RECENT]) if RECENT in numbers else TRUE
    risen = found.low == (MORE if HOURS in numbers else DOUBLED)
    patient.plain += [_can_be_written(patient, name, RISEN), found.known == z3.And(own.known, there, recent)]
    patient.plain += [risen, found.is_point, z3.Not(found.low_open)]
    return found


def _contradiction(patient: AnyPatient, term: Computed) -> SolverValue:
    """A free number from 0, while the result is on record; in a plain patient, of whom it was the double a day before.

    That is as much as the newest one, as the smaller of the two.
    """
    found, name = _while_on_record(patient, term), term.inputs[0]
    there = _among(patient, name, CONTRADICTED, 0, term.numbers[HOURS] / 24)
    patient.plain += [_can_be_written(patient, name, CONTRADICTED), found.known == there]
    patient.plain += [z3.Implies(there, z3.Not(_is_earlier(patient, name, days))) for days in RISEN.days]
    patient.plain += [z3.Implies(there, found.low == patient.value(name).low), found.is_point, z3.Not(found.low_open)]
    return found


def _days_since(patient: AnyPatient, term: Computed) -> SolverValue:
    """A free number from 0, while the diagnosis may be there and is dated; in a plain patient by its one record."""
    diagnosis, found = term.role("diagnosis"), _since_a_diagnosis(patient, term, plain=TRUE)
    dated, most, _ = patient.last_event(diagnosis)
    patient.plain.append(found.known == z3.And(patient.recorded(diagnosis).maybe, dated))
    patient.plain.append(z3.And(found.is_point, found.low == z3.ToReal(most), z3.Not(found.low_open)))
    return found


def _of_results_since(patient: AnyPatient, term: Computed) -> SolverValue:
    """As it is; a plain patient whose diagnosis is dated has no other results than of that day: nothing to compare."""
    dated, most, _ = patient.last_event(term.role("diagnosis"))
    for name in (name for name in term.inputs if name != term.role("diagnosis")):
        earlier = z3.Or([_is_earlier(patient, name, days) for days in RISEN.days])
        alone = z3.And(patient.value(name).age == most, z3.Not(earlier))
        patient.plain.append(z3.Implies(z3.And(dated, patient.value(name).known), alone))
    return _since_a_diagnosis(patient, term, plain=FALSE)


def _since_a_diagnosis(patient: AnyPatient, term: Computed, plain: Bool) -> SolverValue:
    """A free number from 0, while the diagnosis may be there and is dated, and what is compared is on record."""
    others = [name for name in term.inputs if name != term.role("diagnosis")]
    dated = patient.variables.boolean(f"{term.name}: dated")
    patient.plain.append(z3.Implies(dated, plain))
    found = patient.free_value(term.name)
    patient.laws.append(found.low >= ZERO)
    on_record = [patient.value(name).known for name in others]
    known = z3.And(patient.recorded(term.role("diagnosis")).maybe, dated, *on_record)
    return found.but(known=known)


TWINS: dict[str, Twin] = {
    "contradiction of one day": _contradiction,
    "days since a diagnosis": _days_since,
    "fall from earlier results": _fall,
    "median before a diagnosis": _of_results_since,
    "newest after a diagnosis": _of_results_since,
    "newest after a diagnosis over those before": _of_results_since,
    "over its past": _rise,
    "result before a fall": of_several_results,
    "rise over baseline": _rise,
    "rise within hours": _rise,
}
"""The value of each formula."""
EARLIER: dict[str, Earlier] = {
    "contradiction of one day": _earlier_of(CONTRADICTED),
    "fall from earlier results": _earlier_of(FALLEN),
    "over its past": _earlier_of(RISEN),
    "rise over baseline": _earlier_of(RISEN),
    "rise within hours": _earlier_of(RISEN),
}
"""The formulas that an earlier result gives its value to, and that result of a plain patient, if he has one."""
