"""Plain resources, which are surely valid FHIR R4: a look of our own at what most resources in practice hold.

They use a few elements of a few types. Those are checked here, against the same rules of the specification
(http://hl7.org/fhir/R4/datatypes.html); whatever holds anything else is left to fhir.resources. A property test holds
the one promise: what is plain here is valid there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from cds.intake.elements import Memory, json_key
from cds.intake.record import UNREADABLE
from cds.jsontypes import Json

Check: TypeAlias = Callable[[Any], object]
"""Something true where an element is plain; something false, or one of ``UNREADABLE``, where it is not."""
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_CODE = re.compile(r"\S+(?: \S+)*")
_FULL = r"(?:19|20)\d\d-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_DAY = rf"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2]))?|{_FULL}"
_DATE = re.compile(_DAY, re.ASCII)
_TIME = r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)"
_DATE_TIME = re.compile(rf"{_FULL}{_TIME}|{_DAY}", re.ASCII)
_INSTANT = re.compile(rf"{_FULL}{_TIME}", re.ASCII)


def _matches(pattern: re.Pattern[str]) -> Check:
    """The check of a text, by a pattern that all of it fits."""
    return pattern.fullmatch


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
    parts, needed = {**common, **own}, frozenset(needs)

    def check(value: Any) -> bool:
        for key, item in value.items():
            if not parts[key](item):
                return False
        return bool(value) and needed.issubset(value)

    return check


def _once(check: Check) -> Check:
    """The check of an element that records say again and again, remembered by what the element says."""
    memory: Memory[object] = Memory()

    def ask(value: Any) -> object:
        try:
            key = json_key(value)
        except TypeError:
            return check(value)
        return memory.get(key, check, value)

    return ask


def _one_of(check: Check, *choices: set[str]) -> Check:
    """The check of a resource with at most one form of each element that has a choice of types."""
    return lambda value: check(value) and all(len(value.keys() & forms) < 2 for forms in choices)


def _of_a_medicine(check: Check) -> Check:
    """The check of a resource about a medicine, which is named there or elsewhere."""
    named, elsewhere = "medicationCodeableConcept", "medicationReference"
    return lambda value: check(value) and (named in value) is not (elsewhere in value)


_id, _code, _date, _date_time, _instant = map(_matches, (_ID, _CODE, _DATE, _DATE_TIME, _INSTANT))
_coding = _element(system=_code, code=_code, display=_string, version=_string)
_concept = _once(_element(coding=_list(_coding), text=_string))
_concepts = _once(_list(_concept))
_reference = _element(reference=_code, display=_string, type=_code)
_quantity = _element(value=_number, unit=_string, system=_code, code=_code, comparator=_matches(re.compile("[<>]=?")))
_period = _element(start=_date_time, end=_date_time)
_range = _element(low=_quantity, high=_quantity)
_VALUES: Mapping[str, Check] = {
    "valueString": _string,
    "valueCode": _code,
    "valueUri": _code,
    "valueBoolean": _flag,
    "valueDecimal": _number,
    "valueDate": _date,
    "valueDateTime": _date_time,
    "valueCoding": _coding,
    "valueCodeableConcept": _concept,
    "valueReference": _reference,
    "valuePeriod": _period,
}


def _extension(depth: int, **values: Check) -> Check:
    """An extension with one value, or with others inside it, so many deep."""
    inside: dict[str, Check] = {"extension": _list(_extension(depth - 1))} if depth > 1 else {}
    check = _resource(("url",), {"url": _code, **_VALUES, **inside}, **values)
    return lambda value: check(value) and len(value) == 2


_extensions = _list(_extension(2))
_text = _resource(("status", "div"), {"status": _code, "div": _string})
_meta = _element(profile=_list(_code), versionId=_id, lastUpdated=_instant, tag=_once(_list(_coding)), source=_code)
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
    additionalInstruction=_concepts,
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
    extension=_extensions,
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
_notes = _list(
    _one_of(
        _resource(("text",), {}, text=_string, time=_date_time, authorString=_string, authorReference=_reference),
        {"authorString", "authorReference"},
    )
)
_OWN: Mapping[str, Check] = {
    "resourceType": _string,
    "id": _id,
    "meta": _meta,
    "text": _text,
    "identifier": _list(_identifier),
}
_COMMON: Mapping[str, Check] = {**_OWN, "subject": _reference, "note": _notes}
_MEDICINE: Mapping[str, Check] = {
    **_COMMON,
    "status": _code,
    "medicationCodeableConcept": _concept,
    "medicationReference": _reference,
    "reasonCode": _concepts,
    "reasonReference": _list(_reference),
}
_dosages = _once(_list(_dosage))
_OF_PEOPLE = _list(_extension(2, valueAddress=_address))

PLAIN: Mapping[str, Check] = {
    "Patient": _one_of(
        _resource(
            (),
            _OWN,
            extension=_OF_PEOPLE,
            birthDate=_date,
            gender=_code,
            active=_flag,
            deceasedBoolean=_flag,
            deceasedDateTime=_date_time,
            name=_list(_name),
            telecom=_list(_contact),
            address=_list(_address),
            managingOrganization=_reference,
            generalPractitioner=_list(_reference),
            maritalStatus=_concept,
            multipleBirthBoolean=_flag,
            multipleBirthInteger=_count,
            communication=_list(_resource(("language",), {"language": _concept, "preferred": _flag})),
        ),
        {"deceasedBoolean", "deceasedDateTime"},
        {"multipleBirthBoolean", "multipleBirthInteger"},
    ),
    "Observation": _one_of(
        _resource(
            ("status", "code"),
            _COMMON,
            status=_code,
            code=_concept,
            category=_concepts,
            encounter=_reference,
            effectiveDateTime=_date_time,
            issued=_instant,
            valueQuantity=_quantity,
            valueCodeableConcept=_concept,
            referenceRange=_once(_list(_limits)),
            performer=_list(_reference),
            interpretation=_concepts,
            bodySite=_concept,
            method=_concept,
        ),
        {"valueQuantity", "valueCodeableConcept"},
    ),
    "Condition": _resource(
        ("subject",),
        _COMMON,
        code=_concept,
        clinicalStatus=_concept,
        verificationStatus=_concept,
        category=_concepts,
        encounter=_reference,
        onsetDateTime=_date_time,
        abatementDateTime=_date_time,
        recordedDate=_date_time,
        recorder=_reference,
        asserter=_reference,
    ),
    "MedicationStatement": _of_a_medicine(
        _resource(
            ("status", "subject"),
            _MEDICINE,
            category=_concept,
            dosage=_dosages,
            effectivePeriod=_period,
            dateAsserted=_date_time,
            informationSource=_reference,
        )
    ),
    "MedicationRequest": _of_a_medicine(
        _resource(
            ("status", "intent", "subject"),
            _MEDICINE,
            intent=_code,
            category=_concepts,
            encounter=_reference,
            authoredOn=_date_time,
            requester=_reference,
            dosageInstruction=_dosages,
        )
    ),
    "MedicationDispense": _of_a_medicine(
        _resource(
            ("status",),
            {key: check for key, check in _MEDICINE.items() if not key.startswith("reason")},
            authorizingPrescription=_list(_reference),
            daysSupply=_quantity,
            dosageInstruction=_dosages,
            performer=_list(_resource(("actor",), {}, actor=_reference)),
            quantity=_quantity,
            whenHandedOver=_date_time,
            whenPrepared=_date_time,
        )
    ),
}


def is_plain(resource: Json) -> bool:
    """Whether a resource is surely valid R4; False means that fhir.resources has to say."""
    check = PLAIN.get(str(resource.get("resourceType")))
    try:
        return check is not None and bool(check(resource))
    except UNREADABLE:
        return False
