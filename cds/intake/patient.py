"""Patient -> birth date and sex."""

from __future__ import annotations

from cds.intake.dates import moment
from cds.intake.record import Json, Record


def read_patient(resource: Json, record: Record) -> None:
    """Add the birth date (as precise as it is) and the administrative gender, if female or male."""
    birth = resource.get("birthDate")
    record.birth = moment(birth) if isinstance(birth, str) else None
    gender = resource.get("gender")
    record.sex = gender if gender in ("female", "male") else ""
    record.used.append(resource)
    record.patient = record.name_of(resource)
