"""Neighbouring values of a ladder in words: ``at 20 ng/mL``, ``from 20 to below 21 ng/mL``, ``above 150 ng/mL``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import NamedTuple

from cds.cards.wording import unit_text
from cds.review.quick_proofs.steps import Scale


class Stretch(NamedTuple):
    """Neighbouring values of a scale, by their first and their last place."""

    scale: Scale
    first: int
    last: int

    def __str__(self) -> str:
        """Where it is, with the unit."""
        low, high, unit = self.mark(self.first, -1), self.mark(self.last, 1), unit_text(self.scale.unit)
        with_low, with_high = self.holds_mark(self.first), self.holds_mark(self.last)
        if low is None or high is None:
            end = f"{'up to' if with_high else 'below'} {high:g} {unit}" if high is not None else "at every value"
            return end if low is None else f"{f'from {low:g} {unit} on' if with_low else f'above {low:g} {unit}'}"
        if low == high:
            return f"at {low:g} {unit}".strip()
        start = f"from {'' if with_low else 'above '}{low:g}"
        return f"{start} to {'' if with_high else 'below '}{high:g} {unit}".strip()

    def holds_mark(self, place: int) -> bool:
        """Whether the value at a place is a threshold."""
        return self.scale.values[place] in self.scale.thresholds

    def mark(self, place: int, way: int) -> float | None:
        """The threshold at a place, or the next one that way; None where there is none."""
        values = self.scale.values
        while 0 <= place < len(values):
            if values[place] in self.scale.thresholds:
                return values[place]
            place += way
        return None


def stretches_where(scale: Scale, asked: Callable[[float], bool]) -> Iterator[Stretch]:
    """The stretches of neighbouring single values for which something is so."""
    for true, places in groupby(range(len(scale.values)), lambda place: asked(scale.values[place])):
        listed = list(places)
        if true:
            yield Stretch(scale, listed[0], listed[-1])
