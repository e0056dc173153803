"""Which calcium counts: ionised, corrected by the laboratory, corrected here, or uncorrected.

Sources: clinical content, section 4 ('best_calcium'); Walker and Shane 2022 (HYPERCA2022); KDIGO 2017.
"""

from __future__ import annotations

from collections.abc import Iterable

from cds.facts.fact import IONISED, MASS, Fact, Facts, Result
from cds.intake.dates import MINUTES_A_DAY
from cds.intake.record import Reading
from cds.quantity import Interval, tidy
from cds.rulebook.model import Computed, Measurement

WITHIN = "albumin within days"
"""How far an albumin may lie from the calcium that it corrects: a number of the term."""


def corrected(chart: Facts, term: Computed) -> Fact | None:
    """The newest total calcium, corrected by the albumin nearest to it; uncorrected where there is none."""
    total_name, albumin_name = term.inputs
    total = chart.value(total_name)
    if total is None or total.when is None:
        return None
    results = tuple(
        _corrected_result(chart, reading, albumin_name, term) for reading in chart.record.readings.get(total_name, ())
    )
    albumin = _nearest_albumin(chart, albumin_name, total.when.first, term)
    if albumin is None:
        uncorrected = f"not corrected: no {albumin_name} within {term.numbers[WITHIN]:g} days"
        return total._replace(note=_noted(total, uncorrected), results=results or _only(total))
    measured = (f"total {_words(chart, total_name, total.value)}, "
                f"{albumin_name} {_words(chart, albumin_name, albumin.value)}")  # fmt: skip
    return total._replace(
        value=_correct(total.value, albumin.value, term),
        sources=(*total.sources, albumin.source),
        taken_from=term.name,
        note=_noted(total, measured),
        results=results or _only(total),
    )


def _noted(fact: Fact, note: str) -> str:
    return f"{fact.note}; {note}" if fact.note else note


def _words(chart: Facts, name: str, value: Interval) -> str:
    """A value in the unit of its term."""
    number = f"{value.low:g}" if value.is_point else f"{value.low:g} to {value.high:g}"
    return f"{number} {chart.book.terms[name].unit}"


def _only(fact: Fact) -> tuple[Result, ...]:
    """The fact as its only result (a value that a case or a what-if question gave)."""
    if fact.when is None:
        return ()
    return (Result(fact.value, fact.unit, fact.when, " ".join(fact.sources), fact.limits),)


def _corrected_result(chart: Facts, reading: Reading, albumin_name: str, term: Computed) -> Result:
    albumin = _nearest_albumin(chart, albumin_name, reading.when.first, term)
    value = reading.value if albumin is None else _correct(reading.value, albumin.value, term)
    return Result(value, MASS, reading.when, reading.source, reading.limits)


def _nearest_albumin(chart: Facts, name: str, day: int, term: Computed) -> Reading | None:
    """The albumin nearest in time; of two equally near the later, then the lower."""
    longest = term.numbers[WITHIN]
    near = [a for a in chart.record.readings.get(name, ()) if abs(a.when.first - day) <= longest]
    return min(near, key=lambda a: (abs(a.when.first - day), -a.when.minute, a.value.low), default=None)


def _correct(total: Interval, albumin: Interval, term: Computed) -> Interval:
    """Total + 0.8 x (4.0 - albumin): a high albumin lowers the value, so the ends change places."""
    factor, normal = term.numbers["mg/dL per g/dL of albumin"], term.numbers["normal albumin"]
    low = tidy(total.low + factor * (normal - albumin.high))
    high = tidy(total.high + factor * (normal - albumin.low))
    return Interval(low, high, total.low_open, total.high_open).rounded(term.decimals or 2)


def newest(chart: Facts, term: Computed) -> Fact | None:
    """The calcium that counts, however old, with all results it stands among."""
    ionised_name, *masses, calculated_name, protein_name = term.inputs
    ionised = chart.value(ionised_name)
    mass = _newest_mass(chart, masses)
    results = tuple(all_results(chart, (ionised_name, *masses)))
    chosen = _preferred(ionised, mass) or chart.value(calculated_name) or chart.value(protein_name)
    if chosen is None:
        return None
    if chosen.taken_from in (calculated_name, protein_name):
        chosen = chosen._replace(note=f"{chosen.taken_from}: nothing better is on record")
    return chosen._replace(results=results or _only(chosen))


def _newest_mass(chart: Facts, names: Iterable[str]) -> Fact | None:
    """Laboratory-corrected before our own correction at the same moment; else the newer."""
    facts = [fact for name in names if (fact := chart.value(name)) is not None and fact.when is not None]
    return max(facts, key=lambda fact: fact.when.minute if fact.when else 0, default=None)


def _preferred(ionised: Fact | None, mass: Fact | None) -> Fact | None:
    """Ionised wins when it was drawn within 24 hours of the other, or later."""
    if ionised is None or mass is None or ionised.when is None or mass.when is None:
        return ionised or mass
    return ionised if ionised.when.minute >= mass.when.minute - MINUTES_A_DAY else mass


def all_results(chart: Facts, names: Iterable[str]) -> Iterable[Result]:
    """Every result behind the calcium terms, totals as corrected."""
    for name in names:
        term = chart.book.terms[name]
        if isinstance(term, Measurement):
            for reading in chart.record.readings.get(name, ()):
                yield Result(reading.value, term.unit, reading.when, reading.source, reading.limits)
        elif (fact := chart.value(name)) is not None:
            yield from fact.results


def set_aside(chart: Facts, term: Computed) -> Fact | None:
    """The corrected calcium that the ionised value in use stands in for; None when there is none near it."""
    ionised_name, *masses, used_name = term.inputs
    used, mass = chart.value(used_name), _newest_mass(chart, masses)
    if used is None or mass is None or used.taken_from != ionised_name or mass.taken_from not in masses:
        return None
    if used.when is None or mass.when is None:
        return None
    gap = used.when.minute - mass.when.minute
    near = -MINUTES_A_DAY <= gap <= term.numbers["days after"] * MINUTES_A_DAY
    return mass if near else None


def limit(chart: Facts, term: Computed, end: int) -> Fact | None:
    """The reference limit for a value: the laboratory's own where it is plausible, else the default of its scale."""
    fact = chart.value(term.inputs[0])
    if fact is None:
        return None
    number = limit_of(fact.limits[end], fact.unit, term)
    return Fact(Interval(number, number), fact.unit, fact.when, fact.sources if number == fact.limits[end] else ())


def limit_of(stated: float | None, unit: str, term: Computed) -> float:
    """The limit that holds for a result in a unit, given what its laboratory stated."""
    scale = "ionised " if unit == IONISED and "ionised default" in term.numbers else ""
    numbers = term.numbers
    if stated is not None and numbers[f"{scale}plausible from"] <= stated <= numbers[f"{scale}plausible to"]:
        return stated
    return numbers[f"{scale}default"]


def upper_limit(chart: Facts, term: Computed) -> Fact | None:
    """The upper reference limit."""
    return limit(chart, term, 1)


def lower_limit(chart: Facts, term: Computed) -> Fact | None:
    """The lower reference limit."""
    return limit(chart, term, 0)
