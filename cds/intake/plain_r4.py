"""Plain resources, which are surely valid FHIR R4: a look of our own at what most resources in practice hold.

They use a few elements of a few types. Those are checked here, against the same rules of the specification
(http://hl7.org/fhir/R4/datatypes.html); whatever holds anything else is left to fhir.resources. A property test holds
the one promise: what is plain here is valid there.
"""

from __future__ import annotations

from collections.abc import Mapping

from cds.intake.plain_elements import (
    Check,
    address,
    code,
    concept,
    concepts,
    contact,
    count,
    date,
    date_time,
    dosage,
    element,
    extension,
    flag,
    id_,
    identifier,
    instant,
    limits,
    list_,
    meta,
    name,
    note,
    number,
    once,
    one_of,
    period,
    quantity,
    reference,
    resource,
    some_of,
    string,
    text,
)
from cds.intake.record import UNREADABLE
from cds.jsontypes import Json

MEDICINE = {"medicationCodeableConcept", "medicationReference"}
_OWN: Mapping[str, Check] = {
    "resourceType": string,
    "id": id_,
    "meta": meta,
    "text": text,
    "identifier": list_(identifier),
}
_COMMON: Mapping[str, Check] = {**_OWN, "subject": reference}
_OF_PEOPLE = list_(extension(2, valueAddress=address))

_AMOUNT = element(value=number, unit=string, system=code, code=code)
"""A SimpleQuantity or a Duration: without a comparator."""
_COMPONENT = resource(
    ("code",),
    {
        "code": concept,
        "valueQuantity": quantity,
        "interpretation": concepts,
        "referenceRange": once(list_(limits)),
        "dataAbsentReason": concept,
    },
)
PLAIN: Mapping[str, Check] = {
    "Patient": one_of(
        resource(
            (),
            _OWN,
            extension=_OF_PEOPLE,
            birthDate=date,
            gender=code,
            active=flag,
            deceasedBoolean=flag,
            deceasedDateTime=date_time,
            name=list_(name),
            telecom=list_(contact),
            address=list_(address),
            managingOrganization=reference,
            generalPractitioner=list_(reference),
            maritalStatus=concept,
            multipleBirthBoolean=flag,
            multipleBirthInteger=count,
            communication=list_(resource(("language",), {"language": concept, "preferred": flag})),
        ),
        {"deceasedBoolean", "deceasedDateTime"},
        {"multipleBirthBoolean", "multipleBirthInteger"},
    ),
    "Observation": one_of(
        resource(
            ("status", "code"),
            _COMMON,
            status=code,
            code=concept,
            category=concepts,
            encounter=reference,
            effectiveDateTime=date_time,
            issued=instant,
            valueQuantity=quantity,
            valueCodeableConcept=concept,
            referenceRange=once(list_(limits)),
            performer=list_(reference),
            component=list_(_COMPONENT),
            note=list_(note),
            specimen=reference,
            device=reference,
            basedOn=list_(reference),
            hasMember=list_(reference),
            derivedFrom=list_(reference),
            interpretation=concepts,
            bodySite=concept,
            method=concept,
        ),
        {"valueQuantity", "valueCodeableConcept"},
    ),
    "Condition": resource(
        ("subject",),
        _COMMON,
        code=concept,
        clinicalStatus=concept,
        verificationStatus=concept,
        category=concepts,
        encounter=reference,
        onsetDateTime=date_time,
        abatementDateTime=date_time,
        recordedDate=date_time,
        recorder=reference,
        asserter=reference,
        severity=concept,
        bodySite=concepts,
        note=list_(note),
    ),
    "MedicationStatement": some_of(
        resource(
            ("status", "subject"),
            _COMMON,
            status=code,
            category=concept,
            dosage=once(list_(dosage)),
            medicationCodeableConcept=concept,
            medicationReference=reference,
            context=reference,
            effectivePeriod=period,
            dateAsserted=date_time,
            informationSource=reference,
            reasonCode=concepts,
            note=list_(note),
        ),
        MEDICINE,
    ),
    "MedicationRequest": some_of(
        resource(
            ("status", "intent", "subject"),
            _COMMON,
            status=code,
            intent=code,
            priority=code,
            category=concepts,
            medicationCodeableConcept=concept,
            medicationReference=reference,
            encounter=reference,
            authoredOn=date_time,
            requester=reference,
            recorder=reference,
            reportedBoolean=flag,
            dosageInstruction=once(list_(dosage)),
            dispenseRequest=once(
                element(
                    validityPeriod=period,
                    numberOfRepeatsAllowed=count,
                    quantity=_AMOUNT,
                    expectedSupplyDuration=_AMOUNT,
                )
            ),
            reasonCode=concepts,
            reasonReference=list_(reference),
            note=list_(note),
        ),
        MEDICINE,
    ),
    "MedicationDispense": some_of(
        resource(
            ("status",),
            _COMMON,
            status=code,
            category=concept,
            medicationCodeableConcept=concept,
            medicationReference=reference,
            context=reference,
            performer=list_(resource(("actor",), {"actor": reference, "function": concept})),
            authorizingPrescription=list_(reference),
            type=concept,
            quantity=_AMOUNT,
            daysSupply=_AMOUNT,
            whenPrepared=date_time,
            whenHandedOver=date_time,
            dosageInstruction=once(list_(dosage)),
            note=list_(note),
        ),
        MEDICINE,
    ),
}


def is_plain(resource: Json) -> bool:
    """Whether a resource is surely valid R4; False means that fhir.resources has to say."""
    check = PLAIN.get(str(resource.get("resourceType")))
    try:
        return check is not None and bool(check(resource))
    except UNREADABLE:
        return False
