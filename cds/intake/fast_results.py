"""The fast path of Observations: a result in which nothing is unusual is read straight.

Most results in practice have one known code, a final status, a day, a number with a UCUM unit and perhaps a range of
normal values. What they mean is remembered by code, unit and range, never by patient. Anything else is left to
``read_observation``, and so is whatever would have to be said about a result. A test reads all data on both ways.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

from cds.code_systems import UCUM
from cds.intake.concepts import MOST_REMEMBERED, Memory, concept_key, concept_of
from cds.intake.dates import Moment, moment
from cds.intake.lookup import ResultMeaning, meanings
from cds.intake.ranges import NONE, Limits, limits_of
from cds.intake.record import UNREADABLE, Reading, Record
from cds.intake.values import READABLE
from cds.jsontypes import Json
from cds.quantity import point, tidy, unit_key
from cds.rulebook.model import Measurement, RuleBook

USUAL = frozenset(
    """
    resourceType id meta text identifier status category code subject encounter performer
    effectiveDateTime issued valueQuantity interpretation referenceRange note specimen basedOn bodySite method device
    """.split()
)
"""The elements of an Observation that are read here, and those that say nothing about its value."""
OF_A_QUANTITY = frozenset({"value", "unit", "system", "code"})
OF_A_RANGE = frozenset({"low", "high", "type", "text"})
NOTHING = ResultMeaning((), (), (), "", by_name=False)
Key: TypeAlias = tuple[Any, ...]


class FastResults:
    """Reads the usual results of a rulebook's measurements."""

    def __init__(self, book: RuleBook) -> None:
        self.terms = book.terms
        self.limits: Memory[Limits | None] = Memory()
        look_up = meanings(book).result
        self.meaning = lru_cache(maxsize=MOST_REMEMBERED)(lambda key: look_up(concept_of(key)))

    def read(self, resource: Json, record: Record, day: int) -> bool:
        """Add what a result says; False where it has something unusual, and nothing was done."""
        try:
            if "component" in resource and not self._are_irrelevant(resource["component"]):
                return False
            meaning = self.meaning(_code_key(resource["code"]))
            return meaning == NOTHING or (resource.keys() <= USUAL and self._read(resource, meaning, record, day))
        except UNREADABLE:
            return False

    def _are_irrelevant(self, components: Any) -> bool:
        return type(components) is list and all(self.meaning(_code_key(part["code"])) == NOTHING for part in components)

    def _read(self, resource: Json, meaning: ResultMeaning, record: Record, day: int) -> bool:
        when, identity = moment(resource["effectiveDateTime"]), resource["id"]
        if meaning.questions or meaning.refused or meaning.maybe or resource["status"] not in READABLE:
            return False
        if when is None or not when.zoned or when.first > day or type(identity) is not str or not identity:
            return False
        source, found = f"Observation/{identity}", []
        for name, rank in meaning.measurements:
            term = self.terms[name]
            if type(term) is not Measurement or (value := _value(resource["valueQuantity"], term)) is None:
                return False
            if (limits := self._limits_of(resource, term, when)) is None:
                return False
            found.append((name, Reading(point(value), when, source, limits, rank)))
        for name, reading in found:
            record.readings.setdefault(name, []).append(reading)
        record.used.append(resource)
        return True

    def _limits_of(self, resource: Json, term: Measurement, when: Moment) -> Limits | None:
        """The limits that the usual ranges of a result state; None where they are to be looked at, or said."""
        stated = resource.get("referenceRange")
        if not stated:
            return NONE
        key = (term.name, *_units(resource["valueQuantity"]), *map(_range_key, stated))
        return self.limits.get(key, lambda: _limits(resource, term, when))


@lru_cache(maxsize=8)
def fast_results(book: RuleBook) -> FastResults:
    """The fast path of a rulebook."""
    return FastResults(book)


def _code_key(code: Any) -> Key:
    """What a concept says.

    Raises:
        TypeError: it has no list of codings.

    """
    if type(code["coding"]) is not list:
        raise TypeError
    return concept_key(code)


def _limits(resource: Json, term: Measurement, when: Moment) -> Limits | None:
    said = Record(patient="")
    limits = limits_of(resource, term, when, said, "", None)
    return None if said.issues else limits


def _value(quantity: Any, term: Measurement) -> float | None:
    """The plausible number of a quantity with a UCUM code, in the term's unit; None where there is none."""
    number, code = _number(quantity), quantity.get("code")
    factor = term.units.get(unit_key(code)) if quantity.get("system") == UCUM else None
    if factor is None:
        return None
    value = tidy(number * factor)
    if term.decimals is not None:
        value = round(value, term.decimals)
    return value if term.plausible.low <= value <= term.plausible.high else None


def _number(quantity: Any) -> float:
    """The number of a quantity without a comparator.

    Raises:
        ValueError: it has something else.

    """
    if type(quantity) is dict and quantity.keys() <= OF_A_QUANTITY:
        number = quantity["value"]
        if type(number) is float or type(number) is int:
            return float(number)
    raise ValueError("not a usual quantity")


def _units(quantity: Json) -> Key:
    return quantity.get("code"), quantity.get("unit")


def _range_key(item: Any) -> Key:
    """What a range without an age or a group of people says.

    Raises:
        ValueError: it has something else.

    """
    if type(item) is not dict or not item.keys() <= OF_A_RANGE:
        raise ValueError("not a usual range")
    ends = ((_number(end), *_units(end)) if (end := item.get(side)) is not None else None for side in ("low", "high"))
    return (*ends, concept_key(item["type"]) if "type" in item else None)
