"""The warnings of a run as FHIR R4 DetectedIssues, one for each card that is a warning or critical.

Source: http://hl7.org/fhir/R4/detectedissue.html. Of what the advice says nothing was done yet, so there is no
``mitigation``: the codes of the advice are an extension of the rulebook.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from uuid import NAMESPACE_URL, uuid5

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from cds.about import PROGRAM
from cds.cards.frames import rules_in
from cds.exchange.publication import extension, own_concept
from cds.jsontypes import Json
from cds.population.books.finished_run import FinishedRun
from cds.population.fhir.groups import file_of, reference_to
from cds.population.tables.sorted_answers import Answer, sorted_answers
from cds.rulebook.model import RuleBook

SEVERITIES = {"critical": "high", "warning": "moderate"}
"""A critical card is about what may be life-threatening or do permanent harm (``high``); a warning about what may do
noticeable harm (``moderate``). Information is no issue."""
_MEDICINE = re.compile(r"Medication[A-Za-z]*/")


def detected_issues(run: FinishedRun, book: RuleBook, namesakes: Collection[str]) -> Iterator[Json]:
    """The issues in the order of the patients, and of each in the order of the cards."""
    for answer in sorted_answers(run, ["cards", "digest"], _with_a_warning):
        for card in orjson.loads(answer["cards"]):
            if card["indicator"] in SEVERITIES:
                yield _issue(run, book, answer, card, file_of(answer, namesakes))


def _with_a_warning(rows: pa.RecordBatch) -> pa.RecordBatch:
    """The rows of which the cards may hold one: few have any, and to read all cards takes long."""
    pattern = "|".join(f'"{indicator}"' for indicator in SEVERITIES)
    return rows.filter(pc.match_substring_regex(rows.column("cards"), pattern))


def _issue(run: FinishedRun, book: RuleBook, answer: Answer, card: Json, file: str) -> Json:
    """``implicated`` are medicines and products: what a suggestion of the card changes, and what its rules found.

    The id is that of the rulebook, the patient and the topic of the card; of namesakes the data say who is who.
    """
    topic, rules = card["source"]["topic"], [data["rule"] for data in rules_in(card) if "rule" in data]
    told = f"{run.sha256}/{answer['patient']}/{file and answer['digest']}/{topic['code']}"
    found = _found_in(card)
    medicines = [name for name in dict.fromkeys([*_changed_by(card), *found]) if _MEDICINE.match(name)]
    issue: Json = {
        "resourceType": "DetectedIssue",
        "id": str(uuid5(NAMESPACE_URL, f"{book.canonical}/detected-issue/{told}")),
        "extension": [extension(book, "advice", "valueCodeableConcept", code) for code in _advice(book, card)],
        "status": "preliminary",
        "code": {"coding": [topic], "text": " ".join([*rules, topic["display"]])},
        "severity": SEVERITIES[card["indicator"]],
        "patient": reference_to(answer["patient"], file),
        "identifiedDateTime": run.as_of.isoformat(),
        "author": _author(run, book),
        "implicated": [reference_to(name) for name in medicines],
        "evidence": [{"detail": [reference_to(name) for name in found]}] if found else [],
        "detail": card["summary"],
        "reference": card["source"].get("url"),
    }
    return {key: value for key, value in issue.items() if value not in (None, [])}


def _advice(book: RuleBook, card: Json) -> Iterator[Json]:
    codes = dict.fromkeys(code for data in rules_in(card) for code in data.get("advice", ()))
    return (own_concept(book, "advice", code) for code in codes)


def _author(run: FinishedRun, book: RuleBook) -> Json:
    """The program and the rulebook; it says of a draft that it is one."""
    draft = ", a draft" if any(rule.status != "signed" for rule in book.rules.values()) else ""
    return {
        "type": "Device",
        "identifier": {"system": f"{book.canonical.rstrip('/')}/rulebook-sha256", "value": run.sha256},
        "display": f"{PROGRAM} {run.program} with {book.title} {run.version}{draft}",
    }


def _changed_by(card: Json) -> Iterator[str]:
    for suggestion in card.get("suggestions", ()):
        for action in suggestion["actions"]:
            changed = action.get("resource", {})
            if action["type"] == "update" and changed.get("id"):
                yield f"{changed['resourceType']}/{changed['id']}"


def _found_in(card: Json) -> list[str]:
    """The resources behind the findings that are present; behind all of them where none is."""
    steps = [step for data in rules_in(card) for step in data.get("trail", ())]
    present = [step for step in steps if step["state"] == "present"]
    return list(dict.fromkeys(name for step in present or steps for name in _sources(step)))


def _sources(step: Json) -> Iterator[str]:
    yield from step.get("sources", ())
    for fact in step.get("facts", ()):
        yield from fact.get("source", ())
