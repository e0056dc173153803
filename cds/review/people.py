"""Patients by whom two versions of the rules are compared: files of FHIR JSON, or the invented ones of the cases."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from glob import glob
from pathlib import Path
from typing import NamedTuple

from cds.errors import RecordError
from cds.evaluation import Evaluation, evaluate, evaluator_of
from cds.intake.reading import parse_json, read_record
from cds.one_file import bytes_of, opened_file, text_of
from cds.review.cases import chart_of_case
from cds.rulebook.model import Case, RuleBook

LINES = (".jsonl", ".ndjson")


class Person(NamedTuple):
    """A patient: what to call them, and their evaluation by a rulebook (raises RecordError where there is none)."""

    name: str
    evaluated: Callable[[RuleBook], Evaluation]


def people_in(places: Iterable[str], day: date) -> Iterator[Person]:
    """The patients of files, folders (every ``.json`` in them) and patterns (``patients/*.json``), as of a day.

    A ``.json`` file is one patient's Bundle; each line of an ``.ndjson`` or ``.jsonl`` file is one. What cannot be
    read is a patient without an evaluation.

    Raises:
        RecordError: at once, where a place is not there.

    """
    paths = [path for place in places for path in _files(place)]
    return (person for path in paths for person in _people_of(path, day))


def _people_of(path: Path, day: date) -> Iterator[Person]:
    name = text_of(path)
    try:
        if path.suffix not in LINES:
            yield Person(name, partial(_of_json, bytes_of(path), day))
            return
        with opened_file(path) as file:
            lines = ((number, line) for number, line in enumerate(file, 1) if line.strip())
            yield from (Person(f"{name}:{number}", partial(_of_json, line, day)) for number, line in lines)
    except RecordError as error:
        yield Person(name, partial(_of_nothing, error))


def _files(place: str) -> list[Path]:
    """The files of a place, and the folders in it that cannot be listed."""
    if not os.path.isdir(place):  # noqa: PTH112 - Path.is_dir raises where a folder above is closed
        found = sorted(map(Path, glob(place, recursive=True)))  # noqa: PTH207 - a pattern may begin at the root
        if not found and not os.path.lexists(place):
            raise RecordError("unreadable-file", f"'{place}' is not there: no file, folder or pattern of files.")
        return found or [Path(place)]
    closed: list[OSError] = []
    listed = [Path(folder, name) for folder, _, names in os.walk(place, onerror=closed.append) for name in names]
    return sorted([path for path in listed if path.suffix == ".json"] + [Path(error.filename) for error in closed])


def _of_json(raw: bytes, day: date, book: RuleBook) -> Evaluation:
    return evaluate(read_record(parse_json(raw), book, day), book, day)


def _of_nothing(error: RecordError, _: RuleBook) -> Evaluation:
    raise error


def people_of_cases(*books: RuleBook) -> list[Person]:
    """The invented patients of the cases beside the rules, each once."""
    found: dict[tuple[str, object], Person] = {}
    for book in books:
        for rule in book.rules.values():
            for case in rule.cases:
                person = Person(f"case of {rule.id}: {case.name}", partial(_of_case, case))
                found.setdefault((rule.id, case.given), person)
    return list(found.values())


def _of_case(case: Case, book: RuleBook) -> Evaluation:
    given = [name for name, _ in (*book.background, *case.given)]
    if unknown := [name for name in given if name not in book.terms and name not in book.findings]:
        raise RecordError("not-in-both-versions", f"One of the two versions does not know '{unknown[0]}'.")
    return evaluator_of(book).evaluate(chart_of_case(book, case))
