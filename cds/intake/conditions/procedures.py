"""Procedures -> conditions that rules know by what was done, and the injections that billing codes name.

A term says by which words it is named in procedures, beside its codes, and for how long what was done counts.
FHIR R4, event-status: completed and in-progress were done; preparation, not-done, on-hold and entered-in-error were
not. Any other status leaves it open. What is planned, offered or declined was not done, whatever its status is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from cds.intake.conditions.condition_times import aged
from cds.intake.conditions.conditions import NOT_CERTAIN
from cds.intake.elements import codings, modified, plain, remembered, texts
from cds.intake.lookup import meanings
from cds.intake.medicines.administrations import Dose, add_dose, read_when_given, when_done
from cds.intake.medicines.dosage import is_true
from cds.intake.record import UNCERTAIN, Mention, Record
from cds.intake.times import Moment
from cds.intake.vocabulary import Vocabulary, names_of_others, vocabulary
from cds.jsontypes import Json
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition, Medication, RuleBook

DONE = frozenset({"completed", "in-progress"})
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
_DENIED = re.compile(
    r"\b(?:no|not|non(?!-)|without|denies|denied|never|family|sans|pas d[e']|aucune?|ohne|kein\w*|nicht|geen|niet|senza|"
    r"nessuna?|sin|ninguna?|ingen|inga|uden|utan|father|mother|brother|sister|instead of)[\s,][^.;:\n]*$",
    re.IGNORECASE,
)
"""What takes a word back that follows in the same clause."""
_NOT_YET = re.compile(
    r"\b(?:plan(?:ned|ning)?|scheduled?|proposed|recommended|requested|offered|considered|pending|await\w*|waiting|"
    r"wait ?list\w*|candidate|candidacy|declined?|refused?|cancel+ed|deferred|postponed|aborted|not (?:done|performed)|"
    r"work ?up|referral|referred|consult\w*|counsel+ing|education|teaching|training|discuss\w*|information|"
    r"geplant\w*|abgelehnt\w*|abgesagt\w*|beratung|schulung|prévu\w*|annulé\w*|refusé\w*|programad\w*|rechazad\w*|"
    r"cancelad\w*|previst\w*|programmat\w*|rifiutat\w*|annullat\w*|gepland\w*|geweigerd|planlagt\w*|planerad\w*|"
    r"avlyst\w*|inställd\w*)\b|予定|中止|取消|拒绝|计划",
    re.IGNORECASE,
)
"""What says that a procedure was only planned, spoken about or declined, in general language."""


class ProcedureMeaning(NamedTuple):
    """The condition terms and the medicine terms of a procedure; whether words alone led to them.

    ``planned``: its words say that it was not done, beside a code that is one of a term.
    """

    terms: tuple[str, ...]
    medicines: tuple[str, ...]
    by_name: bool = False
    planned: bool = False


@lru_cache(maxsize=8)
def procedure_meanings(book: RuleBook) -> Callable[[Any], ProcedureMeaning]:
    """What the code of a Procedure means in a rulebook, remembered."""
    words = vocabulary(book)
    named = [term for term in book.terms.values() if isinstance(term, Condition) and term.procedures]
    by_words = [(term.name, _anywhere(term.procedures), names_of_others(term.other_procedures)) for term in named]
    return remembered(lambda code: _meaning(code, words, by_words))


def _anywhere(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern for whole words; what is written without spaces between words is found inside of others."""
    parts = (re.escape(plain(name)).replace(r"\ ", r"[\s-]+") for name in names)
    return re.compile("|".join(rf"(?<!\w){part}(?!\w)" if part[0] < "\u2e80" else part for part in parts), re.I)


ByWords = list[tuple[str, re.Pattern[str], re.Pattern[str]]]


def _meaning(code: Any, words: Vocabulary, by_words: ByWords) -> ProcedureMeaning:
    read = {name for name, _, _ in by_words}
    coded = [(c.get("system"), c.get("code")) for c in codings(code)]
    found = dict.fromkeys(t for each in coded for t, _ in words.conditions.find(*each) if t in read)
    medicines = dict.fromkeys(t for each in coded for t, _ in words.medications.find(*each))
    given = tuple(term.name for term in read_when_given(medicines, words.book))
    said = texts(code)
    if found or given:
        return ProcedureMeaning(tuple(found), given, planned=any(map(_NOT_YET.search, said)))
    named = tuple(name for name, ours, others in by_words if any(_says(text, ours, others) for text in said))
    injected = () if any(map(_NOT_YET.search, said)) else _injected(code, words.book)
    return ProcedureMeaning(named, injected, by_name=bool(named or injected))


def _injected(code: Any, book: RuleBook) -> tuple[str, ...]:
    """The medicines that words name and that are always injected; of others a procedure may be a test."""
    found = read_when_given(meanings(book).medicine(code, ()).terms, book)
    return tuple(term.name for term in found) if any(term.acts_for is not None for term in found) else ()


def _says(text: str, ours: re.Pattern[str], others: re.Pattern[str]) -> bool:
    """Whether a text names a procedure that was done."""
    if _NOT_YET.search(text) or others.search(text):
        return False
    return any(not _DENIED.search(text[: match.start()]) for match in ours.finditer(text))


def read_procedure(resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """Add what a Procedure says about conditions and injections of the rulebook."""
    meaning = procedure_meanings(words.book)(resource.get("code"))
    if not meaning.terms and not meaning.medicines:
        return
    source, state = record.name_of(resource), _was_done(resource)
    when = when_done(resource, WHEN_DONE)
    if state is ABSENT:
        record.note("not-done", source)
    elif when is not None and when.first > day:
        record.note("future-date", source, DONE_LATER)
    else:
        record.used.append(resource)
        if meaning.by_name:
            record.note("matched-by-name", source)
        why = STATUS_UNCLEAR if state is UNKNOWN else ONLY_PLANNED if meaning.planned else ""
        _add(_Done(source, when, why, _goes_on(resource)), meaning, record, words.book, day)


def _goes_on(resource: Json) -> bool:
    """Whether it is in progress, and has begun and not ended."""
    period = resource.get("performedPeriod")
    return resource.get("status") == "in-progress" and isinstance(period, dict) and not period.get("end")


class _Done(NamedTuple):
    """What was done, on which day, why that is not certain ('' where it is), and whether it goes on."""

    source: str
    when: Moment | None
    why: str
    goes_on: bool


def _was_done(resource: Json) -> State:
    status = resource.get("status")
    if status in NOT_DONE or any(is_true(resource.get(key)) for key in NEVER_DONE):
        return ABSENT
    return PRESENT if status in DONE and not modified(resource) else UNKNOWN


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
        add_dose(Dose("", done.source, done.when, PRESENT if is_sure else UNKNOWN), medicines, record, day)


def _mention(done: _Done, term: Condition, record: Record, day: int) -> Mention | None:
    """What was done, as it counts on a day; what still goes on has no age."""
    forgotten, unclear = term.procedure_forgotten_after, term.procedure_unknown_after
    limited = term._replace(
        forgotten_after=None if done.goes_on else forgotten, unknown_after=None if done.goes_on else unclear
    )
    mention = aged(Mention(UNKNOWN if done.why else PRESENT, done.when, done.source), limited, day)
    undated = done.when is None and unclear is not None
    why = done.why or (LONG_AGO if undated or (mention and mention.state is UNKNOWN) else "")
    if mention is None or not why:
        return mention
    record.note(UNCERTAIN, done.source, NOT_CERTAIN.format(why))
    return mention._replace(state=UNKNOWN)
