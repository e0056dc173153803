"""The outlook of a patient: the evaluation as of a day, and until when it stands if nothing is added to the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple, TypeAlias, cast

from cds.cards.card import cards_of
from cds.evaluation import Evaluation, evaluate
from cds.intake.bundles.bundle import Resources
from cds.intake.reading import record_of
from cds.intake.record import Record
from cds.intake.validation import report_invalid
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook
from cds.watched import Watch

Check: TypeAlias = Callable[[Record], None]
"""Looks at what was read, and notes what is wrong with it."""


class Outlook(NamedTuple):
    """An evaluation and its cards; the first later day on which time alone can change them, None where it never can.

    On each day before ``next_change`` an evaluation says the same, but for the day that it is of. ``next_finding``
    leaves out the texts of cards, of which some say how many days ago something was: until then the facts and findings
    are the same, and so is the answer that follows from them.
    """

    evaluation: Evaluation
    cards: list[Json]
    next_change: date | None
    next_finding: date | None


def outlook_of(resources: Resources, book: RuleBook, as_of: date, check: Check = report_invalid) -> Outlook:
    """The outlook of the patient of some resources, as of a day.

    Args:
        resources: what was gathered about the patient.
        book: the rulebook.
        as_of: the day.
        check: looks at what was read; usually whether what was used is valid FHIR R4.

    Raises:
        RecordError: the data cannot be read as one patient's FHIR R4 data.
        DisagreementError, EngineError: no answer may be given.

    """
    watch = Watch(as_of)
    day = cast(date, watch)
    record = record_of(resources, book, day)
    check(record)
    watched = evaluate(record, book, day)
    next_finding = watch.next_change()
    cards = cards_of(watched)
    evaluation = watched._replace(chart=watched.chart._replace(as_of=as_of))
    return Outlook(evaluation, cards, watch.next_change(), next_finding)
