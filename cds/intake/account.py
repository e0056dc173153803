"""The account of a record: of every resource that was sent, whether it was used, and if not, why not.

Exactly one of four things is said of each resource, and of each coding and text in it that could carry a term of the
rulebook: it was used; it is about something else; it was not understood; or it was understood and refused, with the
reason. A coding or a text stands with its resource: a local code beside a known one says the same in other words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from cds.code_systems import LOINC, SNOMED
from cds.intake.bundles.bundle import same_text
from cds.intake.bundles.releases import R4_TYPES
from cds.intake.elements import Memory, codings, json_key, listed, objects, texts
from cds.intake.lookup import meanings
from cds.intake.medicines.names.other_medicines import is_other
from cds.intake.record import CONDITIONS, MEDICINES, Record
from cds.intake.vocabulary import systems_of
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook


class Standing(str, Enum):
    """What became of a resource; the value is its name in JSON."""

    USED = "used"
    SOMETHING_ELSE = "aboutSomethingElse"
    NOT_UNDERSTOOD = "notUnderstood"
    REFUSED = "refused"


NOT_UNDERSTOOD = frozenset(
    """
    unusable-unit not-a-number status-not-final possible-result modifier-not-understood no-medication unnamed-medicine
    no-code report-names two-meanings answer-not-understood unknown-resource unreadable-resource unresolved-reference
    """.split()
)
"""The codes of issues about a resource of which something that matters was not understood."""
REFUSED = frozenset(
    """
    withdrawn-result future-date implausible-value replaced-result refused-code no-value two-values undated-result
    value-and-reason other-focus other-patient entered-in-error refuted deleted-resource not-taken not-by-mouth
    not-given given-once not-handed-out supply-over not-done
    """.split()
)
"""The codes of issues about a resource that was understood and does not count; the code is the reason."""
ELSEWHERE = "given-once"
"""The reason for which a product that was given in a hospital is refused, although a card counts what was given."""
OLDER_VERSION = "same-id-twice"
"""The reason for which a version is refused in place of which a later one was read."""

RESULTS = frozenset({LOINC, SNOMED})
"""The code systems of which a code says what a resource is about, whatever its type."""
KINDS = {
    "MedicationStatement": MEDICINES,
    "MedicationRequest": MEDICINES,
    "MedicationDispense": MEDICINES,
    "MedicationAdministration": MEDICINES,
    "Medication": MEDICINES,
}
CARRIERS: Mapping[str, tuple[str, ...]] = {
    "Observation": ("code", "component.code", "valueCodeableConcept", "component.valueCodeableConcept"),
    "Condition": ("code",),
    "MedicationStatement": ("medicationCodeableConcept", "medication.concept"),
    "MedicationRequest": ("medicationCodeableConcept", "medication.concept"),
    "MedicationDispense": ("medicationCodeableConcept", "medication.concept"),
    "MedicationAdministration": ("medicationCodeableConcept", "medication.concept"),
    "Medication": ("code", "ingredient.itemCodeableConcept", "ingredient.item.concept"),
    "Procedure": ("code",),
    "DiagnosticReport": ("code", "conclusionCode"),
    "AllergyIntolerance": ("code", "reaction.substance"),
    "Goal": ("target.measure",),
}
"""The elements that can carry a term, by type, as paths; lists are gone through."""


class Entry(NamedTuple):
    """What became of one resource: its name, its type, why (codes of issues), its terms, and the words in it.

    ``carried`` counts its codings and texts that could carry a term. ``words`` are data of the patient.
    """

    source: str
    kind: str
    standing: Standing
    why: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    carried: int = 0


class Account(NamedTuple):
    """The account of a record: an entry for each resource, in the order of the data."""

    entries: tuple[Entry, ...]

    @property
    def resources(self) -> dict[str, int]:
        """How many resources there are of each standing."""
        return _counts((entry.standing, 1) for entry in self.entries)

    @property
    def codings_and_texts(self) -> dict[str, int]:
        """How many codings and texts there are that could carry a term, by the standing of their resource."""
        return _counts((entry.standing, entry.carried) for entry in self.entries)

    def of(self, standing: Standing) -> list[Entry]:
        """The entries of a standing."""
        return [entry for entry in self.entries if entry.standing is standing]


def _counts(found: Iterable[tuple[Standing, int]]) -> dict[str, int]:
    counts = Counter(dict.fromkeys(Standing, 0))
    for standing, number in found:
        counts[standing] += number
    return {standing.value: counts[standing] for standing in Standing}


def account_of(record: Record, book: RuleBook) -> Account:
    """The account of a record that was read by a rulebook."""
    notes = _Notes(record, book)
    return Account((*(_entry(resource, notes) for resource in notes.sent), *notes.deleted()))


def counts_of(record: Record, book: RuleBook) -> dict[str, int]:
    """How many resources of a record there are of each standing: ``Account.resources`` without the account."""
    notes = _Notes(record, book)
    found = (notes.standing_of(resource) for resource in notes.sent)
    return _counts((standing, 1) for standing in (*found, *(entry.standing for entry in notes.deleted())))


class _Notes:
    """What reading noted about the resources of a record, by their names."""

    def __init__(self, record: Record, book: RuleBook) -> None:
        self.record, self.book = record, book
        self.sent = list({id(resource): resource for resource in record.sent}.values())
        self.used = {id(resource) for resource in record.used}
        self.read = {id(resource): resource for resource in record.read}
        self.twins: dict[str, Json] = {}
        self.codes: dict[str, list[str]] = {}
        for issue in record.issues:
            self.codes.setdefault(issue.source, []).append(issue.code)
        self.open = {item.source for item in record.unrecognised if not item.is_something_else}
        matter = {item.source for item in record.passed_over if item.matters}
        self.open |= {source for source in matter if ELSEWHERE not in self.codes.get(source, ())}

    def why(self, resource: Json) -> tuple[str, ...]:
        """The codes by which a resource was not used."""
        if self.read_as(resource) is None:
            return (OLDER_VERSION,)
        codes = self.codes.get(self.record.name_of(resource), ())
        return tuple(code for code in codes if code in NOT_UNDERSTOOD or code in REFUSED)

    def standing_of(self, resource: Json) -> Standing:
        """What became of a resource: what was not understood in a part of it counts before what was used."""
        read = self.read_as(resource)
        if read is None:
            return Standing.REFUSED
        name = self.record.name_of(read)
        codes = self.codes.get(name, ())
        if name in self.open or any(code in NOT_UNDERSTOOD for code in codes):
            return Standing.NOT_UNDERSTOOD
        if any(code in REFUSED for code in codes):
            return Standing.REFUSED
        if id(read) in self.used:
            return Standing.USED
        return Standing.SOMETHING_ELSE if is_about_something_else(read, self.book) else Standing.NOT_UNDERSTOOD

    def read_as(self, resource: Json) -> Json | None:
        """The resource that was read for it: itself, or one that is the same; None where a later version was read."""
        if id(resource) in self.read:
            return resource
        if not self.twins:
            self.twins = {same_text(other): other for other in self.read.values()}
        return self.twins.get(same_text(resource))

    def deleted(self) -> Iterator[Entry]:
        """The resources that a later entry deleted: they stand in the data no more."""
        gone = [name for name, codes in self.codes.items() if "deleted-resource" in codes]
        sent = {self.record.name_of(resource) for resource in self.record.sent} if gone else set()
        for name in gone:
            if name not in sent:
                yield Entry(name, name.partition("/")[0], Standing.REFUSED, ("deleted-resource",))


def _entry(resource: Json, notes: _Notes) -> Entry:
    standing, kind = notes.standing_of(resource), resource["resourceType"]
    concepts = list(carried_by(resource))
    terms, words, carried = _remembered(_said_by)(kind, concepts, notes.book)
    return Entry(notes.record.name_of(resource), kind, standing, notes.why(resource), terms, words, carried)


def _said_by(kind: str, concepts: list[Any], book: RuleBook) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """The terms of concepts, the words in them, and how many codings and texts they have."""
    terms = tuple(dict.fromkeys(term for concept in concepts for term in _terms_of(kind, concept, book)))
    words = tuple(dict.fromkeys(text for concept in concepts for text in texts(concept)))
    return terms, words, sum(map(_carried, concepts))


Said = TypeVar("Said")


@lru_cache(maxsize=4)
def _remembered(look_up: Callable[[str, list[Any], RuleBook], Said]) -> Callable[[str, list[Any], RuleBook], Said]:
    """The lookup with a bounded memory for each rulebook: records say the same again and again."""
    of_book = lru_cache(maxsize=8)(lambda _: Memory[Said]())

    def ask(kind: str, concepts: list[Any], book: RuleBook) -> Said:
        try:
            key = json_key([kind, concepts])
        except TypeError:
            return look_up(kind, concepts, book)
        return of_book(book).get(key, look_up, kind, concepts, book)

    return ask


def is_about_something_else(resource: Json, book: RuleBook) -> bool:
    """Whether a resource in which nothing was found is known to be about something else.

    It is where it carries no concept, or each of them has a code of a system by which the rulebook knows such things or
    a name that is known.
    """
    kind = resource["resourceType"]
    if kind not in CARRIERS:
        return kind in R4_TYPES
    concepts = [concept for path in CARRIERS[kind][:1] for concept in _at(resource, path.split("."))]
    known: bool = _remembered(_are_known)(kind, concepts, book)
    return known


def _are_known(kind: str, concepts: list[Any], book: RuleBook) -> bool:
    return all(_is_known(kind, concept, book) for concept in concepts)


def _is_known(kind: str, concept: Any, book: RuleBook) -> bool:
    if kind in ("Condition", "Procedure") and meanings(book).condition(concept).known:
        return True
    systems = systems_of(book)[KINDS.get(kind, CONDITIONS)] | RESULTS
    listed = (coding.get("system") for coding in codings(concept) if coding.get("code"))
    if any(isinstance(system, str) and system in systems for system in listed):
        return True
    return kind.startswith("Medication") and is_other(concept, book)


def carried_by(resource: Json) -> Iterator[Any]:
    """The concepts of a resource that could carry a term."""
    for path in CARRIERS.get(str(resource.get("resourceType")), ()):
        yield from _at(resource, path.split("."))


def _at(element: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield _without_odd_codings(element)
        return
    below = element.get(path[0]) if isinstance(element, dict) else None
    for item in listed(below) or ([] if below is None or below == [] else [below]):
        yield from _at(item, path[1:])


def _without_odd_codings(concept: Any) -> Any:
    """A concept without the codings whose system or code is no text: nobody can look them up."""
    if not isinstance(concept, dict) or all(map(_is_plain, objects(concept.get("coding")))):
        return concept
    return {**concept, "coding": [coding for coding in objects(concept["coding"]) if _is_plain(coding)]}


def _is_plain(coding: Json) -> bool:
    return all(isinstance(coding.get(key), (str, type(None))) for key in ("system", "code"))


def _carried(concept: Any) -> int:
    """How many codings and texts a concept has; a text in its place is one."""
    if isinstance(concept, str):
        return 1
    return sum(1 for _ in codings(concept)) + bool(isinstance(concept, dict) and concept.get("text"))


def _terms_of(kind: str, concept: Any, book: RuleBook) -> Iterator[str]:
    """The terms that a concept leads to in a resource of a type; of products, the nutrients that they hold."""
    look_up = meanings(book)
    if kind in ("Observation", "Goal", "DiagnosticReport"):
        found = look_up.result(concept)
        yield from (name for name, _ in (*found.measurements, *found.questions))
    elif kind.startswith("Medication"):
        medicine = look_up.medicine(concept, ())
        yield from medicine.terms
        yield from medicine.product.contents.nutrients if medicine.product else ()
    else:
        yield from look_up.condition(concept).terms
