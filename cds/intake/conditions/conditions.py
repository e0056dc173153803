"""Conditions -> mentions: present, unknown (provisional, too old), absent (ended) or not there.

The clinical and the verification status are read in the words of FHIR.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from cds.intake.conditions.condition_times import UNKNOWN_TIME, abatement, aged, recorded_on, when_of
from cds.intake.elements import codings, modified, remembered, texts
from cds.intake.lookup import meanings
from cds.intake.record import CONDITIONS, UNCERTAIN, Mention, Record
from cds.intake.times import Moment
from cds.intake.unrecognised import meet, not_recognised
from cds.intake.vocabulary import Vocabulary
from cds.jsontypes import Json
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition

AGAIN = frozenset({"recurrence", "relapse"})
ACTIVE = frozenset({"active", *AGAIN})
PAST = frozenset({"inactive", "remission", "resolved"})
CERTAIN = frozenset({"confirmed"})
SUSPECTED = frozenset({"provisional", "differential", "unconfirmed"})
WRONG = frozenset({"refuted", "entered-in-error"})
KNOWN = ACTIVE | PAST | CERTAIN | WRONG | SUSPECTED
"""The codes of clinical and verification status in FHIR R4."""
NO_STATUS: frozenset[str] = frozenset()
UNKNOWN_STATUS = frozenset({""})
"""A status that is on record and has no word that can be read: it is never the same as none."""
SAYS_NOTHING = frozenset({"id", "extension"})
"""What every element of FHIR may hold beside its content."""


def status_of(resource: Json, key: str) -> frozenset[str]:
    """What a status says in the words of FHIR, by its codes and texts; where none is known, all that it says.

    A string, a Coding, a list of concepts, and a coding that is no list are read as the concept that they stand for.
    """
    value = resource.get(key)
    return NO_STATUS if value is None else _said(value)


@remembered
def _said(value: Any) -> frozenset[str]:
    concepts = value if isinstance(value, list) else [value]
    stated = (word.strip().lower() for concept in concepts for word in _words(concept))
    found = frozenset(word for word in stated if word)
    return found & KNOWN or found or (UNKNOWN_STATUS if any(map(_says_something, concepts)) else frozenset())


def _words(concept: Any) -> Iterable[str]:
    if not isinstance(concept, dict):
        return [concept] if isinstance(concept, str) else []
    coding = concept.get("coding")
    as_listed = {**concept, "coding": [coding if isinstance(coding, dict) else concept]}
    concept = concept if isinstance(coding, list) else as_listed
    coded = (item.get("code") for item in codings(concept))
    return [word for word in (*coded, *texts(concept)) if isinstance(word, str)]


def _says_something(concept: Any) -> bool:
    return bool(concept.keys() - SAYS_NOTHING if isinstance(concept, dict) else concept not in (None, "", False))


def doubt(clinical: frozenset[str], verification: frozenset[str]) -> str:
    """Why the two statuses leave open whether the patient has a condition; empty where they do not."""
    if clinical & ACTIVE and clinical & PAST:
        return "its clinical status says that it is active and that it is over"
    if clinical - ACTIVE - PAST:
        return "its clinical status is not understood"
    if suspected := verification & SUSPECTED:
        return f"it is recorded as {min(suspected)}"
    if verification & WRONG:
        return "its verification status contradicts itself"
    return "its verification status is not understood" if verification - CERTAIN else ""


NOT_CERTAIN = "Whether the patient has a condition is not certain: {}."
MODIFIED = "it has a modifier that is not understood"
ENDED = "it is recorded as active, and with an end"
ENDED_SOMEWHEN = "when it ended is not clear"
NOT_YET = "it was recorded before the day on which it is said to have begun"
OF_ANY_AGE = "its date leaves open whether it still counts"


def read_condition(resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """Add what a Condition says about terms of the rulebook."""
    meaning, stated = meanings(words.book).condition(resource.get("code")), _statuses_of(resource)
    if not meaning.terms:
        if meaning.empty:
            record.note("no-code", record.name_of(resource))
        if stated.may_be_there:
            not_recognised(record, CONDITIONS, resource, [resource.get("code")], words.book)
        return
    if stated.may_be_there:
        meet(record, CONDITIONS)
    record.used.append(resource)
    if meaning.by_name:
        record.note("matched-by-name", record.name_of(resource))
    for name in meaning.terms:
        term = words.book.terms[name]
        if isinstance(term, Condition) and (mention := _mention(resource, stated, term, record, day)):
            record.mentions.setdefault(name, []).append(mention)


class Statuses(NamedTuple):
    """The clinical and verification status of a Condition, and whether it has a modifier, which may mean anything."""

    clinical: frozenset[str]
    verification: frozenset[str]
    modified: bool

    @property
    def is_past(self) -> bool:
        """Whether it is said to be over, and not to be active."""
        return bool(self.clinical & PAST) and not self.clinical & ACTIVE

    @property
    def is_wrong(self) -> bool:
        """Whether it is said not to be there, and not to be certain."""
        return bool(self.verification & WRONG) and not self.verification & CERTAIN

    @property
    def may_be_there(self) -> bool:
        """Whether the record leaves it open, or says, that the patient has it now."""
        return self.modified or not (self.is_past or self.is_wrong)


def _statuses_of(resource: Json) -> Statuses:
    clinical, verification = status_of(resource, "clinicalStatus"), status_of(resource, "verificationStatus")
    return Statuses(clinical, verification, modified(resource))


def _mention(resource: Json, stated: Statuses, term: Condition, record: Record, day: int) -> Mention | None:
    state, when = _state(resource, stated, term, record, day), when_of(resource, record, day)
    if when is not None and when.first > day:
        return _of_the_future(resource, state, record, day)
    if state is None:
        return None
    mention = aged(Mention(state, when, record.name_of(resource)), term, day)
    if mention is not None and mention.state is not state and _may_be_younger(mention, term, day):
        _doubted(resource, record, OF_ANY_AGE)
    return mention


def _of_the_future(resource: Json, state: State | None, record: Record, day: int) -> Mention | None:
    """None, as it does not exist yet; unknown where somebody recorded it already, and one of the two dates is wrong."""
    record.note("future-date", record.name_of(resource), "A condition is dated after the evaluation.")
    recorded = recorded_on(resource, day)
    if not state or recorded is None or recorded.first > day:
        return None
    return Mention(_doubted(resource, record, NOT_YET), None, record.name_of(resource))


def _may_be_younger(mention: Mention, term: Condition, day: int) -> bool:
    """Whether a date that names no day leaves open whether a mention is too old."""
    least = mention.when.days_before(day)[0] if mention.when else 0
    return any(least <= days for days in (term.forgotten_after, term.unknown_after) if days is not None)


def _state(resource: Json, stated: Statuses, term: Condition, record: Record, day: int) -> State | None:
    """Present, unknown, absent when it has ended, or None when the record says that the patient does not have it (now).

    Abated and still active contradict each other: unknown. So is one with a modifier, whatever it says.
    """
    if stated.modified:
        return _doubted(resource, record, MODIFIED)
    clinical, verification = stated.clinical, stated.verification
    if stated.is_wrong:
        record.note(min(verification & WRONG), record.name_of(resource))
        return None
    if stated.is_past and not term.also_inactive:
        return None
    ended = ABSENT if term.also_inactive else _ended(abatement(resource, record.birth), clinical, day)
    if ended is PRESENT and not clinical:
        return ABSENT
    known = clinical - PAST if term.also_inactive else clinical
    why = doubt(known, verification) or (ENDED if ended is PRESENT else ENDED_SOMEWHEN if ended is UNKNOWN else "")
    return _doubted(resource, record, why) if why else PRESENT


def _doubted(resource: Json, record: Record, why: str) -> State:
    """Unknown, and the reason is noted."""
    record.note(UNCERTAIN, record.name_of(resource), NOT_CERTAIN.format(why))
    return UNKNOWN


def _ended(end: Moment | None, clinical: frozenset[str], day: int) -> State:
    """Whether a condition is over by its abatement; what came back may have abated before."""
    if end is None or end.first >= day or clinical & AGAIN:
        return ABSENT
    if end.last < day:
        return PRESENT
    return ABSENT if clinical & ACTIVE and end is not UNKNOWN_TIME else UNKNOWN
