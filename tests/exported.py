"""What is sent of a Bundle for a plan, and what of the answer changes by it."""

from __future__ import annotations

from datetime import date
from typing import Any

from export_filter import sent

from cds.bulk.plan import Plan
from cds.bulk.planned_request import parameters_of
from cds.errors import CdsError
from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
ANSWER = ("outcome", "decidedBy", "advice", "fired", "cards", "issues")
END_OF_DATA = date(2021, 6, 1)
"""The FHIR data beside the checkout end in 2021."""


def of_bundle(data: Json) -> list[Json]:
    return [entry["resource"] for entry in data.get("entry", []) if isinstance(entry.get("resource"), dict)]


def exported(data: Json, plan: Plan) -> Json:
    """The entries of a Bundle that a server sends, which are no search result with a total."""
    kept = set(map(id, sent(of_bundle(data), parameters_of(plan))))
    entries = [entry for entry in data["entry"] if id(entry.get("resource")) in kept]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def answer(data: Json, book: RuleBook, day: date) -> Json:
    """What is compared of the answer; the error where there is none."""
    try:
        result = result_of(evaluate(read_record(data, book, day), book, day))
    except CdsError as error:
        return {"error": str(error)}
    return {key: result[key] for key in ANSWER}


def changed(data: Json, plan: Plan, book: RuleBook, day: date) -> set[str]:
    whole, part = answer(data, book, day), answer(exported(data, plan), book, day)
    return {key for key in whole.keys() | part.keys() if whole.get(key) != part.get(key)}
