"""One product, recorded more than once: what counts once, and what counts as often as it is recorded.

A statement and an order of one product are one product, with the range of both amounts. Two records of one kind that
say the same count once and are reported (DATA-07 asks whether both are taken); two that differ are two products.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TypeAlias

from cds.intake.record import Course, Record
from cds.quantity import Interval

Amounts: TypeAlias = dict[str, tuple[Interval, Interval]]


def settle_products(record: Record) -> None:
    """Join the records of one product; the order of the data does not matter."""
    groups: dict[tuple[str, str, str, int], list[Course]] = {}
    for course in record.products:
        groups.setdefault((course.name, course.intent, course.salt, course.state), []).append(course)
    record.products = [product for courses in groups.values() for product in _joined(courses, record)]


def _joined(courses: list[Course], record: Record) -> list[Course]:
    if len(courses) == 1:
        return courses
    statements = _without_doubles([c for c in courses if c.stated], record)
    orders = _without_doubles([c for c in courses if not c.stated], record)
    both = [c for c in statements if any(c.amounts == o.amounts for o in orders)]
    stated = [c for c in statements if c not in both]
    ordered = [o for o in orders if all(o.amounts != c.amounts for c in both)]
    return both + [_ranged(one, other) for one, other in zip_longest(stated, ordered)]


def _ranged(one: Course | None, other: Course | None) -> Course:
    """A statement with the range of its own amounts and those of the order; either alone as it is."""
    if one is None or other is None:
        left = one or other
        assert left is not None  # noqa: S101 - zip_longest gives at least one
        return left
    return one._replace(amounts=_hulls(one.amounts, other.amounts))


def _hulls(one: Amounts, other: Amounts) -> Amounts:
    pairs = {name: (one[name], other[name]) for name in one if name in other}
    return {name: (a[0].hull(b[0]), a[1].hull(b[1])) for name, (a, b) in pairs.items()}


def _without_doubles(courses: list[Course], record: Record) -> list[Course]:
    """One course for each amount: of equal ones that which goes on, or ends last, with a note."""
    found: list[Course] = []
    for course in sorted(courses, key=_order):
        double = next((index for index, known in enumerate(found) if known.amounts == course.amounts), None)
        if double is None:
            found.append(course)
        else:
            record.note("recorded-twice", course.source)
            found[double] = found[double]._replace(doubled=True)
    return found


def _order(course: Course) -> tuple[str, bool, int, str]:
    """By amounts; then courses without an end before others, the last to end first."""
    ends = -course.end.last if course.end else 0
    return repr(sorted(course.amounts.items())), course.end is not None, ends, course.source
