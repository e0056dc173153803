"""What people give to a public function, as the functions behind it take it.

What can be read in one way only is accepted. All else is refused with a sentence: what was given, what is wanted, and
how to get it. No sentence holds patient data.
"""

from __future__ import annotations

import os
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cds.api.plain_json import plain_json
from cds.bookshelf import open_rulebook
from cds.evaluation import Evaluation
from cds.intake.json_text import parse_json
from cds.intake.record import Record
from cds.one_file import bytes_of
from cds.rulebook.model import RuleBook

LIKE = "Write it like '2026-11-22', or give a datetime.date."
WANTED = "Give a Bundle as dict, a list of resources, JSON as bytes, a model of fhir.resources, or the path of a file."
JSON_TEXT = "This text is JSON, and text is taken for the name of a file. Parse it first: cds.parse_json(text)."
"""Text is never both: who passes on text from elsewhere could be made to read a file of this machine."""
LONGEST = 32
"""How much text a message repeats: a day is no longer, and what is longer may be a record."""


def day_given(as_of: object) -> date:
    """The day of an evaluation: a date, the calendar day of a datetime, text like ``2026-11-22``; None is today.

    Raises:
        TypeError, ValueError: it is no day, or can be read in several ways.

    """
    if as_of is None:
        return date.today()  # noqa: DTZ011 - today where the user is
    if isinstance(as_of, datetime):
        return _day_in(as_of)
    if isinstance(as_of, date):
        return as_of
    if isinstance(as_of, str):
        return _day_written(as_of)
    raise TypeError(f"as_of is the day of the evaluation, and this is {_kind(as_of)}. {LIKE}")


def _day_in(moment: datetime) -> date:
    try:
        return moment.date()
    except ValueError:  # the "no time" of pandas is a datetime without a day
        raise ValueError(f"as_of: this datetime has no day. {LIKE}") from None


def _day_written(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.isoformat() != text:
        shown = f"'{text}'" if len(text) <= LONGEST and text.isprintable() else "this text"
        raise ValueError(f"as_of: {shown} is no day that can be read in one way only. {LIKE}")
    return day


def book_given(book: object) -> RuleBook:
    """The rulebook; None is the usual one.

    Raises:
        TypeError: it is none.

    """
    if book is None:
        return usual_rulebook()
    if isinstance(book, RuleBook):
        return book
    if isinstance(book, (date, Record)):
        how = "The order is: what the patient is, the rulebook, the day."
    elif isinstance(book, (str, os.PathLike)):
        how = "Open it once, and use it again: book = cds.open_rulebook(folder)."
    else:
        how = "Open one: book = cds.open_rulebook(), or leave it out."
    raise TypeError(f"book is a RuleBook, and this is {_kind(book)}. {how}")


def usual_rulebook() -> RuleBook:
    """That of ``cds.open_rulebook()``, opened once in a process for each value of ``CDS_RULES`` and ``CDS_OVERLAY``."""
    return _opened(os.environ.get("CDS_RULES", ""), os.environ.get("CDS_OVERLAY", ""))


@lru_cache(maxsize=4)
def _opened(*_: str) -> RuleBook:
    return open_rulebook()


def folder_given(folder: object) -> str | Path | None:
    """A folder of rule files, or the name of what is laid over it; None where none is named.

    Raises:
        TypeError: it is neither text nor a path.

    """
    if folder is None or isinstance(folder, str):
        return folder
    if isinstance(folder, os.PathLike):
        return Path(folder)
    how = "It is open already: use it." if isinstance(folder, RuleBook) else "Give its path, or a region by its name."
    raise TypeError(f"open_rulebook takes folders, and this is {_kind(folder)}. {how}")


def evaluation_given(evaluation: object, function: str) -> Evaluation:
    """The evaluation.

    Raises:
        TypeError: it is none.

    """
    if isinstance(evaluation, Evaluation):
        return evaluation
    what = f"{function} takes an Evaluation, and this is {_kind(evaluation)}."
    raise TypeError(f"{what} Evaluate it first: {function}(cds.evaluate(...)).")


def json_given(data: object) -> object:
    """The parsed JSON of whatever holds FHIR data.

    Raises:
        TypeError: it holds none.
        RecordError: the text is not JSON, or the file cannot be read.

    """
    if isinstance(data, dict):
        return plain_json(data)
    if isinstance(data, list):
        return plain_json([parse_json(_written(item)) if _is_model(item) else item for item in data])
    return parse_json(raw_given(data))


def raw_given(data: object) -> bytes:
    """The JSON text, as bytes, of whatever holds it; raises as ``json_given`` does."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    if isinstance(data, str) and not is_place(data):
        raise TypeError(JSON_TEXT)
    if isinstance(data, (str, os.PathLike)):
        return bytes_of(Path(data))
    if _is_model(data):
        return _written(data)
    how = "It was read already: cds.evaluate(record, book, as_of)." if isinstance(data, Record) else WANTED
    raise TypeError(f"What is wanted are FHIR data, and this is {_kind(data)}. {how}")


def is_place(text: str) -> bool:
    """Whether text can be the name of a file: it does not begin as JSON or XML does, and has one line."""
    return not text.lstrip("\ufeff \t\r\n").startswith(("{", "[", "<")) and "\n" not in text


def _is_model(data: Any) -> bool:
    return callable(getattr(data, "model_dump_json", None))


def _written(model: Any) -> bytes:
    return str(model.model_dump_json()).encode()


def _kind(value: object) -> str:
    """``a dict``, ``an int``, ``None``: what a value is, and nothing of what it holds."""
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
