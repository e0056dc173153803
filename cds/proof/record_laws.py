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
from cds.proof.values import ZERO, AnyPatient, SolverValue, compared, point_value
from cds.quantity import ABSENT
from cds.rulebook.graph import TERM, graph_of
from cds.rulebook.model import Code, Condition, Dose, Measurement, Medication, ProductTerm, RuleBook
from cds.rulebook.model.form import Bound, Comparison

BY_ORDER = frozenset({"ordered", "not ordered"})
ANY_TIME = "any time"
"""The two kinds of products by whether a clinician ordered them."""

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


def laws_of_products(patient: AnyPatient) -> Iterator[Bool]:
    """A product of the narrower kind is one of the wider kind; an amount comes from a product."""
    terms = [t for t in patient.book.terms.values() if isinstance(t, ProductTerm)]
    recorded = {t.name: patient.recorded(t.name) for t in terms}
    for one in terms:
        for other in terms:
            if one is not other and _is_wider(other, one):
                yield recorded[one.name].at_most(recorded[other.name])
        parts = [recorded[other.name] for other in _parts_of(one, terms, patient.book)]
        if parts:
            yield recorded[one.name].at_most(either(parts))
        if ordered := _by_order(one, terms):
            yield recorded[one.name].at_most(either([recorded[other.name] for other in ordered]))
    yield from _laws_of_orders(patient)
    for dose in patient.book.terms.values():
        if isinstance(dose, Dose):
            value = patient.value(dose.name)
            for term in terms:
                intents = set(term.intents or dose.intents or ("",))
                same = term.holds == (dose.nutrient,) and term.only in ("all", dose.only) and term.taken == ANY_TIME
                if same and not (term.salts or term.words) and set(dose.intents or ("",)) <= intents:
                    state = recorded[term.name]
                    yield z3.Implies(z3.And(value.known, value.low > ZERO), state.sure)
                    yield z3.Implies(z3.And(value.known, value.high > ZERO), state.maybe)


def _by_order(whole: ProductTerm, terms: list[ProductTerm]) -> list[ProductTerm]:
    """The terms for what is ordered, and not ordered, of the products of a term: together they are all of it."""
    alike = [t for t in terms if _means(t) == _means(whole)]
    parts = {t.only: t for t in alike}
    return [parts["ordered"], parts["not ordered"]] if whole.only == "all" and parts.keys() >= BY_ORDER else []


def _means(term: ProductTerm) -> tuple[object, ...]:
    """What a term means, whoever wants it taken."""
    return term.holds, term.salts, term.intents, term.taken


def _is_any(term: ProductTerm) -> bool:
    """Whether a term means products whoever wants them taken, and at whatever time."""
    return term.only == "all" and term.taken == ANY_TIME


def _laws_of_orders(patient: AnyPatient) -> Iterator[Bool]:
    """What is ordered and what is not ordered make the whole dose, as far as a dose can be."""
    doses = [t for t in patient.book.terms.values() if isinstance(t, Dose) and not t.single]
    for whole in (dose for dose in doses if dose.only == "all"):
        alike = {t.only: t for t in doses if (t.nutrient, t.intents) == (whole.nutrient, whole.intents)}
        if alike.keys() >= BY_ORDER:
            both_parts = [patient.value(alike[only].name) for only in ("ordered", "not ordered")]
            value, most = patient.value(whole.name), exact(whole.plausible.high)
            known = z3.And(value.known, *(part.known for part in both_parts))
            for end in ("low", "high"):
                summed = z3.Sum([getattr(part, end) for part in both_parts])
                yield z3.Implies(known, getattr(value, end) == z3.If(summed > most, most, summed))


def _parts_of(whole: ProductTerm, terms: list[ProductTerm], book: RuleBook) -> list[ProductTerm]:
    """The narrower terms that together are all of it, whatever products are taken for; none where they are not."""
    parts = [t for t in terms if t.holds == whole.holds and t.intents and not t.salts and _is_any(t)]
    contents = [*book.products.coded.values(), *(item for _, item in book.products.brands)]
    intents = {*book.products.intents, *(item.intent for item in contents)}
    covered = {intent for part in parts for intent in part.intents}
    is_whole = not whole.intents and not whole.salts and _is_any(whole)
    return parts if is_whole and intents <= covered else []


def _is_wider(wide: ProductTerm, narrow: ProductTerm) -> bool:
    return (
        set(wide.holds) <= set(narrow.holds)
        and wide.only in ("all", narrow.only)
        and wide.taken in (ANY_TIME, narrow.taken)
        and (not wide.salts or (bool(narrow.salts) and set(narrow.salts) <= set(wide.salts)))
        and (not wide.intents or (bool(narrow.intents) and set(narrow.intents) <= set(wide.intents)))
    )


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
