"""The prefetch: the queries that follow from the rulebook, and what a client sent in answer to them.

The queries stay within what CDS Hooks 2.0 calls the portable subset: a read by id, searches by patient and code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cds.code_systems import LOINC
from cds.intake.bundles.bundle import each_resource
from cds.intake.bundles.entries import is_cut, is_error
from cds.intake.bundles.releases import R4_TYPES
from cds.intake.elements import name_of
from cds.intake.medicines.courses.taken import may_be_taken
from cds.intake.record import Record
from cds.jsontypes import Json
from cds.rulebook.model import (
    AnyTerm,
    Code,
    Condition,
    Demographic,
    Dose,
    GoalTerm,
    Measurement,
    Medication,
    ProductTerm,
    RuleBook,
)

PATIENT = "{{context.patientId}}"


class PrefetchKey(NamedTuple):
    """A key of the prefetch: the resource type it asks for, what it is in words, and the kind of data it holds.

    The kind is the word by which ``Record.unread`` knows it.
    """

    name: str
    type: str
    words: str
    kind: str


PREFETCH_KEYS = (
    PrefetchKey("patient", "Patient", "the patient's birth date and sex", "patient"),
    PrefetchKey("observations", "Observation", "test results", "observations"),
    PrefetchKey("conditions", "Condition", "conditions", "conditions"),
    PrefetchKey("statements", "MedicationStatement", "medication statements", "medicines"),
    PrefetchKey("requests", "MedicationRequest", "medication orders", "medicines"),
    PrefetchKey("goals", "Goal", "goals", "goals"),
)
KEYS_BY_NAME = {key.name: key for key in PREFETCH_KEYS}
MEDICATION_LISTS = frozenset(key.type for key in PREFETCH_KEYS if key.kind == "medicines")
MEDICATION = re.compile(r"Medication/(?!\.+$)[A-Za-z0-9.-]{1,64}")
"""A reference below the base URL of the client's server; ids as FHIR R4 allows them."""


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
    return {key.name: _query(key, book) for key in PREFETCH_KEYS if key.name in needed}


def _query(key: PrefetchKey, book: RuleBook) -> str:
    if key.name == "patient":
        return f"Patient/{PATIENT}"
    codes = f"&code={','.join(_result_codes(book))}" if key.name == "observations" else ""
    return f"{key.type}?patient={PATIENT}{codes}"


def _result_codes(book: RuleBook) -> list[str]:
    """Every code by which an Observation says something that a rule can read, each once.

    Those of LOINC stand without their system, which finds them in any (FHIR R4, token search): with it the query would
    be longer than what servers accept as a URL.
    """
    codes: dict[str, None] = {}
    for term in book.terms.values():
        listed = (
            term.codes if isinstance(term, Measurement) else term.observations if isinstance(term, Condition) else ()
        )
        codes.update(dict.fromkeys(map(_token, listed)))
    return list(codes)


def _token(code: Code) -> str:
    return code.code if code.system == LOINC else f"{code.system}|{code.code}"


def keys_with_losses(record: Record) -> frozenset[str]:
    """The keys whose resources were sent and could not all be used."""
    lost = {issue.not_used for issue in record.issues}
    lost_kinds = {"medicines"} if "Medication" in lost else set()
    return frozenset(key.name for key in PREFETCH_KEYS if key.type in lost or key.kind in lost_kinds)


def unanswered(prefetch: Mapping[str, Any], asked: Iterable[str]) -> list[str]:
    """The keys that were asked for and got no whole answer, in the order of the discovery answer."""
    return [name for name in asked if not is_whole(prefetch.get(name), KEYS_BY_NAME[name])]


def is_whole(value: Any, key: PrefetchKey) -> bool:
    """Whether a prefetch value is the whole answer to its key.

    It is not when it is missing, null where a Bundle was asked (an empty Bundle says that there is nothing), an
    OperationOutcome or a Bundle that holds one with an error, a Bundle with a further page or with fewer entries than
    its ``total`` (a client may drop the links between pages), one with an entry that is no resource of a known type, or
    one resource alone. Whether the resources are about the patient is not looked at here.
    """
    if not isinstance(value, dict):
        return False
    kind = value.get("resourceType")
    if key.type == "Patient":
        return kind == "Patient" or any(resource.get("resourceType") == "Patient" for resource in _entries(value))
    return kind == "Bundle" and _is_whole_bundle(value)


def _is_whole_bundle(bundle: Json) -> bool:
    listed = isinstance(bundle.get("entry"), (list, type(None)))
    return listed and not is_cut(bundle) and all(map(_is_good, _entries(bundle)))


def _is_good(resource: Json) -> bool:
    """Whether an entry of a Bundle is a resource of a known type and says of no failure."""
    kind = resource.get("resourceType")
    if kind == "Bundle":
        return _is_whole_bundle(resource)
    return not is_error(resource) if kind == "OperationOutcome" else isinstance(kind, str) and kind in R4_TYPES


def _entries(bundle: Json) -> list[Json]:
    """What a Bundle holds; an entry without a resource stands there as a resource without a type."""
    entries = bundle.get("entry")
    resources = [e.get("resource") if isinstance(e, dict) else e for e in entries] if isinstance(entries, list) else []
    return [resource if isinstance(resource, dict) else {} for resource in resources]


def resources_sent(prefetch: Mapping[str, Any]) -> list[Json]:
    """The values of a prefetch that are a resource: a Bundle, as a rule."""
    return [
        value for value in prefetch.values() if isinstance(value, dict) and isinstance(value.get("resourceType"), str)
    ]


def medications_to_read(prefetch: Mapping[str, Any]) -> list[str]:
    """``Medication/id`` of each Medication that alone names a medicine which may be taken, and that was not sent.

    A portable prefetch cannot ask for the Medications to which a list points, but they can be read.
    """
    sent = [resource for _, resource in each_resource(resources_sent(prefetch), [])]
    names = set(map(name_of, sent))
    pointed = dict.fromkeys(_reference(resource) for resource in sent if _is_unresolved(resource))
    return [name for name in pointed if MEDICATION.fullmatch(name) and name not in names]


def _is_unresolved(resource: Json) -> bool:
    """Whether an entry of a list may be taken, and has neither a concept nor a display of its own."""
    reference = resource.get("medicationReference")
    display = reference.get("display") if isinstance(reference, dict) else None
    named = display or isinstance(resource.get("medicationCodeableConcept"), dict)
    return resource["resourceType"] in MEDICATION_LISTS and not named and may_be_taken(resource)


def _reference(resource: Json) -> str:
    reference = resource.get("medicationReference")
    return str(reference.get("reference")) if isinstance(reference, dict) else ""
