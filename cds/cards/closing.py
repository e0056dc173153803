"""How the detail of a card ends: its rule, whether it is a draft, its first sources; once per answer the disclaimer.

All sources of an answer stand in the extension of its deciding card.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from cds.rulebook.model import RuleBook, Wording

DISCLAIMER = "Not a cleared medical device; check before acting."
DRAFT = f"Draft rules, not yet signed by a clinician. {DISCLAIMER}"


CLOSING = "Rule {}, {}. {}."
"""The line with a rule, whether it is a draft, and its sources."""
MOST_SOURCES = 2
"""How many sources the line of a card names, and how many it links to; the extension and the audit book name all."""


@lru_cache(maxsize=1024)
def source_line(book: RuleBook, rule: str) -> str:
    """The first sources of a rule by their short names, which have the year, each with its grade as printed."""
    wording, grades = book.wording, book.rules[rule].grade
    graded = [wording.phrase(", ").join((source_name(book, source), _graded(book, grade))) for source, grade in grades]
    return _first(wording, graded)


def _first(wording: Wording, sources: list[str]) -> str:
    """The first sources in a row, and how many more there are."""
    more = len(sources) - MOST_SOURCES
    listed = [*sources[:MOST_SOURCES], *([wording.filled("and {} more", str(more))] if more > 0 else [])]
    return wording.series("{}; {}", listed) if listed else ""


def source_name(book: RuleBook, source: str) -> str:
    """A source as people call it."""
    return book.sources[source].short or source


def closing_of(book: RuleBook, rules: Iterable[str]) -> str:
    """``Rule CA-01, draft. Walker and Shane 2022, n.r.`` for each rule, so that a card stands alone."""
    return " ".join([_closing(book, rule) for rule in rules])


@lru_cache(maxsize=1024)
def _closing(book: RuleBook, rule: str) -> str:
    return book.wording.filled(CLOSING, rule, book.wording.phrase(book.rules[rule].status), _sources(book, rule))


@lru_cache(maxsize=1024)
def short_closing_of(book: RuleBook, rule: str) -> str:
    """``Rule CA-01, draft. Walker and Shane 2022; and 2 more.``: as many sources, without their grades."""
    names = [source_name(book, source) for source in book.rules[rule].evidence]
    status = book.wording.phrase(book.rules[rule].status)
    return book.wording.filled(CLOSING, rule, status, _first(book.wording, names).rstrip("."))


def _sources(book: RuleBook, rule: str) -> str:
    return source_line(book, rule).rstrip(".")


def disclaimer_of(book: RuleBook, rules: Iterable[str]) -> str:
    """What such an answer is not, and whether rules that speak in it are drafts."""
    statuses = {book.rules[rule].status for rule in rules}
    return DRAFT if "draft" in statuses or not statuses else DISCLAIMER


@lru_cache(maxsize=1024)
def sources_of_answer(book: RuleBook, rules: tuple[str, ...]) -> list[str]:
    """The sources of all rules that speak, by their short names, each once; to be read, not changed."""
    sources = dict.fromkeys(source for rule in rules for source in book.rules[rule].evidence)
    return [source_name(book, source) for source in sources]


def _graded(book: RuleBook, grade: str) -> str:
    """A grade as printed; what says that there is none, in the words of the place."""
    return book.wording.series("{}; {}", map(book.wording.phrase, grade.split("; ")))
