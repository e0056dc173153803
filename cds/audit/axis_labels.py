"""The numbers along the axis of a ladder, in both systems of units: the page shows them in the order that is wanted."""

from __future__ import annotations

from typing import NamedTuple

from cds.audit import svg

LEFT = 300.0
"""Where the axis begins."""
LINE, DIGIT = 17.0, 7.6
"""The height of a line of text, and the width of a digit."""


class Labelled(NamedTuple):
    """Numbers in one unit, each with its place along the axis."""

    labels: list[tuple[float, str]]
    unit: str

    @property
    def lanes(self) -> list[int]:
        """In which line each number stands, so that none touches another: 0 is the line nearest to the rows."""
        ends: list[float] = []
        found = []
        for x, words in self.labels:
            half = (len(words) * DIGIT + 6) / 2
            lane = next((n for n, end in enumerate(ends) if end <= x - half), len(ends))
            ends[lane : lane + 1] = [x + half]
            found.append(lane)
        return found


class Drawn(NamedTuple):
    """Numbers along the axis as SVG, and where they end."""

    drawn: str
    height: float


def numbers_above(written: Labelled | None, swapped: Labelled, y: float) -> Drawn:
    """The numbers above the rows, in the other system of units, and those of the own one for who wants them there."""
    if written is None:
        return Drawn("", 0.0)
    last = max((0, *written.lanes, *swapped.lanes))
    bottom = y + LINE * last
    return Drawn(_orders(written, swapped, bottom, -LINE), bottom)


def numbers_below(written: Labelled, swapped: Labelled | None, y: float) -> Drawn:
    """The numbers below the rows, in the own unit, and those of the other system for who wants them there."""
    last = max((0, *written.lanes, *(swapped.lanes if swapped else ())))
    return Drawn(_orders(written, swapped, y, LINE) if swapped else _line(written, y, LINE), y + LINE * last)


def _orders(written: Labelled, swapped: Labelled, y: float, step: float) -> str:
    parts = (("written", written), ("swapped", swapped))
    return "".join(svg.element("g", _line(labelled, y, step), class_=name) for name, labelled in parts)


def _line(labelled: Labelled, y: float, step: float) -> str:
    """The numbers from the line nearest to the rows, and their unit."""
    placed = zip(labelled.labels, labelled.lanes, strict=True)
    drawn = [svg.text(x, y + step * lane, words, text_anchor="middle", class_="tick") for (x, words), lane in placed]
    return "".join((*drawn, svg.text(LEFT - 22, y, labelled.unit, text_anchor="end", class_="unit")))
