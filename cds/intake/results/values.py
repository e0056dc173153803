"""The value of a result in the unit of its term: of a quantity, a range, a ratio, an integer, or a text."""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

from cds.intake.elements import texts
from cds.intake.record import Record
from cds.intake.results.units import can_be, factor_in_words, factor_of, has_no_unit
from cds.intake.results.units_settled import settled
from cds.intake.results.written import Written, written
from cds.jsontypes import Json
from cds.quantity import Interval, point, tidy
from cds.rulebook.model import Measurement

AS_TEXT = "number-as-text"


class Value(NamedTuple):
    """A value in the unit of its term, and the factor that led to it.

    ``flag`` and ``range`` are those that its text carries.
    """

    interval: Interval
    factor: float
    flag: str = ""
    range: str = ""


class Lost(Exception):  # noqa: N818
    """A value that cannot be used, by the code of its issue."""


def values_in(part: Json) -> list[str]:
    """The keys of the values of an Observation or a component; a quantity that states no number is none."""
    return [key for key in part if key[:5] == "value" and not (key == "valueQuantity" and _is_empty(part[key]))]


def _is_empty(quantity: Any) -> bool:
    return isinstance(quantity, dict) and quantity.get("value") is None


def is_a_share(part: Json) -> bool:
    """Whether a result is a percentage, by its quantity or in words: a part of something, and no amount of its name."""
    quantity, text = part.get("valueQuantity"), part.get("valueString")
    if isinstance(quantity, dict) and "%" in (quantity.get("unit"), quantity.get("code")):
        return True
    in_words = written(text) if isinstance(text, str) else None
    return in_words is not None and in_words.unit == "%"


def value_of(part: Json, term: Measurement, record: Record, source: str) -> Value | None:
    """The value in the term's unit; None, with an issue, when it cannot be used."""
    values = values_in(part)
    try:
        if len(values) > 1:
            raise Lost("two-values")
        return _value(values[0], part, term, record, source)
    except Lost as lost:
        record.lose_result(str(lost), source, term.name)
        return None


def _value(key: str, part: Json, term: Measurement, record: Record, source: str) -> Value:
    stated = part[key]
    match key:
        case "valueQuantity":
            return _quantity(stated, part, term, record, source)
        case "valueInteger":
            return _integer(stated, part, term, record, source)
        case "valueString":
            return _text(stated, part, term, record, source)
        case "valueCodeableConcept":
            named = dict.fromkeys(texts(stated))
            return _text(next(iter(named), None) if len(named) == 1 else None, part, term, record, source)
        case "valueRange":
            return _range(stated, part, term, record, source)
        case "valueRatio":
            return _ratio(stated, part, term, record, source)
        case _:
            raise Lost("not-a-number")


def _quantity(quantity: Any, part: Json, term: Measurement, record: Record, source: str) -> Value:
    found = _numbers(quantity.get("value"), record, source) if isinstance(quantity, dict) else None
    if found is None:
        raise Lost("not-a-number")
    comparator = quantity.get("comparator")
    numbers = [_compared(number, comparator, term) for number in found.numbers]
    factor = factor_of(quantity, term, record, source)
    if factor is None and has_no_unit(quantity):
        factor = settled(numbers, part, found.range, term, record, source)
    return _in_unit(found._replace(numbers=tuple(numbers)), factor, term)


def _numbers(value: Any, record: Record, source: str) -> Written | None:
    """What a number may mean; one that was written as text is noted."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Written((point(float(value)),))
    found = written(value) if isinstance(value, str) else None
    if found is None or found.unit:
        number = number_of(value, record, source)
        return None if number is None else Written((point(number),))
    record.note(AS_TEXT, source)
    return found


def _integer(stated: Any, part: Json, term: Measurement, record: Record, source: str) -> Value:
    if isinstance(stated, bool) or not isinstance(stated, int):
        raise Lost("not-a-number")
    number = point(float(stated))
    factor = 1.0 if term.integer else settled([number], part, "", term, record, source)
    return _in_unit(Written((number,)), factor, term)


def _text(stated: Any, part: Json, term: Measurement, record: Record, source: str) -> Value:
    """A number in words; what is no number, or more than one, is not understood."""
    found = written(stated) if isinstance(stated, str) else None
    if found is None:
        raise Lost("not-a-number")
    if found.unit:
        factor = factor_in_words(found.unit, term)
        if factor is None and " " in found.unit:
            raise Lost("not-a-number")
    elif term.unitless:
        factor = 1.0
    else:
        factor = settled(found.numbers, part, found.range, term, record, source)
    value = _in_unit(found, factor, term)
    record.note(AS_TEXT, source)
    return value


def _range(stated: Any, part: Json, term: Measurement, record: Record, source: str) -> Value:
    """The interval between two quantities of one unit; an open side runs to the end of the plausible range."""
    ends = [end for end in map(stated.get, ("low", "high")) if isinstance(end, dict)]
    numbers = [_exact(end) for end in ends]
    if not ends or len({tuple(map(end.get, ("unit", "code", "system"))) for end in ends}) > 1:
        raise Lost("not-a-number")
    low, high = (_exact(stated[end]) if end in stated else None for end in ("low", "high"))
    whole = Interval(-inf if low is None else low, inf if high is None else high)
    if whole.low > whole.high:
        raise Lost("not-a-number")
    factor = factor_of(ends[0], term, record, source)
    if factor is None and has_no_unit(ends[0]):
        factor = settled([*map(point, numbers)], part, "", term, record, source)
    return _in_unit(Written((whole,)), factor, term)


def _ratio(stated: Any, part: Json, term: Measurement, record: Record, source: str) -> Value:
    """A ratio of two amounts (9.4 mg to 1 dL) as a quantity in the unit that they make together."""
    above, below = stated.get("numerator"), stated.get("denominator")
    parts = _exact(below) if isinstance(below, dict) else 0.0
    units = [str(side.get("code") or side.get("unit") or "") for side in (above, below) if isinstance(side, dict)]
    if parts <= 0 or not isinstance(above, dict) or not all(units) or (below or {}).get("comparator"):
        raise Lost("not-a-number")
    number = _compared(point(tidy(_exact(above) / parts)), above.get("comparator"), term)
    return _in_unit(Written((number,)), factor_in_words("/".join(units), term), term)


def _exact(quantity: Json) -> float:
    number = quantity.get("value")
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise Lost("not-a-number")
    return float(number)


def number_of(value: Any, record: Record, source: str) -> float | None:
    """A number, also one that was written as text, which is noted; None when it is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return None
        record.note(AS_TEXT, source)
        return number if abs(number) < 1e12 else None
    return None


def _compared(number: Interval, comparator: object, term: Measurement) -> Interval:
    """A number with a comparator; one that is written with another one already is not understood."""
    if not comparator:
        return number
    if not number.is_point:
        raise Lost("not-a-number")
    match comparator:
        case "<" | "<=":
            return Interval(-inf, number.high, False, comparator == "<")
        case ">" | ">=":
            return Interval(number.low, inf, comparator == ">", False)
        case _:
            return number


def _in_unit(found: Written, factor: float | None, term: Measurement) -> Value:
    """The one number that can be, in the term's unit."""
    if factor is None:
        raise Lost("unusable-unit")
    able = [number for number in found.numbers if can_be(number, factor, term)]
    if len(able) > 1:
        raise Lost("two-meanings")
    if not able:
        raise Lost("implausible-value")
    return Value(_checked(able[0], factor, term), factor, found.flag, found.range)


def _checked(number: Interval, factor: float, term: Measurement) -> Interval:
    """In the term's unit; an endless side runs to the end of the plausible range."""
    low, high = max(number.low * factor, term.plausible.low), min(number.high * factor, term.plausible.high)
    value = Interval(tidy(low), tidy(high), number.low_open, number.high_open)
    if term.decimals is not None:
        value = value.rounded(term.decimals)
    if _holds_a_number(value) and value.inside(term.plausible.low, term.plausible.high):
        return value
    raise Lost("implausible-value")


def _holds_a_number(value: Interval) -> bool:
    """Whether any number lies in the interval: none is below the least that can be."""
    return value.low < value.high or (value.low == value.high and not value.low_open and not value.high_open)
