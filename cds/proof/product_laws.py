"""What the products of a patient imply for each other, whoever takes them."""

from __future__ import annotations

from collections.abc import Iterator

import z3

from cds.proof.rails import Bool, either
from cds.proof.values import ZERO, AnyPatient
from cds.rulebook.model import Dose, ProductTerm, RuleBook

INTENTS = ("supplement", "antacid", "phosphate-binder")
"""What intake reads a calcium product as."""


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
    for dose in patient.book.terms.values():
        if isinstance(dose, Dose):
            value = patient.value(dose.name)
            for term in terms:
                intents = set(term.intents or dose.intents or ("",))
                if term.holds == (dose.nutrient,) and not term.salts and set(dose.intents or ("",)) <= intents:
                    state = recorded[term.name]
                    yield z3.Implies(z3.And(value.known, value.low > ZERO), state.sure)
                    yield z3.Implies(z3.And(value.known, value.high > ZERO), state.maybe)


def _parts_of(whole: ProductTerm, terms: list[ProductTerm], book: RuleBook) -> list[ProductTerm]:
    """The narrower terms that together are all of it, whatever products are taken for; none where they are not."""
    parts = [t for t in terms if t.holds == whole.holds and t.intents and not t.salts]
    contents = [*book.products.coded.values(), *(item for _, item in book.products.brands)]
    intents = {*INTENTS, *(item.intent for item in contents)}
    covered = {intent for part in parts for intent in part.intents}
    return parts if not whole.intents and not whole.salts and intents <= covered else []


def _is_wider(wide: ProductTerm, narrow: ProductTerm) -> bool:
    return (
        set(wide.holds) <= set(narrow.holds)
        and (not wide.salts or (bool(narrow.salts) and set(narrow.salts) <= set(wide.salts)))
        and (not wide.intents or (bool(narrow.intents) and set(narrow.intents) <= set(wide.intents)))
    )
