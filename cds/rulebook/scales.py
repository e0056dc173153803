"""In which units people may write the values of a term: its own, and those that the results behind it are accepted in.

A computed term has the units of the measurements whose values it takes on. Where some of these come in a unit of
their own (ionised calcium in mmol/L beside total calcium in mg/dL), the term has two scales, and a unit that both
accept says nothing until a measurement is named.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import NamedTuple

from cds.quantity import Interval, unit_key
from cds.rulebook.graph import measured_by
from cds.rulebook.lines import OLDEST
from cds.rulebook.model import AnyTerm, Computed, Demographic, Dose, GoalTerm, Measurement

ANYTHING = Interval(0, math.inf)
"""What an amount can be of which no file says a range."""


class Scale(NamedTuple):
    """One scale of a term: its unit, what one of each other unit is worth in it, and the range of what can be.

    ``measures`` are the measurements whose values are on this scale; values are rounded to ``decimals`` (None: not).
    """

    unit: str
    factors: Mapping[str, float]
    plausible: Interval
    measures: tuple[str, ...] = ()
    decimals: int | None = None


def scales_of(term: AnyTerm, terms: Mapping[str, AnyTerm]) -> tuple[Scale, ...]:
    """The scales of a term, that of its own unit first; none for a term without values in a unit (sex, conditions)."""
    match term:
        case Measurement():
            return (_of_measurements(term.unit, [term]),)
        case Dose():
            return (_plain(term.unit, term.plausible),)
        case Demographic() if term.unit:
            return (_plain(term.unit, Interval(0, OLDEST)),)
        case GoalTerm():
            return scales_of(terms[term.of], terms) if term.of in terms else ()
        case Computed():
            return _of_computed(term, list(measured_by(term.name, terms)))
        case _:
            return ()


def is_whole(name: str, terms: Mapping[str, AnyTerm]) -> bool:
    """Whether everything that a term is computed from is defined; else nobody can say in which units it is written."""
    return all(part in terms for found in measured_by(name, terms) for part in _made_of(found))


def _made_of(term: AnyTerm) -> tuple[str, ...]:
    """The terms that a term takes its values, or only their unit, from."""
    if isinstance(term, GoalTerm):
        return (term.of,)
    return tuple(term.inputs) if isinstance(term, Computed) else ()


def _of_computed(term: Computed, behind: list[AnyTerm]) -> tuple[Scale, ...]:
    results = [found for found in behind if isinstance(found, Measurement)]
    own = [found for found in results if unit_key(found.unit) == unit_key(term.unit)]
    if not own:
        return (_plain(term.unit, ANYTHING),)
    scale = _of_measurements(term.unit, own)
    if any(isinstance(found, Dose) for found in behind):
        scale = scale._replace(plausible=ANYTHING)
    others = [found for found in results if found not in own and _either_way(found, scale)]
    units = dict.fromkeys(found.unit for found in others)
    return (scale, *(_of_measurements(unit, [found for found in others if found.unit == unit]) for unit in units))


def _either_way(found: Measurement, scale: Scale) -> bool:
    """Whether a number in one of the two units can be read on either scale."""
    return unit_key(found.unit) in scale.factors and unit_key(scale.unit) in found.units


def _of_measurements(unit: str, found: Iterable[Measurement]) -> Scale:
    listed = list(found)
    factors: dict[str, float] = {}
    for measurement in reversed(listed):
        factors |= measurement.units
    plausible = reduce(Interval.hull, (measurement.plausible for measurement in listed))
    return Scale(unit, factors, plausible, tuple(item.name for item in listed), listed[0].decimals)


def _plain(unit: str, plausible: Interval) -> Scale:
    return Scale(unit, {unit_key(unit): 1.0}, plausible)
