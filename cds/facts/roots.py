"""Which parts a record has: where it has none of those on which a finding rests, the finding is as in an empty one.

A rulebook has some hundred findings and a patient has results for few of them; only those few are worked out.
"""

from __future__ import annotations

from functools import lru_cache

from cds.intake.record import Record
from cds.rulebook.graph import CONDITIONS, ISSUES, MEDICINES, PRODUCTS, Root
from cds.rulebook.model import BIRTH_DATE, GENDER, RuleBook
from cds.rulebook.model.term import Condition, Medication


def roots_in(record: Record) -> frozenset[Root]:
    """The parts that a record has."""
    words = {PRODUCTS: record.products, BIRTH_DATE: record.birth, GENDER: record.sex, ISSUES: record.issues}
    parts = {*record.readings, *record.mentions, *record.courses, *(f"target of {name}" for name in record.targets)}
    return frozenset(parts.union(word for word, there in words.items() if there))


@lru_cache(maxsize=32)
def roots_of(book: RuleBook, kinds: frozenset[str]) -> frozenset[Root]:
    """All parts of some kinds, medicines or conditions, that a record could have."""
    of_kind = {MEDICINES: Medication, CONDITIONS: Condition}
    wanted = tuple(of_kind[kind] for kind in kinds)
    named = (term.name for term in book.terms.values() if isinstance(term, wanted))
    return frozenset((*named, PRODUCTS)) if MEDICINES in kinds else frozenset(named)
