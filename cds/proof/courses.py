"""Sentences about what is on record, and when it was taken, as formulas."""

from __future__ import annotations

from typing import Any

import z3

from cds.proof.three_valued import Bool, Rails, two_valued
from cds.proof.values import AnyPatient
from cds.rulebook import sentences as say


def recorded(patient: AnyPatient, term: str) -> Rails:
    """Whether a condition, medicine or product is on record: free, and one statement for all who ask."""
    return patient.free_state(f"{term} is on record")


def after(patient: AnyPatient, name: str, sentence: say.After) -> Rails:
    """Free within what is on record; in a plain patient both are dated, and one is later."""
    later, earlier = recorded(patient, sentence.term), recorded(patient, sentence.of)
    state = patient.free_state(f"finding {name}")
    patient.laws += [z3.Implies(state.maybe, z3.And(later.sure, earlier.maybe)), z3.Implies(state.sure, earlier.sure)]
    patient.plain.append(z3.Implies(z3.And(later.sure, earlier.sure), state.sure == state.maybe))
    patient.plain.append(z3.Implies(z3.And(later.sure, z3.Not(earlier.sure)), z3.Not(state.maybe)))
    return state


def last_dose(patient: AnyPatient, term: str) -> tuple[Bool, Any, Any]:
    """Whether a dose is dated, and the most and the fewest days since the last one."""
    there = patient.variables.boolean(f"dose of {term}", "dated")
    most, fewest = (patient.variables.integer(f"dose of {term}", part) for part in ("most", "fewest"))
    patient.laws += [fewest >= 0, most >= fewest]
    patient.plain += [most == fewest, z3.Implies(there, z3.And(recorded(patient, term).sure, most <= 365))]
    return there, most, fewest


def given(patient: AnyPatient, _: str, sentence: say.Given) -> Rails:
    """By the last dose, where it is dated."""
    there, most, fewest = last_dose(patient, sentence.term)
    return Rails(z3.And(there, most <= sentence.days), z3.And(there, fewest <= sentence.days))


def dose_date_unknown(patient: AnyPatient, name: str, sentence: say.DoseDateUnknown) -> Rails:
    """At most as certain as that the medicine is taken, and only where no dose is dated in a plain patient."""
    state, on_record = patient.free_state(f"finding {name}"), recorded(patient, sentence.term)
    patient.laws.append(state.at_most(on_record))
    there = last_dose(patient, sentence.term)[0]
    patient.plain.append(z3.If(there, z3.Not(state.maybe), state.equals(on_record)))
    return state


def _part_of_a_course(patient: AnyPatient, name: str, sentence: Any) -> Rails:
    """At most as certain as that the medicine is taken; the length of a course is free."""
    state = patient.free_state(f"finding {name}")
    patient.laws.append(state.at_most(recorded(patient, sentence.term)))
    return state


def lasted(patient: AnyPatient, name: str, sentence: say.Lasted) -> Rails:
    """In a plain patient as certain as that the medicine is taken, or absent."""
    state = _part_of_a_course(patient, name, sentence)
    patient.plain.append(z3.Or(z3.Not(state.maybe), state.equals(recorded(patient, sentence.term))))
    return state


def open_ended(patient: AnyPatient, name: str, sentence: say.OpenEnded) -> Rails:
    """In a plain patient as certain as that the medicine is taken."""
    state = _part_of_a_course(patient, name, sentence)
    patient.plain.append(state.equals(recorded(patient, sentence.term)))
    return state


def started(patient: AnyPatient, name: str, sentence: say.Started) -> Rails:
    """Only where the medicine may be taken; never in a plain patient."""
    started = patient.variables.boolean(f"finding {name}")
    patient.laws.append(z3.Implies(started, recorded(patient, sentence.term).maybe))
    patient.plain.append(z3.Not(started))
    return two_valued(started)
