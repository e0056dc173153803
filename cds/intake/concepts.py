"""CodeableConcepts: their codings and texts, and a bounded memory of what they mean.

What was worked out is remembered by what a concept says, never by whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar

from cds.code_systems import ATC, ICD_10_CM, LOINC, SNOMED, SYSTEMS
from cds.jsontypes import Json

Found = TypeVar("Found")
Value = TypeVar("Value")
CodingKey: TypeAlias = tuple[Any, Any, Any]
Key: TypeAlias = tuple[tuple[CodingKey, ...], Any]
"""What tells concepts apart: system, code and display of each coding, and the text."""
MOST_REMEMBERED = 4096


class Memory(Generic[Value]):
    """Values by keys; when it is full, it is emptied and begins anew."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        """Remember at most so many."""
        self.most = most
        self.kept: dict[Hashable, Value] = {}

    def get(self, key: Hashable, work_out: Callable[[], Value]) -> Value:
        """The value of a key, worked out when it is first asked for.

        Raises:
            TypeError: the key holds something that cannot be remembered.

        """
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
    "2.16.840.1.113883.6.1": LOINC,
    "2.16.840.1.113883.6.96": SNOMED,
    "2.16.840.1.113883.6.90": ICD_10_CM,
    "2.16.840.1.113883.6.88": SYSTEMS["RxNorm"],
    "2.16.840.1.113883.6.73": ATC,
    "http://fhir.de/CodeSystem/bfarm/atc": ATC,
    "http://www.loinc.org": LOINC,
    "LN": LOINC,
    "SCT": SNOMED,
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


def remembered(look_up: Callable[..., Found]) -> Callable[..., Found]:
    """The lookup with a bounded memory; a concept of odd shape is looked up without it."""

    @lru_cache(maxsize=MOST_REMEMBERED)
    def kept(key: Key, *rest: Any) -> Found:
        return look_up(concept_of(key), *rest)

    def ask(concept: Any, *rest: Any) -> Found:
        try:
            return kept(concept_key(concept), *rest)
        except TypeError:
            return look_up(concept, *rest)

    return ask


def concept_key(concept: Any) -> Key:
    """What a CodeableConcept says, as a value that can be remembered.

    Raises:
        TypeError: it has an odd shape.

    """
    if type(concept) is not dict:
        raise TypeError
    parts = concept.get("coding", ())
    if type(parts) is list:
        if len(parts) == 1 and type(only := parts[0]) is dict:
            return ((only.get("system"), only.get("code"), only.get("display")),), concept.get("text")
        return tuple([_coding_key(coding) for coding in parts]), concept.get("text")
    if parts:
        raise TypeError
    return (), concept.get("text")


def _coding_key(coding: Any) -> CodingKey:
    if type(coding) is not dict:
        raise TypeError
    return coding.get("system"), coding.get("code"), coding.get("display")


def concept_of(key: Key) -> Json:
    """A concept that says what its key says."""
    listed = [{"system": system, "code": code, "display": display} for system, code, display in key[0]]
    return {"coding": listed, "text": key[1]}
