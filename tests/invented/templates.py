"""A resource as a line with holes: it is serialised once, and filled in for each patient by ``%``."""

from __future__ import annotations

import re
from typing import Any

import orjson

Json = dict[str, Any]
PIECE = re.compile(r'"«\+(\w+)»":null')
RAW = re.compile(r'"«#(\w+)»"')
TEXT = re.compile(r"«(\w+)»")


def template(skeleton: Json) -> str:
    """A format for ``%`` and a dictionary.

    ``«name»`` inside a string is filled with text that needs no escape, ``"«#name»"`` with JSON, and the key
    ``«+name»`` (with None) with one or more members of the object.
    """
    text = orjson.dumps(skeleton).decode().replace("%", "%%")
    for hole in (PIECE, RAW, TEXT):
        text = hole.sub(r"%(\1)s", text)
    return text


def member(key: str, value: object) -> str:
    """``"key":value``, for a hole that is filled with members."""
    return f'"{key}":{orjson.dumps(value).decode()}'


def coded(system: str, code: str, display: str) -> Json:
    """A CodeableConcept as servers write it: coding, display and text."""
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def status(system: str, code: str) -> Json:
    """A CodeableConcept of a status: a code alone."""
    return {"coding": [{"system": system, "code": code}]}


LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CVX = "http://hl7.org/fhir/sid/cvx"
UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem"
PROFILES = "http://hl7.org/fhir/us/core/StructureDefinition"
