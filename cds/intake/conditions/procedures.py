"""Procedures -> conditions that rules know by what was done, and the injections that billing codes name.

A term says by which words it is named in procedures, beside its codes, and for how long what was done counts.
FHIR R4, event-status: completed and in-progress were done; preparation, not-done, on-hold and entered-in-error were
not. Any other status leaves it open. What is in progress goes on, whenever it began, until an end is on record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.intake.conditions.condition_times import aged
from cds.intake.conditions.conditions import NOT_CERTAIN
from cds.intake.conditions.procedure_meaning import ProcedureMeaning, procedure_meanings
from cds.intake.elements import modified
from cds.intake.medicines.administrations import DoseGiven, add_dose, when_done
from cds.intake.medicines.dosages.dosage import is_true
from cds.intake.record import UNCERTAIN, Mention, Record
from cds.intake.times import Moment, moment
from cds.intake.vocabulary import Vocabulary
from cds.jsontypes import Json
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition, Medication, RuleBook

GOING_ON = "in-progress"
DONE = frozenset({"completed", GOING_ON})
NOT_DONE = frozenset({"preparation", "not-done", "on-hold", "entered-in-error", "scheduled", "cancelled", "aborted"})
"""The statuses of what was not done; those of DSTU2 as well (scheduled, aborted)."""
NEVER_DONE = ("notDone", "notPerformed")
"""What says so in STU3 and DSTU2."""
WHEN_DONE = ("performed", "occurrence")
"""The time of a procedure, in R4 and in R5."""
DONE_LATER = "A procedure is dated after the evaluation; it does not count."
STATUS_UNCLEAR = "its status does not say whether it was done"
LONG_AGO = "it was done so long ago, or on a day so unclear, that it may be over"
ONLY_PLANNED = "its words say that it was planned, offered or declined"
IN_WORDS = "A procedure names a medicine only in words; whether it was given is not certain."


def read_procedure(resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """Add what a Procedure says about conditions and injections of the rulebook."""
    meaning = procedure_meanings(words.book)(resource.get("code"))
    if not meaning.terms and not meaning.medicines:
        return
    source, state = record.name_of(resource), was_done(resource)
    goes_on = _goes_on(resource, day)
    when = _begun(resource) if goes_on else when_done(resource, WHEN_DONE)
    if state is ABSENT:
        record.note("not-done", source)
    elif when is not None and when.first > day:
        record.note("future-date", source, DONE_LATER)
    else:
        record.used.append(resource)
        if meaning.by_name:
            record.note("matched-by-name", source)
        why = STATUS_UNCLEAR if state is UNKNOWN else ONLY_PLANNED if meaning.planned else ""
        _add(_Done(source, when, why, goes_on), meaning, record, words.book, day)


def _goes_on(resource: Json, day: int) -> bool:
    """Whether it is in progress, and no end of it is on record that the day has reached."""
    ends = [moment(str(period["end"])) for _, period in _periods(resource) if period.get("end")]
    return resource.get("status") == GOING_ON and all(end is not None and end.first > day for end in ends)


def _begun(resource: Json) -> Moment | None:
    """The day on which something that goes on began, where it can be read; an end that is only foreseen is none."""
    started = {f"{element}Period": {"start": period.get("start")} for element, period in _periods(resource)}
    return when_done({**resource, **started}, WHEN_DONE)


def _periods(resource: Json) -> Iterator[tuple[str, Json]]:
    """The periods of a procedure, each with the element of which it is a form."""
    for element in WHEN_DONE:
        if isinstance(period := resource.get(f"{element}Period"), dict):
            yield element, period


class _Done(NamedTuple):
    """What was done, on which day, why that is not certain ('' where it is), and whether it goes on."""

    source: str
    when: Moment | None
    why: str
    goes_on: bool


def was_done(resource: Json) -> State:
    """Whether it was done, by its status and older negations."""
    status = resource.get("status")
    if modified(resource):
        return UNKNOWN
    if status in NOT_DONE or any(is_true(resource.get(key)) for key in NEVER_DONE):
        return ABSENT
    return PRESENT if status in DONE else UNKNOWN


def _add(done: _Done, meaning: ProcedureMeaning, record: Record, book: RuleBook, day: int) -> None:
    for name in meaning.terms:
        term = book.terms[name]
        if isinstance(term, Condition) and (mention := _mention(done, term, record, day)) is not None:
            record.mentions.setdefault(name, []).append(mention)
    medicines = [term for name in meaning.medicines if isinstance(term := book.terms[name], Medication)]
    if medicines:
        is_sure = not done.why and not meaning.by_name
        if not is_sure:
            record.note("medication-status", done.source, "" if done.why else IN_WORDS)
        add_dose(DoseGiven("", done.source, done.when, PRESENT if is_sure else UNKNOWN), medicines, record, day)


def _mention(done: _Done, term: Condition, record: Record, day: int) -> Mention | None:
    """What was done, as it counts on a day; what still goes on has no age."""
    forgotten, unclear = term.procedure_forgotten_after, term.procedure_unknown_after
    limited = term._replace(
        forgotten_after=None if done.goes_on else forgotten, unknown_after=None if done.goes_on else unclear
    )
    mention = aged(Mention(UNKNOWN if done.why else PRESENT, done.when, done.source), limited, day)
    undated = done.when is None and unclear is not None and not done.goes_on
    why = done.why or (LONG_AGO if undated or (mention and mention.state is UNKNOWN) else "")
    if mention is None or not why:
        return mention
    record.note(UNCERTAIN, done.source, NOT_CERTAIN.format(why))
    return mention._replace(state=UNKNOWN)
