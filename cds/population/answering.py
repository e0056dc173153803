"""The rows of one patient -> the answer: the evaluation of the live service, and what became of each line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256

import orjson

from cds.boundary import ProgramError, error_boundary
from cds.cards.card import cards_of
from cds.errors import CdsError, RecordError
from cds.evaluation import Evaluation, evaluate
from cds.explanation import every_rule, explanation_of, why
from cds.intake.account import Standing, standings_of
from cds.intake.bundles.bundle import Resources, gathered
from cds.intake.bundles.entries import placed_in
from cds.intake.bundles.people import People
from cds.intake.elements import Placed, name_of
from cds.intake.reading import record_of
from cds.intake.record import Issue, Record
from cds.intake.validation import report_invalid
from cds.jsontypes import Json
from cds.population.evidence import evidence_of, values_of
from cds.population.ledger import ANSWERED, NOT_ABOUT, REFUSED, USED, Tally
from cds.population.marks import PATIENT, parsed
from cds.population.orphans import orphans_of
from cds.population.parsing import Read, latest, lines_of
from cds.population.question import FIRED, NONE, Question, Row
from cds.population.results import Answered
from cds.population.settling import settled_by
from cds.result import head_of, issue_data

STANDINGS = {
    Standing.USED: USED,
    Standing.SOMETHING_ELSE: NOT_ABOUT,
    Standing.REFUSED: REFUSED,
    Standing.NOT_UNDERSTOOD: REFUSED,
}
DOCUMENT = "Bundle"
STRANGER = RecordError("no-patient", "The data hold no Patient resource: whose data they are is not known.")


class Answering:
    """Answers for one patient after the other, and counts what became of their lines."""

    def __init__(self, question: Question) -> None:
        self.question, self.book = question, question.book()
        self.tally = Tally()

    def counted(self) -> Tally:
        """What was counted since this was asked the last time."""
        found, self.tally = self.tally, Tally()
        return found

    def answers(self, key: str, rows: Sequence[Row]) -> list[Answered]:
        """The answer for the patient with these rows; of a document with several patients, that of each.

        What nobody foresaw is the trouble of this patient alone; the run is then incomplete.
        """
        try:
            with error_boundary():
                return list(self._answers(key, rows))
        except ProgramError as error:
            self.tally.problems.append(f"{self._file_of(rows)}: the lines of a patient are not accounted for. {error}")
            return [self._refused(key, rows, (), error)]

    def _answers(self, key: str, rows: Sequence[Row]) -> Iterator[Answered]:
        if rows[0].kind == DOCUMENT:
            yield from self._of_document(rows)
            return
        lines = lines_of(rows, self.tally)
        if self.question.continued or self.question.deleted:
            lines = lines._replace(own=latest(lines.own, self.question, self.tally))
        patient = lines.patient
        if patient is None:
            yield self._refused(key, rows, lines.own, STRANGER)
            return
        gather = partial(gathered, lines.placed(), lines.issues, lines.by_name())
        yield self._answer(name_of(patient.resource), rows, [*lines.own, *lines.shared], gather)

    def _of_document(self, rows: Sequence[Row]) -> Iterator[Answered]:
        """The people of a document; the same one a second time is counted, and says nothing more."""
        first, *others = rows
        issues: list[Issue] = []
        placed = placed_in(parsed(first.line), issues)
        for row in others:
            for _, _, _, resource in placed_in(parsed(row.line), []):
                self.tally.count(row.file, resource["resourceType"], REFUSED, "duplicate")
        left = {id(item[3]): Read(first._replace(kind=item[3]["resourceType"]), item[3]) for item in placed}
        for name, resources, gather in _persons(placed, issues):
            own = [left.pop(identity) for identity in map(id, resources) if identity in left]
            yield self._answer(name, [first], own, gather)
        for read in left.values():
            self.tally.count(first.file, read.row.kind, REFUSED, "not-attributed")

    def _answer(self, name: str, rows: Sequence[Row], read: list[Read], gather: Callable[[], Resources]) -> Answered:
        try:
            with error_boundary():
                evaluation = self._evaluation(gather(), name)
                found = self._answered(evaluation, name, rows, read)
        except CdsError as error:
            return self._refused(name, rows, [item for item in read if not item.row.shared], error)
        self.tally.patients[ANSWERED] += 1
        self._account(evaluation.chart.record, read)
        return found

    def _evaluation(self, resources: Resources, name: str) -> Evaluation:
        record = record_of(resources, self.book, self.question.as_of)
        if self.question.validates(name):
            report_invalid(record)
        return evaluate(record, self.book, self.question.as_of)

    def _answered(self, evaluation: Evaluation, name: str, rows: Sequence[Row], read: Sequence[Read]) -> Answered:
        decision, record = evaluation.decision, evaluation.chart.record
        return Answered(
            name,
            self._file_of(rows),
            decision.outcome,
            decision.decided_by,
            sorted({code for said in decision.said for code in said.codes}),
            sorted(said.rule for said in decision.said),
            sorted(evaluation.answer.asking),
            settled_by(evaluation),
            orjson.dumps(cards_of(evaluation)).decode(),
            orjson.dumps([issue_data(issue) for issue in record.issues]).decode(),
            evidence_of(evaluation, read),
            values_of(evaluation),
            orphans_of(record),
            None,
            self._trace(evaluation),
            None,
            _places(rows),
            digest_of(rows),
        )

    def _refused(self, name: str, rows: Sequence[Row], own: Iterable[Read], error: CdsError) -> Answered:
        """The row of a patient without an answer; all own lines are refused for the same reason."""
        for item in own:
            self.tally.count(item.row.file, item.row.kind, REFUSED, error.code)
        self.tally.patients[error.code] += 1
        text = orjson.dumps({"code": error.code, "text": str(error)}).decode()
        return Answered(name, self._file_of(rows), error=text, lines=_places(rows), digest=digest_of(rows))

    def _file_of(self, rows: Sequence[Row]) -> str:
        """The file in which the Patient stands; where there is none, that of the first line."""
        row = next((row for row in rows if row.kind == PATIENT), rows[0])
        return self.question.files[row.file]

    def _trace(self, evaluation: Evaluation) -> str | None:
        if self.question.trace == NONE:
            return None
        if self.question.trace == FIRED:
            return orjson.dumps(explanation_of(evaluation)).decode()
        return orjson.dumps({**head_of(evaluation), "why": why(evaluation, every_rule(evaluation))}).decode()

    def _account(self, record: Record, read: Iterable[Read]) -> None:
        """Count what became of each line of a patient; of what is shared, only that it was used."""
        places = {id(item.resource): item.row for item in read}
        for resource, standing, reason in standings_of(record, self.book):
            row, word = places[id(resource)], STANDINGS[standing]
            self.tally.count(row.file, row.kind, word, reason if word == REFUSED else "")
        for _, medication in record.named_by:
            shared = places.get(id(medication))
            if shared and shared.shared:
                self.tally.shared_used.add((shared.file, shared.offset))


def _persons(placed: list[Placed], issues: list[Issue]) -> Iterator[tuple[str, list[Json], Callable[[], Resources]]]:
    """The people of a document: the name of each, what is about that one, and what gathers it."""
    patients = [resource for *_, resource in placed if resource["resourceType"] == PATIENT]
    if len(patients) == 1:
        yield name_of(patients[0]), [resource for *_, resource in placed], partial(gathered, placed, issues)
        return
    people = People()
    people.note(*issues)
    for item in placed:
        people.add(item)
    for person in people.persons():
        yield person.name, [held.placed()[3] for held in person.held], person.resources


def _places(rows: Iterable[Row]) -> list[tuple[int, int]]:
    return [(row.file, row.offset) for row in rows]


def digest_of(rows: Iterable[Row]) -> str:
    """What the lines of a patient say, in their order: equal digests, equal answers on a day."""
    return sha256(b"\n".join([row.line for row in rows])).hexdigest()[:32]
