"""A computed term with one of the numbers moved that an overlay replaced: amounts and ages of a table, single numbers.

A case must notice each: then both sides of every replaced number are shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from cds.rulebook.model import Computed, Frozen, Row

Moved: TypeAlias = tuple[str, Computed]
"""What was moved in words, and the term that results."""


def moved_numbers(term: Computed, base: Computed) -> Iterator[Moved]:
    """The term with each number that ``base`` does not have, one step up and one down."""
    yield from _moved_table(term, base)
    for index, item in enumerate(term.instead):
        if item not in base.instead and item.amount is not None:
            for amount in _beside(item.amount, term.step):
                others = (*term.instead[:index], item._replace(amount=amount), *term.instead[index + 1 :])
                what = f"is {amount:g} instead of {item.amount:g}, if {item.finding}"
                yield what, term._replace(instead=others)
    for name, number in term.numbers.items():
        if number != base.numbers.get(name):
            for amount in _beside(number, term.step):
                numbers = Frozen({**term.numbers, name: amount})
                yield f"has {amount:g} instead of {number:g} as {name}", term._replace(numbers=numbers)


def _beside(number: float, step: float) -> tuple[float, float]:
    return number - step, number + step


def _moved_table(term: Computed, base: Computed) -> Iterator[Moved]:
    """Each new amount, and each age at which one row ends and another begins, unless one of the base begins there."""
    for row in term.rows:
        if row not in base.rows:
            for amount in _beside(row.amount, term.step):
                what = f"is {amount:g} instead of {row.amount:g} from {row.first} years"
                yield what, _with_rows(term, {row: row._replace(amount=amount)})
        before = [other for other in term.rows if other.last == row.first - 1]
        if before and all(row.first != other.first for other in base.rows):
            for years in (-1, 1):
                moved = {other: other._replace(last=other.last + years) for other in before}
                changed = _with_rows(term, {row: row._replace(first=row.first + years), **moved})
                yield f"changes at {row.first + years} instead of {row.first} years", changed


def _with_rows(term: Computed, instead: dict[Row, Row]) -> Computed:
    return term._replace(rows=tuple(instead.get(row, row) for row in term.rows))
