"""Elements of FHIR JSON of any shape, their names, and a bounded memory of what they mean.

A resource is called by its id, else by its full URL or its place in the data. That name is for people: it is no
reference, and two resources never have the same one.

FHIR R4, extensibility: an application must not process the content of an element with a modifier extension that it
does not understand. None is understood here. What was worked out is remembered by what an element says, never by whose
it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeAlias, TypeVar

import orjson

from cds.code_systems import ATC, CLASSIFICATIONS, LOINC, NPU, SYSTEMS
from cds.intake.terminology.diagnosis_codes import codes_of, diagnosis_system
from cds.jsontypes import Json


def listed(value: Any) -> list[Any]:
    """A list as it is; nothing where there is none."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[Json]:
    """The objects of a list; nothing where there is no list."""
    return [item for item in listed(value) if isinstance(item, dict)]


def modified(element: Json) -> bool:
    """Whether a resource or an element of it has a modifier extension; then nothing in it may be relied on."""
    return bool(element.get("modifierExtension"))


def at_path(element: Any, path: Iterable[str]) -> list[Any]:
    """What stands at a path below an element; lists are gone through."""
    found = [element]
    for name in path:
        below = [each[name] for each in found if isinstance(each, dict) and each.get(name) is not None]
        found = [item for each in below for item in (each if isinstance(each, list) else (each,))]
    return found


Placed: TypeAlias = tuple[str, int, str, Json]
"""Where the bundle of a resource stands (``2.``; nothing at the top), its number there, its full URL, the resource."""
_URN = re.compile(r"urn:(?:uuid|oid):[0-9A-Za-z.-]{1,54}")
_ADDRESS = re.compile(r"(?:.*/)?([A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]+)?", re.DOTALL)


def has_id(resource: Json) -> bool:
    """Whether a resource has an id of its own, and so can be referred to."""
    identity = resource.get("id")
    return isinstance(identity, str) and identity != ""


def name_of(resource: Json) -> str:
    """``Observation/ca1``, or the type alone when there is no id."""
    kind = resource.get("resourceType")
    return f"{kind}/{resource['id']}" if has_id(resource) else str(kind)


class Names:
    """The names of all resources in some data."""

    def __init__(self, placed: Iterable[Placed] = ()) -> None:
        """Name those without an id, in their order; whoever has an id has its name already."""
        items = placed if isinstance(placed, list) else list(placed)
        without = [item for item in items if type(item[3].get("id")) is not str or not item[3]["id"]]
        taken = {name_of(item[3]) for item in items if has_id(item[3])} if without else set()
        self._given: dict[int, tuple[str, Json]] = {}
        for item in without:
            name = _free_name(item, taken)
            taken.add(name)
            # The resource is kept with its name, so that its identity stays its own.
            self._given.setdefault(id(item[3]), (name, item[3]))

    def also(self, resource: Json, copy: Json) -> Json:
        """The copy, which has the name of the resource."""
        self._given[id(copy)] = (self.of(resource), copy)
        return copy

    def of(self, resource: Json) -> str:
        """``Observation/ca1``, ``urn:uuid:...`` or ``Observation entry 3``; the type alone outside the data."""
        given = self._given.get(id(resource))
        return name_of(resource) if given is None else given[0]


def _free_name(item: Placed, taken: set[str]) -> str:
    """By the full URL, else by the place; of a patient there is one, who needs no number."""
    above, number, url, resource = item
    kind = resource.get("resourceType")
    name = _name_in(url, kind) or (kind if kind == "Patient" else "")
    return name if name and name not in taken else f"{kind} entry {above}{number}"


def _name_in(url: str, kind: object) -> str:
    """The name that a full URL holds: a URN as it is, ``Type/id`` at the end of an address of this type."""
    if _URN.fullmatch(url):
        return url
    found = _ADDRESS.fullmatch(url)
    return f"{kind}/{found[2]}" if found and found[1] == kind else ""


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

    def get(self, key: bytes, work_out: Callable[..., Value], *said: Any) -> Value:
        """The value of a key, worked out from what was said when it is first asked for."""
        try:
            return self.kept[key]
        except KeyError:
            value = work_out(*said)
        if len(self.kept) >= self.most:
            self.kept.clear()
        self.kept[key] = value
        return value


def plain(text: str) -> str:
    """The text by which words are looked up: lower case, hyphens and any space are one space."""
    return " ".join(text.lower().replace("-", " ").split())


_OTHER_NAMES = {
    "2.16.840.1.113883.6.1": LOINC,
    "2.16.840.1.113883.6.88": SYSTEMS["RxNorm"],
    "2.16.840.1.113883.6.73": ATC,
    "http://fhir.de/CodeSystem/bfarm/atc": ATC,
    "http://www.loinc.org": LOINC,
    "1.2.208.176.2.1": NPU,
    "1.2.752.108.1": NPU,
    "2.16.578.1.12.4.1.1.7280": NPU,
    "LN": LOINC,
}
"""Other names of one code system: HL7 OIDs (with or without ``urn:oid:``), the abbreviations of HL7 table 0396 and
the national copy of ATC. Those of diagnoses have a module of their own."""


def codings(concept: Any) -> Iterable[Json]:
    """The codings of a CodeableConcept, without what is no coding; code systems under their FHIR names."""
    listed = concept.get("coding") if isinstance(concept, dict) else None
    if not isinstance(listed, list):
        return ()
    return [each for coding in listed if isinstance(coding, dict) for each in _renamed(coding)]


def _renamed(coding: Json) -> tuple[Json, ...]:
    """A coding with its code trimmed and its system under the FHIR name, where it is known; several codes in one apart.

    What has not the form of a code of its classification stays under the name that it had, which is then none.
    """
    system, code = coding.get("system"), coding.get("code")
    if isinstance(code, str) and code != code.strip():
        coding = {**coding, "code": code.strip()}
    if not isinstance(system, str):
        return (coding,)
    known = system if system in _FHIR_NAMES else _known_system(system)
    if known not in CLASSIFICATIONS or not isinstance(code, str):
        return (coding if known in {"", system} else {**coding, "system": known},)
    codes = codes_of(known, code, system)
    if codes == (code,) and known == system:
        return (coding,)
    return tuple({**coding, "system": known, "code": each} for each in codes) or ({**coding, "system": NO_CODE},)


NO_CODE = "no code of its system"
"""Stands instead of the name of a classification beside what is no code of it."""


def _known_system(name: str) -> str:
    """The FHIR name of a code system; empty where it is not known."""
    bare = name.strip().removeprefix("urn:oid:").rstrip("/").replace("https://", "http://", 1)
    return bare if bare in _FHIR_NAMES else _OTHER_NAMES.get(bare) or diagnosis_system(name)


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
