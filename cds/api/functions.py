"""The public functions for one patient."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cds import bookshelf, evaluation, result
from cds.api.arguments import book_given, day_given, evaluation_given, folder_given, json_given, raw_given
from cds.cards import card
from cds.errors import CdsError
from cds.evaluation import Evaluation
from cds.intake import json_text, reading
from cds.intake.record import Record
from cds.intake.validation import report_invalid
from cds.jsontypes import Json
from cds.notebook.views import NOTEBOOK
from cds.rulebook.model import RuleBook
from cds.views import VIEWS

VIEWS.update(NOTEBOOK)


def open_rulebook(folder: str | Path | None = None, *overlays: str | Path) -> RuleBook:
    """The checked rulebook of a folder, with what is laid over it: a region by its name, folders.

    Without a folder it is ``CDS_RULES``, else the rulebook of this installation. Open it once, and use it again.

    Raises:
        CdsError: there is no such folder, or no such overlay.
        RulebookError: with every problem of every file.

    """
    place, *over = (folder_given(one) for one in (folder, *overlays))
    if place and not Path(place).is_dir():
        raise CdsError(f"There is no folder of rule files at '{place}'. Name one, or leave it out for the usual one.")
    return bookshelf.open_rulebook(place, *[one for one in over if one])


def parse_json(raw: object) -> object:
    """The JSON value of text, of bytes in UTF-8, or of a file that a path names.

    Raises:
        TypeError: it is none of these.
        RecordError: it is not JSON, it is nested too deep, or the file cannot be read.

    """
    if isinstance(raw, (dict, list)):
        raise TypeError("parse_json takes JSON text, and this was parsed already. Give it to cds.read_record.")
    return json_text.parse_json(raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw_given(raw))


def read_record(data: object, book: RuleBook | None = None, as_of: date | str | None = None) -> Record:
    """What FHIR R4 data say about one patient in the words of a rulebook, as known on a day.

    Args:
        data: a Bundle of any type, a list of resources, or one resource: parsed, as bytes, as a model of
            fhir.resources, or the path of a file. Text is the path of a file, too.
        book: the rulebook, whose codes decide what is relevant; without one the usual one.
        as_of: the day, what is dated later does not exist yet: a date, or text like ``2026-11-22``; without one today.

    Raises:
        RecordError: not FHIR, not R4, no patient, or several.
        TypeError, ValueError: an argument is of no use; the text says what is.

    """
    rules, day = book_given(book), day_given(as_of)
    return reading.read_record(json_given(data), rules, day)


def evaluate(record: object, book: RuleBook | None = None, as_of: date | str | None = None) -> Evaluation:
    """The evaluation of one patient by a rulebook, as of a day.

    Args:
        record: what ``read_record`` takes, which is validated then as ``cds evaluate`` does it; or its Record, with the
            rulebook and the day for which it was read.
        book: the rulebook; without one the usual one, opened once.
        as_of: the day: a date, or text like ``2026-11-22``; without one today.

    Raises:
        RecordError: the data cannot be read as one patient's FHIR R4 data.
        DisagreementError, EngineError: no answer may be given.
        TypeError, ValueError: an argument is of no use; the text says what is.

    """
    if isinstance(record, Record) and (book is None or as_of is None):
        raise TypeError("A Record was read for a rulebook and a day. Give both: cds.evaluate(record, book, as_of).")
    rules, day = book_given(book), day_given(as_of)
    if not isinstance(record, Record):
        record = reading.read_record(json_given(record), rules, day)
        report_invalid(record)
    return evaluation.evaluate(record, rules, day)


def cards_of(evaluation: Evaluation) -> list[Json]:
    """The CDS Hooks 2.0 cards of an evaluation as they are shown, as data for ``json``.

    Raises:
        TypeError: it is no evaluation.

    """
    return card.cards_of(evaluation_given(evaluation, "cards_of"))


def result_of(evaluation: Evaluation) -> Json:
    """Outcome, deciding rule, advice, facts, findings, issues and cards, as ``cds evaluate --json`` prints them.

    Raises:
        TypeError: it is no evaluation.

    """
    return result.result_of(evaluation_given(evaluation, "result_of"))
