"""Computed terms as formulas; one that is not here is a free number (see ``cds.proof.patient``)."""

from __future__ import annotations

from collections.abc import Callable

import z3

from cds.proof.three_valued import FALSE, TRUE, Bool, exact
from cds.proof.values import (
    NOTHING,
    ZERO,
    AnyPatient,
    Value,
    chosen,
    first_known,
    interval_value,
    point_value,
    total,
)
from cds.quantity import Interval
from cds.rulebook.graph import OBSERVATIONS
from cds.rulebook.model import SEXES, Computed, Instead, Measurement, Row

ADULT = 18


def compute(patient: AnyPatient, term: Computed) -> Value:
    """The value of a computed term."""
    work_out = FORMULAS.get(term.formula)
    return patient.free_value(term.name) if work_out is None else work_out(patient, term)


def _same_while_usable(patient: AnyPatient, term: Computed) -> Value:
    value = patient.value(term.inputs[0])
    return value.but(known=z3.And(value.known, patient.usable(term.windows, value)))


def _first_usable(patient: AnyPatient, term: Computed) -> Value:
    found = first_known([_usable(patient, term, name) for name in term.inputs])
    barred = [patient.state(exception.finding).sure for exception in term.instead]
    return found.but(known=z3.And(found.known, *map(z3.Not, barred)))


def _usable(patient: AnyPatient, term: Computed, name: str) -> Value:
    value = patient.value(name)
    return value.but(known=z3.And(value.known, patient.usable(term.windows, value)))


def _newest_of(patient: AnyPatient, term: Computed) -> Value:
    return _newest(patient, term.name, [patient.value(name) for name in term.inputs])


def _newest(patient: AnyPatient, name: str, values: list[Value]) -> Value:
    """The newest; which of two of one day is free, and the first of the list where only days are recorded."""
    found = values[-1]
    for place, one in reversed(list(enumerate(values[:-1]))):
        first = patient.variables.boolean(f"{name}: order", f"number {place} is the newer of one day")
        patient.plain.append(first)
        before = z3.Or(one.age < found.age, z3.And(one.age == found.age, first))
        found = chosen(z3.And(one.known, z3.Or(z3.Not(found.known), before)), one, found)
    return found


def _newest_near(patient: AnyPatient, term: Computed) -> Value:
    """Any value, while the other term has one; in a plain patient the one result, if it is near enough."""
    *names, anchor_name = term.inputs
    anchor, found = patient.value(anchor_name), patient.free_value(term.name)
    patient.laws += [z3.Implies(found.known, anchor.known), found.low >= ZERO]
    patient.laws += _on_record(patient, found, names)
    days, near = int(term.numbers["within days"]), []
    for name in names:
        value = patient.value(name)
        gap = value.age - anchor.age
        near.append(value.but(known=z3.And(value.known, anchor.known, gap <= days, gap >= -days)))
    patient.plain.append(found.same_as(first_known(near)))
    return found


def _on_record(patient: AnyPatient, found: Value, names: list[str]) -> list[Bool]:
    """Past results reach as far back as usable ones: with none of those there is none of these."""
    terms = [term for name in names if isinstance(term := patient.book.terms[name], Measurement)]
    if any(w.finding or w.at_most is not None for term in terms for w in term.windows):
        return []
    return [z3.Implies(found.known, z3.Or([patient.value(term.name).known for term in terms]))]


def _total_or_fractions(patient: AnyPatient, term: Computed) -> Value:
    whole, main, added = (patient.value(name) for name in term.inputs)
    joined = total([main, added]).but(dated=main.dated, age=main.age, taken=main.taken, known=main.known)
    same_day = z3.And(added.known, added.age == main.age)
    return chosen(whole.known, whole, chosen(same_day, joined, main))


def _lower_end(patient: AnyPatient, term: Computed) -> Value:
    value = patient.value(term.inputs[0])
    return _end(term, value, value.low)


def _upper_end(patient: AnyPatient, term: Computed) -> Value:
    value = patient.value(term.inputs[0])
    return _end(term, value, value.high)


def _end(term: Computed, value: Value, number: object) -> Value:
    closed = value.but(low=number, high=number, low_open=FALSE, high_open=FALSE)
    default = term.numbers.get("default")
    return closed if default is None else chosen(value.known, closed, point_value(exact(default)))


def _corrected(patient: AnyPatient, term: Computed) -> Value:
    """The total, or the total moved by what an albumin of its plausible range can move it."""
    whole, albumin = (patient.value(name) for name in term.inputs)
    moved = patient.free_value(term.name)
    is_corrected = patient.variables.boolean(f"{term.name}: corrected")
    patient.laws += [moved.low >= ZERO, z3.Implies(is_corrected, albumin.known)]
    patient.plain += [z3.Not(is_corrected), z3.Not(albumin.known)]
    moved = moved.but(known=whole.known, dated=whole.dated, age=whole.age, conflict=whole.conflict)
    return chosen(is_corrected, moved, whole)


def _newest_calcium(patient: AnyPatient, term: Computed) -> Value:
    """Ionised within a day of the other or later; else laboratory-corrected or total, the newer; else the last two."""
    ionised_name, *masses, calculated_name, protein_name = term.inputs
    ionised = patient.value(ionised_name)
    mass = _newest(patient, f"{term.name}: mass", [patient.value(name) for name in masses])
    within_a_day = patient.variables.boolean(f"{term.name}: order", "24 hours or less")
    patient.plain.append(within_a_day)
    gap = ionised.age - mass.age
    wins = z3.And(ionised.known, z3.Or(z3.Not(mass.known), gap <= 0, z3.And(gap == 1, within_a_day)))
    rest = first_known([patient.value(calculated_name), patient.value(protein_name)])
    return chosen(wins, ionised, chosen(mass.known, mass, rest))


def _set_aside(patient: AnyPatient, term: Computed) -> Value:
    """A value on the mass scale, while an ionised one is used and a mass value is on record."""
    ionised_name, *masses, used_name = term.inputs
    used, values = patient.value(used_name), [patient.value(name) for name in masses]
    found = patient.free_value(term.name)
    patient.laws += [
        z3.Implies(found.known, z3.And(used.known, used.taken.get(ionised_name, FALSE))),
        z3.Implies(found.known, z3.Or([v.but(known=TRUE).same_as(found.but(known=v.known)) for v in values])),
    ]
    patient.plain.append(found.same_as(_set_aside_plainly(patient, term, used, values)))
    return found


def _set_aside_plainly(patient: AnyPatient, term: Computed, used: Value, values: list[Value]) -> Value:
    """The laboratory-corrected value (a total without albumin is never set aside), near enough to the ionised one."""
    by_laboratory, own = values[0], values[-1]
    gap = by_laboratory.age - used.age
    newest = z3.Or(z3.Not(own.known), by_laboratory.age <= own.age)
    near = z3.And(gap >= -1, gap <= int(term.numbers["days after"]))
    used_ionised = z3.And(used.known, used.taken.get(term.inputs[0], FALSE))
    return by_laboratory.but(known=z3.And(by_laboratory.known, used_ionised, newest, near))


def _limit(patient: AnyPatient, term: Computed) -> Value:
    """The default, or whatever plausible limit the laboratory gave, on the scale of the value."""
    value = patient.value(term.inputs[0])
    number = patient.variables.real(term.name, "limit")
    scales = [(z3.Not(value.ionised), ""), (value.ionised, "ionised ")]
    ends = ("plausible from", "plausible to", "default")
    for scale, word in scales if "ionised default" in term.numbers else [(TRUE, "")]:
        low, high, default = (exact(term.numbers[f"{word}{end}"]) for end in ends)
        patient.laws.append(z3.Implies(scale, z3.Or(number == default, z3.And(low <= number, number <= high))))
        patient.plain.append(z3.Implies(scale, number == default))
    return point_value(number, value.known)


def _ckd_epi(patient: AnyPatient, term: Computed) -> Value:
    """A free positive number, while creatinine and an adult age are on record."""
    creatinine, age = (patient.value(name) for name in term.inputs[:2])
    found = patient.free_value(term.name)
    known = z3.And(creatinine.known, age.known, age.low >= ADULT)
    patient.laws.append(found.low > ZERO)
    writable = [found.is_point, found.low >= 12, found.high <= 70, patient.value(term.inputs[2]).known]
    writable += [age.is_point, age.high <= 90]
    # Half numbers: what the creatinine that is written gives back never lies on the other side of a threshold.
    writable.append(found.low == z3.ToReal(patient.variables.integer(term.name, "whole")) + z3.Q(1, 2))
    patient.plain += [z3.Implies(known, z3.And(writable)), z3.Not(z3.Or(found.low_open, found.high_open))]
    return found.but(known=known, dated=creatinine.dated, age=creatinine.age)


def _never_plain(patient: AnyPatient, term: Computed) -> Value:
    """A free number that only a record with several results or products can have."""
    found = patient.free_value(term.name)
    patient.laws.append(found.low >= ZERO)
    patient.plain.append(z3.Not(found.known))
    return found


def _compared_with_itself(patient: AnyPatient, term: Computed) -> Value:
    """As before, and only while the first input is on record."""
    found = _never_plain(patient, term)
    patient.laws.append(z3.Implies(found.known, patient.value(term.inputs[0]).known))
    return found


def _counting_doubles(patient: AnyPatient, term: Computed) -> Value:
    """At least the dose itself, while some product is recorded twice (plain patients: see ``cds.proof.plain``)."""
    found, dose = patient.free_value(term.name), patient.value(term.inputs[0])
    patient.laws += [z3.Implies(found.known, z3.And(dose.known, found.low >= dose.low, found.high >= dose.high)),
                     z3.Not(z3.Or(found.low_open, found.high_open, found.dated))]  # fmt: skip
    return found


def _before_a_course(patient: AnyPatient, term: Computed) -> Value:
    """As before, and only while some result is on record."""
    found = _never_plain(patient, term)
    patient.laws += _on_record(patient, found, list(term.inputs[:-1]))
    return found


def _recorded_or_assumed(patient: AnyPatient, term: Computed) -> Value:
    assumed = interval_value(Interval(term.numbers["lowest"], term.numbers["highest"]))
    source = patient.book.terms[term.inputs[0]]
    if isinstance(source, Measurement):
        assumed = chosen(patient.unread[OBSERVATIONS], interval_value(source.plausible), assumed)
    return chosen(patient.value(term.inputs[0]).known, patient.value(term.inputs[0]), assumed)


def _sum(patient: AnyPatient, term: Computed) -> Value:
    return total([patient.value(name) for name in term.inputs])


def _by_age_and_sex(patient: AnyPatient, term: Computed) -> Value:
    """The hull of all rows that may apply, widened by exceptions in doubt; an exception that is present replaces it."""
    value = _hull(term.rows, patient, with_age=True)
    for exception in reversed(term.instead):
        state, other = patient.state(exception.finding), _exceptional(patient, exception)
        doubtful = z3.And(state.maybe, z3.Not(state.sure), other.known)
        low = z3.If(z3.And(doubtful, other.low < value.low), other.low, value.low)
        high = z3.If(z3.And(doubtful, other.high > value.high), other.high, value.high)
        value = chosen(z3.And(state.sure, other.known), other, value.but(low=low, high=high))
    return value


def _exceptional(patient: AnyPatient, exception: Instead) -> Value:
    return patient.value(exception.term) if exception.amount is None else point_value(exact(exception.amount))


def _by_sex(patient: AnyPatient, term: Computed) -> Value:
    return _hull(term.rows, patient, with_age=False)


def _hull(rows: tuple[Row, ...], patient: AnyPatient, *, with_age: bool) -> Value:
    value = NOTHING
    for row in rows:
        fits = _fits(row, patient, with_age=with_age)
        amount = exact(row.amount)
        low = z3.If(z3.And(value.known, value.low < amount), value.low, amount)
        high = z3.If(z3.And(value.known, value.high > amount), value.high, amount)
        value = chosen(fits, Value(TRUE, low, high), value)
    return value


def _fits(row: Row, patient: AnyPatient, *, with_age: bool) -> Bool:
    sex = patient.demographic("sex")
    sexes = [sex.low == exact(SEXES[name]) for name in row.sexes]
    fits = z3.Or(z3.Not(sex.known), *sexes)
    if not with_age:
        return fits if row.first <= 0 <= row.last else FALSE
    age = patient.demographic("age")
    return z3.And(fits, z3.Or(z3.Not(age.known), z3.And(age.high >= row.first, age.low <= row.last)))


FORMULAS: dict[str, Callable[[AnyPatient, Computed], Value]] = {
    "CKD-EPI 2021": _ckd_epi,
    "calcium set aside": _set_aside,
    "dose counting doubles": _counting_doubles,
    "first usable": _first_usable,
    "lower end": _lower_end,
    "lower reference limit": _limit,
    "newest calcium": _newest_calcium,
    "newest near another": _newest_near,
    "newest of": _newest_of,
    "recorded or assumed": _recorded_or_assumed,
    "reported against computed eGFR": _compared_with_itself,
    "result before a short course": _before_a_course,
    "rise over baseline": _compared_with_itself,
    "sum": _sum,
    "table of age and sex": _by_age_and_sex,
    "table of sex": _by_sex,
    "the same while usable": _same_while_usable,
    "total calcium corrected for albumin": _corrected,
    "total or sum of fractions": _total_or_fractions,
    "upper end": _upper_end,
    "upper reference limit": _limit,
}
