"""How kidney function changed, and what came after a diagnosis, as the solver sees them: free numbers within laws."""

from __future__ import annotations

import z3

from cds.proof.three_valued import FALSE, TRUE, Bool, Model, exact
from cds.proof.twins import Twin, never_plain
from cds.proof.values import ZERO, AnyPatient, SolverValue
from cds.rulebook.model import Computed, Measurement
from cds.topics.calcium.kidney_changes import FROM, TO

DAYS_EARLIER, HALF, LEAST_HALF = 100, 50, 30.0
"""A plain patient whose result fell by half (%): the earlier one is so many days older, and twice this at least."""


def of_several_results(patient: AnyPatient, term: Computed) -> SolverValue:
    """A number that only several results give, while the first input is on record."""
    found = never_plain(patient, term)
    patient.laws.append(z3.Implies(found.known, patient.value(term.inputs[0]).known))
    return found


def _fall(patient: AnyPatient, term: Computed) -> SolverValue:
    """A free number from 0, while the newest result is usable and there is an earlier one of its kind.

    Whether there is one is said by a variable of its own name: it stays the same where the result itself moves.
    A plain patient has one earlier result at most: see ``_earlier_result``.
    """
    reported, window = patient.value(term.role("reported")), patient.book.terms[term.role("usable as")]
    earlier, found = _has_earlier(patient, term), patient.free_value(term.name)
    patient.plain.append(z3.Implies(earlier, _can_be_halved(patient, term, reported, found)))
    patient.laws += [found.low >= ZERO, found.is_point, z3.Not(z3.Or(found.low_open, found.high_open))]
    usable = patient.usable(window.windows, reported) if isinstance(window, Computed) else z3.BoolVal(True)
    known = z3.And(reported.known, usable, earlier)
    return found.but(known=known, dated=reported.dated, age=reported.age)


def _has_earlier(patient: AnyPatient, term: Computed) -> Bool:
    return patient.variables.boolean(f"{term.name}: an earlier result")


def _can_be_halved(patient: AnyPatient, term: Computed, reported: SolverValue, found: SolverValue) -> Bool:
    """The one result is half of an earlier one that counts, which is no low one itself."""
    measured = patient.book.terms[term.role("reported")]
    if not isinstance(measured, Measurement) or not term.numbers[FROM] <= DAYS_EARLIER <= term.numbers[TO]:
        return FALSE
    least, most = exact(LEAST_HALF), exact(measured.plausible.high / 2)
    return z3.And(reported.is_point, least <= reported.low, reported.low <= most, found.low == HALF)


def _earlier_result(patient: AnyPatient, model: Model, term: Computed) -> tuple[str, int, float] | None:
    """What a plain patient has whose result fell: the measurement, so many days before it, twice its number."""
    name = term.role("reported")
    number = 2 * model.number(patient.value(name).low)
    return (name, DAYS_EARLIER, number) if model.is_true(_has_earlier(patient, term)) else None


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
    others = [patient.value(name) for name in term.inputs if name != term.role("diagnosis")]
    patient.plain += [z3.Implies(z3.And(dated, other.known), other.age == most) for other in others]
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
    "contradiction of one day": of_several_results,
    "days since a diagnosis": _days_since,
    "fall from earlier results": _fall,
    "median before a diagnosis": _of_results_since,
    "newest after a diagnosis": _of_results_since,
    "newest after a diagnosis over those before": _of_results_since,
    "over its past": of_several_results,
    "result before a fall": of_several_results,
    "rise within hours": of_several_results,
}
"""The value of each formula."""
EARLIER = {"fall from earlier results": _earlier_result}
"""The formulas that an earlier result gives its value to, and that result of a plain patient, if he has one."""
