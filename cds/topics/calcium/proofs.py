"""The formulas of this topic as the solver sees them; one that is not here is a free number."""

from __future__ import annotations

import z3

from cds.proof.three_valued import FALSE, TRUE, Bool, Model, exact
from cds.proof.twins import Twin, newest_value, on_record
from cds.proof.values import ZERO, AnyPatient, SolverValue, chosen, compared, first_known
from cds.rulebook.model import Computed
from cds.rulebook.model.form import Bound, Comparison
from cds.topics.calcium import kidney, kidney_proofs, pairing, serum

ROLES = ("ionised", "corrected by the laboratory", "corrected here")
"""The roles of calcium that was measured, the preferred first."""


def _corrected(patient: AnyPatient, term: Computed) -> SolverValue:
    """The total, or the total moved by what an albumin of its plausible range can move it; in a plain one by one."""
    whole, albumin = (patient.value(term.role(role)) for role in ("total", "albumin"))
    moved = patient.free_value(term.name)
    is_corrected = patient.variables.boolean(f"{term.name}: corrected")
    patient.laws += [moved.low >= ZERO, z3.Implies(is_corrected, albumin.known)]
    patient.plain += _corrected_plainly(term, whole, albumin, moved, is_corrected)
    moved = moved.but(known=whole.known, dated=whole.dated, age=whole.age, conflict=whole.conflict)
    return chosen(is_corrected, moved.but(taken={term.name: TRUE}), whole)


def _corrected_plainly(
    term: Computed, whole: SolverValue, albumin: SolverValue, moved: SolverValue, is_corrected: Bool
) -> list[Bool]:
    """The albumin of a plain patient is one number of the day of the one total, which it corrects."""
    factor, normal = (exact(term.numbers[name]) for name in (serum.FACTOR, serum.NORMAL))
    same_day = z3.And(whole.known, whole.is_point, z3.Not(whole.conflict), albumin.is_point, albumin.age == whole.age)
    number = whole.low + factor * (normal - albumin.low)
    exactly = z3.And(moved.low == number, moved.high == number, z3.Not(moved.low_open), z3.Not(moved.high_open))
    return [
        is_corrected == albumin.known,
        z3.Implies(albumin.known, z3.And(same_day, exactly)),
    ]


def _newest_calcium(patient: AnyPatient, term: Computed) -> SolverValue:
    """Ionised within so many days of the other or later; else laboratory-corrected or total, the newer; else others."""
    ionised, by_laboratory, own = (patient.value(term.role(role)) for role in ROLES)
    mass = newest_value(patient, f"{term.name}: mass", [by_laboratory, own])
    in_time = patient.variables.boolean(f"{term.name}: order", "within so many times 24 hours")
    patient.plain.append(in_time)
    gap, days = ionised.age - mass.age, int(term.numbers[serum.WITHIN])
    is_near = z3.Or(gap < days, z3.And(gap == days, in_time))
    wins = z3.And(ionised.known, z3.Or(z3.Not(mass.known), is_near))
    rest = first_known([patient.value(term.role(role)) for role in ("calculated", "corrected for protein")])
    return chosen(wins, ionised, chosen(mass.known, mass, rest))


def _set_aside(patient: AnyPatient, term: Computed) -> SolverValue:
    """A value on the mass scale, while an ionised one is used and a mass value is on record."""
    ionised_name, used = term.role("ionised"), patient.value(term.role("in use"))
    values = [patient.value(term.role(role)) for role in ROLES[1:]]
    found = patient.free_value(term.name)
    patient.laws += [
        z3.Implies(found.known, z3.And(used.known, used.taken.get(ionised_name, FALSE))),
        z3.Implies(found.known, z3.Or([v.but(known=TRUE).same_as(found.but(known=v.known)) for v in values])),
    ]
    patient.plain.append(found.same_as(_set_aside_plainly(patient, term, used, values)))
    return found


def _set_aside_plainly(
    patient: AnyPatient, term: Computed, used: SolverValue, values: list[SolverValue]
) -> SolverValue:
    """The laboratory-corrected value (a total without albumin is never set aside), near enough to the ionised one."""
    by_laboratory, own = values
    gap = by_laboratory.age - used.age
    newest = z3.Or(z3.Not(own.known), by_laboratory.age <= own.age)
    near = z3.And(gap >= -int(term.numbers[serum.BEFORE]), gap <= int(term.numbers[serum.AFTER]))
    used_ionised = z3.And(used.known, used.taken.get(term.role("ionised"), FALSE))
    return by_laboratory.but(known=z3.And(by_laboratory.known, used_ionised, newest, near))


def _near_a_high_calcium(patient: AnyPatient, term: Computed) -> SolverValue:
    """Any value, while a calcium and a result are on record; in a plain patient the one result near the one calcium.

    A plain patient has no other calcium that is high: the calcium in use is the one that counts.
    """
    names, limit = term.roles["newest of"], term.role("upper limit")
    calcium, found = patient.value(term.role("near")), patient.free_value(term.name)
    patient.laws += [z3.Implies(found.known, z3.And(calcium.known, patient.usable(term.windows, found)))]
    patient.laws += [found.low >= ZERO, *on_record(patient, found, names)]
    days, near = int(term.numbers[pairing.DAYS]), []
    is_high = compared(Comparison("above", Bound(0, "", limit)), calcium, patient.value(limit)).sure
    for name in names:
        value = patient.value(name)
        gap = value.age - calcium.age
        near.append(value.but(known=z3.And(value.known, is_high, gap <= days, gap >= -days)))
    patient.plain.append(found.same_as(first_known(near)))
    return found


def _ckd_epi(patient: AnyPatient, term: Computed) -> SolverValue:
    """A free positive number, while creatinine and an adult age are on record."""
    creatinine, age, sex = (patient.value(term.role(role)) for role in ("creatinine", "age", "sex"))
    found = patient.free_value(term.name)
    known = z3.And(creatinine.known, age.known, age.low >= int(term.numbers[kidney.ADULT]))
    patient.laws.append(found.low > ZERO)
    writable = [found.is_point, found.low >= 12, found.high <= 70, sex.known]
    writable += [age.is_point, age.high <= 90]
    # Half numbers: what the creatinine that is written gives back never lies on the other side of a threshold.
    writable.append(found.low == z3.ToReal(patient.variables.integer(term.name, "whole")) + z3.Q(1, 2))
    patient.plain += [z3.Implies(known, z3.And(writable)), z3.Not(z3.Or(found.low_open, found.high_open))]
    return found.but(known=known, dated=creatinine.dated, age=creatinine.age)


def _written_creatinine(patient: AnyPatient, model: Model, term: Computed) -> tuple[str, float]:
    """The creatinine that gives the eGFR of the model (CKD-EPI 2021 falls with creatinine: found by halving)."""
    egfr, age, sex = (model.number(patient.value(n).low) for n in (term.name, term.role("age"), term.role("sex")))
    low, high = 0.2, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if kidney.ckd_epi_2021(middle, age, sex) > egfr else (low, middle)
    return term.role("creatinine"), round((low + high) / 2, 4)


TWINS: dict[str, Twin] = kidney_proofs.TWINS | {
    "CKD-EPI 2021": _ckd_epi,
    "calcium set aside": _set_aside,
    "newest calcium": _newest_calcium,
    "newest near a high calcium": _near_a_high_calcium,
    "reported against computed eGFR": kidney_proofs.of_several_results,
    "total calcium corrected for albumin": _corrected,
}
"""The value of each formula."""
WRITTEN = {"CKD-EPI 2021": _written_creatinine}
"""For a formula whose value the solver chooses freely: the measurement, and its number, that gives this value."""
EARLIER = kidney_proofs.EARLIER
"""For a formula that compares with an earlier result: that result of a plain patient."""
