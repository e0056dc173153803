"""Conditions -> mentions: present, unknown (provisional, too old), absent (ended) or not there."""

from __future__ import annotations

from cds.intake.abatement import NOT_UNDERSTOOD, abatement
from cds.intake.dates import Moment, moment
from cds.intake.meaning import meanings
from cds.intake.recognition import meet, not_recognised
from cds.intake.record import CONDITIONS, Json, Mention, Record
from cds.intake.vocabulary import Vocabulary, codings, texts
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition

AGAIN = frozenset({"recurrence", "relapse"})
ACTIVE = frozenset({"active", *AGAIN})
PAST = frozenset({"inactive", "remission", "resolved"})
CERTAIN = frozenset({"confirmed"})
WRONG = frozenset({"refuted", "entered-in-error"})
KNOWN = ACTIVE | PAST | CERTAIN | WRONG | {"provisional", "differential", "unconfirmed"}
"""The codes of clinical and verification status in FHIR R4."""


def read_condition(resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """Add what a Condition says about terms of the rulebook."""
    meaning = meanings(words.book).condition(resource.get("code"))
    if not meaning.terms:
        if meaning.empty:
            record.note("no-code", record.name_of(resource))
        if _may_be_there(resource):
            not_recognised(record, CONDITIONS, resource, [resource.get("code")], words.book)
        return
    if _may_be_there(resource):
        meet(record, CONDITIONS)
    record.used.append(resource)
    if meaning.by_name:
        record.note("matched-by-name", record.name_of(resource))
    for name in meaning.terms:
        term = words.book.terms[name]
        if isinstance(term, Condition) and (mention := _mention(resource, term, record, day)):
            record.mentions.setdefault(name, []).append(mention)


def _may_be_there(resource: Json) -> bool:
    """Whether the record leaves it open, or says, that the patient has it now."""
    clinical = _status(resource, "clinicalStatus")
    over = clinical & PAST and not clinical & ACTIVE
    return not over and not _status(resource, "verificationStatus") & WRONG


def _mention(resource: Json, term: Condition, record: Record, day: int) -> Mention | None:
    state, when = _state(resource, term, record, day), _when(resource)
    if when is not None and when.first > day:
        record.note("future-date", record.name_of(resource), "A condition is dated after the evaluation.")
        return None
    return aged(Mention(state, when, record.name_of(resource)), term, day) if state is not None else None


def aged(mention: Mention, term: Condition, day: int) -> Mention | None:
    """A mention as it counts on a day: too old it is unknown, or None where it is forgotten; a no stays a no."""
    if mention.when is None or mention.state is ABSENT:
        return mention
    age = mention.when.days_before(day)[1]
    if term.forgotten_after is not None and age > term.forgotten_after:
        return None
    too_old = term.unknown_after is not None and age > term.unknown_after
    return mention._replace(state=UNKNOWN) if too_old else mention


def _state(resource: Json, term: Condition, record: Record, day: int) -> State | None:
    """Present, unknown, absent when it has ended, or None when the record says that the patient does not have it (now).

    Abated and still active contradict each other: unknown.
    """
    clinical, verification = _status(resource, "clinicalStatus"), _status(resource, "verificationStatus")
    if wrong := verification & WRONG:
        record.note(min(wrong), record.name_of(resource))
        return None
    over = clinical & PAST and not term.also_inactive
    if over and not clinical & ACTIVE:
        return None
    ended = ABSENT if term.also_inactive else _ended(abatement(resource, record.birth), clinical, day)
    if ended is PRESENT and not clinical:
        return ABSENT
    if ended or over or clinical - ACTIVE - PAST or verification - CERTAIN:
        record.note("unclear-condition", record.name_of(resource))
        return UNKNOWN
    return PRESENT


def _ended(end: Moment | None, clinical: frozenset[str], day: int) -> State:
    """Whether a condition is over by its abatement; what came back may have abated before."""
    if end is None or end.first >= day or clinical & AGAIN:
        return ABSENT
    if end.last < day:
        return PRESENT
    return ABSENT if clinical & ACTIVE and end is not NOT_UNDERSTOOD else UNKNOWN


def _status(resource: Json, key: str) -> frozenset[str]:
    """What a status says in the words of FHIR, by its codes and texts; where none is known, all that it says."""
    concept = resource.get(key)
    coded = [coding.get("code") for coding in codings(concept)]
    stated = [concept] if isinstance(concept, str) else [*coded, *texts(concept)]
    found = frozenset(text.strip().lower() for text in stated if isinstance(text, str))
    return found & KNOWN or found


def _when(resource: Json) -> Moment | None:
    """Onset, else the date of the record."""
    period = resource.get("onsetPeriod")
    start = period.get("start") if isinstance(period, dict) else None
    for text in (resource.get("onsetDateTime"), start, resource.get("recordedDate")):
        if isinstance(text, str) and (when := moment(text)):
            return when
    return None
