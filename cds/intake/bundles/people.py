"""Whose the resources are in data about several people: of whom they name, by reference or by identifier.

What names nobody belongs to nobody here: it may be anyone's, and nobody's list is known to be whole then. What belongs
to no patient (a Medication, a Practitioner) is shared. Where a resource is kept as text, it is read again when its
patient's turn comes: a whole export need not be in memory as objects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import orjson

from cds.errors import RecordError
from cds.intake.bundles.bundle import READ, SUBJECTS, Resources, gathered, same_text
from cds.intake.bundles.entries import incomplete, is_error, messages_of
from cds.intake.bundles.groups import grouped
from cds.intake.bundles.linked_patients import each_name, linked_references
from cds.intake.bundles.releases import R4_TYPES
from cds.intake.elements import Placed, name_of, objects
from cds.intake.record import PARTS, Issue
from cds.jsontypes import Json

SHARED = frozenset({"Medication"})
"""The types among those that are read that belong to no patient."""
SOMEBODYS = frozenset(READ) - SHARED | {"DiagnosticReport", "NutritionOrder", "QuestionnaireResponse"}
"""The types that are about somebody, and whose loss would matter."""
Whose: TypeAlias = "str | tuple[str, str]"
"""A reference to a patient, or the system and the value of an identifier."""


class Held(NamedTuple):
    """A resource with its number in all the data, its place, and itself or its JSON text."""

    number: int
    above: str
    place: int
    url: str
    content: Json | bytes

    def placed(self) -> Placed:
        """The resource in its place."""
        resource = orjson.loads(self.content) if isinstance(self.content, bytes) else self.content
        return self.above, self.place, self.url, resource


class Person(NamedTuple):
    """One person in the data: what the person is called, the file of the Patient, and what is about the person."""

    name: str
    file: str
    held: list[Held]
    issues: tuple[Issue, ...] = ()
    shared: Mapping[str, Json] = MappingProxyType({})

    def resources(self) -> Resources:
        """The person's resources, in the order of the data, with what was said of the data as a whole.

        Raises:
            RecordError: they are not FHIR R4.

        """
        return gathered([held.placed() for held in sorted(self.held)], list(self.issues), self.shared)


class People:
    """All resources of some data, by whose they are."""

    def __init__(self) -> None:
        self.count = 0
        self.patients: list[tuple[Held, Json, str]] = []
        self.about: dict[Whose, list[Held]] = {}
        self.nobodys: list[Held] = []
        self.issues: dict[Issue, None] = {}
        self.strangers = 0

    def add(self, placed: Placed, file: str = "", raw: bytes | None = None) -> None:
        """Add a resource of a file; where its JSON text is given, that is kept."""
        self.count += 1
        above, place, url, resource = placed
        held = Held(self.count, above, place, url, resource if raw is None else raw)
        whose = None if resource["resourceType"] == "Patient" else whose_is(resource)
        if resource["resourceType"] == "Patient":
            self.patients.append((held, resource, file))
        elif whose:
            self.about.setdefault(whose, []).append(held)
        else:
            self.nobodys.append(held)

    def note(self, *issues: Issue) -> None:
        """Add what is wrong with the data as a whole, and so for everybody in them."""
        self.issues |= dict.fromkeys(issues)

    def is_about_somebody(self) -> bool:
        """Whether anything in the data could be about a patient."""
        kinds = {held.placed()[3]["resourceType"] for held in self.nobodys}
        return bool(self.patients or self.about or kinds & SOMEBODYS)

    def persons(self) -> list[Person]:
        """The people in the order of their Patients. ``strangers`` then counts what is about somebody else.

        Raises:
            RecordError: there is no Patient.

        """
        if not self.patients:
            raise RecordError("no-patient", "The data hold no Patient resource: whose data they are is not known.")
        marks = [
            (number, mark) for number, (held, patient, _) in enumerate(self.patients) for mark in _marks(patient, held)
        ]
        groups = grouped(range(len(self.patients)), marks)
        if len(groups) == 1:
            _, patient, file = self.patients[0]
            every = [held for listed in (*self.about.values(), self.nobodys) for held in listed]
            return [Person(name_of(patient), file, every + [held for held, *_ in self.patients], tuple(self.issues))]
        found = self._shared_out([[self.patients[number] for number in group] for group in groups])
        left = self.about.items()
        self.strangers = sum(len(listed) for whose, listed in left if isinstance(whose, str))
        unnamed = [held for whose, listed in left if not isinstance(whose, str) for held in listed]
        shared, issues = self._for_all(unnamed)
        return [person._replace(shared=shared, issues=issues) for person in found]

    def _shared_out(self, groups: list[list[tuple[Held, Json, str]]]) -> list[Person]:
        """The people, each with what names one of the person's records; what is left is about nobody of them."""
        of_tail: dict[str, list[Whose]] = {}
        for whose in self.about:
            if isinstance(whose, str) and "://" in whose:
                of_tail.setdefault(_tail(whose), []).append(whose)
        named = Counter(
            mark for group in groups for mark in {mark for _, one, _ in group for mark in _identifiers(one)}
        )
        found = []
        for group in groups:
            names: list[Whose] = [name for held, patient, _ in group for name in each_name(patient, held.url)]
            if not any("://" in held.url for held, *_ in group):
                names += [whose for name in names for whose in of_tail.get(str(name), ())]
            names += [mark for _, patient, _ in group for mark in _identifiers(patient) if named[mark] == 1]
            held = [one for name in names for one in self.about.pop(name, ())]
            _, patient, file = group[0]
            found.append(Person(name_of(patient), file, [*(one for one, *_ in group), *held]))
        return found

    def _for_all(self, unnamed: list[Held]) -> tuple[dict[str, Json], tuple[Issue, ...]]:
        """What belongs to no patient, by reference; and what is said to everybody, also of what may be anybody's."""
        shared: dict[str, Json] = {}
        lost: Counter[str] = Counter()
        for _, _, url, resource in (held.placed() for held in (*self.nobodys, *unnamed)):
            kind = resource["resourceType"]
            if kind == "OperationOutcome":
                self.note(*messages_of(resource, kind), *([incomplete(kind)] if is_error(resource) else []))
            elif kind in SOMEBODYS or kind not in R4_TYPES:
                lost[kind if kind in SOMEBODYS else "Resource"] += 1
            else:
                shared |= {name: resource for name in (name_of(resource), url) if name}
        return shared, (*self.issues, *(_not_attributed(kind, number) for kind, number in sorted(lost.items())))


def _not_attributed(kind: str, number: int) -> Issue:
    text = f"{number} resources of the type {kind} name no patient, and the data hold several: they were not used."
    return Issue("not-attributed", kind, text, not_used=kind if kind in (*PARTS, "Resource") else "")


def whose_is(resource: Json) -> Whose | None:
    """Whom a resource names as its subject, by reference, else by identifier; None where it names nobody."""
    for subject in (resource[key] for key in SUBJECTS if isinstance(resource.get(key), dict)):
        reference = subject.get("reference")
        if isinstance(reference, str) and reference and reference[0] != "#" and "?" not in reference:
            return reference.split("/_history/")[0]
        for mark in _marks_in([subject.get("identifier")]):
            return mark
    return None


def _marks(patient: Json, held: Held) -> Iterator[object]:
    """What makes two Patients one person: a name in common, a link; or that they are the same but for the place."""
    names = [*each_name(patient, held.url)]
    yield from names or [same_text(patient)]
    for reference in linked_references(patient):
        yield from (reference, _tail(reference))


def _identifiers(patient: Json) -> Iterator[tuple[str, str]]:
    yield from _marks_in(patient.get("identifier"))


def _marks_in(identifiers: object) -> Iterator[tuple[str, str]]:
    for item in objects(identifiers):
        if isinstance(item.get("system"), str) and isinstance(item.get("value"), str):
            yield item["system"], item["value"]


def _tail(reference: str) -> str:
    """``Patient/id`` at the end of an address."""
    return "/".join(reference.split("/")[-2:])
