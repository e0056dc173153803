"""The fast path of medicines and conditions: most of them say the same as others, but for who and when.

What such a resource says without its id and dates is read once with care, into a record of nobody, and remembered as a
template. A resource is read by its template where its dates change nothing else: a course that has begun and has no
recorded end, a condition whose age does not matter. All others are read with care; a test reads all data on both ways.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from cds.intake.bundles.bundle import Resources
from cds.intake.conditions.conditions import read_condition
from cds.intake.elements import Memory, json_key
from cds.intake.medicines.courses.notes import notes_say_stopped
from cds.intake.medicines.courses.supply import is_long_past
from cds.intake.medicines.courses.taken import is_asked_for_by_the_patient
from cds.intake.medicines.dosages.dosage import schedules
from cds.intake.medicines.medications import read_medication
from cds.intake.record import UNREADABLE, Course, Issue, Mention, Record, Unrecognised
from cds.intake.times import Moment, moment
from cds.intake.vocabulary import vocabulary
from cds.jsontypes import Json
from cds.rulebook.model import Condition, RuleBook

WithCare: TypeAlias = Callable[[Json, Record], None]
"""Adds what a resource says to a record, whatever stands in it."""


SILENT = frozenset(
    """
    id meta text language extension identifier subject encounter note recorder asserter severity bodySite
    context informationSource dateAsserted partOf basedOn derivedFrom priorPrescription requester performer priority
    dispenseRequest substitution onsetDateTime recordedDate effectivePeriod authoredOn
    """.split()
)
"""Elements that are no part of a template: they say nothing about a medicine or a condition, or are its dates."""
REASONS = "reasonReference"
"""Of the reasons to which a record of a medicine refers, only what they are called says something about it."""
ELSEWHERE = "medicationReference"
"""Of a medicine that is named elsewhere, what the Medication there says is part of the template."""
NOWHERE = "Medication/was-not-sent"
"""Stands in a template for any reference to what was not sent: then only its display says something."""
OF_A_MEDICATION = frozenset({"resourceType", "id", "meta", "text", "language", "identifier", "status", "code", "form"})
"""What a Medication may hold that is part of a template: nothing that refers to another one."""
_MEDICINE = frozenset(
    {"resourceType", "status", "category", "medicationCodeableConcept", ELSEWHERE, "reasonCode", REASONS}
)
MADE_OF = {
    "Condition": frozenset({"resourceType", "category", "code", "clinicalStatus", "verificationStatus"}),
    "MedicationStatement": _MEDICINE | {"dosage"},
    "MedicationRequest": _MEDICINE | {"dosageInstruction", "intent", "reportedBoolean"},
}
"""The types that have templates, with what these are made of; a resource with anything else is read with care."""


class Template(NamedTuple):
    """What a resource without id and dates adds to a record; each mention with its most days of age."""

    issues: tuple[Issue, ...]
    courses: tuple[tuple[str, Course], ...]
    products: tuple[Course, ...]
    mentions: tuple[tuple[str, Mention, float], ...]
    unrecognised: tuple[Unrecognised, ...]
    met: tuple[tuple[str, int], ...]
    is_used: bool
    is_named_elsewhere: bool

    def holds(self, when: Moment, day: int) -> bool:
        """Whether it says the same of what began then."""
        return when.first <= day and not any(day - when.first > oldest for _, _, oldest in self.mentions)


class Templates:
    """Reads the usual medicines and conditions of a rulebook."""

    def __init__(self, book: RuleBook) -> None:
        words, nothing = vocabulary(book), Resources()
        medicine = partial(read_medication, words=words, resources=nothing, day=1)
        self.readers: dict[str, WithCare] = {
            "Condition": partial(read_condition, words=words, day=1),
            "MedicationStatement": medicine,
            "MedicationRequest": medicine,
        }
        self.oldest = {term.name: _oldest(term) for term in book.terms.values() if isinstance(term, Condition)}
        self.templates: Memory[Template | None] = Memory()

    def read(self, resource: Json, record: Record, resources: Resources, day: int) -> bool:
        """Add what a medicine or a condition says; False where it is to be read with care, and nothing was done."""
        try:
            kind, identity = resource["resourceType"], resource["id"]
            said = {key: value for key, value in resource.items() if key not in SILENT}
            if REASONS in said:
                said[REASONS] = [{"display": item["display"]} for item in said[REASONS] if "display" in item]
            if type(identity) is not str or not identity or not said.keys() <= MADE_OF[kind]:
                return False
            if kind == "MedicationRequest" and (is_long_past(resource, day) or is_asked_for_by_the_patient(resource)):
                return False
            if kind != "Condition" and notes_say_stopped(resource):
                return False
            when = _onset(resource) if kind == "Condition" else _start(resource)
            medication = _medication(resource, resources) if ELSEWHERE in said else None
            if ELSEWHERE in said:
                said |= _not_sent(said) if medication is None else _inside(said, medication)
            template = self.templates.get(json_key(said), self._template, said)
        except UNREADABLE:
            return False
        if template is None or (when is not None and not template.holds(when, day)):
            return False
        _add(template, record, f"{kind}/{identity}", when)
        if template.is_used:
            record.used.append(resource)
        if template.is_named_elsewhere and medication is not None:
            record.named_by.append((resource, medication))
        return True

    def _template(self, said: Json) -> Template | None:
        """What is said, read with care; None where dates may say more, or it cannot be read."""
        kind, read = said["resourceType"], Record(patient="")
        if kind != "Condition" and _has_own_times(said):
            return None
        try:
            self.readers[kind](said, read)
        except UNREADABLE:
            return None
        return None if read.unread else self._made_of(read)

    def _made_of(self, read: Record) -> Template:
        mentions = ((name, mention, self.oldest[name]) for name, found in read.mentions.items() for mention in found)
        return Template(
            tuple(read.issues),
            tuple((name, course) for name, found in read.courses.items() for course in found),
            tuple(read.products),
            tuple(mentions),
            tuple(read.unrecognised),
            tuple(read.met.items()),
            bool(read.used),
            bool(read.named_by),
        )


def _medication(resource: Json, resources: Resources) -> Json | None:
    """The Medication to which a record of a medicine refers; None where it was not sent.

    Raises:
        ValueError: it holds more than its own name, or is none.

    """
    reference = resource[ELSEWHERE]["reference"]
    found = resources.resolve(reference, resource)
    if found is None and type(reference) is str and reference and reference[0] != "#":
        return None
    if found is None or found["resourceType"] != "Medication" or not found.keys() <= OF_A_MEDICATION:
        raise ValueError("no plain Medication")
    return found


def _not_sent(said: Json) -> Json:
    """What a record says of a medicine whose Medication was not sent."""
    return {ELSEWHERE: {**said[ELSEWHERE], "reference": NOWHERE}}


def _inside(said: Json, medication: Json) -> Json:
    """What a record says of its medicine, with the Medication inside, so that it is read without the other data."""
    named = {key: medication[key] for key in ("resourceType", "status", "code", "form") if key in medication}
    return {ELSEWHERE: {**said[ELSEWHERE], "reference": "#named"}, "contained": [{"id": "named", **named}]}


def _add(template: Template, record: Record, source: str, when: Moment | None) -> None:
    """Add what a template says, as that of a resource and its date."""
    issues, courses, products, mentions, unrecognised, met, *_ = template
    for issue in issues:
        record.add(issue._replace(source=source))
    for name, course in courses:
        record.courses.setdefault(name, []).append(course._replace(source=source, start=when))
    for course in products:
        record.products.append(course._replace(source=source, start=when))
    for name, mention, _ in mentions:
        record.mentions.setdefault(name, []).append(Mention(mention.state, when, source))
    for item in unrecognised:
        record.unrecognised.append(item._replace(source=source))
    for kind, count in met:
        record.met[kind] = record.met.get(kind, 0) + count


def _oldest(term: Condition) -> float:
    """The days up to which the age of a mention of a condition changes nothing."""
    return min((days for days in (term.forgotten_after, term.unknown_after) if days is not None), default=math.inf)


def _has_own_times(said: Json) -> bool:
    """Whether the dosage of a medicine says when it is taken: then its dates may change what is taken on a day."""
    plan = schedules(said.get("dosage") or said.get("dosageInstruction"))
    return any(schedule.bounds != (None, None) or schedule.length is not None for schedule in plan)


def _date(text: Any) -> Moment | None:
    """The moment of a date, if there is one.

    Raises:
        ValueError: it cannot be read.

    """
    if text is None:
        return None
    when = moment(text) if type(text) is str else None
    if when is None:
        raise ValueError("no date")
    return when


def _onset(resource: Json) -> Moment | None:
    """When a condition began, or was recorded.

    Raises:
        ValueError: it cannot be read.

    """
    onset = resource.get("onsetDateTime")
    return _date(resource.get("recordedDate") if onset is None else onset)


def _start(resource: Json) -> Moment | None:
    """When a medicine was begun, or ordered.

    Raises:
        ValueError: it cannot be read, or an end is recorded.

    """
    period = resource.get("effectivePeriod", {})
    if type(period) is not dict or period.get("end") is not None:
        raise ValueError("no open period")
    return _date(period.get("start")) or _date(resource.get("authoredOn"))
