"""FHIR dates of every precision: the days that they may mean, their order, and what is no date."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import SOME

from cds.intake.times import MINUTES_A_DAY, Moment, day_text, moment


def of(text: str) -> Moment:
    found = moment(text)
    assert found is not None
    return found


def days(text: str) -> tuple[str, str]:
    found = of(text)
    return day_text(found.first), day_text(found.last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025", "2025-01-01", "2025-12-31"),
        ("2025-12", "2025-12-01", "2025-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-02", "2025-02-01", "2025-02-28"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        ("2025-06-30T23:59:59Z", "2025-06-30", "2025-06-30"),
    ],
)
def test_a_date_means_every_day_that_it_may_be(text: str, first: str, last: str) -> None:
    assert days(text) == (first, last)


@pytest.mark.parametrize("zone", ["Z", "+14:00", "-12:00", "+05:30", ""])
def test_a_zone_never_moves_the_day(zone: str) -> None:
    assert days(f"2025-06-30T23:30:00{zone}") == ("2025-06-30", "2025-06-30")
    assert days(f"2025-06-30T00:10:00{zone}") == ("2025-06-30", "2025-06-30")


def test_a_time_without_a_zone_is_read_and_told_apart() -> None:
    assert not of("2025-06-30T10:00:00").zoned
    assert not of("2025-06-30T10:00").zoned
    assert of("2025-06-30T10:00:00Z").zoned
    assert of("2025-06-30").zoned


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "2025-", "2025-13", "2025-00", "2025-02-30", "2025-06-31", "2023-02-29", "0000", "0000-01-01",
        "25-01-01", "2025-1-1", "2025/01/01", "01.02.2025", "2025-01-01 10:00", "2025-01-01T", "2025-01-01T10",
        "2025-01-01Z", "2025-01-01T10:00:00+0100", " 2025-01-01", "2025-01-01\n", "before 2025", "20250101", "2025-W05",
        "12025-01-01",
    ],
)  # fmt: skip
def test_what_is_no_fhir_date_is_no_date(text: str) -> None:
    assert moment(text) is None


def test_years_at_the_ends_of_the_calendar_do_not_break() -> None:
    assert days("0001") == ("0001-01-01", "0001-12-31")
    assert days("9999") == ("9999-01-01", "9999-12-31")
    assert days("9999-12") == ("9999-12-01", "9999-12-31")


@given(st.dates(), st.dates())
@SOME
def test_full_dates_count_days(one: date, other: date) -> None:
    assert of(one.isoformat()).days_before(other.toordinal()) == ((other - one).days,) * 2


@given(st.integers(1, 9999), st.integers(1, 12), st.dates())
@SOME
def test_a_month_and_a_year_hold_each_of_their_days(year: int, month: int, day: date) -> None:
    for text, inside in (
        (f"{year:04d}-{month:02d}", (day.year, day.month) == (year, month)),
        (f"{day.year:04d}-{day.month:02d}", True),
        (f"{day.year:04d}", True),
    ):
        assert (of(text).first <= day.toordinal() <= of(text).last) == inside
        fewest, most = of(text).days_before(day.toordinal())
        assert fewest <= most


@given(st.datetimes(), st.datetimes(), st.integers(-12 * 60, 14 * 60))
@SOME
def test_times_are_ordered_as_they_are_written_on_the_clock(one: datetime, other: datetime, offset: int) -> None:
    zone = timezone(timedelta(minutes=offset))
    first, second = (of(t.replace(microsecond=0, tzinfo=zone).isoformat()) for t in (one, other))
    cut = [t.replace(second=0, microsecond=0) for t in (one, other)]
    assert (first.minute < second.minute) == (cut[0] < cut[1])
    assert first.minute // MINUTES_A_DAY == first.first == first.last == one.toordinal()


def test_days_before_are_the_fewest_and_the_most_that_a_date_leaves_open() -> None:
    day = date(2026, 1, 15).toordinal()
    assert of("2025").days_before(day) == (15, 379)
    assert of("2025-12").days_before(day) == (15, 45)
    assert of("2026").days_before(day) == (-350, 14)


def test_minutes_are_minutes() -> None:
    assert of("2025-06-30T10:05:59Z").minute - of("2025-06-30").minute == 605
    assert of("2025-07-01").minute - of("2025-06-30").minute == MINUTES_A_DAY


def test_a_day_without_a_time_is_its_midnight() -> None:
    assert of("2025-06-30").minute == of("2025-06-30T00:00:00Z").minute < of("2025-06-30T00:01:00Z").minute


@given(st.text(max_size=30))
@SOME
def test_any_text_is_a_date_or_none_and_never_an_error(text: str) -> None:
    assert moment(text) is None or len(text) >= 4
