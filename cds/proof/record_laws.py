"""What else a record says: of one thing by another, and by results beside the value in use.

A plain patient has a second result of one measurement, all other results are free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import z3

from cds.facts.limits import DEFAULT
from cds.forms.comparing import SomeResult
from cds.forms.limits import OutsideLimits, limits_of
from cds.proof.three_valued import FALSE, SURE, Bool, ThreeValued, both, either, exact, if_else
from cds.proof.values import AnyPatient, SolverValue, compared, point_value
from cds.quantity import ABSENT
from cds.rulebook.graph import TERM, graph_of
from cds.rulebook.model import Measurement, RuleBook
from cds.rulebook.model.form import Bound, Comparison


def holds_for(value: SolverValue, comparisons: tuple[Comparison, ...]) -> Bool:
    """A value surely satisfies comparisons with numbers."""
    return both([compared(c, value, point_value(exact(c.bound.number))) for c in comparisons]).sure


def twice_measured(book: RuleBook) -> str:
    """The measurement of which a plain patient may have a second result of the same 24 hours; '' for none."""
    findings = [name for name, f in book.findings.items() if isinstance(f.definition, SomeResult)]
    behind = {name for kind, name in graph_of(book).behind_findings(findings) if kind == TERM}
    measured = (t for t in book.terms.values() if isinstance(t, Measurement) and t.name in behind)
    return next((term.name for term in measured if term.conflict is not None), "")


def second_result(patient: AnyPatient, name: str) -> SolverValue:
    """The second result: one number, half a day before the other."""
    v = patient.variables
    return point_value(v.real(f"second result of {name}"), v.boolean(f"second result of {name}", "known"))


def of_others(patient: AnyPatient, value: SolverValue, says: Callable[[SolverValue], ThreeValued]) -> ThreeValued:
    """What the second result says, and both of two that contradict each other."""
    name = twice_measured(patient.book)
    if not name:
        return SURE[ABSENT]
    second, own = second_result(patient, name), patient.value(name)
    ends = either([says(point_value(own.low)), says(point_value(own.high))])
    found = if_else(own.conflict, ends, if_else(second.known, says(second), SURE[ABSENT]))
    return if_else(value.taken.get(name, FALSE), found, SURE[ABSENT])


def outside_by_others(patient: AnyPatient, sentence: OutsideLimits) -> Iterator[ThreeValued]:
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


def _outside_defaults(patient: AnyPatient, sentence: OutsideLimits, value: SolverValue, counts: Bool) -> ThreeValued:
    """Below or above the default limits of its scale."""
    found, scale = [], next(iter(patient.book.topic.scales), "")
    for word, limit in zip(("below", "above"), limits_of(sentence.term, patient.book.terms), strict=True):
        usual = limit.numbers[DEFAULT]
        other = limit.numbers.get(f"{scale} {DEFAULT}", usual)
        bound = point_value(z3.If(value.other_scale, exact(other), exact(usual)))
        found.append(compared(Comparison(word, Bound(0, "", limit.name)), value.but(known=counts), bound))
    outside = either(found)
    return if_else(counts, outside, SURE[ABSENT])
