"""The formulas that computed terms may name; a new one is a function here or beside these and a line in this list."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from cds.facts import calcium, intake_limits, kidney, selection
from cds.facts.fact import Fact, Facts
from cds.intake.record import Reading
from cds.rulebook.model import Computed

Compute: TypeAlias = Callable[[Facts, Computed], Fact | None]


class Formula(NamedTuple):
    """How a computed term gets its fact, and where the readings behind it are.

    ``also_reads`` are the terms, or ``products``, that it reads besides the inputs that the term names.
    """

    compute: Compute
    history: Callable[[Facts, Computed], list[Reading]] | None = None
    also_reads: tuple[str, ...] = ()


FORMULAS: dict[str, Formula] = {
    "CKD-EPI 2021": Formula(kidney.computed_egfr, kidney.computed_history, also_reads=("age", "sex")),
    "calcium set aside": Formula(calcium.set_aside),
    "dose counting doubles": Formula(intake_limits.counting_doubles, also_reads=("products",)),
    "first usable": Formula(selection.first_usable, selection.joint_history),
    "lower end": Formula(selection.lower_end),
    "lower reference limit": Formula(calcium.lower_limit),
    "newest calcium": Formula(calcium.newest),
    "newest near another": Formula(selection.newest_near),
    "newest of": Formula(selection.newest_of),
    "recorded or assumed": Formula(intake_limits.recorded_or_assumed),
    "reported against computed eGFR": Formula(kidney.disagreement, also_reads=("age", "sex")),
    "result before a short course": Formula(selection.before_a_short_course, also_reads=("products",)),
    "rise over baseline": Formula(kidney.rise),
    "sum": Formula(intake_limits.total),
    "table of age and sex": Formula(intake_limits.by_age_and_sex, also_reads=("age", "sex")),
    "table of sex": Formula(intake_limits.by_sex, also_reads=("sex",)),
    "the same while usable": Formula(selection.same_while_usable),
    "total calcium corrected for albumin": Formula(calcium.corrected),
    "total or sum of fractions": Formula(selection.total_or_fractions),
    "upper end": Formula(selection.upper_end),
    "upper reference limit": Formula(calcium.upper_limit),
}
