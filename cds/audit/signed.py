"""Who signed a rule last, and whether the rule still is what was signed."""

from __future__ import annotations

from typing import NamedTuple

from cds.review.signatures import content_hash, valid_signatures
from cds.rulebook.model import RuleBook


class Signed(NamedTuple):
    """The last signature under a rule; ``valid`` while the rule, and all that it rests on, is as it was signed."""

    reviewer: str
    role: str
    day: str
    valid: bool


def contents_of(book: RuleBook) -> dict[str, str]:
    """The hash of the content of each rule: what a clinician signs."""
    return {name: content_hash(book, name) for name in book.rules}


def signed_by(book: RuleBook) -> dict[str, Signed]:
    """The last signature of each rule that has one; one that is valid goes before any that is not."""
    found = {}
    for name in book.rules:
        valid = valid_signatures(book, name)
        given = valid or tuple(item for item in book.signatures if item.rule == name)
        if given:
            last = max(given, key=lambda item: item.date)
            found[name] = Signed(last.reviewer, last.role, last.date, bool(valid))
    return found
