"""Goals -> the target ranges of measurements."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cds.intake.dates import Moment, moment
from cds.intake.meaning import meanings
from cds.intake.record import Json, Reading, Record
from cds.intake.values import limit_of
from cds.intake.vocabulary import Vocabulary
from cds.quantity import Interval
from cds.rulebook.model import GoalTerm, Measurement, RuleBook

ACTIVE = frozenset({"active", "accepted", "on-hold", "planned", "proposed"})
OVER = frozenset({"completed", "cancelled", "entered-in-error", "rejected"})


def read_goal(resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """Add the target ranges that an active Goal records for measurements; one that cannot be used is noted."""
    status = resource.get("lifecycleStatus")
    if status in OVER:
        return
    targets = resource.get("target")
    for target in targets if isinstance(targets, list) else ():
        for name, _ in meanings(words.book).result(target.get("measure")).measurements:
            term = words.book.terms[name]
            if name not in _with_targets(words.book) or not isinstance(term, Measurement):
                continue
            if status in ACTIVE:
                _target(term, target.get("detailRange"), resource, record, day)
            else:
                text = f"A goal for {name} has no status that makes it usable."
                record.note("status-not-final", record.name_of(resource), text)


@lru_cache(maxsize=8)
def _with_targets(book: RuleBook) -> frozenset[str]:
    """The measurements whose targets are read."""
    return frozenset(term.of for term in book.terms.values() if isinstance(term, GoalTerm))


def _target(term: Measurement, detail: Any, resource: Json, record: Record, day: int) -> None:
    ends = (limit_of(detail.get(end), term) for end in ("low", "high")) if isinstance(detail, dict) else (None, None)
    low, high = ends
    if low is None or high is None or low > high:
        record.note(
            "unusable-unit", record.name_of(resource), f"A goal for {term.name} has no range that could be read."
        )
        return
    when = moment(str(resource.get("startDate") or "")) or Moment(day, day, 0, "")
    if when.first > day:
        return
    record.used.append(resource)
    record.targets.setdefault(term.name, []).append(Reading(Interval(low, high), when, record.name_of(resource)))
