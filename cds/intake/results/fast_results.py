"""The fast path of Observations: a result in which nothing is unusual is read straight.

Most results in practice have one known code, a final status, a day, a number with a UCUM unit and perhaps a range of
normal values. What they mean is remembered by code, unit and range, never by patient. Anything else is left to
``read_observation``, and so is whatever would have to be said about a result. A test reads all data on both ways.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from cds.code_systems import UCUM
from cds.intake.bundles.bundle import Resources
from cds.intake.elements import Memory, json_key
from cds.intake.lookup import ResultMeaning, meanings
from cds.intake.record import UNREADABLE, Reading, Record
from cds.intake.results.flags import contradicts, flags_of
from cds.intake.results.notes import note_spoils
from cds.intake.results.observations import is_coded_condition
from cds.intake.results.ranges import NONE, Limits, limits_of
from cds.intake.results.units import Scale, is_of_two_units
from cds.intake.results.usable import READABLE, is_no_concept
from cds.intake.times import moment, on_days
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
ANY_DAY = on_days(1, 1)
"""These ranges are for any age: the day of the result does not matter."""
NOTHING = ResultMeaning((), (), (), "", by_name=False)


class Target(NamedTuple):
    """A measurement that a code feeds: the factor of a unit to its own, what is plausible, stated limits and flags."""

    name: str
    rank: int
    factor: float
    decimals: int | None
    low: float
    high: float
    limits: Limits
    flags: frozenset[str]


Targets: TypeAlias = "tuple[Target, ...] | None"
"""The measurements of a code, unit, range and flag; none where the code says nothing, None: it is read with care."""


class FastResults:
    """Reads the usual results of a rulebook's measurements."""

    def __init__(self, book: RuleBook) -> None:
        self.terms = book.terms
        self.look_up, self.conditions = meanings(book).result, meanings(book).condition
        self.meanings: Memory[ResultMeaning | None] = Memory()
        self.targets: Memory[Targets] = Memory()

    def read(self, resource: Json, record: Record, _: Resources, day: int) -> bool:
        """Add what a result says; False where it has something unusual, and nothing was done."""
        try:
            if "component" in resource and not self._are_irrelevant(resource["component"]):
                return False
            targets = self._targets_of(resource)
            if not targets:
                return targets is not None
            if "note" in resource and note_spoils(resource):
                return False
            return resource.keys() <= USUAL and self._read(targets, resource, record, day)
        except UNREADABLE:
            return False

    def _targets_of(self, resource: Json) -> Targets:
        """What a result says, by its code alone where that says nothing, or without a quantity of a unit."""
        code, quantity = resource["code"], resource.get("valueQuantity")
        if type(quantity) is not dict or "system" not in quantity or "code" not in quantity:
            return () if self._meaning(code) is NOTHING and not self._names_a_condition(resource) else None
        unit = [quantity["system"], quantity["code"], quantity.get("unit", "")]
        key = json_key([code, unit, resource.get("referenceRange", []), resource.get("interpretation", [])])
        return self.targets.get(key, self._targets, resource)

    def _names_a_condition(self, resource: Json) -> bool:
        """Whether the value of a question that is none of ours is the code of a condition."""
        value = resource.get("valueCodeableConcept")
        return value is not None and is_coded_condition(self.conditions(value))

    def _meaning(self, code: Any) -> ResultMeaning | None:
        """What a code means: ``NOTHING``, some measurements alone, or (None) something that is read with care."""
        return self.meanings.get(json_key(code), self._looked_up, code)

    def _looked_up(self, code: Any) -> ResultMeaning | None:
        if is_no_concept(code) or "coding" not in code:
            return None
        meaning = self.look_up(code)
        if meaning == NOTHING:
            return NOTHING
        return None if meaning.questions or meaning.refused or meaning.maybe else meaning

    def _are_irrelevant(self, components: Any) -> bool:
        return type(components) is list and all(self._meaning(part["code"]) is NOTHING for part in components)

    def _read(self, targets: tuple[Target, ...], resource: Json, record: Record, day: int) -> bool:
        when, identity, quantity = moment(resource["effectiveDateTime"]), resource["id"], resource["valueQuantity"]
        stated = quantity["value"]
        if resource["status"] not in READABLE or not quantity.keys() <= OF_A_QUANTITY:
            return False
        if when is None or not when.zoned or when.first > day or type(identity) is not str or not identity:
            return False
        if type(stated) is not float and type(stated) is not int:
            return False
        source, found = f"Observation/{identity}", []
        for name, rank, factor, decimals, low, high, limits, flags in targets:
            number = tidy(float(stated) * factor)
            value = point(number if decimals is None else round(number, decimals))
            if not low <= value.low <= high or (flags and contradicts(flags, value, limits)):
                return False
            found.append((name, Reading(value, when, source, limits, rank)))
        for name, reading in found:
            record.readings.setdefault(name, []).append(reading)
        record.used.append(resource)
        return True

    def _targets(self, resource: Json) -> Targets:
        meaning, found = self._meaning(resource["code"]), []
        if meaning is NOTHING:
            return ()
        if meaning is None or not meaning.measurements:
            return None
        for name, rank in meaning.measurements:
            term, quantity, flags = self.terms[name], resource["valueQuantity"], flags_of(resource)
            if not isinstance(term, Measurement) or quantity["system"] != UCUM or is_of_two_units(quantity, term):
                return None
            factor = term.units.get(unit_key(quantity["code"]))
            limits = _limits(resource, Scale(term, factor)) if factor is not None else None
            if factor is None or limits is None:
                return None
            low, high, *_ = term.plausible
            found.append(Target(name, rank, factor, term.decimals, low, high, limits, flags))
        return tuple(found)


def _limits(resource: Json, scale: Scale) -> Limits | None:
    """The limits of ranges for any age and group; None where a range is unusual, or something is to be said."""
    stated = resource.get("referenceRange", [])
    if not stated:
        return NONE
    if any(type(item) is not dict or not item.keys() <= OF_A_RANGE for item in stated):
        return None
    said = Record(patient="")
    limits = limits_of(resource, scale, ANY_DAY, said, "", None)
    return None if said.issues else limits
