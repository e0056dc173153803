"""Medicines that a list only points to: a portable prefetch cannot ask for the Medications, but they can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds.hooks.envelope import Call
from cds.hooks.prefetch import KEYS
from cds.intake.bundle import each_resource
from cds.intake.courses import may_be_taken
from cds.intake.elements import name_of
from cds.jsontypes import Json

LISTS = frozenset(key.type for key in KEYS if key.kind == "medicines")
MEDICATION = re.compile(r"Medication/(?!\.+$)[A-Za-z0-9.-]{1,64}")
"""A reference below the base URL of the client's server; ids as FHIR R4 allows them."""


def medications_to_read(call: Call) -> list[str]:
    """``Medication/id`` of each Medication that names a medicine which may be taken, and that was not sent."""
    sent = {name_of(resource) for resource in _sent(call)}
    pointed = dict.fromkeys(_pointed(resource) for resource in _unnamed(call))
    return [name for name in pointed if MEDICATION.fullmatch(name) and name not in sent]


def _pointed(resource: Json) -> str:
    reference = resource.get("medicationReference")
    return str(reference.get("reference")) if isinstance(reference, dict) else ""


def _sent(call: Call) -> Iterator[Json]:
    values = [v for v in call.prefetch.values() if isinstance(v, dict) and isinstance(v.get("resourceType"), str)]
    return (resource for _, resource in each_resource(values, []))


def _unnamed(call: Call) -> Iterator[Json]:
    """The entries of the lists that may be taken, without a concept or a display of their own."""
    for resource in _sent(call):
        reference = resource.get("medicationReference")
        display = reference.get("display") if isinstance(reference, dict) else None
        named = display or isinstance(resource.get("medicationCodeableConcept"), dict)
        if resource["resourceType"] in LISTS and not named and may_be_taken(resource):
            yield resource
