"""What the deciding card says beyond its rule: what is not known, and what was on record and could not be used.

A notice is a sentence about the whole answer. A new kind is a function here and a line in ``notices_of``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from cds.cards.basis import Basis
from cds.cards.lines import Line, each_once, line_of, listed
from cds.cards.missing import missing
from cds.cards.not_read import not_read_data, not_read_text
from cds.cards.resources_not_used import not_used_data, not_used_text
from cds.cards.unheard import left_out, left_out_text, switched_off, switched_off_text
from cds.cards.wording import harmless, issue_markdown, issue_text
from cds.evaluation import Evaluation
from cds.intake.record import ALLERGY, COURSE_OVER, DOUBTS, UNCERTAIN, Issue
from cds.intake.unrecognised import NOTHING_KNOWN
from cds.jsontypes import Json
from cds.quantity import PRESENT, UNKNOWN
from cds.rulebook.model import ProductTerm
from cds.rulebook.model.term import Condition

NOT_UNDERSTOOD, NOT_CERTAIN, NOT_READ = "notUnderstood", "notCertain", "notRead"


class Notice(NamedTuple):
    """A paragraph of Markdown for the detail of the card, and the same as data under a key of its extension.

    Without data nothing stands under the key; ``lines`` are those of the text behind which there are resources.
    """

    key: str
    data: list[Any]
    text: str
    lines: Sequence[Line] = ()


def notices_of(evaluation: Evaluation, basis: Basis) -> list[Notice]:
    """The notices of an evaluation, in the order in which the card shows them."""
    return [
        *_may_have_died(evaluation),
        *_not_heard(evaluation, basis),
        *_not_understood(evaluation),
        *_not_known(evaluation, basis),
        *_not_used(evaluation),
        *_not_certain(evaluation, basis),
        *_may_be_taken(evaluation, basis),
        *_course_over(evaluation, basis),
        *_limits_not_read(evaluation, basis),
        *_not_read(evaluation),
    ]


def _not_heard(evaluation: Evaluation, basis: Basis) -> Iterator[Notice]:
    """The rules that are switched off and count here, and those that the hospital leaves out."""
    if told := switched_off(evaluation, basis):
        texts = (switched_off_text(evaluation, basis, one) for one in told)
        read = evaluation.answer.unheard
        lines = each_once(line for one in told for line in basis.based_on(read[one["rule"]]))
        yield Notice("switchedOff", told, "\n\n".join(texts), lines)
    if gone := left_out(evaluation):
        yield Notice("leftOut", gone, "\n\n".join(map(left_out_text, gone)))


def _not_known(evaluation: Evaluation, basis: Basis) -> Iterator[Notice]:
    """What rules asked for and is not known; and then also the results that could not be used."""
    unknown = missing(evaluation, basis)
    if unknown:
        wording = evaluation.book.wording
        words = [line.text for line in unknown]
        told = wording.filled("{}.", wording.series("{}; {}", words))
        yield Notice("missing", words, f"**Not known, so not judged:** {told}", unknown)
    if unknown and (unused := basis.not_used()):
        yield Notice("", [], f"**On record, but not used**\n{listed(unused)}", unused)


def _not_used(evaluation: Evaluation) -> Iterator[Notice]:
    """What stood in the data and was not used: an answer that rests on the rest says so."""
    record = evaluation.chart.record
    if text := not_used_text(record, evaluation.book.wording):
        yield Notice("notUsed", not_used_data(record), text)


def _not_understood(evaluation: Evaluation) -> Iterator[Notice]:
    """Medicines and conditions of which nobody can say what they are, and allergies: a person has to look."""
    issues = [issue for issue in evaluation.chart.record.issues if issue.names or issue.code in NOTHING_KNOWN]
    allergies = [issue for issue in issues if issue.code == ALLERGY]
    unknown = [issue for issue in issues if issue.code != ALLERGY]
    headed = (("Not understood: please look.", unknown), ("Allergy or intolerance: please look.", allergies))
    told = "\n\n".join(f"**{heading}** {_in_a_row(evaluation, found)}" for heading, found in headed if found)
    if told:
        yield Notice(NOT_UNDERSTOOD, list(map(issue_text, issues)), told)


def _in_a_row(evaluation: Evaluation, issues: Iterable[Issue]) -> str:
    return " ".join(issue_markdown(_worded(evaluation, issue)) for issue in issues)


def _not_read(evaluation: Evaluation) -> Iterator[Notice]:
    """What is of types that nothing reads and could say more, where the answer is to go on, or that there is none."""
    record = evaluation.chart.record
    if record.passed_over and _reassures(evaluation):
        yield Notice(NOT_READ, not_read_data(record), not_read_text(record, evaluation.book.wording))


def _reassures(evaluation: Evaluation) -> bool:
    """Whether the answer is to go on, or that there is no product: what was passed over might have changed it."""
    decision = evaluation.decision
    none_found = evaluation.book.topic.nothing_to_say
    return decision.outcome == evaluation.book.go_on or any(none_found in said.codes for said in decision.said)


def _worded(evaluation: Evaluation, issue: Issue) -> Issue:
    """An issue as it is said here."""
    return issue._replace(text=evaluation.book.wording.remark(issue.text))


def _lines(issues: Iterable[Issue], basis: Basis) -> list[Line]:
    """Issues, each with what the record calls its entry."""
    wording = basis.chart.book.wording
    told = ((one.source, basis.called(one.source), wording.remark(one.text)) for one in issues)
    return each_once(line_of(wording.filled("{}: {}", called, text), (source,)) for source, called, text in told)


def _listing(heading: str, lines: list[Line]) -> str:
    return f"{heading}\n{listed(lines)}"


def _course_over(evaluation: Evaluation, basis: Basis) -> Iterator[Notice]:
    """Medicines that the record calls active, and that do not count because the time that it states is over."""
    over = [issue for issue in evaluation.chart.record.issues if issue.code == COURSE_OVER]
    if over and _reassures(evaluation):
        lines = _lines(over, basis)
        told = _listing("**On record as active, and not counted: ask whether it is still taken**", lines)
        yield Notice("courseOver", [harmless(issue.source) for issue in over], told, lines)


def _limits_not_read(evaluation: Evaluation, basis: Basis) -> Iterator[Notice]:
    """Results that may be outside the limits of their own laboratory, which could not be read, while one goes on."""
    book = evaluation.book
    issues = evaluation.chart.limits_unread if evaluation.outcome in (book.go_on, book.no_answer) else ()
    if issues:
        lines = _lines(issues, basis)
        yield Notice("", [], _listing("**Compare with the laboratory's own range**", lines), lines)


def _may_have_died(evaluation: Evaluation) -> Iterator[Notice]:
    """That an entry about the death of the patient cannot be read; the advice is for a living patient."""
    mentions = evaluation.chart.record.mentions.items()
    unclear = [name for name, found in mentions if UNKNOWN in [mention.state for mention in found]]
    if any(_is_a_death(evaluation, name) for name in unclear):
        yield Notice("", [], "**It is not certain whether the patient has died:** the record of it cannot be read.")


def _not_certain(evaluation: Evaluation, basis: Basis) -> Iterator[Notice]:
    """The conditions that the patient may have, wherever the answer is about the topic: rules decided without them."""
    told = not_certain(evaluation) if evaluation.answer.applies or _reassures(evaluation) else []
    if told:
        lines = each_once(_doubt(basis, one) for one in told)
        heading = "**On record, and not certain that the patient has it**"
        yield Notice(NOT_CERTAIN, told, _listing(heading, lines), lines)


def _doubt(basis: Basis, one: Json) -> Line:
    """What may be there, what the record calls it, and why it is not certain."""
    wording = basis.chart.book.wording
    named = wording.phrase(", ").join(map(wording.name, one["conditions"]))
    return line_of(
        wording.series("{}: {}", (named, basis.called(one["source"]), wording.remark(_why(one)))), (one["source"],)
    )


def _why(doubt: Json) -> str:
    """The reason of a doubt without the words that the heading above it says already."""
    said: str = doubt["reason"]
    return said.partition(": ")[2] or said


def not_certain(evaluation: Evaluation) -> list[Json]:
    """Each doubtful entry with its terms, its source and the reason; none of a term that another entry makes sure.

    Most rules ignore what is unknown. A condition that nobody recognises is named on the card; so one of which only the
    status is not certain must be, which may be what a rule would have decided by.
    """
    record = evaluation.chart.record
    doubts = [(issue.source, issue.text) for issue in record.issues if issue.code == UNCERTAIN]
    terms: dict[str, list[str]] = {}
    for name, found in record.mentions.items() if doubts else ():
        if not any(mention.state is PRESENT for mention in found) and not _is_a_death(evaluation, name):
            for source in dict.fromkeys(mention.source for mention in found if mention.state is UNKNOWN):
                terms.setdefault(source, []).append(name)
    named = ((terms[source], source, text) for source, text in doubts if source in terms)
    return [{"conditions": names, "source": harmless(source), "reason": text} for names, source, text in named]


def _is_a_death(evaluation: Evaluation, name: str) -> bool:
    """Whether a term says that the patient has died; an uncertain death has a notice of its own."""
    term = evaluation.book.terms[name]
    return isinstance(term, Condition) and term.patient_element == "deceased"


def _may_be_taken(evaluation: Evaluation, basis: Basis) -> Iterator[Notice]:
    """The medicines that may or may not be taken: they count as neither. None where the answer rests on no medicine.

    Where no product was found, of what was handed out only a product could change that.
    """
    record = evaluation.chart.record
    applies = evaluation.answer.applies
    medicines = (course for found in record.courses.values() for course in found if applies or not course.handed_out)
    courses = [*record.products, *medicines]
    unclear = list(dict.fromkeys([course.source for course in courses if course.state is UNKNOWN]))
    if unclear and (applies or _rests_on_a_product(evaluation)):
        doubts = [issue for issue in record.issues if issue.source in unclear and issue.code in DOUBTS]
        lines = _lines(doubts, basis)
        told = _listing("**On record, and not certain that it is taken**", lines)
        yield Notice("maybeTaken", [harmless(source) for source in unclear], told, lines)


def _rests_on_a_product(evaluation: Evaluation) -> bool:
    why = evaluation.answer.grounds.get(evaluation.decision.decided_by, ())
    return any(isinstance(evaluation.book.terms[name], ProductTerm) for leaf in why for name in leaf.recorded)
