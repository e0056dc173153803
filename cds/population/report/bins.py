"""The bins of a scale as they may be shown: inside each step, as wide as small cells and the picture ask for.

The outermost bins have no outer end: the lowest and the highest value are somebody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from typing import NamedTuple

from cds.population.report.distributions import CountedScale
from cds.population.report.small_cells import SmallCells
from cds.quantity import tidy

MOST_BINS = 60
"""How many bins a picture has, about."""
TAIL = 200
"""One of so many patients at each end of a scale stands in its outermost bin."""
Counts = dict[int, int]
"""Patients by the number of their bin, from the lowest."""


class Bin(NamedTuple):
    """Patients between two values; an end that is infinite is not told."""

    low: float
    high: float
    patients: int


def bins_of(counted: CountedScale, cells: SmallCells) -> dict[int, list[Bin]]:
    """The bins of each step that has any; joined until none is small, or all are together."""
    factor = _factor(counted)
    coarse = {step: _coarser(counted, step, factor) for step in sorted(counted.bins)}
    first, last = _reach(coarse)
    found = {}
    for step, own in coarse.items():
        lowest = min(first, max(own)) if step == 0 else min(own)
        highest = max(last, min(own)) if step == len(counted.cuts) else max(own)
        inner = _gathered((min(max(place, lowest), highest), n) for place, n in own.items())
        found[step] = list(_joined(counted, step, inner, cells, counted.width * factor))
    return found


def _coarser(counted: CountedScale, step: int, factor: int) -> Counts:
    """The bins of a step, so many as one; who stands on its upper end stands with those below, to whom it belongs."""
    span, width = counted.span(step), counted.width * factor
    ends = 0 if span.is_point else 1
    places = ((place // factor, n) for place, n in counted.bins[step].items())
    return _gathered((place - (ends if tidy(place * width) >= span.high else 0), n) for place, n in places)


def _joined(counted: CountedScale, step: int, own: Counts, cells: SmallCells, width: float) -> Iterator[Bin]:
    places = range(min(own), max(own) + 1)
    counts = [own.get(place, 0) for place in places]
    span, groups = counted.span(step), cells.joined(counts)
    for number, group in enumerate(groups):
        is_lowest = step == 0 and number == 0
        is_highest = step == len(counted.cuts) and number == len(groups) - 1
        low = span.low if is_lowest else max(span.low, places[group.start] * width)
        high = span.high if is_highest else min(span.high, (places[group.stop - 1] + 1) * width)
        yield Bin(tidy(low), tidy(high), sum(counts[group]))


def _gathered(pairs: Iterable[tuple[int, int]]) -> Counts:
    """The counts of bins, those of one bin together."""
    found: Counts = {}
    for place, n in pairs:
        found[place] = found.get(place, 0) + n
    return dict(sorted(found.items()))


def _reach(bins: Mapping[int, Mapping[int, int]]) -> tuple[int, int]:
    """The bins beyond which few patients are, at both ends; bins from 0 to 0 where there is nobody."""
    pairs = list(_gathered(pair for own in bins.values() for pair in own.items()).items())
    few = sum(n for _, n in pairs) / TAIL
    return _end(pairs, few), _end(pairs[::-1], few)


def _end(pairs: Iterable[tuple[int, int]], few: float) -> int:
    passed = 0
    for place, n in pairs:
        passed += n
        if passed > few:
            return place
    return 0


def _factor(counted: CountedScale) -> int:
    """How many bins become one: 1, 2 or 5 of a power of ten."""
    first, last = _reach(counted.bins)
    wanted = ceil((last - first + 1) / MOST_BINS)
    power = int(10 ** (len(str(wanted)) - 1))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= wanted)
