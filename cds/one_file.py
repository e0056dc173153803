"""One file of FHIR JSON -> its evaluation: the way of the data from end to end."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import date
from pathlib import Path

from cds.errors import RecordError
from cds.evaluation import Evaluation, evaluate
from cds.intake.reading import parse_json, read_record
from cds.intake.record import Record
from cds.intake.validation import report_invalid
from cds.rulebook.model import RuleBook

LARGEST = 200 * 1024 * 1024
STANDARD_INPUT = Path("-")


def evaluate_file(path: Path, book: RuleBook, as_of: date) -> Evaluation:
    """The evaluation of the patient in a file (``-``: standard input), as of a day; what was used is validated.

    Raises:
        RecordError: the file cannot be read as one patient's FHIR R4 data.
        DisagreementError, EngineError: no answer may be given.

    """
    record = record_in(path, book, as_of)
    report_invalid(record)
    return evaluate(record, book, as_of)


def record_in(path: Path, book: RuleBook, as_of: date) -> Record:
    """What a file says about one patient; its resources are not validated.

    Raises:
        RecordError: the file cannot be read as one patient's FHIR R4 data.

    """
    return read_record(parse_json(_bytes(path)), book, as_of)


def _bytes(path: Path) -> bytes:
    try:
        with nullcontext(sys.stdin.buffer) if path == STANDARD_INPUT else path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except IsADirectoryError:
        raise RecordError("unreadable-file", "This is a folder. Name a file in it.") from None
    except OSError as error:
        raise RecordError("unreadable-file", f"The file cannot be read: {error.strerror}.") from None
    if len(raw) > LARGEST:
        raise RecordError("unreadable-file", f"The file is larger than {LARGEST // 1024 // 1024} MB.")
    return raw
