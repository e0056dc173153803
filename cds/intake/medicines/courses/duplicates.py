"""One product, recorded more than once: what counts once, and what counts as often as it is recorded.

Records that refer to each other, or that have one product code, are one product. A statement and an order of one
product are one product that is ordered, with the range of both amounts, as certain as the surer one. Two records of one
kind that say the same count once and are reported (DATA-07 asks whether both are taken); two that differ, also in
whether they are certain, are two products. Where two names may mean one product, its amount is from that of one to
that of both.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import zip_longest
from typing import TypeAlias

from cds.intake.bundles.groups import grouped
from cds.intake.medicines.courses.links import Link
from cds.intake.medicines.courses.second_names import MAYBE_TWICE, from_none, not_summed
from cds.intake.record import Course, Record
from cds.quantity import Interval, point

Amounts: TypeAlias = dict[str, tuple[Interval, Interval]]
NONE = (point(0.0), point(0.0))


def settle_products(record: Record, main: str, links: Iterable[Link] = ()) -> None:
    """Join the records of one product; the order of the data does not matter."""
    if len(record.products) < 2:
        return
    linked = _groups(record.products, lambda course: [course.source], [(link.one, link.other) for link in links])
    products = [product for courses in linked for product in _as_one(courses, record, main)]
    same = _groups(products, lambda course: [repr((course.name, course.intent, course.salt)), *course.codes])
    record.products = not_summed([product for courses in same for product in _joined(courses, record)], record)


def _groups(
    courses: Sequence[Course], marks: Callable[[Course], list[str]], pairs: Iterable[tuple[str, str]] = ()
) -> list[list[Course]]:
    """The courses that share a mark, also through others, or through pairs of marks that belong together."""
    marked = ((place, mark) for place, course in enumerate(courses) for mark in marks(course))
    together: list[tuple[Hashable, Hashable]] = [*pairs, *marked]
    return [[courses[place] for place in group] for group in grouped(range(len(courses)), together)]


def _as_one(courses: Sequence[Course], record: Record, main: str) -> list[Course]:
    """One course of the records that refer to each other: the statement, or the latest order, with the range of all.

    Those that hold nothing in common are different products, whatever refers to what. So are a product
    with the main nutrient and an order of what else it holds: of this, one may count for the other, and the main
    nutrient is as certain as it was.
    """
    left, found = sorted(courses, key=lambda c: (not c.stated, -(c.start.first if c.start else 0), c.source)), []
    while left:
        first, left = _with_others(left, record, main)
        found.append(first)
    return found


def _with_others(courses: Sequence[Course], record: Record, main: str) -> tuple[Course, list[Course]]:
    """The first course with what it has in common with the others, and those that stay apart."""
    first, *others = courses
    apart, codes = [], dict.fromkeys(first.codes)
    for other in others:
        shared = set(first.holds) & set(other.holds)
        if shared and (main in first.holds) is not (main in other.holds):
            first, second = (c if main in c.holds else from_none(c, shared) for c in (first, other))
            record.note("recorded-twice", second.source, MAYBE_TWICE)
            apart.append(second)
        elif shared:
            record.note("recorded-twice", other.source)
            first = _covering(first, other)
            codes |= dict.fromkeys(other.codes)
        else:
            apart.append(other)
    return first._replace(codes=tuple(codes)), apart


def _covering(one: Course, other: Course) -> Course:
    """A course with the range of its own amounts and those of another one, as certain as the surer one.

    Its codes are its own.
    """
    holds = tuple(dict.fromkeys((*one.holds, *other.holds)))
    amounts = {n: _hull(one.amounts.get(n, NONE), other.amounts.get(n, NONE)) for n in holds}
    return _as_told(one._replace(amounts=amounts, holds=holds, state=max(one.state, other.state)), other)


def _joined(courses: list[Course], record: Record) -> list[Course]:
    if len(courses) == 1:
        return courses
    statements = _without_doubles([c for c in courses if c.stated], record)
    orders = _without_doubles([c for c in courses if not c.stated], record)
    of_amounts: dict[object, list[Course]] = {}
    for order in orders:
        of_amounts.setdefault(_amounts_of(order), []).append(order)
    both: list[Course] = []
    stated: list[Course] = []
    for statement in sorted(statements, key=lambda course: -course.state):
        same = of_amounts.pop(_amounts_of(statement), [])
        sure = max([statement.state, *(order.state for order in same)])
        told = _as_told(statement._replace(state=sure), *same)
        (both if same else stated).append(told)
    orders = [order for order in orders if _amounts_of(order) in of_amounts]
    return both + [_ranged(one, other) for one, other in zip_longest(stated, orders)]


def _ranged(one: Course | None, other: Course | None) -> Course:
    """A statement with the range of its own amounts and those of the order; either alone as it is."""
    if one is None or other is None:
        left = one or other
        assert left is not None  # noqa: S101 - zip_longest gives at least one
        return left
    sure = max(one.state, other.state)
    return _as_told(one._replace(amounts=_hulls(one.amounts, other.amounts), state=sure), other)


def _as_told(course: Course, *others: Course) -> Course:
    """A course that is ordered, taken with meals or of a form, where one of several records of the product says so."""
    courses = course, *others
    meals = max(one.with_meals for one in courses)
    said_of = tuple(dict.fromkeys(name for one in courses for name in one.said_of))
    return course._replace(ordered=any(one.ordered for one in courses), with_meals=meals, said_of=said_of)


def _hulls(one: Amounts, other: Amounts) -> Amounts:
    return {name: _hull(one[name], other[name]) for name in one if name in other}


def _hull(one: tuple[Interval, Interval], other: tuple[Interval, Interval]) -> tuple[Interval, Interval]:
    return one[0].hull(other[0]), one[1].hull(other[1])


def _without_doubles(courses: list[Course], record: Record) -> list[Course]:
    """One course for each amount and state: of equal ones that which goes on, or ends last, with a note."""
    found: dict[object, Course] = {}
    for course in sorted(courses, key=_order):
        key = _amounts_of(course), course.state
        if key in found:
            record.note("recorded-twice", course.source)
            found[key] = _as_told(found[key]._replace(doubled=True), course)
        else:
            found[key] = course
    return list(found.values())


def _amounts_of(course: Course) -> frozenset[object]:
    """The amounts of a course as a key."""
    return frozenset(course.amounts.items())


def _order(course: Course) -> tuple[str, bool, int, str]:
    """By amounts; then courses without an end before others, the last to end first."""
    ends = -course.end.last if course.end else 0
    return repr(sorted(course.amounts.items())), course.end is not None, ends, course.source
