"""Which calcium counts: ionised, corrected by the laboratory, corrected here, or uncorrected.

Sources: clinical content, section 4 ('best_calcium'); Walker and Shane 2022 (HYPERCA2022); KDIGO 2017.
"""

from __future__ import annotations

from collections.abc import Iterable

from cds.facts.fact import Fact, Facts, Result, as_result
from cds.intake.record import Reading
from cds.intake.times import MINUTES_A_DAY
from cds.quantity import Interval, tidy, unit_key
from cds.rulebook.model import Computed, Measurement

FACTOR, NORMAL = "mg/dL per g/dL of albumin", "normal albumin"
ALBUMIN_WITHIN = "albumin within days"
"""How far an albumin may lie from the calcium that it corrects: a number of the term."""
WITHIN = "within days"
"""How much older than a total calcium an ionised one may be that is used instead."""
BEFORE, AFTER = "days before", "days after"
"""How long before or after a total calcium an ionised one may be drawn that it is set aside for."""


def corrected(chart: Facts, term: Computed) -> Fact | None:
    """The newest total calcium, corrected by the albumin nearest to it; uncorrected where there is none."""
    total_name, albumin_name = term.role("total"), term.role("albumin")
    total = chart.value(total_name)
    if total is None or total.when is None:
        return None
    readings = chart.record.readings.get(total_name, ())
    results = tuple([_corrected_result(chart, reading, term) for reading in readings]) or _only(total)
    albumin = _nearest_albumin(chart, total.when.first, term)
    if albumin is None:
        uncorrected = f"not corrected: no {albumin_name} within {term.numbers[ALBUMIN_WITHIN]:g} days"
        return total._replace(note=_noted(total, uncorrected), results=results)
    measured = f"{_words(chart, total_name, total.value)}, {albumin_name} {_words(chart, albumin_name, albumin.value)}"
    return total._replace(
        value=_correct(total.value, albumin.value, term),
        sources=(*total.sources, albumin.source),
        taken_from=term.name,
        note=_noted(total, f"total {measured}"),
        results=results,
    )


def _noted(fact: Fact, note: str) -> str:
    return f"{fact.note}; {note}" if fact.note else note


def _words(chart: Facts, name: str, value: Interval) -> str:
    """A value in the unit of its term, or in the one that is printed first."""
    term = chart.book.terms[name]
    factors = term.units if isinstance(term, Measurement) else {}
    unit = chart.book.wording.first_unit(factors, term.unit, (name,))
    factor = factors.get(unit_key(unit), 1.0)
    low, high = (f"{end:g}" if factor == 1 else f"{end / factor:.3g}" for end in value[:2])
    return f"{low if value.is_point else f'{low} to {high}'} {unit}"


def _only(fact: Fact) -> tuple[Result, ...]:
    """The fact as its only result (a value that a case or a what-if question gave)."""
    if fact.when is None:
        return ()
    return (Result(fact.value, fact.unit, fact.when, " ".join(fact.sources), fact.limits),)


def _corrected_result(chart: Facts, reading: Reading, term: Computed) -> Result:
    albumin = _nearest_albumin(chart, reading.when.first, term)
    value = reading.value if albumin is None else _correct(reading.value, albumin.value, term)
    return Result(value, chart.book.terms[term.role("total")].unit, reading.when, reading.source, reading.limits)


def _nearest_albumin(chart: Facts, day: int, term: Computed) -> Reading | None:
    """The albumin nearest in time; of two equally near the later, then the lower."""
    longest, readings = term.numbers[ALBUMIN_WITHIN], chart.record.readings.get(term.role("albumin"), ())
    near = [albumin for albumin in readings if abs(albumin.when.first - day) <= longest]
    if len(near) == 1:
        return near[0]
    return min(near, key=lambda a: (abs(a.when.first - day), -a.when.minute, a.value.low), default=None)


def _correct(total: Interval, albumin: Interval, term: Computed) -> Interval:
    """Total + 0.8 x (4.0 - albumin): a high albumin lowers the value, so the ends change places."""
    factor, normal = term.numbers[FACTOR], term.numbers[NORMAL]
    low = tidy(total.low + factor * (normal - albumin.high))
    high = tidy(total.high + factor * (normal - albumin.low))
    return Interval(low, high, total.low_open, total.high_open).rounded(term.decimals or 2)


def newest(chart: Facts, term: Computed) -> Fact | None:
    """The calcium that counts, however old, with all results it stands among."""
    ionised_name, rest = term.role("ionised"), (term.role("calculated"), term.role("corrected for protein"))
    mass = _newest_mass(chart, term)
    results = tuple(_all_results(chart, (ionised_name, *_masses(term))))
    chosen = _preferred(chart.value(ionised_name), mass, term.numbers[WITHIN])
    chosen = chosen or chart.value(rest[0]) or chart.value(rest[1])
    if chosen is None:
        return None
    if chosen.taken_from in rest:
        chosen = chosen._replace(note=f"{chosen.taken_from}: nothing better is on record")
    return chosen._replace(results=results or _only(chosen))


def _masses(term: Computed) -> tuple[str, str]:
    """The terms of calcium by mass, the better first."""
    return term.role("corrected by the laboratory"), term.role("corrected here")


def _newest_mass(chart: Facts, term: Computed) -> Fact | None:
    """Laboratory-corrected before our own correction at the same moment; else the newer."""
    facts = [fact for name in _masses(term) if (fact := chart.value(name)) is not None and fact.when is not None]
    return max(facts, key=lambda fact: fact.when.minute if fact.when else 0, default=None)


def _preferred(ionised: Fact | None, mass: Fact | None, days: float) -> Fact | None:
    """Ionised wins when it was drawn so many days before the other at most, or later."""
    if ionised is None or mass is None or ionised.when is None or mass.when is None:
        return ionised or mass
    return ionised if ionised.when.minute >= mass.when.minute - days * MINUTES_A_DAY else mass


def _all_results(chart: Facts, names: Iterable[str]) -> Iterable[Result]:
    """Every result behind the calcium terms, totals as corrected."""
    for name in names:
        term = chart.book.terms[name]
        if isinstance(term, Measurement):
            yield from (as_result(reading, term.unit) for reading in chart.record.readings.get(name, ()))
        elif (fact := chart.value(name)) is not None:
            yield from fact.results


def set_aside(chart: Facts, term: Computed) -> Fact | None:
    """The total or corrected calcium that the ionised value in use stands in for; None when there is none near it."""
    used, mass = chart.value(term.role("in use")), _newest_mass(chart, term)
    if used is None or mass is None or used.taken_from != term.role("ionised"):
        return None
    if used.when is None or mass.when is None:
        return None
    gap, numbers = used.when.minute - mass.when.minute, term.numbers
    near = -numbers[BEFORE] * MINUTES_A_DAY <= gap <= numbers[AFTER] * MINUTES_A_DAY
    return mass if near else None
