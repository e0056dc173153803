"""Patients by whom two versions of the rules are compared: files of FHIR JSON, or the invented ones of the cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from glob import glob
from pathlib import Path
from typing import NamedTuple

from cds.errors import RecordError
from cds.evaluation import Evaluation, evaluate, evaluator_of
from cds.intake.reading import parse_json, read_record
from cds.review.cases import chart_of
from cds.rulebook.model import Case, RuleBook

LINES = (".jsonl", ".ndjson")


class Person(NamedTuple):
    """A patient: what to call them, and their evaluation by a rulebook (raises RecordError where there is none)."""

    name: str
    evaluated: Callable[[RuleBook], Evaluation]


def people_in(places: Iterable[str], day: date) -> Iterator[Person]:
    """The patients of files, folders (every ``.json`` in them) and patterns (``patients/*.json``), as of a day.

    A ``.json`` file is one patient's Bundle; each line of an ``.ndjson`` or ``.jsonl`` file is one.

    Raises:
        RecordError: a place is not there, or is not text.

    """
    for place in places:
        for path in _files(place):
            yield from _people_of(path, day)


def _people_of(path: Path, day: date) -> Iterator[Person]:
    try:
        if path.suffix not in LINES:
            yield Person(str(path), partial(_of_json, path.read_bytes(), day))
            return
        with path.open("rb") as file:
            lines = ((number, line) for number, line in enumerate(file, 1) if line.strip())
            yield from (Person(f"{path}:{number}", partial(_of_json, line, day)) for number, line in lines)
    except OSError as error:
        raise RecordError("unreadable-file", f"'{path}' cannot be read: {error.strerror}.") from None


def _files(place: str) -> list[Path]:
    path = Path(place)
    if path.is_dir():
        return sorted(path.rglob("*.json"))
    found = sorted(map(Path, glob(place, recursive=True)))  # noqa: PTH207 - a pattern may begin at the root
    return found or [path]


def _of_json(raw: bytes, day: date, book: RuleBook) -> Evaluation:
    return evaluate(read_record(parse_json(raw), book, day), book, day)


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
    return evaluator_of(book).evaluate(chart_of(book, case))
