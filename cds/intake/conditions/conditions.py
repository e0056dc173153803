"""Conditions -> mentions: present, unknown (provisional, too old), absent (ended) or not there.

What the code and the name say is weighed with the clinical and the verification status.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cds.intake.conditions.absence import Absence
from cds.intake.conditions.condition_meaning import ConditionMeaning
from cds.intake.conditions.condition_times import UNKNOWN_TIME, abatement, aged, recorded_on, when_of
from cds.intake.conditions.contexts import Context
from cds.intake.conditions.family import is_of_the_family
from cds.intake.conditions.statuses import ACTIVE, AGAIN, PAST, WRONG, Statuses, doubt, statuses_of
from cds.intake.lookup import meanings
from cds.intake.record import CONDITIONS, UNCERTAIN, Mention, Record
from cds.intake.terminology.concepts import as_concept
from cds.intake.times import Moment
from cds.intake.unrecognised import is_another, meet, not_recognised
from cds.intake.vocabulary import Vocabulary
from cds.jsontypes import Json
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition, RuleBook

NOT_CERTAIN = "Whether the patient has a condition is not certain: {}."
MODIFIED = "it has a modifier that is not understood"
ENDED = "it is recorded as active, and with an end"
ENDED_SOMEWHEN = "when it ended is not clear"
NOT_YET = "it was recorded before the day on which it is said to have begun"
A_QUESTION = "its code or its name leaves open whether it is meant"
PAST_AND_ACTIVE = "its name says that it is over, and its status that it is active"
PAST_OR_LASTING = "its name says that it is of the past, and nothing says whether it is over"
OF_ANY_AGE = "its date leaves open whether it still counts"


def read_condition(resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """Add what a Condition says about terms of the rulebook."""
    concept, stated = as_concept(resource.get("code")), statuses_of(resource)
    if concept is not resource.get("code"):
        record.note("concept-as-text", record.name_of(resource))
    if is_of_the_family(resource):
        is_another(record, CONDITIONS, resource, concept)
        return
    meaning = meanings(words.book).condition(concept)
    if meaning.terms:
        _read_terms(resource, meaning, stated, record, words, day)
    else:
        _read_no_term(resource, concept, meaning, stated, record, words)


def _read_terms(
    resource: Json, meaning: ConditionMeaning, stated: Statuses, record: Record, words: Vocabulary, day: int
) -> None:
    """Add the mentions of the terms that a condition is, each as its name speaks of it."""
    if stated.may_be_there:
        meet(record, CONDITIONS)
    record.used.append(resource)
    if meaning.by_name:
        record.note("matched-by-name", record.name_of(resource))
    for name, context in zip(meaning.terms, meaning.contexts, strict=True):
        term = words.book.terms[name]
        if isinstance(term, Condition) and (mention := _mention(resource, stated, term, context, record, day)):
            record.mentions.setdefault(name, []).append(mention)


def _read_no_term(
    resource: Json, concept: Any, meaning: ConditionMeaning, stated: Statuses, record: Record, words: Vocabulary
) -> None:
    """Note a condition that is no term: nothing, something else, or not understood."""
    if meaning.empty:
        record.note("no-code", record.name_of(resource))
    if meaning.absence is Absence.NOT_KNOWN:
        record.note("conditions-not-known", record.name_of(resource))
    if meaning.absence is not None or (stated.is_wrong and not stated.modified):
        return
    if not stated.may_be_there and (meaning.known or not _any_counts_when_over(words.book)):
        return
    if meaning.known:
        is_another(record, CONDITIONS, resource, concept)
    else:
        not_recognised(record, CONDITIONS, resource, [concept], words.book)


@lru_cache(maxsize=8)
def _any_counts_when_over(book: RuleBook) -> bool:
    """Whether a term counts that is over: then one that is over and was not understood may be it."""
    return any(isinstance(term, Condition) and term.also_inactive and term.codes for term in book.terms.values())


def _mention(
    resource: Json, stated: Statuses, term: Condition, context: Context, record: Record, day: int
) -> Mention | None:
    state = _in_context(_state(resource, stated, term, record, day), resource, stated, term, context, record)
    when = when_of(resource, record, day)
    if when is not None and when.first > day:
        return _of_the_future(resource, state, record, day)
    if state is None:
        return None
    mention = aged(Mention(state, when, record.name_of(resource)), term, day)
    if mention is not None and mention.state is not state and _may_be_younger(mention, term, day):
        _doubted(resource, record, OF_ANY_AGE)
    return mention


def _in_context(
    state: State | None, resource: Json, stated: Statuses, term: Condition, context: Context, record: Record
) -> State | None:
    """The state with what the name says: a question is unknown; what is past counts where the term says so.

    The heading of a history holds what lasts as well: a status of its own says which of the two it is. So does
    ``history of``, ``s/p``: an operation stays done, and much of what people had they still have.
    """
    if state is not PRESENT or context is Context.STATED:
        return state
    if context is Context.LISTED and stated.clinical & ACTIVE:
        return state
    if context in (Context.POSSIBLE, Context.LISTED):
        return _doubted(resource, record, A_QUESTION)
    if term.also_inactive:
        return state
    if stated.clinical & ACTIVE:
        return _doubted(resource, record, PAST_AND_ACTIVE)
    lasts = context is Context.HISTORICAL and not stated.clinical and not _passes(term)
    return _doubted(resource, record, PAST_OR_LASTING) if lasts else None


def _passes(term: Condition) -> bool:
    """Whether a condition is over after a time by itself: a history of it is then no sign that it lasts."""
    return term.forgotten_after is not None or term.unknown_after is not None


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
