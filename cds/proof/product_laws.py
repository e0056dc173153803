"""What a record says of products: those of a narrower kind are of the wider one, and amounts come from products."""

from __future__ import annotations

from collections.abc import Iterator

import z3

from cds.proof.three_valued import Bool, either, exact, two_valued
from cds.proof.values import ZERO, AnyPatient
from cds.rulebook.model import Dose, ProductTerm, RuleBook

BY_ORDER = frozenset({"ordered", "not ordered"})
"""The two kinds of products by whether a clinician ordered them."""
ANY_TIME = "any time"


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
        yield from _law_of_meals(patient, one, terms)
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


def _law_of_meals(patient: AnyPatient, whole: ProductTerm, terms: list[ProductTerm]) -> Iterator[Bool]:
    """Where nothing of some salts is taken with meals, each product is not with meals, or of another salt.

    Only where there are terms for all three: of these salts with meals, not with meals, and of all other salts.
    """
    same = (whole.holds, whole.intents, whole.words)
    alike = [t for t in terms if t is not whole and (t.holds, t.intents, t.words) == same]
    apart = [t for t in alike if t.only == whole.only and not t.salts and t.taken == "not with meals"]
    if whole.salts or whole.taken != ANY_TIME or not apart:
        return
    recorded, known = patient.recorded, {*patient.book.products.salts}
    for meals in (t for t in alike if t.only in ("all", whole.only) and t.taken == "with meals" and t.salts):
        for others in (t for t in alike if t.only == whole.only and t.taken == ANY_TIME and t.salts):
            if known <= {*meals.salts, *others.salts, "unspecified"}:
                possible = two_valued(recorded(meals.name).maybe)
                yield recorded(whole.name).at_most(either([possible, recorded(apart[0].name), recorded(others.name)]))


def _means(term: ProductTerm) -> tuple[object, ...]:
    """What a term means, whoever wants it taken."""
    return term.holds, term.salts, term.intents, term.taken, term.words


def _is_any(term: ProductTerm) -> bool:
    """Whether a term means products whoever wants them taken, at whatever time, and whatever their text says."""
    return term.only == "all" and term.taken == ANY_TIME and not term.words


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
        and (not wide.words or wide.words == narrow.words)
        and (not wide.salts or (bool(narrow.salts) and set(narrow.salts) <= set(wide.salts)))
        and (not wide.intents or (bool(narrow.intents) and set(narrow.intents) <= set(wide.intents)))
    )
