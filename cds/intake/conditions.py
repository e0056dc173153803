"""Conditions -> mentions: present, unknown (provisional, too old), absent (ended) or not there."""

from __future__ import annotations

from cds.intake.abatement import NOT_UNDERSTOOD, abatement
from cds.intake.bundle import name_of
from cds.intake.dates import Moment, moment
from cds.intake.meaning import meanings
from cds.intake.record import Json, Mention, Record
from cds.intake.vocabulary import Vocabulary, codings, texts
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition

AGAIN = frozenset({"recurrence", "relapse"})
ACTIVE = frozenset({"active", *AGAIN})
PAST = frozenset({"inactive", "remission", "resolved"})
SURE = frozenset({"confirmed"})
WRONG = frozenset({"refuted", "entered-in-error"})
KNOWN = ACTIVE | PAST | SURE | WRONG | {"provisional", "differential", "unconfirmed"}


def read_condition(resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """Add what a Condition says about terms of the rulebook."""
    meaning = meanings(words.book).condition(resource.get("code"))
    if not meaning.terms:
        if meaning.empty:
            record.note("no-code", name_of(resource))
        return
    record.used.append(resource)
    if meaning.by_name:
        record.note("matched-by-name", name_of(resource))
    for name in meaning.terms:
        term = words.book.terms[name]
        if isinstance(term, Condition) and (mention := _mention(resource, term, record, day)):
            record.mentions.setdefault(name, []).append(mention)


def _mention(resource: Json, term: Condition, record: Record, day: int) -> Mention | None:
    state = _state(resource, term, record, day)
    when = _when(resource)
    if state is None or (when is not None and when.first > day):
        return None
    if when is not None:
        age = when.days_before(day)[1]
        if term.forgotten_after is not None and age > term.forgotten_after:
            return None
        if term.unknown_after is not None and age > term.unknown_after:
            state = min(state, UNKNOWN)
    return Mention(state, when, name_of(resource))


def _state(resource: Json, term: Condition, record: Record, day: int) -> State | None:
    """Present, unknown, absent when it has ended, or None when the record says that the patient does not have it (now).

    Abated and still active contradict each other: unknown.
    """
    clinical, verification = _status(resource, "clinicalStatus"), _status(resource, "verificationStatus")
    if verification in WRONG:
        record.note(verification, name_of(resource))
        return None
    if clinical in PAST and not term.also_inactive:
        return None
    ended = ABSENT if term.also_inactive else _ended(abatement(resource, record.birth), clinical, day)
    if ended is PRESENT and not clinical:
        return ABSENT
    if ended or verification not in (*SURE, "") or clinical not in (*ACTIVE, *PAST, ""):
        record.note("unclear-condition", name_of(resource))
        return UNKNOWN
    return PRESENT


def _ended(end: Moment | None, clinical: str, day: int) -> State:
    """Whether a condition is over by its abatement; what came back may have abated before."""
    if end is None or end.first >= day or clinical in AGAIN:
        return ABSENT
    if end.last < day:
        return PRESENT
    return ABSENT if clinical in ACTIVE and end is not NOT_UNDERSTOOD else UNKNOWN


def _status(resource: Json, key: str) -> str:
    """The status by its codes, else by its words; the first of them where none is known, '' where nothing is stated."""
    concept = resource.get(key)
    stated = [concept] if isinstance(concept, str) else [str(c.get("code")) for c in codings(concept)] + texts(concept)
    words = [word.strip().lower() for word in stated]
    return next((word for word in words if word in KNOWN), words[0] if words else "")


def _when(resource: Json) -> Moment | None:
    """Onset, else the date of the record."""
    period = resource.get("onsetPeriod")
    start = period.get("start") if isinstance(period, dict) else None
    for text in (resource.get("onsetDateTime"), start, resource.get("recordedDate")):
        if isinstance(text, str) and (when := moment(text)):
            return when
    return None
