"""Conditions -> mentions: present, unknown (provisional, too old), absent (ended) or not there."""

from __future__ import annotations

from cds.intake.abatement import abatement
from cds.intake.dates import Moment
from cds.intake.meaning import meanings
from cds.intake.modifiers import modified
from cds.intake.onset import recorded_on, when_of
from cds.intake.recognition import meet, not_recognised
from cds.intake.record import CONDITIONS, UNCERTAIN, Json, Mention, Record
from cds.intake.stated_time import NOT_UNDERSTOOD
from cds.intake.statuses import ACTIVE, AGAIN, CERTAIN, PAST, WRONG, doubt, status_of
from cds.intake.vocabulary import Vocabulary
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition

NOT_CERTAIN = "Whether the patient has a condition is not certain: {}."
MODIFIED = "it has a modifier that is not understood"
ENDED = "it is recorded as active, and with an end"
ENDED_SOMEWHEN = "when it ended is not clear"
NOT_YET = "it was recorded before the day on which it is said to have begun"
OF_ANY_AGE = "its date leaves open whether it still counts"


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
    clinical, verification = status_of(resource, "clinicalStatus"), status_of(resource, "verificationStatus")
    over = clinical & PAST and not clinical & ACTIVE
    return modified(resource) or not (over or _is_wrong(verification))


def _is_wrong(verification: frozenset[str]) -> bool:
    return bool(verification & WRONG) and not verification & CERTAIN


def _mention(resource: Json, term: Condition, record: Record, day: int) -> Mention | None:
    state, when = _state(resource, term, record, day), when_of(resource, record, day)
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


def aged(mention: Mention, term: Condition, day: int) -> Mention | None:
    """A mention as it counts on a day: too old it is unknown, or None where it is forgotten; a no stays a no.

    One of which the date leaves the age open is forgotten only where the least age is too high.
    """
    if mention.when is None or mention.state is ABSENT:
        return mention
    least, most = mention.when.days_before(day)
    if term.forgotten_after is not None and least > term.forgotten_after:
        return None
    limits = [days for days in (term.forgotten_after, term.unknown_after) if days is not None]
    return mention._replace(state=UNKNOWN) if any(most > days for days in limits) else mention


def _may_be_younger(mention: Mention, term: Condition, day: int) -> bool:
    """Whether a date that names no day leaves open whether a mention is too old."""
    least = mention.when.days_before(day)[0] if mention.when else 0
    return any(least <= days for days in (term.forgotten_after, term.unknown_after) if days is not None)


def _state(resource: Json, term: Condition, record: Record, day: int) -> State | None:
    """Present, unknown, absent when it has ended, or None when the record says that the patient does not have it (now).

    Abated and still active contradict each other: unknown. So is one with a modifier, whatever it says.
    """
    if modified(resource):
        return _doubted(resource, record, MODIFIED)
    clinical, verification = status_of(resource, "clinicalStatus"), status_of(resource, "verificationStatus")
    if _is_wrong(verification):
        record.note(min(verification & WRONG), record.name_of(resource))
        return None
    if clinical & PAST and not clinical & ACTIVE and not term.also_inactive:
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
    return ABSENT if clinical & ACTIVE and end is not NOT_UNDERSTOOD else UNKNOWN
