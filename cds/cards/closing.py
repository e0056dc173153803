"""How the detail of a card ends: its rule, whether it is a draft, and the sources; once per answer the disclaimer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from cds.rulebook.model import RuleBook

DISCLAIMER = "Not a cleared medical device; check before acting."
RULE = "Rule "
"""How the line with the rule and its sources begins."""
DRAFT = f"Draft rules, not yet signed by a clinician. {DISCLAIMER}"


MOST_SOURCES = 3
"""How many sources the line of a card names; the list of the answer, its links and the audit book name all."""


@lru_cache(maxsize=1024)
def source_line(book: RuleBook, rule: str) -> str:
    """The first sources of a rule by their short names, which have the year, each with its grade as printed."""
    graded = [f"{source_name(book, source)}, {grade}" for source, grade in book.rules[rule].grade]
    more = len(graded) - MOST_SOURCES
    return "; ".join([*graded[:MOST_SOURCES], *([f"and {more} more"] if more > 0 else [])])


def source_name(book: RuleBook, source: str) -> str:
    """A source as people call it."""
    return book.sources[source].short or source


def closing_of(book: RuleBook, rules: Iterable[str]) -> str:
    """``Rule CA-01, draft. Walker and Shane 2022, n.r.`` for each rule, so that a card stands alone."""
    return " ".join(
        f"{RULE}{rule}, {book.wording.phrase(book.rules[rule].status)}. {source_line(book, rule).rstrip('.')}."
        for rule in rules
    )


def closing_of_answer(book: RuleBook, rules: Iterable[str]) -> str:
    """What is said once: the sources of all rules that speak, and what such an answer is not."""
    listed = list(rules)
    sources = dict.fromkeys(source for rule in listed for source in book.rules[rule].evidence)
    told = (
        f"**Sources of this answer:** {', '.join(source_name(book, source) for source in sources)}.\n\n"
        if sources
        else ""
    )
    return told + (DRAFT if any(book.rules[rule].status == "draft" for rule in listed) or not listed else DISCLAIMER)
