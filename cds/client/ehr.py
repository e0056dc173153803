"""The pretended EHR: the resources of one patient, and prefetch templates answered from them.

A read by id, and searches by patient, code, status and category: https://cds-hooks.hl7.org/2.0/#prefetch-template.
Like any EHR, this one leaves out the keys that it cannot answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from cds.errors import RecordError
from cds.intake.bundles.bundle import each_resource
from cds.intake.elements import has_id, name_of
from cds.jsontypes import Json

_TOKEN = re.compile(r"\{\{\s*context\.(\w+)\s*\}\}")
ORDER_AND_SIZE = frozenset({"_sort", "_count", "_format", "_maxresults"})
"""Parameters that change neither what is found here nor what it means: everything is sent, in the order of the file."""


class EhrRecord(NamedTuple):
    """The patient's id and every resource, with references by ``Type/id``."""

    patient: str
    resources: list[Json]

    def of(self, kind: str) -> list[Json]:
        """The resources of a type."""
        return [resource for resource in self.resources if resource["resourceType"] == kind]

    def drafts(self) -> list[Json]:
        """The medication orders that are not signed yet; a server does not hold them."""
        return [order for order in self.of("MedicationRequest") if order.get("status") == "draft"]


def ehr_record(data: object) -> EhrRecord:
    """The resources of a bundle or list; references by full URL become ``Type/id``, as a server stores them.

    Raises:
        RecordError: not FHIR, or not exactly one patient with an id.

    """
    found = list(each_resource(data, []))
    names = {url: name_of(resource) for url, resource in found if url and has_id(resource)}
    resources: list[Json] = [_stored(resource, names) for _, resource in found]
    patients = [resource.get("id") for resource in resources if resource["resourceType"] == "Patient"]
    if len(patients) != 1:
        code = "several-patients" if patients else "no-patient"
        raise RecordError(code, f"The bundle holds {len(patients)} patients; a call is about one.")
    if not isinstance(patients[0], str) or not patients[0]:
        raise RecordError("no-patient", "The Patient has no id, so no context can name the patient.")
    return EhrRecord(patients[0], resources)


def _stored(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_stored(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: names.get(item, item) if key == "reference" and isinstance(item, str) else _stored(item, names)
        for key, item in value.items()
    }


class Prefetched(NamedTuple):
    """Values by key, and why other keys were left out."""

    values: Json
    left_out: dict[str, str]


def prefetched(templates: Mapping[str, Any], context: Json, record: EhrRecord) -> Prefetched:
    """The prefetch that these templates ask for."""
    values, left_out = {}, {}
    for key, template in templates.items():
        query, unknown = _filled(str(template), context)
        if unknown:
            left_out[key] = f"this client does not know {unknown}"
        elif "?" not in query:
            values[key] = _read(query, record)
        elif refused := _refused(query):
            left_out[key] = f"this client does not search by {refused}"
        else:
            values[key] = _search(query, record)
    return Prefetched(values, left_out)


def _filled(template: str, context: Json) -> tuple[str, str]:
    """The template with the values of the context, and the first token that has none."""
    filled = _TOKEN.sub(lambda token: str(context.get(token[1], token[0])), template)
    rest = re.search(r"\{\{.*?\}\}", filled)
    return filled, rest[0] if rest else ""


def _read(query: str, record: EhrRecord) -> Json | None:
    kind, _, identity = query.partition("/")
    return next((resource for resource in record.of(kind) if resource.get("id") == identity), None)


def _parameters(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query.partition("?")[2], keep_blank_values=True)


def _refused(query: str) -> str:
    names = (name for name, _ in _parameters(query))
    return next((f"'{name}'" for name in names if name not in SEARCHED and name not in ORDER_AND_SIZE), "")


def _search(query: str, record: EhrRecord) -> Json:
    """A searchset; drafts are on the screen only and not found."""
    kind = query.partition("?")[0]
    asked = [(SEARCHED[name], text.split(",")) for name, text in _parameters(query) if name in SEARCHED]
    drafts = [id(draft) for draft in record.drafts()]

    def is_asked_for(resource: Json) -> bool:
        return all(any(matches(resource, value) for value in values) for matches, values in asked)

    found = [item for item in record.of(kind) if id(item) not in drafts and is_asked_for(item)]
    entries = [
        {"fullUrl": f"urn:example:{kind}/{item.get('id')}", "resource": item, "search": {"mode": "match"}}
        for item in found
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}


def _about(resource: Json, value: str) -> bool:
    subject = resource.get("subject") or resource.get("patient")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    return isinstance(reference, str) and reference.rpartition("/")[2] == value.rpartition("/")[2]


def _coded(*members: str) -> Callable[[Json, str], bool]:
    """Whether a coding of one of the members is ``system|code``, ``code``, ``system|`` or ``|code``."""

    def matches(resource: Json, value: str) -> bool:
        system, bar, code = value.rpartition("|")
        for coding in (coding for member in members for coding in _codings(resource.get(member))):
            same_system = not bar or coding.get("system", "") == system
            if same_system and (not code or coding.get("code") == code):
                return True
        return False

    return matches


def _codings(concept: Any) -> Iterator[Json]:
    for item in concept if isinstance(concept, list) else [concept]:
        codings = item.get("coding") if isinstance(item, dict) else None
        yield from (coding for coding in (codings if isinstance(codings, list) else ()) if isinstance(coding, dict))


SEARCHED: dict[str, Callable[[Json, str], bool]] = {
    "patient": _about,
    "subject": _about,
    "_id": lambda resource, value: resource.get("id") == value,
    "status": lambda resource, value: resource.get("status") == value.rpartition("|")[2],
    "intent": lambda resource, value: resource.get("intent") == value.rpartition("|")[2],
    "code": _coded("code", "medicationCodeableConcept"),
    "category": _coded("category"),
    "clinical-status": _coded("clinicalStatus"),
}
"""The parameters by which this client searches."""
