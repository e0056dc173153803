"""A clock that jumps is said: for a minute the service is not ready, for a day somebody should look."""

from __future__ import annotations

import pytest
from test_operation import Lines

from cds.service.clock import ClockWatch
from cds.service.journal import Journal


class Times:
    """A clock, and the time that has passed."""

    def __init__(self) -> None:
        self.now, self.elapsed = 1_800_000_000.0, 1000.0

    def pass_by(self, seconds: float, jump: float = 0.0) -> None:
        self.now += seconds + jump
        self.elapsed += seconds


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def watch(times: Times, lines: Lines) -> ClockWatch:
    return ClockWatch(Journal(lines), lambda: times.now, lambda: times.elapsed)


@pytest.mark.parametrize("jump", [3600.0, -3600.0, 30.0])
def test_a_jump_is_a_problem_for_a_minute_and_a_warning_for_a_day(
    times: Times, watch: ClockWatch, lines: Lines, jump: float
) -> None:
    assert watch.report() == ((), ())
    times.pass_by(10, jump)
    text = f"the clock jumped by {jump:+.0f} seconds; it was wrong before, or is wrong now."
    assert watch.report() == ((text,), ())
    times.pass_by(61)
    assert watch.report() == ((), (text,))
    times.pass_by(24 * 3600)
    assert watch.report() == ((), ())
    assert [line["seconds"] for line in lines.events("clock-jumped")] == [jump]


def test_a_clock_that_is_slewed_does_not_jump(times: Times, watch: ClockWatch) -> None:
    for _ in range(1000):
        times.pass_by(1, 0.0005)
        watch.poll()
    assert watch.report() == ((), ())
