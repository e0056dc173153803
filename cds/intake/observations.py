"""Observations -> readings of measurements, and answers to status questions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cds.intake.bundle import name_of
from cds.intake.dates import Moment, moment
from cds.intake.meaning import ResultMeaning, meanings
from cds.intake.record import Json, Mention, Reading, Record
from cds.intake.vocabulary import Match, Vocabulary, codings, plain, texts
from cds.quantity import ABSENT, PRESENT, Interval, point, tidy, unit_key
from cds.rulebook.model import Condition, Measurement

UCUM = "http://unitsofmeasure.org"
READABLE = frozenset({"preliminary", "final", "amended", "corrected"})
WITHDRAWN = frozenset({"entered-in-error", "cancelled"})


def read_observation(resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """Add what an Observation says about terms of the rulebook; its components are read by their own codes."""
    used = False
    look_up = meanings(words.book).result
    for part in _parts(resource):
        meaning: ResultMeaning = look_up(part.get("code"))
        for match in meaning.measurements:
            _measure(part, resource, match, record, words, day)
        for term in meaning.questions:
            _answer(part, resource, term, record, words, day)
        used = used or bool(meaning.measurements or meaning.questions)
        if meaning.refused:
            record.note("refused-code", name_of(resource))
        if meaning.maybe:
            why = f"A result without a known code may be {meaning.maybe}; it was not used."
            record.note("possible-result", name_of(resource), why)
    if used:
        record.used.append(resource)


def _parts(resource: Json) -> Iterable[Json]:
    """The Observation itself and its components."""
    listed = resource.get("component")
    if not isinstance(listed, list):
        return (resource,)
    return [resource, *(part for part in listed if isinstance(part, dict))]


def _measure(part: Json, resource: Json, match: Match, record: Record, words: Vocabulary, day: int) -> None:
    name, rank = match
    term = words.book.terms[name]
    if not isinstance(term, Measurement) or not _status_allows(resource, record):
        return
    source = name_of(resource)
    when = _when(resource, record)
    if when is None:
        record.note("undated-result", source)
    elif when.first > day:
        record.note("future-date", source)
    elif (value := _value(part, term, record, source)) is not None:
        limits = _limits(part, term)
        record.readings.setdefault(name, []).append(Reading(value, when, source, limits, rank))


def _status_allows(resource: Json, record: Record) -> bool:
    """Whether the result counts; a preliminary one may yet be replaced (``settle_results``)."""
    status = resource.get("status")
    if status in READABLE:
        return True
    record.note("withdrawn-result" if status in WITHDRAWN else "status-not-final", name_of(resource))
    return False


def _when(resource: Json, record: Record) -> Moment | None:
    """The time of the specimen: effective time, end of the period else its start, else the date of issue."""
    text = resource.get("effectiveDateTime") or resource.get("effectiveInstant")
    period = resource.get("effectivePeriod")
    if text is None and isinstance(period, dict):
        text = period.get("end") or period.get("start")
    if text is None and (text := resource.get("issued")) is not None:
        record.note("issued-as-date", name_of(resource))
    when = moment(text) if isinstance(text, str) else None
    if when is not None and not when.zoned:
        record.note("date-without-zone", name_of(resource))
    return when


def _value(part: Json, term: Measurement, record: Record, source: str) -> Interval | None:
    """The value in the term's unit; None, with an issue, when it cannot be used."""
    values = [key for key in part if key[:5] == "value"]
    if len(values) > 1:
        record.note("two-values", source)
        return None
    if values == ["valueQuantity"]:
        return _quantity(part["valueQuantity"], term, record, source)
    if values == ["valueInteger"] and term.integer:
        return _checked(point(float(part["valueInteger"])), term, record, source)
    record.note("not-a-number" if values else "no-value", source)
    return None


def _quantity(quantity: Any, term: Measurement, record: Record, source: str) -> Interval | None:
    number = _number(quantity.get("value"), record, source) if isinstance(quantity, dict) else None
    if number is None:
        record.note("no-value", source)
        return None
    factor = _factor(quantity, term, record, source)
    if factor is None:
        record.note("unusable-unit", source, f"A result of {term.name} has no unit, or one that cannot be converted.")
        return None
    return _checked(_compared(tidy(number * factor), quantity.get("comparator"), term), term, record, source)


def _number(value: Any, record: Record, source: str) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return None
        record.note("number-as-text", source)
        return number if abs(number) < 1e12 else None
    return None


def _factor(quantity: Json, term: Measurement, record: Record, source: str) -> float | None:
    """The factor from the quantity's unit to the term's; by the UCUM code, else by an unmistakable text."""
    code, unit, system = quantity.get("code"), quantity.get("unit"), quantity.get("system")
    if isinstance(code, str) and code and _is_ucum(system, record, source):
        factor = term.units.get(unit_key(code))
        return _plain_factor(factor, term, code)
    if isinstance(unit, str) and unit:
        factor = _plain_factor(term.units.get(unit_key(unit)), term, unit)
        if factor is not None:
            record.note("unit-by-text", source)
        return factor
    return 1.0 if term.unitless and not code else None


def _plain_factor(factor: float | None, term: Measurement, unit: str) -> float | None:
    return 1.0 if factor is None and term.unitless and unit == "1" else factor


def _is_ucum(system: object, record: Record, source: str) -> bool:
    if system == UCUM:
        return True
    if isinstance(system, str) and ("ucum" in system.lower() or system.startswith(UCUM)):
        record.note("odd-unit-system", source)
        return True
    return False


def _compared(number: float, comparator: object, term: Measurement) -> Interval:
    """A result with a comparator runs to the end of the plausible range."""
    match comparator:
        case "<" | "<=":
            return Interval(term.plausible.low, number, False, comparator == "<")
        case ">" | ">=":
            return Interval(number, term.plausible.high, comparator == ">", False)
        case _:
            return point(number)


def _checked(value: Interval, term: Measurement, record: Record, source: str) -> Interval | None:
    if term.decimals is not None:
        value = value.rounded(term.decimals)
    if _holds_a_number(value) and value.inside(term.plausible.low, term.plausible.high):
        return value
    record.note("implausible-value", source, f"A result of {term.name} lies outside the range of what can be.")
    return None


def _holds_a_number(value: Interval) -> bool:
    """Whether any number lies in the interval: none is below the least that can be."""
    return value.low < value.high or (value.low == value.high and not value.low_open and not value.high_open)


def _limits(part: Json, term: Measurement) -> tuple[float | None, float | None]:
    """The laboratory's own limits, in the term's unit, from the first range that is not for a special group."""
    ranges = part.get("referenceRange")
    for item in ranges if isinstance(ranges, list) else ():
        if isinstance(item, dict) and not item.get("appliesTo"):
            return _limit(item.get("low"), term), _limit(item.get("high"), term)
    return None, None


def _limit(quantity: Any, term: Measurement) -> float | None:
    if not isinstance(quantity, dict) or not isinstance(quantity.get("value"), (int, float)):
        return None
    unit = quantity.get("code") or quantity.get("unit")
    factor = term.units.get(unit_key(unit)) if isinstance(unit, str) else None
    return tidy(quantity["value"] * factor) if factor is not None else None


def _answer(part: Json, resource: Json, name: str, record: Record, words: Vocabulary, day: int) -> None:
    """The answer to a status question (pregnant, breastfeeding, smoker): one of the term's codes, or another."""
    term = words.book.terms[name]
    if not isinstance(term, Condition) or not _status_allows(resource, record):
        return
    when = _when(resource, record)
    if when is not None and when.first > day:
        record.note("future-date", name_of(resource))
        return
    answer = part.get("valueCodeableConcept")
    found = [t for c in codings(answer) for t, _ in words.conditions.find(c.get("system"), c.get("code"))]
    named = {plain(text) for text in texts(answer)} & {plain(name) for name in term.names}
    if answer is None:
        record.note("no-value", name_of(resource))
        return
    state = PRESENT if name in found or named else ABSENT
    record.mentions.setdefault(name, []).append(Mention(state, when, name_of(resource)))


def read_goal(resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """Add the target ranges that an active Goal records for measurements."""
    if resource.get("lifecycleStatus") not in ("active", "accepted", "on-hold", "planned", "proposed"):
        return
    targets = resource.get("target")
    for target in targets if isinstance(targets, list) else ():
        measure, detail = target.get("measure"), target.get("detailRange")
        if not isinstance(detail, dict):
            continue
        for coding in codings(measure):
            for name, _ in words.measurements.find(coding.get("system"), coding.get("code")):
                _target(name, detail, resource, record, words, day)


def _target(name: str, detail: Json, resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    term = words.book.terms[name]
    if not isinstance(term, Measurement):
        return
    low, high = _limit(detail.get("low"), term), _limit(detail.get("high"), term)
    if low is None or high is None or low > high:
        return
    when = moment(str(resource.get("startDate") or "")) or Moment(day, day, 0, "")
    if when.first > day:
        return
    record.used.append(resource)
    record.targets.setdefault(name, []).append(Reading(Interval(low, high), when, name_of(resource)))
