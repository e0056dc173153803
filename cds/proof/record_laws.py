"""What else a record says: of one thing by another, and by results beside the value in use.

Codes and names mean several terms, and products several: codes are read back through the product's own intake. A plain
patient has a second result of one measurement, all other results are free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import z3

from cds.code_systems import SYSTEMS
from cds.facts.limits import DEFAULT
from cds.forms.comparing import SomeResult
from cds.forms.limits import OutsideLimits, limits_of
from cds.intake.lookup import meanings
from cds.jsontypes import Json
from cds.proof.three_valued import FALSE, SURE, Bool, ThreeValued, both, either, exact, if_else
from cds.proof.values import AnyPatient, SolverValue, compared, point_value
from cds.quantity import ABSENT
from cds.rulebook.graph import TERM, graph_of
from cds.rulebook.model import Code, Condition, Measurement, Medication, RuleBook
from cds.rulebook.model.form import Bound, Comparison

WrittenAs: TypeAlias = "Measurement | Condition | Medication"


class Meant(NamedTuple):
    """How a term is written in FHIR, and the other terms that this says too."""

    concept: Json
    also: tuple[str, ...]


@lru_cache(maxsize=8)
def meant(book: RuleBook) -> dict[str, Meant]:
    """For each measurement, condition and medicine the code, or name, that means the fewest other terms."""
    return {name: min(ways, key=lambda way: len(way.also)) for name, ways in _all_ways(book).items() if ways}


@lru_cache(maxsize=8)
def implied(book: RuleBook) -> dict[str, frozenset[str]]:
    """For each condition the others that whoever records it records as well, however it is written."""
    found = {}
    for name, ways in _all_ways(book).items():
        term = book.terms[name]
        if isinstance(term, Condition) and ways and not term.questions and not term.anywhere:
            shared = frozenset.intersection(*(frozenset(way.also) for way in ways))
            found[name] = frozenset(other for other in shared if _same_time(term, book.terms[other]))
    return found


def _same_time(term: Condition, other: object) -> bool:
    """Both count as long as each other."""
    ends = (term.also_inactive, term.forgotten_after, term.unknown_after)
    return isinstance(other, Condition) and ends == (other.also_inactive, other.forgotten_after, other.unknown_after)


@lru_cache(maxsize=8)
def _all_ways(book: RuleBook) -> dict[str, list[Meant]]:
    terms = {name: term for name, term in book.terms.items() if isinstance(term, (Measurement, Condition, Medication))}
    ways = {name: [_meant(book, name, concept) for concept in _concepts(term)] for name, term in terms.items()}
    return {name: [way for way in listed if way is not None] for name, listed in ways.items()}


def _concepts(term: WrittenAs) -> Iterator[Json]:
    yield from (written_concept(code) for code in term.codes)
    if not isinstance(term, Measurement):
        yield from ({"text": name} for name in term.names)


def written_concept(code: Code) -> Json:
    """A code as a CodeableConcept."""
    return {"coding": [{"system": SYSTEMS.get(code.system, code.system), "code": code.code, "display": code.display}]}


def _meant(book: RuleBook, name: str, concept: Json) -> Meant | None:
    """None where the concept does not mean the term, or is a product as well."""
    look_up, term = meanings(book), book.terms[name]
    if isinstance(term, Measurement):
        terms = [match[0] for match in look_up.result(concept).measurements]
    elif isinstance(term, Condition):
        terms = list(look_up.condition(concept).terms)
    else:
        meaning = look_up.medicine(concept, ())
        terms = [] if meaning.product is not None else list(meaning.terms)
    return Meant(concept, tuple(t for t in terms if t != name)) if name in terms else None


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
