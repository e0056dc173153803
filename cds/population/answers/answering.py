"""The rows of one patient -> the answer: the evaluation of the live service, and what became of each line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from hashlib import sha256

import orjson

from cds.boundary import error_boundary
from cds.errors import CdsError, RecordError
from cds.evaluation import Evaluation
from cds.explanation import every_rule, explanation_of, why
from cds.intake.account import Standing, standings_of
from cds.intake.bundles.bundle import Resources, gathered
from cds.intake.bundles.entries import placed_in
from cds.intake.elements import name_of
from cds.intake.record import Issue, Record
from cds.intake.validation import report_invalid
from cds.outlook import Outlook, outlook_of
from cds.population.answers.documents import persons_in_document
from cds.population.answers.earlier import moved, still_standing
from cds.population.answers.evidence import evidence_of, values_of
from cds.population.answers.orphans import orphans_of
from cds.population.answers.parsing import Read, fate_of, lines_of
from cds.population.answers.question import FIRED, NONE, Question, Row
from cds.population.answers.results import Answered
from cds.population.answers.settling import settled_by
from cds.population.books.fate import Fate
from cds.population.books.ledger import ANSWERED, NOT_ABOUT, REFUSED, USED, Tally
from cds.population.lines.marks import DOCUMENT, PATIENT, parsed
from cds.result import head_of, issue_data
from cds.rulebook.model import RuleBook

STANDINGS = {
    Standing.USED: USED,
    Standing.SOMETHING_ELSE: NOT_ABOUT,
    Standing.REFUSED: REFUSED,
    Standing.NOT_UNDERSTOOD: REFUSED,
}
STRANGER = RecordError("no-patient", "The data hold no Patient resource: whose data they are is not known.")


class Answering:
    """Answers for one patient after the other, and counts what became of their lines."""

    def __init__(self, question: Question) -> None:
        self.question, self.book = question, question.book()
        self.tally = Tally()
        self.before: Mapping[str, list[Answered]] = {}
        self.since = question.as_of

    def remember(self, before: Mapping[str, list[Answered]], since: date) -> None:
        """Let the answers of an earlier day stand, by the digests of the lines, for whom nothing has changed."""
        self.before, self.since = before, since

    def counted(self) -> Tally:
        """What was counted since this was asked the last time."""
        found, self.tally = self.tally, Tally()
        return found

    def answers(self, key: str, rows: Sequence[Row]) -> list[Answered]:
        """The answer for the patient with these rows; of a document with several patients, that of each.

        Whatever goes wrong otherwise is the trouble of this patient alone; the run is then incomplete.
        """
        try:
            with error_boundary():
                found = self._from_before(rows) or list(self._anew(key, rows))
        except CdsError as error:
            found = [self._refused(key, rows, [fate_of(row, REFUSED, error.code) for row in rows], error)]
            self.tally.problems.append(f"{self._file_of(rows)}: a patient could not be answered. {error}")
        for answer in found:
            self.tally.settle(answer.lines, ANSWERED if answer.error is None else orjson.loads(answer.error)["code"])
        return found

    def _from_before(self, rows: Sequence[Row]) -> list[Answered] | None:
        """The earlier answers that stand; None where there are none.

        Where later exports replace or delete what stands in earlier ones, equal lines need not mean the same.
        """
        is_plain = not self.question.continued and not self.question.deleted
        before = self.before.get(digest_of(rows)) if self.before and is_plain else None
        if before is None or not still_standing(before, self.book, self.question.as_of, self.since):
            return None
        return moved(before, rows, self._file_of(rows))

    def _anew(self, key: str, rows: Sequence[Row]) -> Iterator[Answered]:
        return self._of_document(rows) if rows[0].kind == DOCUMENT else self._of_lines(key, rows)

    def _of_lines(self, key: str, rows: Sequence[Row]) -> Iterator[Answered]:
        lines = lines_of(rows, self.question)
        patient = lines.patient
        if patient is None:
            yield self._refused(key, rows, _fates_of_refusal(rows, lines.fates, STRANGER.code), STRANGER)
            return
        gather = partial(gathered, lines.placed(), lines.issues, lines.by_name())
        yield self._answer(name_of(patient.resource), rows, [*lines.own, *lines.shared], gather, lines.fates)

    def _of_document(self, rows: Sequence[Row]) -> Iterator[Answered]:
        """The people of a document; the same one a second time is counted, and says nothing more."""
        first, *others = rows
        issues: list[Issue] = []
        placed = placed_in(parsed(first.line), issues)
        aside = [
            fate_of(row._replace(kind=resource["resourceType"]), REFUSED, "duplicate")
            for row in others
            for *_, resource in placed_in(parsed(row.line), [])
        ]
        kinds = ((number, resource) for number, (*_, resource) in enumerate(placed))
        left = {id(one): Read(first._replace(kind=one["resourceType"]), one, number) for number, one in kinds}
        persons = [
            (name, [left.pop(identity) for identity in map(id, resources) if identity in left], gather)
            for name, resources, gather in persons_in_document(placed, issues)
        ]
        aside += [fate_of(read.row, REFUSED, "not-attributed") for read in left.values()]
        for name, own, gather in persons:
            rest, aside = aside, []
            found = self._answer(name, rows, own, gather, {})
            yield found._replace(lines=[*found.lines, *rest])

    def _answer(
        self,
        name: str,
        rows: Sequence[Row],
        read: list[Read],
        gather: Callable[[], Resources],
        fates: Mapping[int, Fate],
    ) -> Answered:
        try:
            with error_boundary():
                outlook = outlook_of(gather(), self.book, self.question.as_of, self._check(name))
                return self._answered(outlook, name, rows, read, fates)
        except CdsError as error:
            refused = dict(fates) | {item.number: fate_of(item.row, REFUSED, error.code) for item in read}
            return self._refused(name, rows, [refused[number] for number in sorted(refused)], error)

    def _check(self, name: str) -> Callable[[Record], None]:
        return report_invalid if self.question.validates(name) else _unchecked

    def _answered(
        self, outlook: Outlook, name: str, rows: Sequence[Row], read: Sequence[Read], fates: Mapping[int, Fate]
    ) -> Answered:
        evaluation = outlook.evaluation
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
            orjson.dumps(outlook.cards).decode(),
            orjson.dumps([issue_data(issue) for issue in record.issues]).decode(),
            evidence_of(evaluation, read),
            values_of(evaluation),
            orphans_of(record),
            outlook.next_change,
            self._trace(evaluation),
            None,
            _fates(record, self.book, read, fates),
            digest_of(rows),
        )

    def _refused(self, name: str, rows: Sequence[Row], fates: Sequence[Fate], error: CdsError) -> Answered:
        """The row of a patient without an answer; all own lines are refused for the same reason."""
        text = orjson.dumps({"code": error.code, "text": str(error)}).decode()
        return Answered(name, self._file_of(rows), error=text, lines=fates, digest=digest_of(rows))

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


def _unchecked(_: Record) -> None:
    """Look at nothing: this patient is not in the sample."""


def _fates_of_refusal(rows: Sequence[Row], fates: Mapping[int, Fate], reason: str) -> list[Fate]:
    return [fates.get(number) or fate_of(row, REFUSED, reason) for number, row in enumerate(rows)]


def _fates(record: Record, book: RuleBook, read: Sequence[Read], others: Mapping[int, Fate]) -> list[Fate]:
    """What became of each resource, in the order of the rows; of what is shared, whether it was used."""
    found = dict(others)
    numbers = {id(item.resource): item for item in read}
    for resource, standing, reason in standings_of(record, book):
        item, word = numbers[id(resource)], STANDINGS[standing]
        found[item.number] = fate_of(item.row, word, reason if word == REFUSED else "")
    used = {id(medication) for _, medication in record.named_by}
    for item in read:
        if item.row.shared:
            found[item.number] = fate_of(item.row, USED if id(item.resource) in used else NOT_ABOUT)
    return [found[number] for number in sorted(found)]


def digest_of(rows: Iterable[Row]) -> str:
    """What the lines of a patient say, in their order: equal digests, equal answers on a day."""
    return sha256(b"\n".join([row.line for row in rows])).hexdigest()[:32]
