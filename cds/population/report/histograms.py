"""A scale of a summary as a histogram in SVG: the area of a bar is patients, and dashed lines are thresholds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import NamedTuple

from markupsafe import Markup

from cds.audit import svg
from cds.jsontypes import Json

WIDTH = 460.0
"""So narrow that its texts can be read on a telephone."""
LEFT, RIGHT, HIGH = 52.0, 436.0, 150.0
"""Where the axis begins and ends, and how high the highest bar is."""
LINE, DIGIT = 17.0, 7.8
TICKS = 5


class Bar(NamedTuple):
    """Patients between two values; ``is_open``: one of the ends is only where the picture stops."""

    low: float
    high: float
    patients: int
    is_open: bool


@dataclass(frozen=True)
class Axis:
    """From values to places in a picture."""

    low: float
    high: float

    def x(self, value: float) -> float:
        """Where a value stands."""
        return LEFT + (RIGHT - LEFT) * (value - self.low) / (self.high - self.low)


def histogram(scale: Json) -> Markup:
    """The picture of a scale; empty where there is no bar to draw."""
    marks = [threshold["at"] for threshold in scale["thresholds"]]
    width = _usual_width(scale["bins"])
    bars = list(_bars(scale["bins"], width, nothing_apart=bool(scale.get("fromNothing"))))
    if not bars:
        return Markup()
    ends = [*marks, *(end for bar in bars for end in (bar.low, bar.high))]
    axis = Axis(min(ends) - (0 if min(ends) == 0 else width), max(ends) + width)
    labels, top = _mark_labels(axis, marks)
    floor_y = top + HIGH
    most = max(_density(bar, width) for bar in bars)
    inner = [*_levels(most, top), *_drawn(axis, bars, width, most, floor_y)]
    inner += [svg.line(axis.x(mark), top - 4, axis.x(mark), floor_y, class_="mark") for mark in marks]
    inner += [*labels, *_ticks(axis, floor_y, scale["unit"])]
    return svg.picture(floor_y + 40, scale["title"], _described(scale, bars), "".join(inner), WIDTH)


def _usual_width(bins: Sequence[Json]) -> float:
    """The most frequent width of a bin; that of all together where none has two ends."""
    widths = Counter(
        round(held["to"] - held["from"], 9)
        for held in bins
        if held["from"] is not None and held["to"] is not None and held["to"] > held["from"]
    )
    ends = [end for held in bins for end in (held["from"], held["to"]) if end is not None]
    spread = max(ends, default=0) - min(ends, default=0)
    return min(widths, key=lambda width: (-widths[width], width)) if widths else spread or abs(sum(ends)) / 10 or 1.0


def _bars(bins: Sequence[Json], width: float, *, nothing_apart: bool) -> Iterator[Bar]:
    """The bins as bars; a number that is a step by itself stands with what follows it."""
    waiting = 0
    for held in bins:
        low, high = held["from"], held["to"]
        if low == high:
            waiting += 0 if nothing_apart and low == 0 else held["patients"]
            continue
        start = high - width if low is None else low
        yield Bar(start, low + width if high is None else high, held["patients"] + waiting, None in (low, high))
        waiting = 0
    if waiting:
        yield Bar(low, low + width, waiting, is_open=False)


def _density(bar: Bar, width: float) -> float:
    """The patients of a bar for each usual width."""
    return bar.patients * width / (bar.high - bar.low)


def _drawn(axis: Axis, bars: Sequence[Bar], width: float, most: float, floor_y: float) -> Iterator[str]:
    for bar in bars:
        height = HIGH * _density(bar, width) / most if most else 0
        x = axis.x(bar.low)
        look = "bin open" if bar.is_open else "bin"
        yield svg.rect(x, floor_y - height, axis.x(bar.high) - x, height, class_=look)


def _levels(most: float, top: float) -> Iterator[str]:
    """Two or three horizontal lines with their numbers of patients."""
    step = _round_step(most / 3) if most else 1.0
    for number in range(int(most / step + 1e-9) + 1):
        y = top + HIGH - HIGH * (number * step / most if most else 0)
        yield svg.line(LEFT, y, RIGHT, y, class_="level")
        yield svg.text(LEFT - 6, y + 5, f"{number * step:,.10g}", text_anchor="end", class_="tick")


def _round_step(wanted: float) -> float:
    """The next 1, 2 or 5 of a power of ten."""
    power = 10.0 ** floor(log10(wanted))
    return next(round(digit * power, 9) for digit in (1, 2, 5, 10) if digit * power >= wanted * 0.999)


def _mark_labels(axis: Axis, marks: Sequence[float]) -> tuple[list[str], float]:
    """The numbers of the thresholds, in as many lines as they need, and where the bars begin."""
    lanes: list[float] = []
    placed = []
    for mark in marks:
        words = f"{mark:g}"
        half = (len(words) * DIGIT + 8) / 2
        x = min(max(axis.x(mark), half), WIDTH - half)
        lane = next((n for n, end in enumerate(lanes) if end <= x - half), len(lanes))
        lanes[lane : lane + 1] = [x + half]
        placed.append((x, words, lane))
    top = 6 + LINE * len(lanes)
    drawn = [svg.text(x, top - 7 - LINE * lane, words, text_anchor="middle", class_="at") for x, words, lane in placed]
    return drawn, top


def _ticks(axis: Axis, y: float, unit: str) -> Iterator[str]:
    step = _round_step((axis.high - axis.low) / TICKS)
    yield svg.line(LEFT, y, RIGHT, y, class_="axis")
    for number in range(ceil(axis.low / step - 1e-9), floor(axis.high / step + 1e-9) + 1):
        x = axis.x(number * step)
        yield svg.line(x, y, x, y + 5, class_="axis")
        yield svg.text(x, y + 19, f"{round(number * step, 9):g}", text_anchor="middle", class_="tick")
    yield svg.text(RIGHT, y + 36, unit or "value", text_anchor="end", class_="unit")


def _described(scale: Json, bars: Sequence[Bar]) -> str:
    marks = ", ".join(f"{threshold['at']:g}" for threshold in scale["thresholds"])
    highest = max(bars, key=lambda bar: bar.patients)
    where = f"{highest.low:g} to {highest.high:g} {scale['unit']}".strip()
    return f"Thresholds at {marks} {scale['unit']}. Most patients in one bar: {highest.patients:,}, at {where}."
