"""How kidney function changed, and what came after a diagnosis, as the solver sees them: free numbers within laws."""

from __future__ import annotations

import z3

from cds.proof.twins import Twin, never_plain
from cds.proof.values import ZERO, AnyPatient, SolverValue
from cds.rulebook.model import Computed


def of_several_results(patient: AnyPatient, term: Computed) -> SolverValue:
    """A number that only several results give, while the first input is on record."""
    found = never_plain(patient, term)
    patient.laws.append(z3.Implies(found.known, patient.value(term.inputs[0]).known))
    return found


def _fall(patient: AnyPatient, term: Computed) -> SolverValue:
    """A free number from 0, while the newest result is usable and there is an earlier one of its kind.

    Whether there is one is said by a variable of its own name: it stays the same where the result itself moves.
    """
    reported, window = patient.value(term.role("reported")), patient.book.terms[term.role("usable as")]
    earlier = patient.variables.boolean(f"{term.name}: an earlier result")
    patient.plain.append(z3.Not(earlier))
    found = patient.free_value(term.name)
    patient.laws += [found.low >= ZERO, found.is_point, z3.Not(z3.Or(found.low_open, found.high_open))]
    usable = patient.usable(window.windows, reported) if isinstance(window, Computed) else z3.BoolVal(True)
    known = z3.And(reported.known, usable, earlier)
    return found.but(known=known, dated=reported.dated, age=reported.age)


def _since_a_diagnosis(patient: AnyPatient, term: Computed) -> SolverValue:
    """A free number from 0, while the diagnosis may be there and is dated, and what is compared is on record."""
    others = [name for name in term.inputs if name != term.role("diagnosis")]
    dated = patient.variables.boolean(f"{term.name}: dated")
    patient.plain.append(z3.Not(dated))
    found = patient.free_value(term.name)
    patient.laws.append(found.low >= ZERO)
    on_record = [patient.value(name).known for name in others]
    known = z3.And(patient.recorded(term.role("diagnosis")).maybe, dated, *on_record)
    return found.but(known=known)


TWINS: dict[str, Twin] = {
    "contradiction of one day": of_several_results,
    "days since a diagnosis": _since_a_diagnosis,
    "fall from earlier results": _fall,
    "median before a diagnosis": _since_a_diagnosis,
    "newest after a diagnosis": _since_a_diagnosis,
    "newest after a diagnosis over those before": _since_a_diagnosis,
    "over its past": of_several_results,
    "result before a fall": of_several_results,
    "rise within hours": of_several_results,
}
"""The value of each formula."""
