"""The people in files: a Bundle of one, a Bundle of several, a bulk export of a folder; each is read when asked for.

A document with a Patient stands alone. Lines of NDJSON, resources of their own and documents without a Patient belong
together within what was named: a file, or a folder. A part of that which cannot be read may have been about anybody in
it, so nobody's data are whole then.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from io import BufferedReader, BytesIO
from itertools import islice, zip_longest
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias, TypeVar

from cds.boundary import error_boundary
from cds.errors import CdsError, RecordError, few
from cds.evaluation import Evaluation, evaluate
from cds.files.places import Say, files_in, is_of_lines
from cds.files.shapes import is_fhir, is_spread, looks_like_lines
from cds.intake.bundles.bundle import Resources, gathered
from cds.intake.bundles.entries import incomplete, placed_in
from cds.intake.bundles.people import People
from cds.intake.elements import Placed, name_of
from cds.intake.formats import BEGINNING
from cds.intake.reading import parse_json, record_of
from cds.intake.record import Issue, Record
from cds.intake.validation import report_invalid
from cds.one_file import LARGEST, STANDARD_INPUT, Converted, opened_file, rest_of
from cds.rulebook.model import RuleBook

CONVERTED = "It is not in UTF-8 but in UTF-16 or UTF-32, and was read."
NOT_FHIR = "It is JSON and holds no FHIR resource; it was passed over."
TOO_LARGE = f"The {{}} is larger than {LARGEST // 1024 // 1024} MB."
NOBODY = "It holds nothing about a patient, and was passed over."


class Found(NamedTuple):
    """One person in a file; ``several``: there are others in what was named. ``gather`` reads the resources."""

    path: Path
    patient: str
    gather: Callable[[], Resources]
    several: bool = False

    def __repr__(self) -> str:
        """That somebody was found; no patient data, and no name of a file, which may hold some."""
        return f"<Found: a patient{', one of several' if self.several else ''}>"

    def record(self, book: RuleBook, day: date) -> Record:
        """What the file says about the person; its resources are not validated.

        Raises:
            RecordError: the data cannot be read as one patient's FHIR R4 data.

        """
        return record_of(self.gather(), book, day)

    def evaluation(self, book: RuleBook, day: date) -> Evaluation:
        """The evaluation of the person, as of a day; what was used is validated.

        Raises:
            RecordError: the data cannot be read as one patient's FHIR R4 data.
            DisagreementError, EngineError: no answer may be given.

        """
        record = self.record(book, day)
        report_invalid(record)
        return evaluate(record, book, day)


class Trouble(NamedTuple):
    """A file, a line of it or a folder that cannot be read."""

    path: Path
    error: CdsError


Item: TypeAlias = "Found | Trouble"
T = TypeVar("T")
Ahead: TypeAlias = Callable[[Sequence[Path]], Iterable["list[T] | None"]]


def people_of(place: Path, say: Say, ahead: Ahead[T] = lambda _: ()) -> Iterator[Item | list[T]]:
    """The people in a file, in a folder, or on the standard input (``-``), and what cannot be read of it.

    Args:
        place: the file or folder.
        say: says something about a file that is no error.
        ahead: what was made already of the people of each file of a folder, in the same order; it may end early. None:
            they are read here.

    """
    pool = _Pool(place, say)
    if place != STANDARD_INPUT and _is_folder(place):
        paths, closed = files_in(place, say)
        if not paths and not closed:
            yield Trouble(place, RecordError("unreadable-file", "The folder holds no .json, .ndjson or .jsonl file."))
            return
        yield from (pool.trouble(path, error) for path, error in closed)
        for path, made in zip_longest(paths, islice(ahead(paths), len(paths))):
            yield from pool.read(path, within=True) if made is None else (made,)
    else:
        yield from pool.read(place)
    yield from pool.people()


def people_in(data: object, place: Path, say: Say) -> Iterator[Item]:
    """The people in parsed JSON; ``place`` is what they are called by, as if they stood in a file of this name.

    Raises:
        RecordError: the JSON is no FHIR R4.

    """
    pool = _Pool(place, say)
    yield from pool.of_document(place, data, within=False)


def alone_in(path: Path) -> list[Found] | None:
    """The people of a file in a folder who stand alone; None where not everything in it is about such people."""
    said: list[str] = []
    pool = _Pool(path, lambda _, text: said.append(text))
    items = [] if is_of_lines(path) else list(pool.read(path, within=True))
    people = [item for item in items if isinstance(item, Found)]
    return people if people and len(people) == len(items) and not said else None


def one_of(place: Path, patient: str, say: Say) -> Found:
    """The one person in a file or a folder; of several, the one of this name (``Patient/7``, or ``7``).

    Raises:
        CdsError: there is nobody, or several and none of this name; or the file cannot be read.

    """
    items: list[Item | list[Item]] = list(people_of(place, say))
    people = [item for item in items if isinstance(item, Found)]
    chosen = [one for one in people if patient in (one.patient, one.patient.partition("/")[2])] if patient else people
    if len(chosen) == 1:
        return chosen[0]
    for item in items:
        if isinstance(item, Trouble):
            raise item.error
    names = few([one.patient for one in people], 5)
    if patient and not chosen:
        raise RecordError("no-patient", f"Nobody is called '{patient}' here. There are: {names}.")
    raise RecordError("several-patients", f"There are {len(people)} patients. Name one by --patient: {names}.")


def _is_folder(place: Path) -> bool:
    try:
        return place.is_dir()
    except (OSError, ValueError):
        return False


class _Pool:
    """What belongs together within a place that was named."""

    def __init__(self, place: Path, say: Say) -> None:
        self.place, self.say = place, say
        self.together = People()

    def trouble(self, path: Path, error: CdsError) -> Trouble:
        """What cannot be read, after which nobody's data are known to be whole."""
        self.together.note(incomplete("Bundle"))
        return Trouble(path, error)

    def read(self, path: Path, *, within: bool = False) -> Iterator[Item]:
        """The people of a file who stand alone, and what cannot be read of it; everything else is kept."""
        try:
            with error_boundary(), opened_file(path) as file:
                if isinstance(file, Converted):
                    self.say(path, CONVERTED)
                lines = is_of_lines(path)
                if lines and not _is_spread(file):
                    yield from self._of_lines(path, file)
                else:
                    yield from self._of_whole(path, rest_of(file), within=within)
        except CdsError as error:
            yield self.trouble(path, error)

    def _of_whole(self, path: Path, raw: bytes, *, within: bool) -> Iterator[Item]:
        if len(raw) > LARGEST:
            raise RecordError("unreadable-file", TOO_LARGE.format("file"))
        try:
            data = parse_json(raw)
        except RecordError:
            if not is_of_lines(path) and not looks_like_lines(raw):
                raise
            yield from self._of_lines(path, BytesIO(raw))
            return
        yield from self.of_document(path, data, within=within)

    def of_document(self, path: Path, data: object, *, within: bool) -> Iterator[Item]:
        """The people of a document who stand alone; everything else is kept."""
        if within and not is_fhir(data):
            self.say(path, NOT_FHIR)
            return
        issues: list[Issue] = []
        placed = placed_in(data, issues)
        patients = _patients(placed)
        if not within or (_is_whole(data) and patients):
            yield from self._alone(path, placed, patients, issues)
        else:
            self._keep(path, placed, issues)

    def _of_lines(self, path: Path, file: BinaryIO) -> Iterator[Item]:
        for number, line in enumerate(iter(partial(file.readline, LARGEST + 1), b""), 1):
            at = Path(f"{path}:{number}")
            if len(line) > LARGEST:
                raise RecordError("unreadable-file", TOO_LARGE.format("line"))
            try:
                yield from self._of_line(path, at, line) if line.strip() else ()
            except RecordError as error:
                yield self.trouble(at, error)

    def _of_line(self, path: Path, at: Path, line: bytes) -> Iterator[Item]:
        issues: list[Issue] = []
        line = line.removeprefix(codecs.BOM_UTF8)
        data = parse_json(line)
        placed = placed_in(data, issues)
        patients = _patients(placed) if _is_whole(data) else []
        if patients:
            yield from self._alone(at, placed, patients, issues)
        else:
            self._keep(path, placed, issues, None if _is_whole(data) else line)

    def _keep(self, path: Path, placed: list[Placed], issues: list[Issue], raw: bytes | None = None) -> None:
        self.together.note(*issues)
        for item in placed:
            self.together.add(item, str(path), raw)

    def _alone(self, path: Path, placed: list[Placed], patients: list[str], issues: list[Issue]) -> Iterator[Item]:
        """The people of a document that stands alone."""
        if len(patients) < 2:
            yield Found(path, "".join(patients), lambda: gathered(placed, [*issues]))
            return
        people = People()
        people.note(*issues)
        for item in placed:
            people.add(item, str(path))
        yield from self._each(people)

    def people(self) -> Iterator[Item]:
        """The people in what belongs together."""
        if not self.together.count:
            return
        try:
            yield from self._each(self.together)
        except RecordError as error:
            if self.together.is_about_somebody():
                yield Trouble(self.place, error)
            else:
                self.say(self.place, NOBODY)

    def _each(self, people: People) -> Iterator[Item]:
        persons = people.persons()
        if people.strangers:
            self.say(self.place, f"{people.strangers} resources are about people who are not in the data.")
        several = len(persons) > 1
        yield from (Found(Path(person.file), person.name, person.resources, several) for person in persons)


def _patients(placed: list[Placed]) -> list[str]:
    """The names of the Patients in some data."""
    return [name_of(item[3]) for item in placed if item[3]["resourceType"] == "Patient"]


def _is_whole(data: object) -> bool:
    """Whether data are a record and no single resource."""
    return not isinstance(data, dict) or data.get("resourceType") == "Bundle"


def _is_spread(file: BinaryIO) -> bool:
    return isinstance(file, BufferedReader) and is_spread(file.peek(BEGINNING))
