"""CodeableConcepts: their codings and texts, and a bounded memory of what they mean.

What was worked out is remembered by what a concept says, never by whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import orjson

from cds.intake.elements import Json
from cds.rulebook.lines import SYSTEMS

Found = TypeVar("Found")
Value = TypeVar("Value")
MOST_REMEMBERED = 4096
LONGEST_KEY = 4096


class Memory(Generic[Value]):
    """Values by keys; when it is full, it is emptied and begins anew."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        """Remember at most so many."""
        self.most = most
        self.kept: dict[bytes, Value] = {}

    def get(self, key: bytes, work_out: Callable[[], Value]) -> Value:
        """The value of a key, worked out when it is first asked for."""
        try:
            return self.kept[key]
        except KeyError:
            value = work_out()
        if len(self.kept) >= self.most:
            self.kept.clear()
        self.kept[key] = value
        return value


def plain(text: str) -> str:
    """The text by which words are looked up: lower case, hyphens and any space are one space."""
    return " ".join(text.lower().replace("-", " ").split())


_OTHER_NAMES = {
    "2.16.840.1.113883.6.1": SYSTEMS["LOINC"],
    "2.16.840.1.113883.6.96": SYSTEMS["SNOMED"],
    "2.16.840.1.113883.6.90": SYSTEMS["ICD-10-CM"],
    "2.16.840.1.113883.6.88": SYSTEMS["RxNorm"],
    "2.16.840.1.113883.6.73": SYSTEMS["ATC"],
    "http://fhir.de/CodeSystem/bfarm/atc": SYSTEMS["ATC"],
    "http://www.loinc.org": SYSTEMS["LOINC"],
    "LN": SYSTEMS["LOINC"],
    "SCT": SYSTEMS["SNOMED"],
}
"""Other names of one code system: HL7 OIDs (with or without ``urn:oid:``), the abbreviations of HL7 table 0396 and
the national copy of ATC."""


def codings(concept: Any) -> Iterable[Json]:
    """The codings of a CodeableConcept, without what is no coding; code systems under their FHIR names."""
    listed = concept.get("coding") if isinstance(concept, dict) else None
    if not isinstance(listed, list):
        return ()
    return [_renamed(coding) for coding in listed if isinstance(coding, dict)]


def _renamed(coding: Json) -> Json:
    """A coding with its code trimmed and its system under the FHIR name, where it is known."""
    system, code = coding.get("system"), coding.get("code")
    if isinstance(code, str) and code != code.strip():
        coding = {**coding, "code": code.strip()}
    if not isinstance(system, str) or system in _FHIR_NAMES:
        return coding
    bare = system.strip().removeprefix("urn:oid:").rstrip("/").replace("https://", "http://", 1)
    known = bare if bare in _FHIR_NAMES else _OTHER_NAMES.get(bare)
    return coding if known is None else {**coding, "system": known}


_FHIR_NAMES = frozenset(SYSTEMS.values())


def texts(concept: Any) -> list[str]:
    """The text of a CodeableConcept and the displays of its codings, at most 200 characters each."""
    if not isinstance(concept, dict):
        return []
    found = [concept.get("text"), *(coding.get("display") for coding in codings(concept))]
    return [text[:200] for text in found if isinstance(text, str) and text.strip()]


def json_key(value: Any) -> bytes:
    """The JSON text of a value: values with the same text are equal.

    Raises:
        TypeError: it has a ``null``, as which a number that is none would be written too; or it is too long to be kept.

    """
    key: bytes = orjson.dumps(value)
    if len(key) > LONGEST_KEY or b"null" in key:
        raise TypeError
    return key


def remembered(look_up: Callable[..., Found]) -> Callable[..., Found]:
    """The lookup with a bounded memory; what has no key is looked up without it.

    What is remembered was worked out from a copy: it holds nothing of the data of a patient.
    """
    memory: Memory[Found] = Memory()

    def ask(*said: Any) -> Found:
        try:
            key = json_key(said)
        except TypeError:
            return look_up(*said)
        return memory.get(key, lambda: look_up(*orjson.loads(key)))

    return ask
