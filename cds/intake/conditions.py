"""Conditions -> mentions: present, unknown (provisional, too old) or not there."""

from __future__ import annotations

from cds.intake.dates import Moment, moment
from cds.intake.meaning import meanings
from cds.intake.record import Json, Mention, Record
from cds.intake.vocabulary import Vocabulary, codings
from cds.quantity import PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition

ACTIVE = frozenset({"active", "recurrence", "relapse"})
PAST = frozenset({"inactive", "remission", "resolved"})
UNCERTAIN = frozenset({"provisional", "differential", "unconfirmed"})
WRONG = frozenset({"refuted", "entered-in-error"})


def read_condition(resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """Add what a Condition says about terms of the rulebook."""
    meaning = meanings(words.book).condition(resource.get("code"))
    if not meaning.terms:
        if meaning.empty:
            record.note("no-code", record.name_of(resource))
        return
    record.used.append(resource)
    if meaning.by_name:
        record.note("matched-by-name", record.name_of(resource))
    for name in meaning.terms:
        term = words.book.terms[name]
        if isinstance(term, Condition) and (mention := _mention(resource, term, record, day)):
            record.mentions.setdefault(name, []).append(mention)


def _mention(resource: Json, term: Condition, record: Record, day: int) -> Mention | None:
    state = _state(resource, term, record)
    when = _when(resource)
    if state is None or (when is not None and when.first > day):
        return None
    if when is not None:
        age = when.days_before(day)[1]
        if term.forgotten_after is not None and age > term.forgotten_after:
            return None
        if term.unknown_after is not None and age > term.unknown_after:
            state = UNKNOWN
    return Mention(state, when, record.name_of(resource))


def _state(resource: Json, term: Condition, record: Record) -> State | None:
    """Present, unknown, or None when the record says that the patient does not have it (now)."""
    clinical, verification = _status(resource, "clinicalStatus"), _status(resource, "verificationStatus")
    if verification in WRONG:
        record.note(verification, record.name_of(resource))
        return None
    if clinical in PAST and not term.also_inactive:
        return None
    if verification in UNCERTAIN or clinical not in (*ACTIVE, *PAST, ""):
        record.note("unclear-condition", record.name_of(resource))
        return UNKNOWN
    return PRESENT


def _status(resource: Json, key: str) -> str:
    concept = resource.get(key)
    if isinstance(concept, str):
        return concept
    codes = [str(coding.get("code")) for coding in codings(concept)]
    return codes[0] if codes else ""


def _when(resource: Json) -> Moment | None:
    """Onset, else the date of the record."""
    period = resource.get("onsetPeriod")
    start = period.get("start") if isinstance(period, dict) else None
    for text in (resource.get("onsetDateTime"), start, resource.get("recordedDate")):
        if isinstance(text, str) and (when := moment(text)):
            return when
    return None
