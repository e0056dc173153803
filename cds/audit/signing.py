"""What a clinician signs: a rule in one version, by a hash of everything that makes it say what it says."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from cds.review.reach import findings_of_rule, reached
from cds.rulebook.model import Rule, RuleBook


class Signature(NamedTuple):
    """Who signed a rule, in which version and with which content, and when."""

    rule: str
    version: str
    content: str
    reviewer: str
    day: str


def content_of(book: RuleBook, rule: Rule) -> str:
    """The SHA-256 over a rule without its cases and lines, and over every finding and term that it reads."""
    digest = hashlib.sha256(_plain(rule._replace(cases=())).encode())
    for _, name in sorted(reached(book, findings_of_rule(rule))):
        for item in (book.findings.get(name), book.terms.get(name)):
            digest.update(_plain(item).encode())
    return digest.hexdigest()


def _plain(value: object) -> str:
    """A value as text, without the lines on which its parts stand, and in one order."""
    if isinstance(value, dict):
        return str(sorted((str(key), _plain(item)) for key, item in value.items()))
    if isinstance(value, frozenset):
        return str(sorted(map(str, value)))
    if isinstance(value, tuple):
        names = getattr(value, "_fields", range(len(value)))
        return str([(name, _plain(item)) for name, item in zip(names, value, strict=True) if name != "spot"])
    return str(value)
