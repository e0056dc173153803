"""What flags, reasons of encounters, documents and the like name, and nothing else on record says: a question.

It is said as for a report: such words are no diagnosis and no record of a medicine, and somebody has to look. What they
name is then not known to be absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from cds.intake.bundles.bundle import Resources
from cds.intake.conditions.condition_times import aged
from cds.intake.conditions.procedure_meaning import procedure_meanings
from cds.intake.elements import remembered, texts
from cds.intake.elsewhere import LOOKED_AT, Names, concepts_in, is_of_another_time, last_day, prose_in, speaks
from cds.intake.lookup import meanings
from cds.intake.medicines.administrations import DoseGiven, add_dose, read_when_given
from cds.intake.record import UNREADABLE, Mention, Record
from cds.intake.results.diagnostic_reports import LONGEST_WORDS, MOST_WORDS, is_asked, named_in_prose
from cds.intake.times import Moment
from cds.intake.vocabulary import Vocabulary, vocabulary
from cds.jsontypes import Json
from cds.quantity import PRESENT, UNKNOWN
from cds.rulebook.model import AnyTerm, Condition, Medication, RuleBook

NAMED = "named-elsewhere"
Said = tuple[tuple[str, str], ...]
"""Terms, each with the words that name it."""


class Named(NamedTuple):
    """A term that a resource names, the day to which the resource speaks, and the words."""

    resource: Json
    when: Moment | None
    term: str
    words: str


def note_named_elsewhere(record: Record, resources: Resources, words: Vocabulary, day: int) -> None:
    """Say what resources that are read for no fact name and nothing else on record says, each term once."""
    found: dict[str, list[Named]] = {}
    for resource in _looked_at(resources):
        for named in _guarded(resource, record, words, day):
            found.setdefault(named.term, []).append(named)
    of_diagnoses = _of_diagnoses(resources, words.book) if found else frozenset()
    for term, listed in found.items():
        if any(named.when is None for named in listed) or term not in of_diagnoses:
            _note(record, listed, words.book, day)


def _of_diagnoses(resources: Resources, book: RuleBook) -> frozenset[str]:
    """The terms of all diagnoses, also of those that are over: what dates back and repeats one of them is no news."""
    listed = (meanings(book).condition(resource.get("code")) for resource in resources.by_type["Condition"])
    return frozenset(term for meaning in listed for term in meaning.terms)


def _looked_at(resources: Resources) -> Iterator[Json]:
    for resource in chain(resources.others, resources.by_type["AllergyIntolerance"]):
        if resource["resourceType"] in LOOKED_AT and resources.is_about_patient(resource) is not False:
            yield resource


def _guarded(resource: Json, record: Record, words: Vocabulary, day: int) -> list[Named]:
    """What one resource names; what breaks in it is its own problem."""
    try:
        return list(_named(resource, words, day)) if speaks(resource) else []
    except UNREADABLE:
        record.note("unreadable-resource", record.name_of(resource), not_used=resource["resourceType"])
        return []


def _named(resource: Json, words: Vocabulary, day: int) -> Iterator[Named]:
    """The terms that a resource names, if it speaks of the day or of a time not long before it."""
    when = last_day(resource)
    if is_of_another_time(resource, when, day, words.book.topic.handed_out_within):
        return
    look_up, kind = _names_of(words.book), resource["resourceType"]
    said = chain.from_iterable(look_up(concept, kind) for concept in concepts_in(resource))
    prose = chain.from_iterable(_in_prose(text, kind, words.book) for text in prose_in(resource))
    yield from (Named(resource, when, term, text) for term, text in chain(said, prose))


def _in_prose(text: str, kind: str, book: RuleBook) -> Iterable[tuple[str, str]]:
    """What a text names; where only treatments are looked for, it is read as the name of one."""
    is_prose = Names.CONDITIONS in LOOKED_AT[kind].of
    return named_in_prose(text, book) if is_prose else _names_of(book)({"text": text}, kind)


@lru_cache(maxsize=8)
def _names_of(book: RuleBook) -> Callable[[Any, str], Said]:
    """What a concept in a resource of a type names, remembered: records have few codes."""
    return remembered(lambda concept, kind: tuple(_names(concept, kind, vocabulary(book))))


def _names(concept: Any, kind: str, words: Vocabulary) -> Iterator[tuple[str, str]]:
    said = next(iter(texts(concept)), "")[:LONGEST_WORDS]
    ways = {Names.CONDITIONS: _conditions, Names.TREATMENTS: _treatments, Names.MEDICINES: _medicines}
    found = dict.fromkeys(term for names in LOOKED_AT[kind].of for term in ways[names](concept, words.book))
    return ((term, said) for term in found)


def _conditions(concept: Any, book: RuleBook) -> list[str]:
    """The diagnoses that the words of a concept name; where they name none, those of its codes."""
    in_words = [term for text in texts(concept) for term, _ in named_in_prose(text, book)]
    return in_words or [term for term in meanings(book).condition(concept).terms if is_asked(book, term)]


def _treatments(concept: Any, book: RuleBook) -> list[str]:
    """The treatments that go on: those of which a procedure is soon too old to count."""
    meaning = procedure_meanings(book)(concept)
    found = [] if meaning.planned else [book.terms[name] for name in meaning.terms]
    return [term.name for term in found if isinstance(term, Condition) and term.procedure_forgotten_after is not None]


def _medicines(concept: Any, book: RuleBook) -> list[str]:
    return [term.name for term in read_when_given(meanings(book).medicine(concept, ()).terms, book)]


def _note(record: Record, listed: list[Named], book: RuleBook, day: int) -> None:
    """Say what is named, after its newest resource; nothing where a record of its own says it, or it is long over."""
    newest = max(listed, key=lambda named: named.when.last if named.when else day)
    source, term = record.name_of(newest.resource), book.terms[newest.term]
    if _is_news(record, term, newest.when, source, day):
        words = tuple(dict.fromkeys(named.words for named in (newest, *listed) if named.words))[:MOST_WORDS]
        called = LOOKED_AT[newest.resource["resourceType"]].called
        record.note(NAMED, source, f"{called} names {term.name}. {NO_RECORD}", names=words or (source,))


NO_RECORD = "Its words are no record of a diagnosis or a medicine"


def _is_news(record: Record, term: AnyTerm, when: Moment | None, source: str, day: int) -> bool:
    """Whether what is named has no record of its own and is not forgotten; then it is not known to be absent."""
    if isinstance(term, Condition):
        return _doubt_absent(record, term, when, source, day)
    return isinstance(term, Medication) and _doubt_given(record, term, when, source, day)


def _doubt_absent(record: Record, term: Condition, when: Moment | None, source: str, day: int) -> bool:
    limited = term._replace(forgotten_after=term.procedure_forgotten_after or term.forgotten_after)
    mention = aged(Mention(UNKNOWN, when, source), limited, day)
    if record.mentions.get(term.name) or mention is None:
        return False
    record.mentions.setdefault(term.name, []).append(mention)
    return True


NOT_CERTAIN = "It is no record of a medicine, and names one; whether that was given is not certain."


def _doubt_given(record: Record, term: Medication, when: Moment | None, source: str, day: int) -> bool:
    if any(course.state is PRESENT for course in record.courses.get(term.name, ())):
        return False
    if not add_dose(DoseGiven("", source, when, UNKNOWN), [term], record, day):
        return False
    record.note("medication-status", source, NOT_CERTAIN)
    return True
