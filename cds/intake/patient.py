"""Patient and Goals -> birth date, sex, whether the patient has died, and the target ranges of measurements."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from cds.intake.conditions.condition_times import absent_reason, forms_of
from cds.intake.elements import codings, modified, texts
from cds.intake.lookup import meanings
from cds.intake.record import PARTS, Mention, Reading, Record
from cds.intake.results.units import limit_of
from cds.intake.times import Moment, moment
from cds.intake.vocabulary import Vocabulary
from cds.jsontypes import Json
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval, State
from cds.rulebook.model import Condition, GoalTerm, Measurement, RuleBook

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
    record.birth = _birth(resource.get("birthDate"), record, day)
    record.sex = _sex(resource.get("gender"), record)
    active = resource.get("active", True)
    if active is not True and str(active).lower() == "false":
        record.note("inactive-record", record.patient)
    forms = forms_of(resource, "deceased")
    state, when = _deceased(forms, record, day), _day(forms.get("DateTime"))
    for name in _terms(book) if state else ():
        record.mentions.setdefault(name, []).append(Mention(state, when, record.patient))


FEMALE = frozenset(
    "female f w fem woman weiblich frau femme féminin feminin femenino mujer femmina femminile vrouw vrouwelijk kvinne "
    "kvinde kvinna feminino nainen kobieta žena 여 여성 女 女性 248152002".split()
)
MALE = frozenset(
    "male m man männlich mann homme masculin masculino hombre varón maschio maschile mannelijk mand mies "
    "mężczyzna muž 남 남성 男 男性 248153007".split()
)
"""How sex is written where the code of FHIR should stand: HL7 v2 and v3 letters, SNOMED CT, and words."""
NOT_SAID = ("other", "unknown")
"""The codes of FHIR that say neither."""


def _sex(gender: Any, record: Record) -> str:
    """Female or male, also in another form, which is said; empty for anything else."""
    if gender in ("female", "male"):
        return str(gender)
    if gender is None or gender in NOT_SAID:
        return ""
    coded = (coding.get("code") for coding in codings(gender))
    stated = [gender] if isinstance(gender, str) else [*coded, *texts(gender)]
    said = {text.strip().lower().rstrip(".") for text in stated if isinstance(text, str)}
    sexes = [sex for sex, words in (("female", FEMALE), ("male", MALE)) if said & words]
    if len(sexes) != 1:
        if not said or not said.issubset(NOT_SAID):
            record.note("gender-unclear", record.patient)
        return ""
    record.note("gender-as-text", record.patient)
    return sexes[0]


OLDEST = 130
"""The age in years above which a birth date is a slip, or stands for one that is not known (1 January 1900 may)."""
_PLAIN_DATE = re.compile(r"(\d{4})[/.]?(\d\d)[/.]?(\d\d)(?:\d{6})?", re.ASCII)
"""A date in the order of FHIR with other signs or none between its parts: HL7 v2, ``1950/03/01``."""


def _birth(stated: Any, record: Record, day: int) -> Moment | None:
    """The birth date, as precise as it is; None where none is stated, or it cannot be one on that day."""
    if stated is None:
        return None
    text = stated.strip() if isinstance(stated, str) else ""
    birth, written = moment(text), _PLAIN_DATE.fullmatch(text)
    if birth is None and written is not None and (birth := moment("-".join(written.groups()))):
        record.note("birth-date-as-text", record.patient)
    if birth is None or birth.first > day or birth.last < day - OLDEST * 366:
        record.note("birth-date-unclear", record.patient)
        return None
    return birth


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


ACTIVE_GOAL = frozenset({"active", "accepted", "on-hold", "planned", "proposed"})
OVER = frozenset({"completed", "cancelled", "entered-in-error", "rejected"})


def read_goal(resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """Add the target ranges that an active Goal records for measurements; one that cannot be used is noted."""
    status = resource.get("lifecycleStatus")
    if status in OVER:
        return
    targets = resource.get("target")
    for target in targets if isinstance(targets, list) else ():
        for name, _ in meanings(words.book).result(target.get("measure")).measurements:
            term = words.book.terms[name]
            if name not in _with_targets(words.book) or not isinstance(term, Measurement):
                continue
            if status in ACTIVE_GOAL:
                _target(term, target.get("detailRange"), resource, record, day)
            else:
                text = f"A goal for {name} has no status that makes it usable."
                record.note("status-not-final", record.name_of(resource), text)


@lru_cache(maxsize=8)
def _with_targets(book: RuleBook) -> frozenset[str]:
    """The measurements whose targets are read."""
    return frozenset(term.of for term in book.terms.values() if isinstance(term, GoalTerm))


def _target(term: Measurement, detail: Any, resource: Json, record: Record, day: int) -> None:
    ends = (limit_of(detail.get(end), term) for end in ("low", "high")) if isinstance(detail, dict) else (None, None)
    low, high = ends
    if low is None or high is None or low > high:
        record.note(
            "unusable-unit", record.name_of(resource), f"A goal for {term.name} has no range that could be read."
        )
        return
    when = moment(str(resource.get("startDate") or "")) or Moment(day, day, 0, "")
    if when.first > day:
        return
    record.used.append(resource)
    record.targets.setdefault(term.name, []).append(Reading(Interval(low, high), when, record.name_of(resource)))
