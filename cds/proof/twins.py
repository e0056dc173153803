"""The formulas of the engine as the solver sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import z3

from cds.facts import limits, selection, tables
from cds.proof.three_valued import FALSE, TRUE, Bool, Model, exact
from cds.proof.values import (
    NO_VALUE,
    ZERO,
    AnyPatient,
    SolverValue,
    chosen,
    first_known,
    interval_value,
    point_value,
    total,
)
from cds.quantity import Interval
from cds.rulebook.graph import OBSERVATIONS
from cds.rulebook.model import SEXES, Computed, Instead, Measurement, Row

STATED_LIMIT = "stated upper limit"
"""The formula of a limit that only the laboratory can give."""
Twin: TypeAlias = Callable[[AnyPatient, Computed], SolverValue]
"""The value of a computed term as a formula of the solver."""
Earlier: TypeAlias = Callable[[AnyPatient, Model, Computed], Iterator[tuple[str, int, float]]]
"""Earlier results of a plain patient: the measurement, days before its newest result, and how many times its number."""


def _same_while_usable(patient: AnyPatient, term: Computed) -> SolverValue:
    value = patient.value(term.inputs[0])
    return value.but(known=z3.And(value.known, patient.usable(term.windows, value)))


def _first_usable(patient: AnyPatient, term: Computed) -> SolverValue:
    found = first_known([_usable(patient, term, name) for name in term.inputs])
    barred = [patient.state(exception.finding).sure for exception in term.instead]
    return found.but(known=z3.And(found.known, *map(z3.Not, barred)))


def _usable(patient: AnyPatient, term: Computed, name: str) -> SolverValue:
    value = patient.value(name)
    return value.but(known=z3.And(value.known, patient.usable(term.windows, value)))


def _newest_of(patient: AnyPatient, term: Computed) -> SolverValue:
    return newest_value(patient, term.name, [patient.value(name) for name in term.inputs])


def newest_value(patient: AnyPatient, name: str, values: list[SolverValue]) -> SolverValue:
    """The newest; which of two of one day is free, and the first of the list where only days are recorded."""
    found = values[-1]
    for place, one in reversed(list(enumerate(values[:-1]))):
        first = patient.variables.boolean(f"{name}: order", f"number {place} is the newer of one day")
        patient.plain.append(first)
        before = z3.Or(one.age < found.age, z3.And(one.age == found.age, first))
        found = chosen(z3.And(one.known, z3.Or(z3.Not(found.known), before)), one, found)
    return found


def _newest_near(patient: AnyPatient, term: Computed) -> SolverValue:
    """Any value, while the other term has one; in a plain patient the one result, if it is near enough."""
    names = term.roles["newest of"]
    anchor, found = patient.value(term.role("near")), patient.free_value(term.name)
    patient.laws += [z3.Implies(found.known, anchor.known), found.low >= ZERO]
    patient.laws += on_record(patient, found, names)
    days, near = int(term.numbers[selection.WITHIN]), []
    for name in names:
        value = patient.value(name)
        gap = value.age - anchor.age
        near.append(value.but(known=z3.And(value.known, anchor.known, gap <= days, gap >= -days)))
    patient.plain.append(found.same_as(first_known(near)))
    return found


def on_record(patient: AnyPatient, found: SolverValue, names: Iterable[str]) -> list[Bool]:
    """The law that past results reach as far back as usable ones: with none of those there is none of these."""
    terms = [term for name in names if isinstance(term := patient.book.terms[name], Measurement)]
    if any(w.finding or w.at_most is not None for term in terms for w in term.windows):
        return []
    return [z3.Implies(found.known, z3.Or([patient.value(term.name).known for term in terms]))]


def _total_or_fractions(patient: AnyPatient, term: Computed) -> SolverValue:
    roles = ("total", "main fraction", "added fraction")
    whole, main, added = (patient.value(term.role(role)) for role in roles)
    joined = total([main, added]).but(dated=main.dated, age=main.age, taken=main.taken, known=main.known)
    same_day = z3.And(added.known, added.age == main.age)
    return chosen(whole.known, whole, chosen(same_day, joined, main))


def _lower_end(patient: AnyPatient, term: Computed) -> SolverValue:
    value = patient.value(term.inputs[0])
    return _end(patient, term, value, value.low)


def _upper_end(patient: AnyPatient, term: Computed) -> SolverValue:
    value = patient.value(term.inputs[0])
    return _end(patient, term, value, value.high)


def _end(patient: AnyPatient, term: Computed, value: SolverValue, number: object) -> SolverValue:
    closed = value.but(low=number, high=number, low_open=FALSE, high_open=FALSE)
    default = term.numbers.get(limits.DEFAULT)
    other = NO_VALUE if default is None else point_value(exact(default))
    return chosen(value.known, closed, _or_instead(patient, term, other))


def _limit(patient: AnyPatient, term: Computed) -> SolverValue:
    """The default, or whatever plausible limit the laboratory gave, on the scale of the value."""
    value = patient.value(term.inputs[0])
    number = patient.variables.real(term.name, "limit")
    for on_scale, word in _scales(patient, term, value):
        low, high, default = (exact(term.numbers[f"{word}{end}"]) for end in (limits.FROM, limits.TO, limits.DEFAULT))
        patient.laws.append(z3.Implies(on_scale, z3.Or(number == default, z3.And(low <= number, number <= high))))
        patient.plain.append(z3.Implies(on_scale, number == default))
    return point_value(number, value.known).but(other_scale=value.other_scale)


def _stated_limit(patient: AnyPatient, term: Computed) -> SolverValue:
    """Whatever plausible limit the laboratory gave, or none; in a plain patient the lowest plausible one, or none."""
    value, number = patient.value(term.inputs[0]), patient.variables.real(term.name, "limit")
    stated = patient.variables.boolean(term.name, "stated")
    patient.laws += [exact(term.numbers[limits.FROM]) <= number, number <= exact(term.numbers[limits.TO])]
    patient.plain.append(number == exact(term.numbers[limits.FROM]))
    return point_value(number, z3.And(value.known, stated))


def _scales(patient: AnyPatient, term: Computed, value: SolverValue) -> list[tuple[Bool, str]]:
    """Each scale for which a limit has numbers of its own: that the value is on it, and how their names begin."""
    named = [name for name in patient.book.topic.scales if f"{name} {limits.DEFAULT}" in term.numbers]
    if not named:
        return [(TRUE, "")]
    (name,) = named  # a value of the solver knows of one scale besides that of its term
    return [(z3.Not(value.other_scale), ""), (value.other_scale, f"{name} ")]


def never_plain(patient: AnyPatient, term: Computed) -> SolverValue:
    """A free number that only a record with several results or products can have."""
    found = patient.free_value(term.name)
    patient.laws.append(found.low >= ZERO)
    patient.plain.append(z3.Not(found.known))
    return found


def _counting_doubles(patient: AnyPatient, term: Computed) -> SolverValue:
    """At least the dose itself, while some product is recorded twice (plain patients: see ``cds.proof.plain``)."""
    found, dose = patient.free_value(term.name), patient.value(term.inputs[0])
    more = z3.And(dose.known, found.low >= dose.low, found.high >= dose.high)
    patient.laws += [z3.Implies(found.known, more), z3.Not(z3.Or(found.low_open, found.high_open, found.dated))]
    return found


def _before_a_course(patient: AnyPatient, term: Computed) -> SolverValue:
    """As before, and only while some result is on record."""
    found = never_plain(patient, term)
    patient.laws += on_record(patient, found, term.roles["newest of"])
    return found


def _recorded_or_assumed(patient: AnyPatient, term: Computed) -> SolverValue:
    assumed = interval_value(Interval(term.numbers[tables.ASSUMED_LOWEST], term.numbers[tables.ASSUMED_HIGHEST]))
    source = patient.book.terms[term.inputs[0]]
    if isinstance(source, Measurement):
        assumed = chosen(patient.unread[OBSERVATIONS], interval_value(source.plausible), assumed)
    return chosen(patient.value(term.inputs[0]).known, patient.value(term.inputs[0]), assumed)


def _sum(patient: AnyPatient, term: Computed) -> SolverValue:
    return total([patient.value(name) for name in term.inputs])


def _by_age_and_sex(patient: AnyPatient, term: Computed) -> SolverValue:
    """The hull of all rows that may apply."""
    return _or_instead(patient, term, _hull(patient, term, _fits_age(patient.value(term.role("age")))))


def _or_instead(patient: AnyPatient, term: Computed, value: SolverValue) -> SolverValue:
    """A value, widened by exceptions in doubt; an exception that is present replaces it."""
    for exception in reversed(term.instead):
        state, other = patient.state(exception.finding), _exceptional(patient, exception)
        doubtful = z3.And(state.maybe, z3.Not(state.sure), other.known)
        low = z3.If(z3.And(doubtful, other.low < value.low), other.low, value.low)
        high = z3.If(z3.And(doubtful, other.high > value.high), other.high, value.high)
        value = chosen(z3.And(state.sure, other.known), other, value.but(low=low, high=high))
    return value


def _exceptional(patient: AnyPatient, exception: Instead) -> SolverValue:
    return patient.value(exception.term) if exception.amount is None else point_value(exact(exception.amount))


def _by_sex(patient: AnyPatient, term: Computed) -> SolverValue:
    return _hull(patient, term, lambda row: z3.BoolVal(row.first <= 0 <= row.last))


def _hull(patient: AnyPatient, term: Computed, is_old_enough: Callable[[Row], Bool]) -> SolverValue:
    value, sex = NO_VALUE, patient.value(term.role("sex"))
    for row in term.rows:
        fits = z3.And(_fits_sex(row, sex), is_old_enough(row))
        amount = exact(row.amount)
        low = z3.If(z3.And(value.known, value.low < amount), value.low, amount)
        high = z3.If(z3.And(value.known, value.high > amount), value.high, amount)
        value = chosen(fits, SolverValue(TRUE, low, high), value)
    return value


def _fits_sex(row: Row, sex: SolverValue) -> Bool:
    return z3.Or(z3.Not(sex.known), *(sex.low == exact(SEXES[name]) for name in row.sexes))


def _fits_age(age: SolverValue) -> Callable[[Row], Bool]:
    return lambda row: z3.Or(z3.Not(age.known), z3.And(age.high >= row.first, age.low <= row.last))


GENERAL_TWINS: dict[str, Twin] = {
    "dose counting doubles": _counting_doubles,
    "first usable": _first_usable,
    "lower end": _lower_end,
    "lower reference limit": _limit,
    "newest near another": _newest_near,
    "newest of": _newest_of,
    "recorded or assumed": _recorded_or_assumed,
    "result before a short course": _before_a_course,
    STATED_LIMIT: _stated_limit,
    "sum": _sum,
    "table of age and sex": _by_age_and_sex,
    "table of sex": _by_sex,
    "the same while usable": _same_while_usable,
    "total or sum of fractions": _total_or_fractions,
    "upper end": _upper_end,
    "upper reference limit": _limit,
}
"""The formulas of the engine."""
