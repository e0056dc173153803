"""Intervals hold what they must, comparisons say what is true of every number inside, and units have one spelling."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import SOME

from cds.forms.comparing import holds
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval, State, negated, point, unit_key
from cds.rulebook.model.form import Bound, Comparison

NEAR = 1e-6
INFINITE = float("inf")


def numbers(low: int = -10_000, high: int = 10_000) -> st.SearchStrategy[float]:
    """Numbers with three decimals, so that sums and products are exact after tidying."""
    return st.integers(low * 1000, high * 1000).map(lambda n: n / 1000)


@st.composite
def intervals(draw: st.DrawFn, low: int = -10_000) -> Interval:
    ends = sorted((draw(numbers(low)), draw(numbers(low))))
    if ends[0] == ends[1]:
        return point(ends[0])
    return Interval(ends[0], ends[1], draw(st.booleans()), draw(st.booleans()))


def contains(interval: Interval, number: float) -> bool:
    above = number > interval.low or (number == interval.low and not interval.low_open)
    return above and (number < interval.high or (number == interval.high and not interval.high_open))


def inside(interval: Interval) -> list[float]:
    """Numbers of an interval that lie at its ends, or as near to them as it allows."""
    low = interval.low + NEAR if interval.low_open else interval.low
    high = interval.high - NEAR if interval.high_open else interval.high
    return [low, (low + high) / 2, high]


@SOME
@given(intervals(), intervals())
def test_a_sum_holds_every_sum_of_two_numbers_and_no_end_that_neither_has(one: Interval, other: Interval) -> None:
    total = one.plus(other)
    assert all(contains(total, round(a + b, 9)) for a, b in product(inside(one), inside(other)))
    assert contains(total, total.low) == (not one.low_open and not other.low_open)
    assert total.high_open == (one.high_open or other.high_open)


@SOME
@given(intervals(), numbers(0))
def test_a_multiple_holds_every_multiple(one: Interval, factor: float) -> None:
    found = one.times(factor)
    if factor > 0.001:
        assert all(contains(found, round(a * factor, 9)) for a in inside(one))


@SOME
@given(intervals(low=0), intervals(low=0))
def test_a_product_holds_every_product_of_amounts(one: Interval, other: Interval) -> None:
    found = one.across(other)
    inner = [(a, b) for a, b in product(inside(one), inside(other)) if a > 0.001 and b > 0.001]
    assert all(contains(found, round(a * b, 9)) for a, b in inner)


def test_none_of_an_unbounded_amount_is_none() -> None:
    assert point(0).across(Interval(0, INFINITE)) == point(0)
    assert Interval(0, INFINITE).times(0) == point(0)
    assert Interval(1, 2).across(Interval(0, INFINITE)) == Interval(0, INFINITE)


@SOME
@given(intervals(), intervals())
def test_a_hull_holds_both_and_begins_and_ends_with_one_of_them(one: Interval, other: Interval) -> None:
    hull = one.hull(other)
    assert all(contains(hull, number) for number in (*inside(one), *inside(other)))
    assert (hull.low, hull.low_open) in {(i.low, i.low_open) for i in (one, other)}
    assert (hull.high, hull.high_open) in {(i.high, i.high_open) for i in (one, other)}
    assert hull == other.hull(one)


def truth(answers: list[bool]) -> State:
    return PRESENT if all(answers) else UNKNOWN if any(answers) else ABSENT


@SOME
@given(intervals(), intervals())
def test_a_comparison_is_present_when_it_holds_for_all_numbers_and_absent_when_for_none(
    one: Interval, bound: Interval
) -> None:
    pairs = list(product(inside(one), inside(bound)))
    assert one.is_above(bound) is truth([a > b for a, b in pairs])
    assert one.is_at_least(bound) is truth([a >= b for a, b in pairs])


@SOME
@given(numbers(), st.booleans(), st.booleans(), numbers(0, 10))
def test_a_comparison_sees_whether_ends_that_meet_are_open(
    end: float, one_open: bool, other_open: bool, width: float
) -> None:
    one = Interval(end, end + width + 0.001, one_open, False)
    bound = Interval(end - width - 0.001, end, False, other_open)
    assert one.is_at_least(bound) is PRESENT
    assert one.is_above(bound) is (PRESENT if one_open or other_open else UNKNOWN)
    assert bound.is_above(one) is ABSENT
    assert bound.is_at_least(one) is (ABSENT if one_open or other_open else UNKNOWN)


@pytest.mark.parametrize(
    ("word", "below", "at", "above"),
    [
        ("above", ABSENT, ABSENT, PRESENT),
        ("at least", ABSENT, PRESENT, PRESENT),
        ("below", PRESENT, ABSENT, ABSENT),
        ("at most", PRESENT, PRESENT, ABSENT),
    ],
)
def test_a_comparison_changes_exactly_at_its_bound(word: str, below: State, at: State, above: State) -> None:
    comparison, bound = Comparison(word, Bound(10.5, "mg/dL")), point(10.5)
    answers = [holds(comparison, point(value), bound) for value in (10.499999999, 10.5, 10.500000001)]
    assert answers == [below, at, above]
    assert holds(comparison, Interval(10, 11), bound) is UNKNOWN


def test_a_result_written_as_less_than_a_bound_is_not_at_least_that_bound() -> None:
    assert Interval(0, 8, high_open=True).is_at_least(point(8)) is ABSENT
    assert Interval(0, 8).is_at_least(point(8)) is UNKNOWN
    assert Interval(60, 200, low_open=True).is_above(point(60)) is PRESENT
    assert Interval(60, 200).is_above(point(60)) is UNKNOWN


def test_not_keeps_the_unknown() -> None:
    assert [negated(state) for state in (ABSENT, UNKNOWN, PRESENT)] == [PRESENT, UNKNOWN, ABSENT]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("mg/dL", "mg/dl"), ("MG/DL", "mg/dl"), (" mg/dl ", "mg/dl"), ("µmol/L", "umol/l"), ("μmol/L", "umol/l"),
        ("mcg", "ug"), ("µg", "ug"), ("μg", "ug"), ("IU", "[iu]"), ("[iU]", "[iu]"), ("UNT", "[iu]"), ("GM", "g"),
        ("mL/min/1.73m2", "ml/min/{1.73_m2}"), ("mL/min/1.73 m²", "ml/min/{1.73_m2}"),
        ("mL/min/1.73m*2", "ml/min/{1.73_m2}"),
        ("ml/s/1,73m²", "ml/s/{1.73_m2}"), ("mL/分/1.73㎡", "ml/min/{1.73_m2}"),
        ("INR", "{inr}"), ("T-Score", "{t-score}"), ("mg/24h", "mg/d"), ("µg/L", "ug/l"),
    ],
)  # fmt: skip
def test_spellings_of_one_unit_have_one_key(written: str, key: str) -> None:
    assert unit_key(written) == key


@SOME
@given(st.text(max_size=12))
def test_the_key_of_a_key_is_itself(text: str) -> None:
    assert unit_key(unit_key(text)) == unit_key(text)


@pytest.mark.parametrize(("one", "other"), [("mg", "g"), ("mmol/L", "umol/L"), ("ng/mL", "ng/L"), ("mg/d", "mg")])
def test_different_units_have_different_keys(one: str, other: str) -> None:
    assert unit_key(one) != unit_key(other)
