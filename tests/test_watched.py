"""A day that watches says exactly when what it was compared with will come out otherwise."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, timedelta
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import SOME

from cds.intake.times import years_between
from cds.watched import Watch, Watched

DAY = date(2026, 11, 22)
ORDINAL = DAY.toordinal()
COMPARISONS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
FAR = 40
NUMBERS = st.integers(-FAR // 2, FAR // 2) | st.sampled_from([0.5, -0.5, 7.0, 2.25, inf, -inf])


def first_difference(answer: Callable[[int], object]) -> date | None:
    """The first day after ``DAY`` on which something that is asked about a day is answered otherwise."""
    days = (later for later in range(1, FAR) if answer(ORDINAL + later) != answer(ORDINAL))
    return next((DAY + timedelta(days=later) for later in days), None)


def watched(ask: Callable[[Any], object]) -> tuple[object, date | None]:
    """What is answered of a day that watches, and when it will be answered otherwise."""
    watch = Watch(DAY)
    return ask(watch.toordinal()), watch.next_change()


@SOME
@given(st.sampled_from(COMPARISONS), NUMBERS, st.booleans())
def test_a_comparison_with_a_number_holds_until_the_day_that_is_named(
    compare: Callable[..., bool], number: float, behind: bool
) -> None:
    def ask(day: Any) -> bool:
        return compare(ORDINAL + number, day) if behind else compare(day, ORDINAL + number)

    assert watched(ask) == (ask(ORDINAL), first_difference(ask))


@SOME
@given(st.sampled_from(COMPARISONS), NUMBERS)
def test_a_time_that_has_passed_is_watched_as_the_day_is(compare: Callable[..., bool], days: float) -> None:
    def ask(day: Any) -> bool:
        return compare(day - (ORDINAL - 5) + 1, days)

    assert watched(ask) == (ask(ORDINAL), first_difference(ask))


@pytest.mark.parametrize("ask", [
    lambda day: max(day, ORDINAL + 9) - 3,
    lambda day: (min(ORDINAL + 9, day) - ORDINAL) * 1.0 < 0.5,
    lambda day: day - (day - 7),
    lambda day: day == "a text",
    lambda day: day == ORDINAL + 3 or day is None,
    lambda day: [first for first in range(ORDINAL, ORDINAL + 9) if day - first <= 4],
    lambda day: f"{day - ORDINAL} days ago",
    lambda day: f"{day - ORDINAL:03}",
    lambda day: date.fromordinal(day).isoformat(),
    lambda day: (day - ORDINAL + 10) // 7,
    lambda day: 10.0 - (day - ORDINAL),
    lambda day: abs(day - ORDINAL - 3),
    lambda day: bool(day - ORDINAL),
    lambda day: years_between(date(1950, 11, 30).toordinal(), day),
    lambda day: years_between(date(1950, 11, 22).toordinal(), day),
])  # fmt: skip
def test_what_is_made_of_a_day_is_never_trusted_for_too_long(ask: Callable[[Any], object]) -> None:
    answer, change = watched(ask)
    assert str(answer) == str(ask(ORDINAL))
    really = first_difference(lambda day: str(ask(day)))
    assert really is None or (change is not None and change <= really)


@pytest.mark.parametrize(("birth", "day", "birthday"), [
    (date(1950, 11, 30), DAY, date(2026, 11, 30)),
    (date(1950, 11, 22), DAY, date(2027, 11, 22)),
    (date(1950, 3, 1), DAY, date(2027, 3, 1)),
    (date(1952, 2, 29), DAY, date(2027, 3, 1)),
    (date(1952, 2, 29), date(2027, 3, 1), date(2028, 2, 29)),
    (date(9990, 3, 1), date(9999, 12, 30), None),
])  # fmt: skip
def test_an_age_stays_the_same_until_the_next_birthday(birth: date, day: date, birthday: date | None) -> None:
    watch = Watch(day)
    age = years_between(birth.toordinal(), watch.toordinal())  # type: ignore[arg-type]
    assert age == years_between(birth.toordinal(), day.toordinal())
    assert watch.next_change() == birthday


def test_a_change_after_the_last_day_of_the_calendar_is_none() -> None:
    assert watched(lambda day: day <= date.max.toordinal()) == (True, None)


def test_nothing_is_remembered_by_a_watched_day() -> None:
    with pytest.raises(RuntimeError, match="no key"):
        hash(Watch(DAY).toordinal())


def test_no_number_takes_a_watched_one_for_an_int() -> None:
    assert not isinstance(Watch(DAY).toordinal(), int)
    assert isinstance(Watch(DAY).toordinal() - 3, Watched)
