"""One rule as people read it, in plain text for a terminal: what the page of the book says, in one or two screens."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date

from cds.audit import rule_lines
from cds.audit.rule_lines import SHORT, Line, Most
from cds.rulebook.model import Rule, RuleBook

WIDTH = 110
"""The columns of a line, wherever it is printed: what two people print is the same."""
MARGIN = 13
"""The columns for the name of a part."""


def rule_in_words(book: RuleBook, rule: Rule, today: date, most: Most = SHORT) -> str:
    """A rule as text, without a line break at the end; ``most`` says how much of it."""
    parts = {
        "Decides": rule_lines.decides(book, rule),
        "When": rule_lines.condition(book, rule, most),
        "Data missing": rule_lines.missing(book, rule, most),
        "Advice": rule_lines.advice(book, rule),
        "Card": rule_lines.card(rule, most),
        "Also reads": rule_lines.numbers(book, rule, most),
        "Never says": rule_lines.never(book, rule),
        "For whom": rule_lines.reader(rule, most),
        "Does not see": (Line(text, listed=True) for text in rule.limits),
        "Evidence": rule_lines.evidence(book, rule),
        "Cases": rule_lines.cases(rule, most),
        "Signed": rule_lines.signed(book, rule, today),
        "Version": rule_lines.versions(book, rule),
    }
    head = [f"{rule.id} {rule.title}", *textwrap.wrap(rule.says, WIDTH)]
    return "\n".join([*head, "", *(line for name, lines in parts.items() for line in _printed(name, lines))])


def _printed(name: str, lines: Iterable[Line]) -> Iterator[str]:
    """A part with its name at the margin; nothing where it has no lines."""
    for text, depth, listed in lines:
        mark = "- " if listed else ""
        first = f"{name:{MARGIN}}{'  ' * depth}{mark}"
        yield from textwrap.wrap(
            text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False
        )
        name = ""


def rule_table(book: RuleBook) -> str:
    """All rules, a line each: the id, in which tiers it decides, the title."""
    tiers = {rule.id: " or ".join(vote.tier for vote in rule.votes) or "cards only" for rule in book.rules.values()}
    ids, width = (max(map(len, texts)) for texts in (tiers, tiers.values()))
    return "\n".join(f"{rule.id:{ids}}  {tiers[rule.id]:{width}}  {rule.title}" for rule in book.rules.values())
