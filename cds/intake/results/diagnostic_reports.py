"""DiagnosticReports: the results that they hold or take away, and what their words name.

A report that was entered in error takes its results with it, unless another one stands by them. What a report says in
words (its conclusion, its text, its code) is never a value and never a diagnosis: it is a question, which is said.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from cds.intake.bundles.bundle import Resources
from cds.intake.conditions.condition_names import name_key
from cds.intake.conditions.condition_times import aged
from cds.intake.conditions.mentions import longest_of, mentioned_in
from cds.intake.elements import codings, has_id, listed, objects, remembered, texts
from cds.intake.record import UNREADABLE, Mention, Record
from cds.intake.results.usable import READABLE
from cds.intake.terminology.spelling import folded, is_of_ideographs
from cds.intake.times import Moment, moment
from cds.intake.vocabulary import Vocabulary, vocabulary
from cds.jsontypes import Json
from cds.quantity import UNKNOWN
from cds.rulebook.model import Condition, Measurement, RuleBook

REPORT, NAMES = "DiagnosticReport", "report-names"
IN_ERROR = "entered-in-error"
COUNT = READABLE | {"partial", "appended", "registered"}
"""The statuses of a report (FHIR R4, DiagnosticReportStatus) whose words count."""
LONGEST_FORM = 200_000
LONGEST_PROSE = 20_000
"""So many characters of an attachment, and of its text, are looked through."""
LONGEST_WORDS, MOST_WORDS = 200, 3
"""So many characters of a clause, and so many clauses, are shown."""
_CLAUSE_END = re.compile(r"\.(?!\d)|[;\n\u3002]")
_WORD = re.compile(r"\w+")


def reports_in(resources: Resources) -> list[Json]:
    """The reports about the patient, and those that name no subject."""
    found = [resource for resource in resources.others if resource["resourceType"] == REPORT]
    return [report for report in found if resources.is_about_patient(report) is not False]


def place_results(resources: Resources, reports: list[Json]) -> None:
    """Put results that are contained in a report or a panel among the others, and take those back that a report takes.

    A contained result is about the patient of what contains it, of its time where it has none, and named after it.
    """
    observations = resources.by_type["Observation"]
    holders = [one for one in chain(reports, observations) if "contained" in one]
    if not holders and not reports:
        return
    placed = {id(item): item for holder in holders for item in _contained(holder, resources)}
    observations.extend(placed.values())
    taken = _taken_away(reports, resources) if any(one.get("status") == IN_ERROR for one in reports) else set()
    for place, one in enumerate(observations if taken else ()):
        if id(one) in taken:
            observations[place] = resources.names.also(one, {**one, "status": IN_ERROR})


def _contained(holder: Json, resources: Resources) -> Iterator[Json]:
    for item in _results_inside(holder):
        if id(item) not in resources.read_inside:
            resources.read_inside[id(item)] = item
            name = f"{holder['id']}.{item['id']}" if has_id(holder) else str(item["id"])
            withdrawn = {"status": IN_ERROR} if holder.get("status") == IN_ERROR else {}
            yield {**item, "id": name[-64:], **_of_holder(holder, item), **withdrawn}


TIMES = ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming", "issued")


def _of_holder(holder: Json, item: Json) -> Json:
    """What a contained result has of its holder: the patient, and the time, where it has none of its own."""
    keys = ["subject"] if "subject" not in item else []
    keys += () if any(item.get(key) for key in TIMES) else TIMES
    return {key: holder[key] for key in keys if key in holder}


def _results_inside(holder: Json) -> Iterator[Json]:
    """The contained results that a holder names."""
    inside = {item["id"]: item for item in objects(holder.get("contained")) if has_id(item)}
    named = [ref[1:] for key in ("result", "hasMember") for ref in _references(holder, key) if ref[:1] == "#"]
    found = (inside[name] for name in named if name in inside)
    return (item for item in found if item.get("resourceType") == "Observation")


def _references(holder: Json, element: str) -> Iterator[str]:
    named = (item.get("reference") for item in objects(holder.get(element)))
    return (reference for reference in named if isinstance(reference, str))


def _taken_away(reports: Iterable[Json], resources: Resources) -> set[int]:
    """The results of reports that were entered in error, and of no other report."""
    of: dict[bool, set[int]] = {True: set(), False: set()}
    for report in reports:
        found = (resources.resolve(reference, report) for reference in _references(report, "result"))
        of[report.get("status") == IN_ERROR] |= {id(one) for one in found if one is not None}
    return of[True] - of[False]


class Question(NamedTuple):
    """What a report names, the report, its time, and the words."""

    report: Json
    when: Moment | None
    words: str


def note_reports(record: Record, reports: list[Json], book: RuleBook, day: int) -> None:
    """Say what the words of reports name and nothing else on record says; a condition may be there because of it."""
    asked: dict[str, list[Question]] = {}
    for report in reports:
        for term, question in _read(report, record, book, day):
            asked.setdefault(term, []).append(question)
    for name, questions in asked.items():
        if not record.mentions.get(name):
            _note(record, name, questions, book, day)


def _read(report: Json, record: Record, book: RuleBook, day: int) -> list[tuple[str, Question]]:
    """What one report names; what breaks in it is its own problem."""
    try:
        return list(_questions(report, vocabulary(book), day))
    except UNREADABLE:
        record.note("unreadable-resource", record.name_of(report), not_used=REPORT)
        return []


def _note(record: Record, name: str, questions: list[Question], book: RuleBook, day: int) -> None:
    newest = max(questions, key=lambda question: question.when.last if question.when else 0)
    source, when, term = record.name_of(newest.report), newest.when, book.terms[name]
    if isinstance(term, Condition):
        mention = aged(Mention(UNKNOWN, when, source), term, day)
        if mention is None:
            return
        record.mentions.setdefault(name, []).append(mention)
    words = tuple(dict.fromkeys(question.words for question in (newest, *questions)))[:MOST_WORDS]
    text = f"A report names {name}. Its words are neither a value nor a diagnosis"
    lost = name if isinstance(term, Measurement) else ""
    record.note(NAMES, source, text, term=lost, day=when.first if when else None, names=words)


def _questions(report: Json, words: Vocabulary, day: int) -> Iterator[tuple[str, Question]]:
    """What one report names, each once, with the words."""
    when = _time_of(report)
    if report.get("status") not in COUNT or (when is not None and when.first > day):
        return
    of_concepts = _meanings(words.book)
    for concept in (report.get("code"), *listed(report.get("conclusionCode"))):
        yield from ((term, Question(report, when, said)) for term, said in of_concepts(concept))
    for concept in listed(report.get("conclusionCode")):
        coded = [(coding.get("system"), coding.get("code")) for coding in codings(concept)]
        found = {term for code in coded for term, _ in words.conditions.find(*code)}
        said = next(iter(texts(concept)), " ".join(str(code) for _, code in coded))
        yield from ((term, Question(report, when, said)) for term in found if is_asked(words.book, term))
    for prose in _prose(report):
        yield from ((term, Question(report, when, said)) for term, said in named_in_prose(prose, words.book))


def _time_of(report: Json) -> Moment | None:
    period = report.get("effectivePeriod")
    end = (period.get("end") or period.get("start")) if isinstance(period, dict) else None
    text = report.get("effectiveDateTime") or end or report.get("issued")
    return moment(text) if isinstance(text, str) else None


def _prose(report: Json) -> Iterator[str]:
    """The words of a report: its conclusion, and its text where that is plain; its narrative where it has no more."""
    if isinstance(text := report.get("conclusion"), str):
        yield text[:LONGEST_PROSE]
    for form in objects(report.get("presentedForm")):
        data = form.get("data")
        if str(form.get("contentType")).startswith("text/plain") and isinstance(data, str):
            yield _decoded(data[:LONGEST_FORM])[:LONGEST_PROSE]
    if not any(report.get(key) for key in ("conclusion", "presentedForm", "result", "contained")):
        yield narrative_of(report.get("text"))


_TAG = re.compile(r"<[^>]*>")


def narrative_of(text: Any) -> str:
    """The words of a narrative, which is XHTML; empty where there is none."""
    div = text.get("div") if isinstance(text, dict) else None
    return html.unescape(_TAG.sub("\n", div[:LONGEST_FORM]))[:LONGEST_PROSE] if isinstance(div, str) else ""


@lru_cache(maxsize=8)
def _meanings(book: RuleBook) -> Callable[[Any], tuple[tuple[str, str], ...]]:
    """What the names of a concept name, remembered: reports have few codes."""
    return remembered(lambda concept: tuple(named for text in texts(concept) for named in named_in_prose(text, book)))


def _decoded(data: str) -> str:
    try:
        return base64.b64decode(data[: len(data) // 4 * 4]).decode("utf-8", errors="replace")
    except binascii.Error:
        return ""


def named_in_prose(text: str, book: RuleBook) -> Iterator[tuple[str, str]]:
    """The terms that a text names and does not deny, each with the clause: diagnoses, and results that reports name."""
    names = _names_of(book)
    if not names.may_be_in(text):
        return
    for clause in _CLAUSE_END.split(text):
        known = names.of_ideographs if is_of_ideographs(clause) else names.of_words
        for name in (
            mentioned_in(clause, known, book.other_conditions, names.longest) if names.may_be_in(clause) else ()
        ):
            yield from ((term, clause.strip()[:LONGEST_WORDS]) for term in known[name])


class Names(NamedTuple):
    """The names that are looked for in prose, with their terms; ``keywords`` are the longest word of each."""

    of_words: Mapping[str, list[str]]
    of_ideographs: Mapping[str, list[str]]
    keywords: frozenset[str]
    longest: int

    def may_be_in(self, text: str) -> bool:
        """Whether any word of a text is one of a name: reports are long, and few name anything that is looked for."""
        plain = text.casefold() if text.isascii() else folded(text[:LONGEST_PROSE])
        if is_of_ideographs(plain) and any(name in plain for name in self.of_ideographs):
            return True
        return not self.keywords.isdisjoint(_WORD.findall(plain))


@lru_cache(maxsize=8)
def _names_of(book: RuleBook) -> Names:
    """The names of diagnoses, and of the measurements that reports name."""
    names: dict[str, list[str]] = {}
    for name, terms in vocabulary(book).condition_names.items():
        if asked := [term for term in terms if is_asked(book, term)]:
            names[name] = asked
    for term in book.terms.values():
        if isinstance(term, Measurement) and term.in_reports:
            for known in term.known_as:
                names.setdefault(name_key(known), []).append(term.name)
    written = {name: terms for name, terms in names.items() if is_of_ideographs(name)}
    spaced = {name: terms for name, terms in names.items() if name not in written}
    keywords = (max(_WORD.findall(name), key=len) for name in spaced if _WORD.search(name))
    return Names(spaced, written, frozenset(keywords), longest_of(spaced))


def is_asked(book: RuleBook, name: str) -> bool:
    """Whether a condition is a diagnosis: a status has its own question."""
    term: Any = book.terms[name]
    return isinstance(term, Condition) and not term.questions and not term.patient_element
