"""The lines of one patient -> the answer: the evaluation of the live service, and what became of each line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from cds.bookshelf import open_exactly
from cds.boundary import error_boundary
from cds.cards.basis import recorded_sources
from cds.cards.card import cards_of
from cds.errors import CdsError, RecordError
from cds.evaluation import Evaluation, evaluate
from cds.explanation import every_rule, explanation_of, why
from cds.intake.account import Standing, standings_of
from cds.intake.bundles.bundle import Resources, gathered
from cds.intake.bundles.entries import incomplete, placed_in
from cds.intake.bundles.people import People
from cds.intake.elements import Placed, name_of
from cds.intake.reading import DEEPEST, record_of
from cds.intake.record import Issue, Record
from cds.intake.validation import report_invalid
from cds.jsontypes import Json
from cds.population.ledger import ANSWERED, NOT_ABOUT, REFUSED, USED, Tally
from cds.population.marks import PATIENT, parsed
from cds.population.orphans import orphans_of
from cds.population.results import Answered, Value
from cds.population.settling import settled_by
from cds.result import head_of, issue_data
from cds.rulebook.model import RuleBook

NONE, FIRED, ALL = "none", "fired", "all"
"""Which why-trees are kept with an answer."""
STANDINGS = {
    Standing.USED: USED,
    Standing.SOMETHING_ELSE: NOT_ABOUT,
    Standing.REFUSED: REFUSED,
    Standing.NOT_UNDERSTOOD: REFUSED,
}
DOCUMENT = "Bundle"
NO_PATIENT = "no-patient"
NO_PATIENT_TEXT = "The data hold no Patient resource: whose data they are is not known."


class Row(NamedTuple):
    """A line of a patient; ``shared``: it belongs to no patient, and something of this one refers to it."""

    file: int
    offset: int
    kind: str
    url: str | None
    line: bytes
    shared: bool = False


class Question(NamedTuple):
    """What is asked about everybody: by which rules, as of which day, with what trace, and whom to validate (percent).

    ``files`` are the names of the inputs. ``exports`` is the export of each; ``continued`` are those that continue an
    earlier one, of which a later version takes the place of an older one; ``deleted`` names what an export deleted.
    """

    rules: str
    overlays: tuple[str, ...]
    as_of: date
    trace: str = NONE
    validated: float = 100.0
    files: tuple[str, ...] = ()
    exports: tuple[int, ...] = ()
    continued: frozenset[int] = frozenset()
    deleted: tuple[tuple[str, int], ...] = ()

    def book(self) -> RuleBook:
        """The rulebook, opened."""
        return open_exactly(Path(self.rules), *map(Path, self.overlays))


class Read(NamedTuple):
    """A row and its resource."""

    row: Row
    resource: Json


class Answering:
    """Answers for one patient after the other, and counts what became of their lines."""

    def __init__(self, question: Question) -> None:
        self.question, self.book = question, question.book()
        self.deleted = {name: question.exports[file] for name, file in question.deleted}
        self.tally = Tally()

    def counted(self) -> Tally:
        """What was counted since this was asked the last time."""
        found, self.tally = self.tally, Tally()
        return found

    def answers(self, key: str, rows: Sequence[Row]) -> Iterator[Answered]:
        """The answer for the patient with these lines; of a document with several patients, that of each."""
        if rows[0].kind == DOCUMENT:
            yield from self._of_document(rows)
            return
        read, issues = self._parsed(rows)
        read = self._latest(read) if self.question.continued or self.deleted else read
        own = [item for item in read if not item.row.shared]
        shared = {
            name: item.resource
            for item in read
            if item.row.shared
            for name in (name_of(item.resource), item.row.url)
            if name
        }
        placed: list[Placed] = [("", 1, item.row.url or "", item.resource) for item in own]
        patient = next((item for item in own if item.resource["resourceType"] == PATIENT), None)
        if patient is None:
            yield self._stranger(key, rows, own)
            return
        gather = partial(gathered, placed, issues, shared)
        yield self._answer(name_of(patient.resource), patient.row.file, read, gather, rows)

    def _parsed(self, rows: Sequence[Row]) -> tuple[list[Read], list[Issue]]:
        """The resources of lines; one that cannot be read is a dead letter, and the patient's data are not whole."""
        read, issues = [], []
        for row in rows:
            try:
                read.append(Read(row, _resource(row.line)))
            except RecordError as error:
                self.tally.bury(row.file, row.offset, row.kind, error.code, attributed=True)
                issues.append(incomplete(DOCUMENT))
        return read, issues[:1]

    def _latest(self, read: list[Read]) -> list[Read]:
        """What later exports left of earlier ones that they continue."""
        newest: dict[str, int] = {}
        for item in read:
            name, export = name_of(item.resource), self.question.exports[item.row.file]
            if export in self.question.continued:
                newest[name] = max(newest.get(name, 0), export)
        kept = []
        for item in read:
            name, export = name_of(item.resource), self.question.exports[item.row.file]
            if self.deleted.get(name, -1) > export:
                self.tally.count(item.row.file, item.row.kind, REFUSED, "deleted-resource")
            elif newest.get(name, export) > export:
                self.tally.count(item.row.file, item.row.kind, REFUSED, "replaced-version")
            else:
                kept.append(item)
        return kept

    def _stranger(self, key: str, rows: Sequence[Row], own: list[Read]) -> Answered:
        """The refusal of a patient who is named, and not in the data."""
        for item in own:
            self.tally.count(item.row.file, item.row.kind, REFUSED, NO_PATIENT)
        self.tally.patients[NO_PATIENT] += 1
        return self._refused(key, rows, RecordError(NO_PATIENT, NO_PATIENT_TEXT))

    def _refused(self, name: str, rows: Sequence[Row], error: CdsError) -> Answered:
        text = orjson.dumps({"code": error.code, "text": str(error)}).decode()
        return Answered(name, self.question.files[rows[0].file], error=text, lines=_places(rows), digest=_digest(rows))

    def _answer(self, name: str, file: int, read: list[Read], gather: Any, rows: Sequence[Row]) -> Answered:
        try:
            with error_boundary():
                evaluation = self._evaluation(gather(), name)
                found = self._answered(evaluation, name, file, read, rows)
        except CdsError as error:
            for item in read:
                if not item.row.shared:
                    self.tally.count(item.row.file, item.row.kind, REFUSED, error.code)
            self.tally.patients[error.code] += 1
            return self._refused(name, rows, error)
        self.tally.patients[ANSWERED] += 1
        self._account(evaluation.chart.record, read)
        return found

    def _evaluation(self, resources: Resources, name: str) -> Evaluation:
        record = record_of(resources, self.book, self.question.as_of)
        if self._is_validated(name):
            report_invalid(record)
        return evaluate(record, self.book, self.question.as_of)

    def _is_validated(self, name: str) -> bool:
        """Whether a patient is in the sample: it follows from the name, whoever asks."""
        share = self.question.validated
        return share >= 100 or (share > 0 and int(sha256(name.encode()).hexdigest()[:8], 16) % 10_000 < share * 100)

    def _answered(
        self, evaluation: Evaluation, name: str, file: int, read: list[Read], rows: Sequence[Row]
    ) -> Answered:
        decision, record = evaluation.decision, evaluation.chart.record
        return Answered(
            name,
            self.question.files[file],
            decision.outcome,
            decision.decided_by,
            sorted({code for said in decision.said for code in said.codes}),
            sorted(said.rule for said in decision.said),
            sorted(evaluation.answer.asking),
            settled_by(evaluation),
            orjson.dumps(cards_of(evaluation)).decode(),
            orjson.dumps([issue_data(issue) for issue in record.issues]).decode() if record.issues else "[]",
            _evidence(evaluation, read),
            _values(evaluation),
            orphans_of(record),
            None,
            self._trace(evaluation),
            None,
            _places(rows),
            _digest(rows),
        )

    def _trace(self, evaluation: Evaluation) -> str | None:
        if self.question.trace == NONE:
            return None
        if self.question.trace == FIRED:
            return orjson.dumps(explanation_of(evaluation)).decode()
        return orjson.dumps({**head_of(evaluation), "why": why(evaluation, every_rule(evaluation))}).decode()

    def _account(self, record: Record, read: list[Read]) -> None:
        """Count what became of each line of a patient."""
        places = {id(item.resource): item.row for item in read}
        for resource, standing, reason in standings_of(record, self.book):
            row = places[id(resource)]
            self.tally.count(row.file, row.kind, STANDINGS[standing], reason if STANDINGS[standing] == REFUSED else "")
        used = {id(medication) for _, medication in record.named_by}
        self.tally.shared_used |= {
            (item.row.file, item.row.offset) for item in read if item.row.shared and id(item.resource) in used
        }

    def _of_document(self, rows: Sequence[Row]) -> Iterator[Answered]:
        """The people of a document; the same one a second time is counted, and says nothing more."""
        first, *others = rows
        issues: list[Issue] = []
        placed = placed_in(parsed(first.line), issues)
        for row in others:
            for item in placed_in(parsed(row.line), []):
                self.tally.count(row.file, item[3]["resourceType"], REFUSED, "duplicate")
        read = [Read(first._replace(kind=item[3]["resourceType"]), item[3]) for item in placed]
        patients = [item.resource for item in read if item.resource["resourceType"] == PATIENT]
        if len(patients) == 1:
            yield self._answer(name_of(patients[0]), first.file, read, partial(gathered, placed, issues), rows[:1])
            return
        yield from self._of_several(first, read, placed, issues)

    def _of_several(self, row: Row, read: list[Read], placed: list[Placed], issues: list[Issue]) -> Iterator[Answered]:
        people = People()
        people.note(*issues)
        for each in placed:
            people.add(each)
        left = {id(item.resource): item for item in read}
        for person in people.persons():
            own = [left.pop(id(held.content)) for held in person.held if id(held.content) in left]
            yield self._answer(person.name, row.file, own, person.resources, [row])
        for item in left.values():  # whoever names nobody of these
            self.tally.count(item.row.file, item.row.kind, REFUSED, "not-attributed")


def _resource(line: bytes) -> Json:
    """The resource of a line; what is nested deeply is looked at as every file is."""
    if line.count(b"{") + line.count(b"[") <= DEEPEST:
        try:
            data = orjson.loads(line)
            if type(data) is dict and type(data.get("resourceType")) is str:
                return data
        except orjson.JSONDecodeError:
            pass
    return parsed(line)  # type: ignore[no-any-return]


def _places(rows: Sequence[Row]) -> list[tuple[int, int]]:
    return [(row.file, row.offset) for row in rows]


def _digest(rows: Iterable[Row]) -> str:
    """What the lines of a patient say, in their order: equal digests, equal answers on a day."""
    return sha256(b"\n".join([row.line for row in rows])).hexdigest()[:32]


def _evidence(evaluation: Evaluation, read: list[Read]) -> list[tuple[str, int, int]]:
    """The resources behind what is said, each with where it stands; those that lie in no file have no place."""
    if not evaluation.decision.said:
        return []
    sources = dict.fromkeys(
        source
        for said in evaluation.decision.said
        for leaf in evaluation.answer.grounds[said.rule]
        for source in _sources(evaluation, leaf.terms, leaf.recorded)
    )
    record = evaluation.chart.record
    places = {record.name_of(item.resource): item.row for item in read}
    return [(source, places[source].file, places[source].offset) for source in sources if source in places]


def _sources(evaluation: Evaluation, terms: Iterable[str], recorded: Iterable[str]) -> Iterator[str]:
    for name in terms:
        if (fact := evaluation.chart.value(name)) is not None:
            yield from fact.sources
    for name in recorded:
        yield from recorded_sources(evaluation.chart, name)


def _values(evaluation: Evaluation) -> list[Value]:
    """The usable facts that some threshold of the rulebook is about."""
    found = []
    for name in _compared(evaluation.book):
        fact = evaluation.chart.value(name)
        if fact is not None:
            found.append(
                Value(name, fact.value.low, fact.value.high, fact.unit, fact.when.first if fact.when else None)
            )
    return found


@lru_cache(maxsize=8)
def _compared(book: RuleBook) -> tuple[str, ...]:
    """The terms that findings compare with a number, in the order of the terms."""
    compared = {f.definition.terms[0] for f in book.findings.values() if f.definition.thresholds and f.definition.terms}
    return tuple(name for name in book.terms if name in compared)
