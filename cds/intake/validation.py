"""Whether resources are valid FHIR R4: the plain ones by a look of our own, the others by fhir.resources.

Most resources in practice use a few elements of a few types. Those are checked here, against the same rules of the
specification (http://hl7.org/fhir/R4/datatypes.html); whatever holds anything else goes to fhir.resources, which
decides. A property test holds the one promise: what is plain here is valid there.

The R4B models of the library accept R4 data for the resource types that are read and written here.
They are loaded when first needed: that takes as long as everything else in a start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeAlias

from cds.intake.bundles.releases import R4_TYPES
from cds.intake.record import Record
from cds.jsontypes import Json

Check: TypeAlias = Callable[[Any], bool]
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_CODE = re.compile(r"\S+(?: \S+)*")
_FULL = r"(?:19|20)\d\d-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_DAY = rf"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2]))?|{_FULL}"
_DATE = re.compile(_DAY, re.ASCII)
_TIME = r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)"
_DATE_TIME = re.compile(rf"{_DAY}|{_FULL}{_TIME}", re.ASCII)
_INSTANT = re.compile(rf"{_FULL}{_TIME}", re.ASCII)


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _string(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _list(check: Check) -> Check:
    return lambda value: isinstance(value, list) and bool(value) and all(map(check, value))


def _element(**parts: Check) -> Check:
    """An element with some of the parts, and nothing else."""
    return _resource((), parts)


def _resource(needs: tuple[str, ...], common: Mapping[str, Check], **own: Check) -> Check:
    """A resource with some of the parts, and all that it needs; anything else in it is not plain."""
    parts = {**common, **own}

    def check(value: Any) -> bool:
        if not isinstance(value, dict) or not value or any(key not in value for key in needs):
            return False
        return all(key in parts and parts[key](item) for key, item in value.items())

    return check


_id, _code, _date, _date_time, _instant = map(_matches, (_ID, _CODE, _DATE, _DATE_TIME, _INSTANT))
_coding = _element(system=_code, code=_code, display=_string, version=_string)
_concept = _element(coding=_list(_coding), text=_string)
_reference = _element(reference=_code, display=_string, type=_code)
_quantity = _element(value=_number, unit=_string, system=_code, code=_code, comparator=_matches(re.compile("[<>]=?")))
_period = _element(start=_date_time, end=_date_time)
_range = _element(low=_quantity, high=_quantity)
_meta = _element(profile=_list(_code), versionId=_id, lastUpdated=_instant, tag=_list(_coding), source=_code)
_repeat = _element(
    frequency=_count,
    frequencyMax=_count,
    period=_number,
    periodUnit=_code,
    when=_list(_code),
    boundsPeriod=_period,
    dayOfWeek=_list(_code),
)
_dosage = _element(
    text=_string,
    additionalInstruction=_list(_concept),
    patientInstruction=_string,
    timing=_element(repeat=_repeat, code=_concept),
    route=_concept,
    asNeededBoolean=_flag,
    sequence=_count,
    doseAndRate=_list(_element(type=_concept, doseQuantity=_quantity, doseRange=_range)),
)
_limits = _element(low=_quantity, high=_quantity, text=_string, type=_concept, appliesTo=_list(_concept))
_name = _element(use=_code, text=_string, family=_string, given=_list(_string), prefix=_list(_string))
_identifier = _element(use=_code, type=_concept, system=_code, value=_string)
_contact = _element(system=_code, value=_string, use=_code)
_address = _element(
    use=_code,
    type=_code,
    text=_string,
    line=_list(_string),
    city=_string,
    district=_string,
    state=_string,
    postalCode=_string,
    country=_string,
)
_OWN: Mapping[str, Check] = {"resourceType": _string, "id": _id, "meta": _meta}
_COMMON: Mapping[str, Check] = {**_OWN, "subject": _reference}

PLAIN: Mapping[str, Check] = {
    "Patient": _resource(
        (),
        _OWN,
        birthDate=_date,
        gender=_code,
        active=_flag,
        name=_list(_name),
        identifier=_list(_identifier),
        telecom=_list(_contact),
        address=_list(_address),
        maritalStatus=_concept,
    ),
    "Observation": _resource(
        ("status", "code"),
        _COMMON,
        status=_code,
        code=_concept,
        category=_list(_concept),
        encounter=_reference,
        effectiveDateTime=_date_time,
        issued=_instant,
        valueQuantity=_quantity,
        valueCodeableConcept=_concept,
        referenceRange=_list(_limits),
        performer=_list(_reference),
        interpretation=_list(_concept),
        bodySite=_concept,
        method=_concept,
    ),
    "Condition": _resource(
        ("subject",),
        _COMMON,
        code=_concept,
        clinicalStatus=_concept,
        verificationStatus=_concept,
        category=_list(_concept),
        encounter=_reference,
        onsetDateTime=_date_time,
        abatementDateTime=_date_time,
        recordedDate=_date_time,
    ),
    "MedicationStatement": _resource(
        ("status", "subject", "medicationCodeableConcept"),
        _COMMON,
        status=_code,
        dosage=_list(_dosage),
        medicationCodeableConcept=_concept,
        effectivePeriod=_period,
        dateAsserted=_date_time,
        informationSource=_reference,
        reasonCode=_list(_concept),
    ),
    "MedicationRequest": _resource(
        ("status", "intent", "subject", "medicationCodeableConcept"),
        _COMMON,
        status=_code,
        intent=_code,
        medicationCodeableConcept=_concept,
        encounter=_reference,
        authoredOn=_date_time,
        requester=_reference,
        dosageInstruction=_list(_dosage),
        reasonCode=_list(_concept),
        reasonReference=_list(_reference),
    ),
}


def is_plain(resource: Json) -> bool:
    """Whether a resource is surely valid R4; False means that fhir.resources has to say."""
    check = PLAIN.get(str(resource.get("resourceType")))
    return check is not None and sum(key.startswith("value") for key in resource) < 2 and check(resource)


_ELEMENT = re.compile(r"[A-Za-z0-9_]{1,64}")


def r4_problem(resource: Json) -> str | None:
    """Where a resource is not valid R4 (element paths, at most three), without any of its values; None when it is.

    The type alone where R4 does not know it, and where the library breaks on the resource, as it does on a contained
    resource of an unknown type.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - loaded with the models, when first needed

    kind = str(resource.get("resourceType"))
    model = _model(kind)
    if model is None:
        return kind if _ELEMENT.fullmatch(kind) else "resourceType"
    try:
        model.model_validate(resource)
    except ValidationError as error:
        places = dict.fromkeys(_path(item["loc"]) or kind for item in error.errors())
        return ", ".join(list(places)[:3])
    except MemoryError:
        raise
    except Exception:  # whatever it is, it is about this resource
        return kind
    return None


def _path(place: tuple[int | str, ...]) -> str:
    """The path of an element; a key that no element can have comes from the record and is not repeated."""
    return ".".join(str(part) if _ELEMENT.fullmatch(str(part)) else "?" for part in place)


def _model(kind: str) -> Any:
    """The model of a type; None where R4 does not know the type, or R4B has given it up."""
    if kind not in R4_TYPES:
        return None
    try:
        return getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    except ModuleNotFoundError as error:
        if error.name != f"fhir.resources.R4B.{kind.lower()}":
            raise
        return None


def report_invalid(record: Record) -> None:
    """Add an issue for each resource that was used and is not valid R4; what could be read from it stays."""
    for resource in record.used:
        if not is_plain(resource) and (problem := r4_problem(resource)):
            text = f"The resource is not valid FHIR R4 at: {problem[:120]}. What could be read was used."
            record.note("not-r4-valid", record.name_of(resource), text)
