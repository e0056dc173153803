"""Sentences of findings as formulas; a form that is not here is free (see ``cds.proof.patient``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

import z3

from cds.facts.roots import TERM
from cds.facts.unread import AS_THEY_ARE, GOALS, OBSERVATIONS, PATIENT, VALUES, parts_of
from cds.proof.rails import FALSE, SURE, Bool, Rails, both, disjunction, either, exact, if_else, two_valued
from cds.proof.values import AnyPatient, Value, compared, point_value
from cds.quantity import ABSENT, UNKNOWN
from cds.review.reach import reached
from cds.rulebook import sentences as say
from cds.rulebook.model import Computed, Measurement, RuleBook

MASS_AND_IONISED = "mmol/L"


def state_of(patient: AnyPatient, name: str, sentence: object) -> Rails:
    """The state of a finding that is a sentence."""
    work_out = SENTENCES.get(type(sentence))
    return patient.free_state(f"finding {name}") if work_out is None else work_out(patient, name, sentence)


def not_read(patient: AnyPatient, sentence: object, found: Rails) -> Rails:
    """The state where the part of the record that it rests on was perhaps not read (see ``cds.facts.unread``)."""
    if isinstance(sentence, AS_THEY_ARE):
        return found
    if isinstance(sentence, say.NoneRecorded):
        nothing_present = z3.Not(z3.Or([patient.state(other).sure for other in sentence.findings]))
        unread = z3.Or(list(patient.unread.values()))
        return Rails(z3.And(found.sure, z3.Not(unread)), z3.Or(found.maybe, z3.And(unread, nothing_present)))
    terms = () if isinstance(sentence, say.ResultUnused) else say.sentence_terms(cast(say.Sentence, sentence))
    parts = frozenset[str]().union(*(parts_of(patient.book, term) for term in terms)) if terms else {OBSERVATIONS}
    if isinstance(sentence, VALUES):
        parts &= {GOALS, PATIENT}
    doubtful = disjunction(patient.unread[part] for part in sorted(parts))
    sure = z3.And(found.sure, z3.Not(doubtful)) if isinstance(sentence, (*VALUES, say.After)) else found.sure
    return Rails(sure, z3.Or(found.maybe, doubtful))


def recorded(patient: AnyPatient, term: str) -> Rails:
    """Whether a condition, medicine or product is on record: free, and one statement for all who ask."""
    return patient.free_state(f"{term} is on record")


def _bound(patient: AnyPatient, comparison: say.Comparison) -> Value:
    bound = comparison.bound
    return patient.value(bound.term) if bound.term else point_value(exact(bound.number))


def _all_hold(patient: AnyPatient, value: Value, comparisons: tuple[say.Comparison, ...]) -> Rails:
    return both([compared(c, value, _bound(patient, c)) for c in comparisons])


def holds_for(value: Value, comparisons: tuple[say.Comparison, ...]) -> Bool:
    """A value surely satisfies comparisons with numbers."""
    return both([compared(c, value, point_value(exact(c.bound.number))) for c in comparisons]).sure


def _compared(patient: AnyPatient, _: str, sentence: say.Compared) -> Rails:
    value, comparisons = patient.value(sentence.term), sentence.comparisons
    plain = _all_hold(patient, value, comparisons)
    if patient.book.terms[sentence.term].unit == MASS_AND_IONISED:
        return plain
    if sentence.ionised:
        other = _all_hold(patient, value, sentence.ionised)
    else:
        other = plain if any(c.bound.term for c in comparisons) else SURE[UNKNOWN]
    return if_else(value.ionised, other, plain)


def _some_result(patient: AnyPatient, name: str, sentence: say.SomeResult) -> Rails:
    """At least what the value in use says; another result of the day may say more."""
    value = patient.value(sentence.term)
    own = _all_hold(patient, value, (sentence.comparison,))
    if sentence.ionised:
        own = if_else(value.ionised, _all_hold(patient, value, sentence.ionised), own)
    other = patient.free_state(f"finding {name}: another result")
    says = partial(_all_hold, patient, comparisons=(sentence.comparison,))
    patient.plain.append(other.equals(_of_others(patient, value, says)))
    return if_else(z3.And(value.known, value.dated), either([own, other]), SURE[UNKNOWN])


def twice_measured(book: RuleBook) -> str:
    """The measurement of which a plain patient may have a second result of the same 24 hours; '' for none."""
    findings = [name for name, f in book.findings.items() if isinstance(f.definition, say.SomeResult)]
    behind = {name for kind, name in reached(book, findings) if kind == TERM}
    measured = (t for t in book.terms.values() if isinstance(t, Measurement) and t.name in behind)
    return next((term.name for term in measured if term.conflict is not None), "")


def second_result(patient: AnyPatient, name: str) -> Value:
    """The second result: one number, half a day before the other."""
    v = patient.variables
    return point_value(v.real(f"second result of {name}"), v.boolean(f"second result of {name}", "known"))


def _of_others(patient: AnyPatient, value: Value, says: Callable[[Value], Rails]) -> Rails:
    """What the second result says, and both of two that contradict each other."""
    name = twice_measured(patient.book)
    if not name:
        return SURE[ABSENT]
    second, own = second_result(patient, name), patient.value(name)
    ends = either([says(point_value(own.low)), says(point_value(own.high))])
    found = if_else(own.conflict, ends, if_else(second.known, says(second), SURE[ABSENT]))
    return if_else(value.taken.get(name, FALSE), found, SURE[ABSENT])


def _dated(patient: AnyPatient, name: str, sentence: say.Dated) -> Rails:
    value = patient.value(sentence.term)
    known = z3.And(value.known, value.dated)
    if not sentence.of:
        return two_valued(z3.And(known, value.age <= sentence.days))
    other = patient.value(sentence.of)
    gap, exactly = value.age - other.age, patient.variables.boolean(f"finding {name}", "by the hour")
    near = z3.And(gap <= sentence.days, gap >= -sentence.days)
    patient.plain.append(exactly)
    return two_valued(z3.And(known, other.known, other.dated, near, z3.Or(exactly, gap == 0)))


def _twice(patient: AnyPatient, name: str, sentence: say.Twice) -> Rails:
    """Free; in a plain patient the value itself satisfies it and an older equal result is written beside it."""
    twice = patient.variables.boolean(f"finding {name}")
    value = patient.value(sentence.term)
    own = _all_hold(patient, value, (sentence.comparison,))
    patient.plain.append(z3.Implies(twice, z3.And(own.sure, value.age + sentence.days <= 300)))
    return two_valued(twice)


def _repeated(patient: AnyPatient, name: str, sentence: say.Repeated) -> Rails:
    repeated = patient.variables.boolean(f"finding {name}")
    patient.plain.append(z3.Implies(repeated, patient.value(sentence.term).known))
    return two_valued(repeated)


def _outside_limits(patient: AnyPatient, name: str, sentence: say.OutsideLimits) -> Rails:
    """Unknown without a value; a recent value that is outside says so itself, older results may as well."""
    value = patient.value(sentence.term)
    limits = {t.formula: patient.value(t.name) for t in patient.book.terms.values()
              if isinstance(t, Computed) and t.inputs == (sentence.term,)}  # fmt: skip
    words = (("below", "lower reference limit"), ("above", "upper reference limit"))

    def outside(result: Value) -> Rails:
        return either(compared(say.Comparison(word, say.Bound(0, "", limit)), result, limits[limit])
                      for word, limit in words)  # fmt: skip

    recent = z3.And(z3.Not(value.conflict), value.age <= sentence.days)
    own = if_else(recent, outside(value), SURE[ABSENT])
    other = patient.free_state(f"finding {name}: another result")
    patient.plain.append(other.equals(either(_outside_by_others(patient, sentence))))
    return if_else(value.known, either([own, other]), SURE[UNKNOWN])


def _outside_by_others(patient: AnyPatient, sentence: say.OutsideLimits) -> Iterator[Rails]:
    """The results that a plain patient has, against the default limits; what only stands in for them does not count."""
    term = patient.book.terms[sentence.term]
    measured = getattr(term, "inputs", ())[:-2]
    name = twice_measured(patient.book)
    if name:
        second, own = second_result(patient, name), patient.value(name)
        earlier = z3.And(own.known, own.age + 1 <= sentence.days)
        yield _outside_defaults(patient, sentence, second, z3.And(second.known, earlier))
        for end in (own.low, own.high):
            yield _outside_defaults(patient, sentence, point_value(end), z3.And(own.conflict, earlier))
    for name in measured:
        value = patient.value(name)
        yield _outside_defaults(patient, sentence, value, z3.And(value.known, value.age <= sentence.days))


def _outside_defaults(patient: AnyPatient, sentence: say.OutsideLimits, value: Value, counts: Bool) -> Rails:
    """Below or above the default limits of its scale."""
    found = []
    for word, formula in (("below", "lower reference limit"), ("above", "upper reference limit")):
        limit = next(t for t in patient.book.terms.values() if isinstance(t, Computed) and t.formula == formula
                     and t.inputs == (sentence.term,))  # fmt: skip
        ionised = exact(limit.numbers.get("ionised default", limit.numbers["default"]))
        bound = point_value(z3.If(value.ionised, ionised, exact(limit.numbers["default"])))
        found.append(compared(say.Comparison(word, say.Bound(0, "", limit.name)), value.but(known=counts), bound))
    outside = either(found)
    return if_else(counts, outside, SURE[ABSENT])


def _conflicting(patient: AnyPatient, _: str, sentence: say.Conflicting) -> Rails:
    value = patient.value(sentence.term)
    return two_valued(z3.And(value.known, value.conflict))


def _taken_from(patient: AnyPatient, _: str, sentence: say.TakenFrom) -> Rails:
    value = patient.value(sentence.term)
    return two_valued(z3.And(value.known, value.taken.get(sentence.of, FALSE)))


def _missing(patient: AnyPatient, _: str, sentence: say.Missing) -> Rails:
    return two_valued(z3.Not(patient.value(sentence.term).known))


def _known(patient: AnyPatient, _: str, sentence: say.Known) -> Rails:
    return two_valued(patient.value(sentence.term).known)


def _recorded(patient: AnyPatient, _: str, sentence: say.Recorded) -> Rails:
    return recorded(patient, sentence.term)


def _after(patient: AnyPatient, name: str, sentence: say.After) -> Rails:
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


def _given(patient: AnyPatient, _: str, sentence: say.Given) -> Rails:
    there, most, fewest = last_dose(patient, sentence.term)
    return Rails(z3.And(there, most <= sentence.days), z3.And(there, fewest <= sentence.days))


def _dose_date_unknown(patient: AnyPatient, name: str, sentence: say.DoseDateUnknown) -> Rails:
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


def _lasted(patient: AnyPatient, name: str, sentence: say.Lasted) -> Rails:
    state = _part_of_a_course(patient, name, sentence)
    patient.plain.append(z3.Or(z3.Not(state.maybe), state.equals(recorded(patient, sentence.term))))
    return state


def _open_ended(patient: AnyPatient, name: str, sentence: say.OpenEnded) -> Rails:
    state = _part_of_a_course(patient, name, sentence)
    patient.plain.append(state.equals(recorded(patient, sentence.term)))
    return state


def _started(patient: AnyPatient, name: str, sentence: say.Started) -> Rails:
    started = patient.variables.boolean(f"finding {name}")
    patient.laws.append(z3.Implies(started, recorded(patient, sentence.term).maybe))
    patient.plain.append(z3.Not(started))
    return two_valued(started)


def _none_recorded(patient: AnyPatient, _: str, sentence: say.NoneRecorded) -> Rails:
    return two_valued(z3.And([_clear(patient, name) for name in sentence.findings]))


def _clear(patient: AnyPatient, name: str) -> Bool:
    state, definition = patient.state(name), patient.book.findings[name].definition
    if not isinstance(definition, (say.Compared, say.OutsideLimits)):
        return z3.Not(state.maybe)
    nothing = z3.Not(patient.value(definition.term).known)
    return z3.Or(z3.Not(state.maybe), z3.And(z3.Not(state.sure), nothing))


def _result_unused(patient: AnyPatient, name: str, _: say.ResultUnused) -> Rails:
    return two_valued(patient.variables.boolean(f"finding {name}"))


def _depends_on(patient: AnyPatient, name: str, sentence: say.DependsOn) -> Rails:
    """Free while one of the terms is open: an interval, or a sex that is not known."""
    differs = patient.variables.boolean(f"finding {name}")
    values = [(term, patient.value(term)) for term in sentence.open_terms]
    is_open = [z3.Not(v.known) if term == "sex" else z3.And(v.known, z3.Not(v.is_point)) for term, v in values]
    patient.laws.append(z3.Implies(differs, z3.Or(is_open)))
    return two_valued(differs)


def _changed_by(patient: AnyPatient, name: str, sentence: say.ChangedBy) -> Rails:
    differs = patient.variables.boolean(f"finding {name}")
    known = z3.And(patient.value(sentence.term).known, patient.value(sentence.by).known)
    patient.laws.append(z3.Implies(differs, known))
    return two_valued(differs)


SENTENCES: dict[type, Callable[[AnyPatient, str, Any], Rails]] = {
    say.Compared: _compared,
    say.SomeResult: _some_result,
    say.Dated: _dated,
    say.Twice: _twice,
    say.Repeated: _repeated,
    say.OutsideLimits: _outside_limits,
    say.Conflicting: _conflicting,
    say.TakenFrom: _taken_from,
    say.Missing: _missing,
    say.Known: _known,
    say.Recorded: _recorded,
    say.After: _after,
    say.Given: _given,
    say.DoseDateUnknown: _dose_date_unknown,
    say.Started: _started,
    say.Lasted: _lasted,
    say.OpenEnded: _open_ended,
    say.NoneRecorded: _none_recorded,
    say.ResultUnused: _result_unused,
    say.DependsOn: _depends_on,
    say.ChangedBy: _changed_by,
}
