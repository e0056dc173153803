"""Answers to questions about a status (pregnant, breastfeeding, smoker): yes, no, or not known.

An answer that the rulebook lists neither as a yes nor as a no is not known: it is never taken as a no.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from cds.intake.conditions import aged
from cds.intake.record import Json, Mention, Record
from cds.intake.vocabulary import Codes, codings, plain, texts
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Code, Condition, RuleBook

NO_ANSWER = "A question about {} has no answer; it counts as unknown."
NOT_UNDERSTOOD = (
    "The answer to a question about {} is neither a yes nor a no that the rules know; it counts as unknown."
)


class Answers(NamedTuple):
    """The codes and the words by which a term's questions are answered with yes, and with no."""

    yes: Codes
    yes_words: frozenset[str]
    no: Codes
    no_words: frozenset[str]


@lru_cache(maxsize=8)
def answers_of(book: RuleBook) -> dict[str, Answers]:
    """The answers to the questions of each term that is asked for."""
    asked = (term for term in book.terms.values() if isinstance(term, Condition) and term.questions)
    return {
        term.name: Answers(
            _codes((*term.codes, *term.yes), term.name), frozenset(map(plain, (*term.names, *term.yes_words))),
            _codes(term.no, term.name), frozenset(map(plain, term.no_words)),
        )
        for term in asked
    }  # fmt: skip


def _codes(listed: Iterable[Code], name: str) -> Codes:
    codes = Codes()
    for code in listed:
        codes.add(code, name)
    return codes


def said(part: Json, resource: Json, term: Condition, record: Record, book: RuleBook) -> State:
    """What an Observation, or a component of it, answers; what is not known is noted."""
    values = [key for key in part if key[:5] == "value"]
    if not values:
        record.note("no-value", record.name_of(resource), NO_ANSWER.format(term.name))
        return UNKNOWN
    state = _meant(part[values[0]], answers_of(book)[term.name]) if len(values) == 1 else UNKNOWN
    if state is UNKNOWN:
        record.note("answer-not-understood", record.name_of(resource), NOT_UNDERSTOOD.format(term.name))
    return state


def _meant(value: Any, answers: Answers) -> State:
    """Yes or no as a boolean, a text, or a concept whose codes and texts do not contradict each other."""
    if isinstance(value, bool):
        return PRESENT if value else ABSENT
    concept = {"text": value} if isinstance(value, str) else value
    coded = [(coding.get("system"), coding.get("code")) for coding in codings(concept)]
    words = {plain(text) for text in texts(concept)}
    yes = bool(words & answers.yes_words) or any(answers.yes.find(*code) for code in coded)
    no = bool(words & answers.no_words) or any(answers.no.find(*code) for code in coded)
    return UNKNOWN if yes is no else PRESENT if yes else ABSENT


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
