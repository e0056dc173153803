"""Whose a line is, seen without reading all of it: the type, the patient, and the medicines that it refers to.

A line is looked at as text where that is certain: JSON escapes every quotation mark inside a string, so that
``"subject":`` can only be the name of an element. Whatever is not plain is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from cds.errors import RecordError
from cds.intake.bundles.people import whose_is
from cds.intake.elements import Placed, objects
from cds.intake.reading import parse_json
from cds.jsontypes import Json

PATIENT, DOCUMENT = "Patient", "Bundle"
BY_IDENTIFIER = "identifier "
"""Begins the key of what names its patient by an identifier alone."""
ALSO = "named also"
"""No type can be called so. Stands for the type of a broken line with whoever is named in it beside the first."""
NOBODYS = ""
"""The key of what names no patient."""
_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]+)"')
_REFERENCE = re.compile(rb'"(?:subject|patient)"\s*:\s*\{[^{}]*?"reference"\s*:\s*"([^"\\#?\x80-\xff]+)"')
_MEDICINE = re.compile(rb'"medicationReference"\s*:\s*\{[^{}]*?"reference"\s*:\s*"([^"\\\x80-\xff]+)"')
_ID = re.compile(rb'"id"\s*:\s*"([A-Za-z0-9.-]{1,64})"')
WHOLE = b"Bundle"
SUBJECT, BY_PATIENT, MEDICATION, REFERS = b'"subject"', b'"patient"', b"Medication", b'eference"'


class Mark(NamedTuple):
    """What a line says of itself: its type, the key of its patient, and what it refers to of that which is shared."""

    kind: str
    key: str
    needs: tuple[str, ...] = ()


def key_of(reference: str) -> str:
    """The key of a reference: ``Patient/7``, relative or absolute, of whatever version; a URN as it is."""
    name = reference.partition("/_history/")[0]
    return "/".join(name.split("/")[-2:]) if "://" in name else name


def plain_mark(line: bytes) -> Mark | None:
    """The mark of a line that can be seen in its text; None where it has to be parsed."""
    if (
        line[:1] != b"{"
        or line.count(b'"resourceType"') != 1
        or line.count(b'"subject"') + line.count(b'"patient"') != 1
    ):
        return None
    kind = _TYPE.search(line)
    place = line.find(SUBJECT)
    whose = kind and _REFERENCE.match(line, place if place >= 0 else line.find(BY_PATIENT))
    if not kind or not whose:
        return None
    needs: tuple[str, ...] = ()
    if kind[1].startswith(MEDICATION) and REFERS in line:
        medicine = _MEDICINE.search(line)
        if medicine is None and b'"medicationCodeableConcept"' not in line:
            return None
        needs = (key_of(medicine[1].decode()),) if medicine and medicine[1][:1] != b"#" else ()
    return Mark(kind[1].decode(), key_of(whose[1].decode()), needs)


def mark_of(resource: Json) -> Mark:
    """The mark of a resource that was parsed."""
    kind = resource["resourceType"]
    if kind == PATIENT:
        identity = resource.get("id")
        return Mark(kind, f"{PATIENT}/{identity}" if isinstance(identity, str) and identity else NOBODYS)
    whose = whose_is(resource)
    key = key_of(whose) if isinstance(whose, str) else f"{BY_IDENTIFIER}{whose[0]}|{whose[1]}" if whose else NOBODYS
    return Mark(kind, key, tuple(dict.fromkeys(_references(resource))))


def _references(resource: Json) -> Iterator[str]:
    """What a medication record, or a Medication, refers to as its medicine or its ingredients."""
    for contained in objects(resource.get("contained")):
        yield from _references(contained)
    later = resource.get("medication")
    stated = [resource.get("medicationReference"), later.get("reference") if isinstance(later, dict) else None]
    listed = resource.get("ingredient")
    for item in listed if isinstance(listed, list) else ():
        stated += [item.get("itemReference"), item.get("item")] if isinstance(item, dict) else []
    for item in stated:
        reference = item.get("reference") if isinstance(item, dict) else None
        if isinstance(reference, str) and reference and reference[0] != "#":
            yield key_of(reference)


def mark_of_broken(line: bytes) -> tuple[str, tuple[str, ...]]:
    """What can be seen of a line that cannot be read: its type, empty where that is not clear, and whose it may be."""
    kinds = _TYPE.findall(line)
    kind = kinds[0].decode() if len(set(kinds)) == 1 and kinds[0] != WHOLE else ""
    names = [b"Patient/%b" % name for name in _ID.findall(line)[:1]] if kind == PATIENT else _REFERENCE.findall(line)
    keys = dict.fromkeys(key_of(name.decode()) for name in names)
    return kind, tuple(key for key in keys if key.startswith(f"{PATIENT}/"))


class NotAResourceError(RecordError):
    """JSON that is no resource."""

    def __init__(self) -> None:
        super().__init__("not-fhir", "This JSON is neither a FHIR Bundle nor a list of FHIR resources.")


def parsed(line: bytes) -> Any:
    """The JSON of a line: a resource, a Bundle, or a list.

    Raises:
        RecordError: it is not JSON, or neither of these.

    """
    data = parse_json(line)
    if isinstance(data, list) or (isinstance(data, dict) and isinstance(data.get("resourceType"), str)):
        return data
    raise NotAResourceError


def is_whole(data: object) -> bool:
    """Whether data are a record and no single resource."""
    return not isinstance(data, dict) or data.get("resourceType") == DOCUMENT


def patients_among(placed: list[Placed]) -> list[Json]:
    """The Patients among placed resources."""
    return [resource for *_, resource in placed if resource["resourceType"] == PATIENT]
