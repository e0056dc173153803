"""The amount of a nutrient from all active products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, reduce
from typing import NamedTuple, TypeAlias

from cds.facts.fact import Fact, Facts
from cds.intake.record import Course, Record
from cds.quantity import ABSENT, PRESENT, Interval, State, negated, point
from cds.rulebook.model import Computed, Dose, ProductTerm, RuleBook, counts_only

NONE = point(0.0)
WITHOUT_ORDER = ("not prescribed", "not ordered")
"""The products that count only while no order for them is on record."""


def products_of(record: Record, nutrient: str, intents: tuple[str, ...]) -> list[Course]:
    """The products on record that hold a nutrient, of these intents (empty: any)."""
    if not record.products:
        return []
    return [p for p in record.products if nutrient in p.holds and (not intents or p.intent in intents)]


def dose_fact(record: Record, term: Dose) -> Fact | None:
    """The sum over a day, or the largest single intake; zero without a product.

    Where medicines were not read in full, it is at least what the products that were read hold, or from zero where
    only those count that nobody ordered or prescribed; without any, None. An entry that was not understood leaves open
    whether there is a product, and the amounts of those that are known.
    A product whose status is not known counts from zero; an amount that no label states ends at the plausible bound.
    """
    unread = "medicines" in record.unread
    nutrient, intents = term.nutrient, term.intents
    products = [p for p in products_of(record, nutrient, intents) if _counts(p, term)]
    if not products and (unread or "medicines" in record.not_understood):
        return None
    if not products:
        return Fact(NONE, term.unit, taken_from=term.name)
    amounts = [_amount(p, term) for p in products]
    total = largest_of(amounts) if term.single else total_of(amounts)
    sources = tuple(p.source for p in products)
    most = term.plausible.high
    least = 0.0 if unread and term.only in WITHOUT_ORDER else total.low
    bounded = Interval(min(least, most), most if unread else min(total.high, most))
    return Fact(bounded, term.unit, None, sources, taken_from=term.name)


def counting_doubles(chart: Facts, term: Computed) -> Fact | None:
    """The dose of another term with every product that is recorded twice counted twice; None without such a product."""
    dose = chart.book.terms[term.role()]
    if not isinstance(dose, Dose):
        return None
    doubles = [p for p in products_of(chart.record, dose.nutrient, dose.intents) if p.doubled]
    if not doubles:
        return None
    once = dose_fact(chart.record, dose)
    if once is None:
        return None
    more = total_of([p.amounts[dose.nutrient][0] for p in doubles])
    return once._replace(value=once.value.plus(more), taken_from=term.name)


def total_of(amounts: Sequence[Interval]) -> Interval:
    """The sum of intervals; of none: none."""
    if len(amounts) == 1:
        return amounts[0]
    return reduce(Interval.plus, amounts) if amounts else NONE


def largest_of(amounts: Sequence[Interval]) -> Interval:
    """From the largest low end to the largest high end of at least one interval."""
    return Interval(max(amount.low for amount in amounts), max(amount.high for amount in amounts))


def _amount(product: Course, term: Dose) -> Interval:
    daily, single = product.amounts.get(term.nutrient, (NONE, NONE))
    amount = single if term.single else daily
    return amount if product.state is PRESENT else Interval(0.0, amount.high)


Taken: TypeAlias = Mapping[str, list[tuple[Course, State]]]
"""For each product term, the products on record that are or may be it, each with whether it is."""


def products_taken(record: Record, book: RuleBook) -> Taken:
    """Which products on record are those of which term."""
    if not record.products:
        return {}
    taken: dict[str, list[tuple[Course, State]]] = {}
    open_ = _without_order(book) if "medicines" in record.unread else frozenset()
    for product in record.products:
        if product.state is not ABSENT:
            for name, surely in _fitting(book, _kind_of(product)):
                sure = surely and name not in open_
                taken.setdefault(name, []).append((product, product.state if sure else State.UNKNOWN))
    return taken


@lru_cache(maxsize=8)
def _without_order(book: RuleBook) -> frozenset[str]:
    """The terms of products that nobody ordered or prescribed; where not all was read, the order may be in the rest."""
    terms = book.terms.values()
    return frozenset(t.name for t in terms if isinstance(t, ProductTerm) and t.only in WITHOUT_ORDER)


class _Kind(NamedTuple):
    """All of a product by which terms mean it or not."""

    holds: tuple[str, ...]
    intent: str
    salt: str
    prescribed: bool
    ordered: bool
    with_meals: State
    said_of: tuple[str, ...]


def _kind_of(product: Course) -> _Kind:
    by_whom = product.prescribed, product.ordered
    return _Kind(product.holds, product.intent, product.salt, *by_whom, product.with_meals, product.said_of)


@lru_cache(maxsize=4096)
def _fitting(book: RuleBook, kind: _Kind) -> tuple[tuple[str, bool], ...]:
    """The product terms that such a product is or may be, and whether it is."""
    product = Course(PRESENT, "", "", **kind._asdict())
    states = [(t.name, _fits(product, t)) for t in book.terms.values() if isinstance(t, ProductTerm)]
    return tuple((name, state is PRESENT) for name, state in states if state is not ABSENT)


def doses_sent(record: Record, book: RuleBook) -> dict[str, Fact | None]:
    """The doses of those products that are on record, as if there were no others, while medicines were not all read."""
    if "medicines" not in record.unread:
        return {}
    sent, terms = replace(record, unread=frozenset()), book.terms.items()
    return {name: dose_fact(sent, term) for name, term in terms if isinstance(term, Dose)}


def product_state(record: Record, term: ProductTerm) -> State:
    """Whether a product of the term is taken; of several salts one is enough, one that is not named is unknown."""
    found = State.UNKNOWN if "medicines" in record.unread else ABSENT
    for product in record.products:
        found = max(found, _fits(product, term))
    return found


def _counts(product: Course, term: ProductTerm | Dose) -> bool:
    """Whether a product is among those that count by who wants it taken."""
    return counts_only(term.only, prescribed=product.prescribed, ordered=product.ordered)


def _fits(product: Course, term: ProductTerm) -> State:
    for nutrient in term.holds:
        if nutrient not in product.holds:
            return ABSENT
    said = not term.words or term.name in product.said_of
    if (term.intents and product.intent not in term.intents) or not (said and _counts(product, term)):
        return ABSENT
    return min(product.state, _fits_salt(product, term), _fits_time(product, term))


def _fits_salt(product: Course, term: ProductTerm) -> State:
    salts = product.salt.split(", ")
    if not term.salts or any(salt in term.salts for salt in salts):
        return PRESENT
    return State.UNKNOWN if "" in salts or "unspecified" in salts else ABSENT


def _fits_time(product: Course, term: ProductTerm) -> State:
    if term.taken == "any time":
        return PRESENT
    return product.with_meals if term.taken == "with meals" else negated(product.with_meals)


def courses_among(taken: Taken, record: Record, name: str) -> list[Course]:
    """The courses of a medicine or product term, by what is known of the products."""
    return [course for course, _ in taken[name]] if name in taken else record.courses.get(name, [])


def courses_of(record: Record, term: object, name: str) -> list[Course]:
    """The courses of a medicine or product term."""
    if isinstance(term, ProductTerm):
        return [product for product in record.products if _fits(product, term) is not ABSENT]
    return record.courses.get(name, [])
