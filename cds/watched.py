"""A day that watches: it learns when what it is compared with will be answered otherwise, only because time passes.

Time has one implementation, that of the evaluation; here it meets another day. Until the first comparison changes, the
evaluation goes the same way, so all that it says is the same.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date
from math import ceil, floor, inf
from typing import Any


class Watched:
    """A number that is one more on each later day: the day of an evaluation, or how long ago something was.

    Whoever makes another number or a text of it may have another one tomorrow. It is no ``int``, so that no number
    compares itself with it unseen, as a ``float`` does with every kind of ``int``.
    """

    __slots__ = ("_today", "_watch")

    def __init__(self, today: int, watch: Watch) -> None:
        self._today, self._watch = today, watch

    @property
    def real(self) -> int:
        """The number that it is today; who asks for it compares what he makes of it with the watched one."""
        return self._today

    def __add__(self, other: Any) -> Watched:
        """A number of days more; another watched number is taken as it is today."""
        return Watched(self._today + (int(other) if type(other) is Watched else other), self._watch)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        """A number of days less; the difference of two watched numbers stays the same."""
        return self._today - other._today if type(other) is Watched else self + -other

    def __lt__(self, other: Any) -> bool:
        if type(other) is Watched:
            return self._today < other._today
        days = other - self._today
        if 0 < days < self._watch.days:
            self._watch.days = ceil(days)
        return bool(days > 0)

    def __le__(self, other: Any) -> bool:
        if type(other) is Watched:
            return self._today <= other._today
        days = other - self._today
        if 0 <= days < self._watch.days:
            self._watch.days = floor(days) + 1
        return bool(days >= 0)

    def __gt__(self, other: Any) -> bool:
        return not self <= other

    def __ge__(self, other: Any) -> bool:
        return not self < other

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (int, float, Watched)) or (isinstance(other, float) and not other.is_integer()):
            return False
        return self <= other and self >= other

    def __hash__(self) -> int:
        raise RuntimeError("A watched day is no key: what is remembered by it would be that of another day.")

    def __bool__(self) -> bool:
        return self != 0

    def __index__(self) -> int:
        self._watch.days = 1
        return self._today

    __int__ = __index__

    def __str__(self) -> str:
        return str(int(self))

    __repr__ = __str__

    def __format__(self, form: str) -> str:
        return format(int(self), form)


def _of_today(reckon: Callable[..., Any]) -> Callable[..., Any]:
    """What is reckoned with a watched number as it is today."""
    return lambda number, *others: reckon(int(number), *others)


def _behind(reckon: Callable[..., Any]) -> Callable[..., Any]:
    """The same where the watched number stands behind the other one."""
    return lambda number, other: reckon(other, int(number))


for _name in ("mul", "truediv", "floordiv", "mod", "abs", "neg", "pos"):
    setattr(Watched, f"__{_name}__", _of_today(getattr(operator, _name)))
for _name in ("sub", "mul", "truediv", "floordiv", "mod"):
    setattr(Watched, f"__r{_name}__", _behind(getattr(operator, _name)))


class Watch:
    """What an evaluation takes for its ``date``; ``days``: after how many of them a first comparison changes."""

    def __init__(self, as_of: date) -> None:
        self.as_of = as_of
        self.days = inf

    def toordinal(self) -> Watched:
        """The day as a number that watches."""
        return Watched(self.as_of.toordinal(), self)

    def isoformat(self) -> str:
        """The day as text: what says of which day an answer is says no more than that."""
        return self.as_of.isoformat()

    def next_change(self) -> date | None:
        """The first later day on which a comparison made so far comes out otherwise; None where none ever does."""
        day = self.as_of.toordinal() + self.days
        return date.fromordinal(int(day)) if day <= date.max.toordinal() else None
