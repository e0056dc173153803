"""Many patients at once: each is answered by itself, and what cannot be read is a result too."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from cds.api.arguments import book_given, day_given, is_place, json_given
from cds.api.results import Result, Results
from cds.boundary import error_boundary
from cds.errors import CdsError, RecordError
from cds.files.people import Item, Trouble, people_in, people_of
from cds.files.places import Say
from cds.notebook.views import NOTEBOOK
from cds.one_file import text_of
from cds.rulebook.model import RuleBook
from cds.views import VIEWS

VIEWS.update(NOTEBOOK)
SINGLE = (
    "This is a single resource, and no record of a patient. Give all resources of the patient as one Bundle, or as one "
    "list within the list."
)


def evaluate_all(patients: object, book: RuleBook | None = None, as_of: date | str | None = None) -> Results:
    """The results of many patients by one rulebook, as of one day; what was used is validated.

    Args:
        patients: a folder, or a file with one or several patients (NDJSON too); or an iterable of such paths, of
            Bundles, of lists of resources, or of anything else that ``evaluate`` takes.
        book: the rulebook; without one the usual one.
        as_of: the day: a date, or text like ``2026-11-22``; without one today.

    Raises:
        TypeError, ValueError: an argument is of no use; what is wrong with one patient is the error of its result.

    """
    rules, day, notes = book_given(book), day_given(as_of), list[str]()
    items = _items(patients, lambda path, text: notes.append(f"{text_of(path)}: {text}"))
    return Results([_answered(item, rules, day) for item in items], notes)


def _items(patients: object, say: Say) -> Iterator[Item]:
    """The people in what was given, and what cannot be read of it."""
    if isinstance(patients, (str, os.PathLike, dict, bytes, bytearray, memoryview)):
        yield from _people(patients, "item 1", say)
    elif isinstance(patients, Iterable) and not hasattr(patients, "model_dump_json"):
        for number, patient in enumerate(patients, 1):
            yield from _people(patient, f"item {number}", say)
    else:
        yield from _people(patients, "item 1", say)


def _people(given: object, name: str, say: Say) -> Iterator[Item]:
    if isinstance(given, os.PathLike) or (isinstance(given, str) and is_place(given)):
        found: Iterator[Item | list[Item]] = people_of(Path(given), say)
        yield from (item for item in found if not isinstance(item, list))
        return
    try:
        with error_boundary():
            yield from people_in(_record_in(given), Path(name), say)
    except CdsError as error:
        yield Trouble(Path(name), error)


def _record_in(given: object) -> object:
    """The parsed JSON of what was given as one record.

    Raises:
        RecordError: it is none.

    """
    try:
        data = json_given(given)
    except TypeError as error:
        raise RecordError("not-fhir", str(error)) from None
    if isinstance(data, dict) and data.get("resourceType", "Bundle") != "Bundle":
        raise RecordError("not-fhir", SINGLE)
    return data


def _answered(item: Item, book: RuleBook, day: date) -> Result:
    if isinstance(item, Trouble):
        return Result(text_of(item.path), "", error=item.error)
    try:
        with error_boundary():
            evaluation = item.evaluation(book, day)
    except CdsError as error:
        return Result(text_of(item.path), item.patient, error=error)
    return Result(text_of(item.path), evaluation.chart.record.patient, evaluation)
