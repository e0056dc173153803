"""Patient -> birth date, sex, and whether the patient has died."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cds.intake.dates import Moment, moment
from cds.intake.modifiers import modified
from cds.intake.record import PARTS, Json, Mention, Record
from cds.intake.stated_time import absent_reason, forms_of
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition, RuleBook

AS_TEXT = "Whether the patient has died is written as text and was read."
MODIFIED = "The patient has a modifier that is not understood; nothing that the resource says was used."


def read_patient(resource: Json, record: Record, book: RuleBook, day: int) -> None:
    """Add the birth date (as precise as it is), the administrative gender, if female or male, and a death."""
    record.used.append(resource)
    record.patient = record.name_of(resource)
    if modified(resource):
        record.note("unreadable-resource", record.patient, MODIFIED, not_used="Patient")
        record.unread |= {PARTS["Patient"]}
        return
    birth = resource.get("birthDate")
    record.birth = moment(birth) if isinstance(birth, str) else None
    gender = resource.get("gender")
    record.sex = gender if gender in ("female", "male") else ""
    forms = forms_of(resource, "deceased")
    state, when = _deceased(forms, record, day), _day(forms.get("DateTime"))
    for name in _terms(book) if state else ():
        record.mentions.setdefault(name, []).append(Mention(state, when, record.patient))


@lru_cache(maxsize=8)
def _terms(book: RuleBook) -> tuple[str, ...]:
    """The terms that Patient.deceased says."""
    terms = book.terms.values()
    return tuple(t.name for t in terms if isinstance(t, Condition) and t.patient_element == "deceased")


def _day(value: Any) -> Moment | None:
    return moment(value) if isinstance(value, str) else None


def _deceased(forms: Json, record: Record, day: int) -> State:
    """What all forms of the element say: dead, alive, or unknown where one cannot be read or they contradict."""
    said = {form: _said(form, value, record, day) for form, value in forms.items()}
    if UNKNOWN in said.values() or (said.get("Boolean") is ABSENT and len(said) > 1):
        record.note("deceased-unclear", record.patient)
        return UNKNOWN
    return PRESENT if PRESENT in said.values() else ABSENT


def _said(form: str, value: Any, record: Record, day: int) -> State:
    """What one form says: a date counts from its day on; dead on a day that is not recorded is dead.

    In FHIR a dateTime of deceased[x] that has any content means that the patient has died
    (http://hl7.org/fhir/R4/patient-definitions.html#Patient.deceased_x_). A reason why there is no date may as well
    have been made from a field for it that is empty: that is not certain.
    """
    match form:
        case "DateTime":
            when = _day(value)
            return UNKNOWN if when is None else PRESENT if when.first <= day else ABSENT
        case "_DateTime" if isinstance(value, dict) and value.get("extension"):
            return UNKNOWN if absent_reason(value) else PRESENT
        case "Boolean":
            return _yes_or_no(value, record)
        case _:
            return ABSENT if value is False else UNKNOWN


def _yes_or_no(value: Any, record: Record) -> State:
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        record.note("deceased-unclear", record.patient, AS_TEXT)
        value = value.strip().lower() == "true"
    return UNKNOWN if not isinstance(value, bool) else PRESENT if value else ABSENT
