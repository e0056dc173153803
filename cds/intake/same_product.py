"""One product, recorded more than once: what counts once, and what counts as often as it is recorded.

A statement and an order of one product are one product, with the range of both amounts, as certain as the surer one.
Two records of one kind that say the same count once and are reported (DATA-07 asks whether both are taken); two that
differ, also in whether they are certain, are two products.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TypeAlias

from cds.intake.record import Course, Record
from cds.quantity import Interval

Amounts: TypeAlias = dict[str, tuple[Interval, Interval]]


def settle_products(record: Record) -> None:
    """Join the records of one product; the order of the data does not matter."""
    groups: dict[tuple[str, str, str], list[Course]] = {}
    for course in record.products:
        groups.setdefault((course.name, course.intent, course.salt), []).append(course)
    record.products = [product for courses in groups.values() for product in _joined(courses, record)]


def _joined(courses: list[Course], record: Record) -> list[Course]:
    if len(courses) == 1:
        return courses
    statements = _without_doubles([c for c in courses if c.stated], record)
    orders = _without_doubles([c for c in courses if not c.stated], record)
    both: list[Course] = []
    stated: list[Course] = []
    for statement in sorted(statements, key=lambda course: -course.state):
        same = [order for order in orders if order.amounts == statement.amounts]
        orders = [order for order in orders if order not in same]
        sure = max([statement.state, *(order.state for order in same)])
        (both if same else stated).append(statement._replace(state=sure))
    return both + [_ranged(one, other) for one, other in zip_longest(stated, orders)]


def _ranged(one: Course | None, other: Course | None) -> Course:
    """A statement with the range of its own amounts and those of the order; either alone as it is."""
    if one is None or other is None:
        left = one or other
        assert left is not None  # noqa: S101 - zip_longest gives at least one
        return left
    return one._replace(amounts=_hulls(one.amounts, other.amounts), state=max(one.state, other.state))


def _hulls(one: Amounts, other: Amounts) -> Amounts:
    pairs = {name: (one[name], other[name]) for name in one if name in other}
    return {name: (a[0].hull(b[0]), a[1].hull(b[1])) for name, (a, b) in pairs.items()}


def _without_doubles(courses: list[Course], record: Record) -> list[Course]:
    """One course for each amount and state: of equal ones that which goes on, or ends last, with a note."""
    found: list[Course] = []
    for course in sorted(courses, key=_order):
        doubles = (i for i, known in enumerate(found) if (known.amounts, known.state) == (course.amounts, course.state))
        double = next(doubles, None)
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
