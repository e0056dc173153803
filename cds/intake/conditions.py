"""Conditions -> mentions: present, unknown (provisional, too old) or not there."""

from __future__ import annotations

import re

from cds.intake.bundle import name_of
from cds.intake.dates import Moment, moment
from cds.intake.record import Json, Mention, Record
from cds.intake.vocabulary import Vocabulary, codings, texts
from cds.quantity import PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition

ACTIVE = frozenset({"active", "recurrence", "relapse"})
PAST = frozenset({"inactive", "remission", "resolved"})
UNCERTAIN = frozenset({"provisional", "differential", "unconfirmed"})
WRONG = frozenset({"refuted", "entered-in-error"})
_DENIED = re.compile(r"\b(?:no|not|without|denies|history of|rule out|ruled out|family history)\b", re.IGNORECASE)


def read_condition(resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """Add what a Condition says about terms of the rulebook."""
    source = name_of(resource)
    concept = resource.get("code")
    found = [t for c in codings(concept) for t, _ in words.conditions.find(c.get("system"), c.get("code"))]
    named = _named(concept, words, by_code=bool(found))
    if not found and not named:
        if not texts(concept) and not list(codings(concept)):
            record.note("no-code", source)
        return
    record.used.append(resource)
    if named and not found:
        record.note("matched-by-name", source)
    for name in dict.fromkeys((*found, *named)):
        term = words.book.terms[name]
        if isinstance(term, Condition) and (mention := _mention(resource, term, record, day)):
            record.mentions.setdefault(name, []).append(mention)


def _named(concept: object, words: Vocabulary, *, by_code: bool) -> list[str]:
    """The terms whose name is the whole text, or that may stand anywhere in it without being denied before it."""
    found: list[str] = []
    for text in texts(concept):
        if not by_code:
            found += words.condition_names.get(text.strip().lower(), ())
        for match in words.anywhere.finditer(text):
            if not _DENIED.search(text[: match.start()]):
                found.append(words.anywhere_terms[" ".join(match[0].lower().split())])
    return found


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
    return Mention(state, when, name_of(resource))


def _state(resource: Json, term: Condition, record: Record) -> State | None:
    """Present, unknown, or None when the record says that the patient does not have it (now)."""
    clinical, verification = _status(resource, "clinicalStatus"), _status(resource, "verificationStatus")
    if verification in WRONG:
        record.note(verification, name_of(resource))
        return None
    if clinical in PAST and not term.also_inactive:
        return None
    if verification in UNCERTAIN or clinical not in (*ACTIVE, *PAST, ""):
        record.note("unclear-condition", name_of(resource))
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
