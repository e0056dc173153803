"""Sentences that compare results, as formulas: with bounds, with each other, with their reference limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import z3

from cds.proof.rails import FALSE, SURE, Bool, Rails, both, either, exact, if_else, two_valued
from cds.proof.values import AnyPatient, Value, compared, point_value
from cds.quantity import ABSENT, UNKNOWN
from cds.rulebook import sentences as say
from cds.rulebook.graph import TERM, graph_of
from cds.rulebook.model import Computed, Measurement, RuleBook

MASS_AND_IONISED = "mmol/L"


def _bound(patient: AnyPatient, comparison: say.Comparison) -> Value:
    bound = comparison.bound
    return patient.value(bound.term) if bound.term else point_value(exact(bound.number))


def _all_hold(patient: AnyPatient, value: Value, comparisons: tuple[say.Comparison, ...]) -> Rails:
    return both([compared(c, value, _bound(patient, c)) for c in comparisons])


def holds_for(value: Value, comparisons: tuple[say.Comparison, ...]) -> Bool:
    """A value surely satisfies comparisons with numbers."""
    return both([compared(c, value, point_value(exact(c.bound.number))) for c in comparisons]).sure


def compared_with(patient: AnyPatient, _: str, sentence: say.Compared) -> Rails:
    """The comparisons of the scale of the value; on the other one a sentence without a word for it is unknown."""
    value, comparisons = patient.value(sentence.term), sentence.comparisons
    plain = _all_hold(patient, value, comparisons)
    if patient.book.terms[sentence.term].unit == MASS_AND_IONISED:
        return plain
    if sentence.ionised:
        other = _all_hold(patient, value, sentence.ionised)
    else:
        other = plain if any(c.bound.term for c in comparisons) else SURE[UNKNOWN]
    return if_else(value.ionised, other, plain)


def some_result(patient: AnyPatient, name: str, sentence: say.SomeResult) -> Rails:
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
    behind = {name for kind, name in graph_of(book).behind_findings(findings) if kind == TERM}
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


def dated(patient: AnyPatient, name: str, sentence: say.Dated) -> Rails:
    """A known value that is young enough, or near enough to another one; the hour of the day is free."""
    value = patient.value(sentence.term)
    known = z3.And(value.known, value.dated)
    if not sentence.of:
        return two_valued(z3.And(known, value.age <= sentence.days))
    other = patient.value(sentence.of)
    gap, exactly = value.age - other.age, patient.variables.boolean(f"finding {name}", "by the hour")
    near = z3.And(gap <= sentence.days, gap >= -sentence.days)
    patient.plain.append(exactly)
    return two_valued(z3.And(known, other.known, other.dated, near, z3.Or(exactly, gap == 0)))


def twice(patient: AnyPatient, name: str, sentence: say.Twice) -> Rails:
    """Free; in a plain patient the value itself satisfies it and an older equal result is written beside it."""
    twice = patient.variables.boolean(f"finding {name}")
    value = patient.value(sentence.term)
    own = _all_hold(patient, value, (sentence.comparison,))
    patient.plain.append(z3.Implies(twice, z3.And(own.sure, value.age + sentence.days <= 300)))
    return two_valued(twice)


def repeated(patient: AnyPatient, name: str, sentence: say.Repeated) -> Rails:
    """Free."""
    repeated = patient.variables.boolean(f"finding {name}")
    patient.plain.append(z3.Implies(repeated, patient.value(sentence.term).known))
    return two_valued(repeated)


def outside_limits(patient: AnyPatient, name: str, sentence: say.OutsideLimits) -> Rails:
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


def conflicting(patient: AnyPatient, _: str, sentence: say.Conflicting) -> Rails:
    """A known value that another result contradicts."""
    value = patient.value(sentence.term)
    return two_valued(z3.And(value.known, value.conflict))
