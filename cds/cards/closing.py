"""How the detail of a card ends: its rule, whether it is a draft, and the sources; once per answer the disclaimer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from cds.rulebook.model import RuleBook

DISCLAIMER = "Not a cleared medical device; check before acting."
DRAFT = f"Draft rules, not yet signed by a clinician. {DISCLAIMER}"


CLOSING = "Rule {}, {}. {}."
"""The line with a rule, whether it is a draft, and its sources."""
MOST_SOURCES = 3
"""How many sources the line of a card names; the list of the answer, its links and the audit book name all."""


@lru_cache(maxsize=1024)
def source_line(book: RuleBook, rule: str) -> str:
    """The first sources of a rule by their short names, which have the year, each with its grade as printed."""
    wording, grades = book.wording, book.rules[rule].grade
    graded = [wording.phrase(", ").join((source_name(book, source), _graded(book, grade))) for source, grade in grades]
    more = len(graded) - MOST_SOURCES
    listed = [*graded[:MOST_SOURCES], *([wording.filled("and {} more", str(more))] if more > 0 else [])]
    return wording.series("{}; {}", listed) if listed else ""


def source_name(book: RuleBook, source: str) -> str:
    """A source as people call it."""
    return book.sources[source].short or source


def closing_of(book: RuleBook, rules: Iterable[str]) -> str:
    """``Rule CA-01, draft. Walker and Shane 2022, n.r.`` for each rule, so that a card stands alone."""
    return " ".join(
        book.wording.filled(CLOSING, rule, book.wording.phrase(book.rules[rule].status), _sources(book, rule))
        for rule in rules
    )


def _sources(book: RuleBook, rule: str) -> str:
    return source_line(book, rule).rstrip(".")


@lru_cache(maxsize=1024)
def closing_of_answer(book: RuleBook, rules: tuple[str, ...]) -> str:
    """What is said once: the sources of all rules that speak, and what such an answer is not."""
    sources = dict.fromkeys(source for rule in rules for source in book.rules[rule].evidence)
    told = f"**Sources of this answer:** {book.wording.filled('{}.', _listed(book, sources))}\n\n" if sources else ""
    return told + (DRAFT if any(book.rules[rule].status == "draft" for rule in rules) or not rules else DISCLAIMER)


def _listed(book: RuleBook, sources: Iterable[str]) -> str:
    return book.wording.phrase(", ").join(source_name(book, source) for source in sources)


def _graded(book: RuleBook, grade: str) -> str:
    """A grade as printed; what says that there is none, in the words of the place."""
    return book.wording.series("{}; {}", map(book.wording.phrase, grade.split("; ")))
