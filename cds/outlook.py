"""The outlook of a patient: the evaluation as of a day, and until when it stands if nothing is added to the record."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple, cast

from cds.cards.card import cards_of
from cds.evaluation import Evaluation, evaluate
from cds.intake.bundles.bundle import Resources
from cds.intake.reading import record_of
from cds.intake.validation import report_invalid
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook
from cds.watched import Watch


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


def outlook_of(resources: Resources, book: RuleBook, as_of: date) -> Outlook:
    """The outlook of the patient of some resources, as of a day; what was used is validated.

    Raises:
        RecordError: the data cannot be read as one patient's FHIR R4 data.
        DisagreementError, EngineError: no answer may be given.

    """
    watch = Watch(as_of)
    day = cast(date, watch)
    record = record_of(resources, book, day)
    report_invalid(record)
    watched = evaluate(record, book, day)
    next_finding = watch.next_change()
    cards = cards_of(watched)
    evaluation = watched._replace(chart=watched.chart._replace(as_of=as_of))
    return Outlook(evaluation, cards, watch.next_change(), next_finding)
