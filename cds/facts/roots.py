"""Which parts a record has: where it has none of those on which a finding rests, the finding is as in an empty one.

That is one in which entries of the same kinds were not understood: what they may be is unknown, and not absent.
A rulebook has some hundred findings and a patient has results for few of them; only those few are worked out.
"""

from __future__ import annotations

from cds.intake.record import Record
from cds.rulebook.graph import ISSUES, PRODUCTS, Root
from cds.rulebook.model import BIRTH_DATE, GENDER


def roots_in(record: Record) -> frozenset[Root]:
    """The parts that a record has."""
    words = {PRODUCTS: record.products, BIRTH_DATE: record.birth, GENDER: record.sex, ISSUES: record.issues}
    parts = {*record.readings, *record.mentions, *record.courses, *(f"target of {name}" for name in record.targets)}
    return frozenset(parts.union(word for word, there in words.items() if there))
