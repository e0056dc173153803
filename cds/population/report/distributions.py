"""How the values of a population lie among the thresholds that findings draw, on one scale after the other.

Every scale on which a finding has a threshold is counted; what is a measurement of interest the rulebook says alone.
Each patient stands in one cell of a scale: on one of its steps; across a threshold, where the value is an interval that
reaches over one; or without a value in the unit of the scale. The steps are divided into bins for the picture, so that
no bin reaches over a threshold either; there an interval stands where its middle is.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, inf, log10, nextafter
from typing import NamedTuple

from cds.audit.scales import IN_DAYS, HeldRange, ThresholdScale, reach_of, threshold_scales
from cds.population.tables.answer_table import Answers
from cds.quantity import Interval, point, tidy
from cds.rulebook.graph import measured_by
from cds.rulebook.model import Dose, RuleBook

FINENESS = 40
"""How many bins the reach of the thresholds has, about."""


class Cut(NamedTuple):
    """Where one step of a scale ends and the next begins; ``after``: the number itself belongs to the lower one."""

    at: float
    after: bool

    @property
    def lowest(self) -> float:
        """The lowest number of the upper step."""
        return nextafter(self.at, inf) if self.after else self.at


NOTHING = Cut(0.0, after=True)
"""Above what is taken by nobody."""


class CountedScale(NamedTuple):
    """The patients on a scale; ``bins`` are by step, then by the number of the bin, each of the width ``width``."""

    scale: ThresholdScale
    cuts: tuple[Cut, ...]
    width: float
    bins: dict[int, dict[int, int]]
    across: int

    @property
    def steps(self) -> list[int]:
        """The patients on each step, from the lowest."""
        return [sum(self.bins.get(step, {}).values()) for step in range(len(self.cuts) + 1)]

    @property
    def with_value(self) -> int:
        """The patients who have a value."""
        return sum(self.steps) + self.across

    @property
    def taking_nothing(self) -> int:
        """The patients on the step of nothing, where the scale has one."""
        return self.steps[0] if self.cuts[0] == NOTHING else 0

    def span(self, step: int) -> Interval:
        """What belongs to a step."""
        if step == 0 and self.cuts[0] == NOTHING:
            return point(0.0)
        below, above = self.cuts[step - 1] if step else None, self.cuts[step] if step < len(self.cuts) else None
        return Interval(
            below.at if below else -inf,
            above.at if above else inf,
            low_open=below is None or below.after,
            high_open=above is None or not above.after,
        )


def scales_in(book: RuleBook) -> list[ThresholdScale]:
    """The scales on which the findings of a rulebook have thresholds on a value."""
    found = threshold_scales(book, (finding for finding in book.findings.values() if finding.chapter))
    return [scale for scale in found if scale.unit != IN_DAYS and scale.marks]


def cuts_of(book: RuleBook, scale: ThresholdScale) -> tuple[Cut, ...]:
    """Where the steps of a scale meet; two findings that leave a number to each other make it a step by itself.

    Of what is taken, nothing is a step by itself: most patients take nothing of most things.
    """
    cuts = {cut for held in scale.stretches for cut in _ends(held)}
    if any(isinstance(found, Dose) for found in measured_by(scale.term, book.terms)):
        cuts.add(NOTHING)
    return tuple(sorted(cuts))


def _ends(held: HeldRange) -> Iterator[Cut]:
    """The thresholds of a finding, as usual; the patient's own may be others."""
    lower, upper = held.may.low != -inf, held.may.high != inf
    for place, mark in enumerate(held.marks):
        if lower and (place == 0 or not upper):
            yield Cut(mark, held.may.low_open)
        if upper and (place == len(held.marks) - 1 or not lower):
            yield Cut(mark, not held.may.high_open)


def width_of(scale: ThresholdScale) -> float:
    """The width of a bin: 1, 2 or 5 of a power of ten; the thresholds alone decide it."""
    reach = reach_of(scale)
    wanted = (reach.high - reach.low) / FINENESS
    power = 10.0 ** floor(log10(wanted))
    return tidy(next(power * digit for digit in (1, 2, 5, 10) if power * digit >= wanted * 0.999))


def counted_scales(answers: Answers, book: RuleBook) -> list[CountedScale]:
    """The patients on each scale of a rulebook."""
    asked = [(scale, cuts_of(book, scale), width_of(scale)) for scale in scales_in(book)]
    bins: list[dict[int, dict[int, int]]] = [{} for _ in asked]
    across = [0] * len(asked)
    for number, step, place, n in _counted(answers, asked):
        if step is None:
            across[number] += n
        else:
            bins[number].setdefault(step, {})[place] = n
    return [CountedScale(*item, bins[number], across[number]) for number, item in enumerate(asked)]


def _counted(
    answers: Answers, asked: list[tuple[ThresholdScale, tuple[Cut, ...], float]]
) -> list[tuple[int, int | None, int, int]]:
    """The number of a scale, the step (None across a threshold), the bin, and how many patients."""
    answers.database.execute(
        "CREATE OR REPLACE TEMP TABLE scales (number INTEGER, term VARCHAR, unit VARCHAR, cuts DOUBLE[], width DOUBLE)"
    )
    for number, (scale, cuts, width) in enumerate(asked):
        told = [number, scale.term, scale.unit, [cut.lowest for cut in cuts], width]
        answers.database.execute("INSERT INTO scales VALUES ($1, $2, $3, $4, $5)", told)
    return answers.rows(_BINNED)


_BINNED = """
    WITH held AS (SELECT unnest("values") AS item FROM answered),
    placed AS (
        SELECT number, width, item.low AS low, item.high AS high,
            len(list_filter(cuts, lambda cut: cut <= item.low)) AS step,
            len(list_filter(cuts, lambda cut: cut <= item.high)) AS last
        FROM held JOIN scales ON item.term = scales.term AND item.unit = scales.unit
        WHERE item.low IS NOT NULL AND item.high IS NOT NULL),
    middle AS (
        SELECT number, if(step = last, step, NULL) AS step, width,
            CASE WHEN isinf(low) AND isinf(high) THEN 0 WHEN isinf(low) THEN high WHEN isinf(high) THEN low
            ELSE (low + high) / 2 END AS centre
        FROM placed)
    SELECT number, step, if(step IS NULL, 0, CAST(floor(round(centre / width, 9)) AS BIGINT)) AS bin, count(*)
    FROM middle GROUP BY ALL ORDER BY ALL
"""
