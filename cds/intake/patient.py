"""Patient -> birth date and sex."""

from __future__ import annotations

import re

from cds.intake.bundle import name_of
from cds.intake.dates import moment
from cds.intake.record import Json, Record

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


def read_patient(resource: Json, record: Record) -> None:
    """Add the birth date (as precise as it is) and the administrative gender, if female or male."""
    birth = resource.get("birthDate")
    record.birth = moment(birth) if isinstance(birth, str) else None
    gender = resource.get("gender")
    record.sex = gender if gender in ("female", "male") else ""
    record.used.append(resource)
    identity = resource.get("id")
    if identity is not None and not (isinstance(identity, str) and _ID.fullmatch(identity)):
        record.note("not-r4-valid", "Patient", "The id of the Patient is not a FHIR id; it was read.")
    record.patient = name_of(resource)
