"""One product that may be on record twice under two names: its amount is from that of one to that of both."""

from __future__ import annotations

from collections.abc import Sequence

from cds.intake.medicines.contents.salts import ROUNDING
from cds.intake.record import Course, Record
from cds.quantity import Interval
from cds.rulebook.model import UNSPECIFIED

MAYBE_TWICE = "A product may be recorded twice under two names; it was counted from none to all."
TOLERANCE = 0.05
"""How far a statement in other words may be from an order of the same product."""


MOST_COMPARED = 40
"""With so many products under other names a product is compared; where there are more, it may be any of them.

Nobody takes that many: such a list holds one product again and again.
"""


def not_summed(products: Sequence[Course], record: Record) -> list[Course]:
    """The products; one that may be another one under a second name counts from none, so that no sum is certain."""
    found: list[Course] = []
    known: dict[object, dict[str, list[Course]]] = {}
    for product in sorted(products, key=lambda c: (-c.state, c.handed_out, not c.stated, c.source)):
        alike = known.setdefault((product.intent, frozenset(product.holds)), {})
        others = (other for name, named in alike.items() if name != product.name for other in named)
        if any(n >= MOST_COMPARED or may_be_one(product, other) for n, other in enumerate(others)):
            record.note("recorded-twice", product.source, MAYBE_TWICE)
            product = from_none(product, set(product.amounts))  # noqa: PLW2901
        alike.setdefault(product.name, []).append(product)
        found.append(product)
    order = {product.source: number for number, product in enumerate(products)}
    return sorted(found, key=lambda c: order[c.source])


def from_none(course: Course, nutrients: set[str]) -> Course:
    """A course of which some nutrients may be those of another record."""
    maybe = {n: (Interval(0, day.high), Interval(0, one.high)) for n, (day, one) in course.amounts.items()}
    return course._replace(amounts={n: maybe[n] if n in nutrients else both for n, both in course.amounts.items()})


def may_be_one(one: Course, other: Course) -> bool:
    """Whether two records of different names, for the same, hold the same in other words; two codes are two products.

    Those of two kinds (a statement, an order, what was handed out) do so where their amounts may be the same: a brand
    has a range, and an order a number.
    """
    if not _salts_agree(one.salt, other.salt) or (one.codes and other.codes):
        return False
    alike = _close if _kind(one) == _kind(other) else _overlap
    return all(alike(one.amounts[n][0], other.amounts[n][0]) for n in one.amounts if n in other.amounts)


def _kind(course: Course) -> tuple[bool, bool]:
    """Whether it is a statement, an order, or only known because it was handed out."""
    return course.stated, course.handed_out


def _salts_agree(one: str, other: str) -> bool:
    """Whether two salts may be the same: one that is not named may be any."""
    return one == other or bool({one, other} & {"", UNSPECIFIED})


def _overlap(one: Interval, other: Interval) -> bool:
    """Whether two amounts may be the same, but for rounding."""
    return max(one.low, other.low) <= min(one.high, other.high) * (1 + TOLERANCE)


def _close(one: Interval, other: Interval) -> bool:
    ends = zip((one.low, one.high), (other.low, other.high), strict=True)
    return all(a == b or abs(a - b) <= ROUNDING * max(a, b) for a, b in ends)
