"""The value of a result in the unit of its term, and whether it may be used at all.

What stands against it is its status, what modifies it, whom it is about, and its shape.
"""

from __future__ import annotations

from typing import Any

from cds.code_systems import UCUM
from cds.intake.bundles.bundle import Resources
from cds.intake.elements import modified
from cds.intake.record import Record
from cds.jsontypes import Json
from cds.quantity import Interval, point, tidy, unit_key
from cds.rulebook.model import Measurement


def values_in(part: Json) -> list[str]:
    """The keys of the values of an Observation or a component; a quantity that states no number is none."""
    return [key for key in part if key[:5] == "value" and not (key == "valueQuantity" and _is_empty(part[key]))]


def _is_empty(quantity: Any) -> bool:
    return isinstance(quantity, dict) and quantity.get("value") is None


def value_of(part: Json, term: Measurement, record: Record, source: str) -> Interval | None:
    """The value in the term's unit; None, with an issue, when it cannot be used."""
    values = values_in(part)
    if len(values) > 1:
        record.lose_result("two-values", source, term.name)
        return None
    if values == ["valueQuantity"]:
        return _quantity(part["valueQuantity"], term, record, source)
    if values == ["valueInteger"] and term.integer:
        return _checked(point(float(part["valueInteger"])), term, record, source)
    record.lose_result("unusable-unit" if values == ["valueInteger"] else "not-a-number", source, term.name)
    return None


def _quantity(quantity: Any, term: Measurement, record: Record, source: str) -> Interval | None:
    number = number_of(quantity.get("value"), record, source) if isinstance(quantity, dict) else None
    if number is None:
        record.lose_result("not-a-number", source, term.name)
        return None
    factor = _factor(quantity, term, record, source)
    if factor is None:
        record.lose_result("unusable-unit", source, term.name)
        return None
    return _checked(_compared(tidy(number * factor), quantity.get("comparator"), term), term, record, source)


def number_of(value: Any, record: Record, source: str) -> float | None:
    """A number, also one that was written as text, which is noted; None when it is none."""
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
    record.lose_result("implausible-value", source, term.name)
    return None


def _holds_a_number(value: Interval) -> bool:
    """Whether any number lies in the interval: none is below the least that can be."""
    return value.low < value.high or (value.low == value.high and not value.low_open and not value.high_open)


def limit_of(quantity: Any, term: Measurement) -> float | None:
    """One end of a range in the term's unit; None without a number or a unit that can be converted."""
    if not isinstance(quantity, dict) or not isinstance(quantity.get("value"), (int, float)):
        return None
    unit = quantity.get("code") or quantity.get("unit")
    factor = term.units.get(unit_key(unit)) if isinstance(unit, str) else None
    return tidy(quantity["value"] * factor) if factor is not None else None


READABLE = frozenset({"preliminary", "final", "amended", "corrected"})
WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
ABOUT_HER = frozenset(
    """
    Specimen Encounter EpisodeOfCare Condition Procedure ServiceRequest CarePlan Observation DiagnosticReport
    MedicationRequest MedicationStatement MedicationAdministration BodyStructure
    """.split()
)
"""What a result can be focused on without being about somebody else."""


def is_withdrawn(resource: Json) -> bool:
    """Whether a result was entered in error or cancelled: that it cannot be used is no loss."""
    return resource.get("status") in WITHDRAWN


def takes_back(resource: Json) -> bool:
    """Whether it may take back a result that a server keeps as another resource; what was cancelled never had one.

    FHIR R4, ObservationStatus: a cancelled measurement was not started or not completed.
    """
    return resource.get("status") == "entered-in-error"


def status_allows(resource: Json, record: Record, term: str = "") -> bool:
    """Whether the result counts; a preliminary one may yet be replaced (``settle_results``).

    ``term`` is what is lost otherwise (empty: nothing, as yet).
    """
    status = resource.get("status")
    if status in READABLE:
        return True
    record.lose_result(
        "withdrawn-result" if is_withdrawn(resource) else "status-not-final", record.name_of(resource), term
    )
    return False


def doubt_of(part: Json, resource: Json) -> str:
    """The code of the issue by which the value of an Observation, or of a component of it, may not be used; else empty.

    A reason why there is no value contradicts the value beside it (FHIR R4, invariant obs-6: only one of the two).
    """
    if modified(resource) or modified(part):
        return "modifier-not-understood"
    return "value-and-reason" if part.get("dataAbsentReason") and values_in(part) else ""


def has_other_focus(resource: Json, resources: Resources) -> bool:
    """Whether an Observation in the patient's record is about somebody or something else: a fetus, a donor, a device.

    FHIR R4, Observation.focus: the actual focus where it is not the subject. One that names the patient is none, nor
    one that names what was examined of her or why.
    """
    focus = resource.get("focus")
    listed = focus if isinstance(focus, list) else [focus]
    others = (one for one in listed if one and _type_of(one) not in ABOUT_HER)
    return any(resources.is_about_patient({"subject": one}) is not True for one in others)


def _type_of(reference: Any) -> str:
    """The type of resource to which a reference leads, as it says itself; empty where it does not."""
    if not isinstance(reference, dict):
        return ""
    path = str(reference.get("reference") or "").split("/_history")[0].split("/")
    return str(reference.get("type") or (path[-2] if len(path) > 1 else ""))


def is_misshapen(resource: Json) -> bool:
    """Whether its code or components have a form in which no FHIR can be read: anything may stand there."""
    components = resource.get("component")
    if components is None:
        return is_no_concept(resource.get("code"))
    if not isinstance(components, list):
        return True
    return any(not isinstance(part, dict) or is_no_concept(part.get("code")) for part in (resource, *components))


def is_no_concept(code: Any) -> bool:
    """Whether a code is neither missing nor a CodeableConcept."""
    if code is None:
        return False
    listed = code.get("coding", []) if isinstance(code, dict) else None
    return not isinstance(listed, list) or not all(isinstance(coding, dict) for coding in listed)
