"""A count of 1 to 10 patients is not shown, and does not follow from what is shown beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import SOME

from cds.population.report.small_cells import LEAST, SHOW_ALL, SUPPRESSED, Cell, SmallCells

CELLS = SmallCells()
COUNTS = st.lists(st.integers(0, 45), min_size=1, max_size=5)
FEW = "<11"


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, FEW), (10, FEW), (11, 11), (31007, 31007)])
def test_ten_are_few_eleven_are_not_and_none_is_told(count: int, shown: Cell) -> None:
    assert CELLS.cell(count) == shown


def test_the_next_smallest_is_suppressed_where_the_total_would_give_a_small_one_away() -> None:
    assert CELLS.partition({"a": 400, "b": 10, "c": 50, "d": 0}) == {"a": 400, "b": FEW, "c": SUPPRESSED, "d": 0}
    assert CELLS.partition({"a": 400, "b": 11, "c": 50}) == {"a": 400, "b": 11, "c": 50}


def test_two_small_ones_hide_each_other_unless_their_sum_tells_both() -> None:
    assert CELLS.partition({"a": 400, "b": 6, "c": 7}) == {"a": 400, "b": FEW, "c": FEW}
    assert CELLS.partition({"a": 400, "b": 10, "c": 10})["a"] == SUPPRESSED  # 20 are twice the most there can be
    assert CELLS.partition({"a": 400, "b": 3, "c": 4})["a"] == SUPPRESSED  # 7 together are few themselves


def test_of_a_whole_neither_few_nor_all_but_few_are_told() -> None:
    assert [CELLS.part(n, 100) for n in (0, 10, 11, 89, 90, 99, 100)] == [0, FEW, 11, 89, SUPPRESSED, SUPPRESSED, 100]
    assert CELLS.part(50, SUPPRESSED) == SUPPRESSED


def test_neighbours_are_joined_until_none_is_small() -> None:
    assert CELLS.joined([20, 3, 9, 50, 0, 2]) == [slice(0, 1), slice(1, 3), slice(3, 6)]
    assert CELLS.joined([1, 2]) == [slice(0, 2)]
    assert CELLS.joined([]) == []


def test_a_percentage_of_what_is_not_shown_is_not_shown() -> None:
    assert CELLS.per_100(25, 200) == 12.5
    assert CELLS.per_100(FEW, 200) is None
    assert CELLS.per_100(25, SUPPRESSED) is None
    assert CELLS.rate(30, 10) is None


def test_rates_of_cards_have_two_digits_as_sums_would_split_joined_cells() -> None:
    assert CELLS.rate(2537, 1000) == 250
    assert SmallCells(SHOW_ALL).rate(2537, 1000) == 253.7


def test_everything_is_shown_to_whom_small_cells_are_shown() -> None:
    counts = {"a": 1, "b": 2, "c": 300}
    assert SmallCells(SHOW_ALL).partition(counts) == counts
    assert SmallCells(SHOW_ALL).joined([1, 2, 0]) == [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert SmallCells(SHOW_ALL).part(1, 2) == 1


@SOME
@given(COUNTS)
def test_no_small_count_follows_from_what_is_shown_and_the_total(counts: list[int]) -> None:
    shown = CELLS.partition(dict(enumerate(counts)))
    hidden = [key for key, cell in shown.items() if isinstance(cell, str)]
    assert all(not CELLS.is_small(cell) for cell in shown.values() if isinstance(cell, int))
    if not hidden or sum(counts) < LEAST:
        return
    total = sum(counts[key] for key in hidden)
    assert total >= LEAST
    for key in hidden:
        if CELLS.is_small(counts[key]):
            assert len(possible(key, hidden, shown, total)) > 1


def possible(key: int, hidden: list[int], shown: dict[int, Cell], total: int) -> set[int]:
    """The small numbers that a hidden cell can be for somebody who knows the total and how cells are hidden."""
    most = min((cell for cell in shown.values() if isinstance(cell, int) and cell), default=total)
    unmarked = FEW not in shown.values()
    ranges = [
        range(1, total + 1) if unmarked else range(1, LEAST) if shown[other] == FEW else range(LEAST, most + 1)
        for other in hidden
        if other != key
    ]
    rests = {0}
    for values in ranges:
        rests = {before + n for before in rests for n in values if before + n <= total}
    return {n for n in range(1, LEAST) if total - n in rests}


@SOME
@given(COUNTS)
def test_joined_cells_are_the_same_patients_and_none_is_small_unless_all_are_few(counts: list[int]) -> None:
    groups = CELLS.joined(counts)
    sums = [sum(counts[group]) for group in groups]
    assert [n for group in groups for n in counts[group]] == counts
    assert sum(counts) < LEAST or not any(map(CELLS.is_small, sums))
