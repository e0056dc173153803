"""Patient -> birth date, sex, and whether the patient has died."""

from __future__ import annotations

from functools import lru_cache

from cds.intake.dates import Moment, moment
from cds.intake.record import Json, Mention, Record
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition, RuleBook

AS_TEXT = "Whether the patient has died is written as text and was read."


def read_patient(resource: Json, record: Record, book: RuleBook, day: int) -> None:
    """Add the birth date (as precise as it is), the administrative gender, if female or male, and a death."""
    birth = resource.get("birthDate")
    record.birth = moment(birth) if isinstance(birth, str) else None
    gender = resource.get("gender")
    record.sex = gender if gender in ("female", "male") else ""
    record.used.append(resource)
    record.patient = record.name_of(resource)
    when = _day(resource)
    state = _deceased(resource, record, when, day)
    for name in _terms(book) if state else ():
        record.mentions.setdefault(name, []).append(Mention(state, when, record.patient))


@lru_cache(maxsize=8)
def _terms(book: RuleBook) -> tuple[str, ...]:
    """The terms that Patient.deceased says."""
    terms = book.terms.values()
    return tuple(t.name for t in terms if isinstance(t, Condition) and t.patient_element == "deceased")


def _day(resource: Json) -> Moment | None:
    text = resource.get("deceasedDateTime")
    return moment(text) if isinstance(text, str) else None


def _deceased(resource: Json, record: Record, when: Moment | None, day: int) -> State:
    """Present from the day of death on; unknown where what stands there cannot be read or contradicts itself."""
    flag = resource.get("deceasedBoolean")
    if isinstance(flag, str) and flag.strip().lower() in ("true", "false"):
        record.note("deceased-unclear", record.name_of(resource), AS_TEXT)
        flag = flag.strip().lower() == "true"
    dated = resource.get("deceasedDateTime") is not None
    unreadable = (dated and when is None) or (flag is not None and not isinstance(flag, bool))
    if unreadable or (dated and flag is False):
        record.note("deceased-unclear", record.name_of(resource))
        return UNKNOWN
    if when is not None:
        return PRESENT if when.first <= day else ABSENT
    return PRESENT if flag else ABSENT
