"""The medicines that rules look for only to stay silent.

A statin ends a review of prevention (CAC-02) and adds nothing to any answer: one that was handed out is no news.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from cds.rulebook.model import Joined, Medication, RuleBook, Sense, finding_names_in

NEGATED = frozenset({Sense.NOT, Sense.WITHOUT})


@lru_cache(maxsize=8)
def only_silences(book: RuleBook) -> frozenset[str]:
    """The terms of medicines of which rules and findings ask only whether they are not there."""
    joined = [rule.when for rule in book.rules.values()]
    joined += [found.definition for found in book.findings.values() if isinstance(found.definition, Joined)]
    parts = [part for each in joined for part in each.parts]
    negated = _terms_of((part.finding for part in parts if part.sense in NEGATED), book)
    asked = _terms_of((part.finding for part in parts if part.sense not in NEGATED), book)
    of_terms = _terms_of((name for term in book.terms.values() for name in finding_names_in(term)), book)
    return frozenset(name for name in negated if isinstance(book.terms[name], Medication)) - asked - of_terms


def _terms_of(findings: Iterable[str], book: RuleBook) -> frozenset[str]:
    """The terms that these findings read themselves; those that they join are among the parts."""
    named = (term for name in findings for term in book.findings[name].definition.terms)
    return frozenset(name for name in named if name in book.terms)
