"""Questions about a status (pregnant, breastfeeding, smoker) and their answers: yes, no, or not known.

A question is asked by its code, by the status itself, or in words: in FHIR R4 a finding may stand in Observation.code,
with ``true`` as the value. An answer that the rulebook lists neither as a yes nor as a no is not known: it is never
taken as a no. A number above 0 in a unit of the rulebook is a yes; 0 says nothing of other ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from cds.code_systems import LOINC
from cds.intake.conditions.condition_times import aged
from cds.intake.elements import codings, texts
from cds.intake.record import Mention, Record
from cds.intake.results.expected_ends import state_on
from cds.intake.results.result_names import bare_codes
from cds.intake.results.yes_and_no import NO, YES, number_of
from cds.intake.terminology.codes import Codes, by_code
from cds.intake.terminology.spelling import folded
from cds.intake.terminology.word_patterns import any_of
from cds.intake.times import Moment
from cds.intake.vocabulary import Vocabulary
from cds.jsontypes import Json
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Condition, RuleBook

Questions: TypeAlias = "tuple[tuple[str, str], ...]"
"""Terms, each with the code or the name of the question about it."""
_BEFORE = r"(?:(?:is|are|do|does|the|this|an?|patient|person|woman|she|he|you|currently|current|now) )*"
_AFTER = r"(?: (?:status|state|now|currently|at present|today|finding|observable entity|indicator|reported))*"
_SIGNS = re.compile(r"[^\w\s/,-]")


def asked(concept: Any, words: Vocabulary) -> Questions:
    """The questions that the codes of a concept ask."""
    found: dict[str, str] = {}
    for coding in codings(concept):
        system, code = coding.get("system"), coding.get("code")
        of_status = (term for term, _ in words.conditions.find(system, code) if _is_status(words.book, term))
        found |= dict.fromkeys((*of_status, *(term for term, _ in words.questions.find(system, code))), str(code))
    return tuple(found.items())


def asked_in_words(concept: Any, words: Vocabulary) -> Questions:
    """The questions that a concept without a known code asks: by the whole of a text, or a code without a system."""
    bare = ((term, code) for code in bare_codes(concept) for term, _ in words.questions.find(LOINC, code))
    named = ((term, text) for text in texts(concept) for term in _named(text, words.book))
    return tuple(dict((*named, *bare)).items())


def _is_status(book: RuleBook, name: str) -> bool:
    term = book.terms[name]
    return isinstance(term, Condition) and bool(term.questions)


def _named(text: str, book: RuleBook) -> Iterator[str]:
    said = " ".join(_SIGNS.sub(" ", folded(text)).split())
    return (term for term, pattern in _patterns(book).items() if pattern.fullmatch(said))


@lru_cache(maxsize=8)
def _patterns(book: RuleBook) -> dict[str, re.Pattern[str]]:
    """For each status the texts that ask for it and for nothing else: ``Is the patient pregnant or breastfeeding?``."""
    asked_for = (t for t in book.terms.values() if isinstance(t, Condition) and t.questions)
    return {term.name: _pattern(any_of(_names(term))) for term in asked_for}


def _names(term: Condition) -> list[str]:
    named = (*term.names, *term.question_words, *(code.display for code in term.questions))
    spelled = dict.fromkeys(" ".join(_SIGNS.sub(" ", folded(name)).split()) for name in named)
    return [name for name in spelled if name and name not in YES]


def _pattern(names: str) -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE}(?:{names})(?:(?: ?[/,] ?| or | and )(?:{names}))*{_AFTER}", re.IGNORECASE)


NO_ANSWER = "A question about {} has no answer; it counts as unknown."
NOT_UNDERSTOOD = (
    "The answer to a question about {} is neither a yes nor a no that the rules know; it counts as unknown."
)
_WIDER = re.compile(r"\b(?:history|exposure|ever|anamnese|antecedents?|storia|historia)\b|[史歴歷]", re.IGNORECASE)
"""Words of a question that does not ask for the status alone, or not for that of today."""


class Answers(NamedTuple):
    """The codes and the words by which a term's questions are answered with yes, and with no.

    ``units`` are those of a number that is a yes. ``yes_is_enough``: an answer that is only a yes says that the status
    holds.
    """

    yes: Codes
    yes_words: frozenset[str]
    no: Codes
    no_words: frozenset[str]
    units: frozenset[str]
    yes_is_enough: bool


@lru_cache(maxsize=64)
def answers_to(question: tuple[str, str], book: RuleBook) -> Answers:
    """The answers to a question about a term.

    One about the past, or about more than the status (``History of tobacco use``), is not answered by a yes alone: who
    has smoked is no smoker yet. What the answer names counts.
    """
    term = book.terms[question[0]]
    if not isinstance(term, Condition):
        raise TypeError(question[0])
    displays = [code.display for code in term.questions if code.code == question[1]] or [question[1]]
    enough = not any(_WIDER.search(display) for display in displays)
    yes = [code for code in term.yes if enough or folded(code.display) not in YES]
    words = frozenset(map(folded, (*term.names, *term.yes_words))) - YES
    no_words = frozenset(map(folded, term.no_words)) | NO
    return Answers(
        yes=by_code([((*term.codes, *yes), term.name)]),
        yes_words=words | YES if enough else words,
        no=by_code([(term.no, term.name)]),
        no_words=no_words - words,
        units=frozenset(map(folded, term.yes_units)),
        yes_is_enough=enough,
    )


def said(part: Json, resource: Json, question: tuple[str, str], record: Record, book: RuleBook) -> State:
    """What an Observation, or a component of it, answers to a question about a term; what is not known is noted."""
    values = [key for key in part if key[:5] == "value"]
    if not values:
        record.note("no-value", record.name_of(resource), NO_ANSWER.format(question[0]))
        return UNKNOWN
    state = _meant(part[values[0]], answers_to(question, book)) if len(values) == 1 else UNKNOWN
    if state is UNKNOWN:
        note_not_understood(resource, question, record)
    return state


def expected(part: Json, question: tuple[str, str], when: Moment | None, book: RuleBook, day: int) -> State | None:
    """What an expected end, or the time that a status has lasted for, says of it on a day; None where it is over."""
    term = book.terms[question[0]]
    if not isinstance(term, Condition):
        raise TypeError(question[0])
    return state_on(part, question[1], term, when, day)


def is_of_an_end(question: tuple[str, str], book: RuleBook) -> bool:
    """Whether a question is not about a status, but about the day on which it ends, or how long it has lasted."""
    term = book.terms[question[0]]
    return isinstance(term, Condition) and any(question[1] == c.code for c in (*term.ends_on, *term.lasts_since))


def note_not_understood(resource: Json, question: tuple[str, str], record: Record) -> None:
    """Note that an answer to a question is not known."""
    record.note("answer-not-understood", record.name_of(resource), NOT_UNDERSTOOD.format(question[0]))


def _meant(value: Any, answers: Answers) -> State:
    """Yes or no as a boolean, a number, a text, or a concept whose codes and texts do not contradict each other."""
    if value is True:
        return PRESENT if answers.yes_is_enough else UNKNOWN
    if value is False:
        return ABSENT
    if isinstance(value, dict) and "value" in value:
        return _counted(value.get("value"), [value.get("unit"), value.get("code")], answers)
    concept = {"text": value} if isinstance(value, str) else value
    coded = [(coding.get("system"), coding.get("code")) for coding in codings(concept)]
    words = {folded(text).strip(" .!") for text in texts(concept)}
    yes = bool(words & answers.yes_words) or any(answers.yes.find(*code) for code in coded)
    no = bool(words & answers.no_words) or any(answers.no.find(*code) for code in coded)
    if yes is no and isinstance(value, str) and (number := number_of(value)):
        return _counted(number[0], [number[1]], answers)
    return UNKNOWN if yes is no else PRESENT if yes else ABSENT


def _counted(number: Any, units: Iterable[Any], answers: Answers) -> State:
    """A yes by a number above 0 in one of the units; any other number leaves it open."""
    is_number = isinstance(number, (int, float)) and not isinstance(number, bool) and number > 0
    known = any(isinstance(unit, str) and folded(unit) in answers.units for unit in units)
    return PRESENT if is_number and known else UNKNOWN


def settle_answers(record: Record, book: RuleBook, day: int) -> None:
    """Put the answers on record as mentions of their terms: for each question those that no later answer replaces."""
    for (name, _), answers in record.answers.items():
        term = book.terms[name]
        if isinstance(term, Condition):
            kept = (aged(answer, term, day) for answer in _not_replaced(answers))
            record.mentions.setdefault(name, []).extend(mention for mention in kept if mention is not None)


def _not_replaced(answers: list[Mention]) -> list[Mention]:
    """The answers but those before the day of the newest yes or no; an answer without a date is not replaced.

    An answer that was not understood replaces nothing: a yes before it may still hold.
    """
    newest = max((a.when.first for a in answers if a.when and a.state is not UNKNOWN), default=0)
    return [a for a in answers if a.when is None or a.when.last >= newest]
