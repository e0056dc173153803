"""The prefetch: the queries that follow from the rulebook, and what a client sent in answer to each of them.

The queries stay within what CDS Hooks 2.0 calls the portable subset: a read by id, searches by patient and code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cds.rulebook.model import (
    AnyTerm,
    Condition,
    Demographic,
    Dose,
    GoalTerm,
    Measurement,
    Medication,
    ProductTerm,
    RuleBook,
)

Json = dict[str, Any]
PATIENT = "{{context.patientId}}"


class Key(NamedTuple):
    """A key of the prefetch: the resource type it asks for, what it is in words, and the kind of data it holds.

    The kind is the word by which ``Record.unread`` knows it.
    """

    name: str
    type: str
    words: str
    kind: str


KEYS = (
    Key("patient", "Patient", "the patient's birth date and sex", "patient"),
    Key("observations", "Observation", "test results", "observations"),
    Key("conditions", "Condition", "conditions", "conditions"),
    Key("statements", "MedicationStatement", "medication statements", "medicines"),
    Key("requests", "MedicationRequest", "medication orders", "medicines"),
    Key("goals", "Goal", "goals", "goals"),
)
BY_NAME = {key.name: key for key in KEYS}


def keys_for(term: AnyTerm) -> frozenset[str]:
    """The keys whose resources can say something about a term; empty for what is computed from other terms."""
    match term:
        case Demographic():
            return frozenset({"patient"})
        case Measurement():
            return frozenset({"observations"})
        case Condition():
            also = (("observations", term.questions), ("patient", term.patient_element))
            return frozenset({"conditions", *(name for name, there in also if there)})
        case Medication() | ProductTerm() | Dose():
            return frozenset({"statements", "requests"})
        case GoalTerm():
            return frozenset({"goals"})
        case _:
            return frozenset()


@lru_cache(maxsize=8)
def prefetch_of(book: RuleBook) -> dict[str, str]:
    """The query of each key that some term of the rulebook needs; observations by code."""
    needed = frozenset().union(*(keys_for(term) for term in book.terms.values())) | {"patient"}
    return {key.name: _query(key, book) for key in KEYS if key.name in needed}


def _query(key: Key, book: RuleBook) -> str:
    if key.name == "patient":
        return f"Patient/{PATIENT}"
    codes = f"&code={','.join(_result_codes(book))}" if key.name == "observations" else ""
    return f"{key.type}?patient={PATIENT}{codes}"


def _result_codes(book: RuleBook) -> list[str]:
    """Every code by which an Observation says something that a rule can read, each once."""
    codes: dict[str, None] = {}
    for term in book.terms.values():
        listed = term.codes if isinstance(term, Measurement) else term.questions if isinstance(term, Condition) else ()
        codes.update(dict.fromkeys(f"{code.system}|{code.code}" for code in listed))
    return list(codes)


def unanswered(prefetch: Mapping[str, Any], asked: Iterable[str]) -> list[str]:
    """The keys that were asked for and got no whole answer, in the order of the discovery answer."""
    return [name for name in asked if not is_whole(prefetch.get(name), BY_NAME[name])]


def is_whole(value: Any, key: Key) -> bool:
    """Whether a prefetch value is the whole answer to its key.

    It is not when it is missing, null where a Bundle was asked (an empty Bundle says that there is nothing), an
    OperationOutcome or a Bundle that holds one with an error, a Bundle with a further page or with fewer entries than
    its ``total`` (a client may drop the links between pages), or one resource alone.
    """
    if not isinstance(value, dict):
        return False
    kind = value.get("resourceType")
    if key.type == "Patient":
        return "Patient" in (kind, *(resource.get("resourceType") for resource in _entries(value)))
    return kind == "Bundle" and not next_page(value) and not _cut(value) and not any(map(_is_error, _entries(value)))


def _cut(bundle: Json) -> bool:
    """Whether a Bundle says that more was found than it holds."""
    total = bundle.get("total")
    return isinstance(total, int) and total > len(_entries(bundle))


def next_page(bundle: Json) -> str:
    """The URL of the next page of a Bundle; empty where there is none."""
    links = bundle.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            return str(link.get("url") or "unknown")
    return ""


def _entries(bundle: Json) -> list[Json]:
    entries = bundle.get("entry")
    resources = [e.get("resource") for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    return [resource for resource in resources if isinstance(resource, dict)]


def _is_error(resource: Json) -> bool:
    """An OperationOutcome that reports more than a warning."""
    if resource.get("resourceType") != "OperationOutcome":
        return False
    issues = resource.get("issue")
    severities = [i.get("severity") for i in issues if isinstance(i, dict)] if isinstance(issues, list) else []
    return not severities or any(severity not in ("warning", "information") for severity in severities)
