"""The account of a record: of every resource that was sent, whether it was used, and if not, why not.

Exactly one of four things is said of each resource, and of each coding and text in it that could carry a term of the
rulebook: it was used; it is about something else; it was not understood; or it was understood and refused, with the
reason. A coding or a text stands with its resource: a local code beside a known one says the same in other words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from cds.code_systems import LOINC, SNOMED
from cds.intake.bundles.bundle import same_text
from cds.intake.bundles.releases import R4_TYPES
from cds.intake.elements import Memory, at_path, codings, json_key, objects, texts
from cds.intake.lookup import meanings
from cds.intake.medicines.names.other_medicines import is_other
from cds.intake.record import CONDITIONS, MEDICINES, Record
from cds.intake.vocabulary import systems_of
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook


class Standing(str, Enum):
    """What became of a resource; the value is its name in JSON, and the same as a key."""

    __hash__ = str.__hash__

    USED = "used"
    SOMETHING_ELSE = "aboutSomethingElse"
    NOT_UNDERSTOOD = "notUnderstood"
    REFUSED = "refused"


NAMES = tuple(standing.value for standing in Standing)
NOT_UNDERSTOOD = frozenset(
    """
    unusable-unit not-a-number status-not-final possible-result modifier-not-understood no-medication unnamed-medicine
    no-code report-names named-elsewhere two-meanings answer-not-understood unknown-resource unreadable-resource
    unresolved-reference
    """.split()
)
"""The codes of issues about a resource of which something that matters was not understood."""
REFUSED = frozenset(
    """
    withdrawn-result spoiled-result future-date implausible-value replaced-result refused-code no-value
    flagged-without-value two-values undated-result value-and-reason other-focus other-patient entered-in-error refuted
    deleted-resource not-taken not-by-mouth not-given given-once not-handed-out supply-over not-done
    conditions-not-known medicines-not-known
    """.split()
)
"""The codes of issues about a resource that was understood and does not count; the code is the reason."""
TELLING = NOT_UNDERSTOOD | REFUSED
DELETED = "deleted-resource"
GIVEN = "given-once"
"""The reason for which a medicine that was given is refused where no term counts what is given."""
DUPLICATE = "duplicate"
"""The reason for which a resource counts no more that is the same as one before it."""
UNKNOWN_CODE = "unknown-code"
"""Why a resource was not understood of which no issue says more: no known code, and no name that is known."""
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
    "AllergyIntolerance": MEDICINES,
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
"""The elements that can carry a term, by type, as paths; the first says what the resource is about. Lists are gone
through."""
PATHS = {kind: [path.split(".") for path in paths] for kind, paths in CARRIERS.items()}
BESIDE = {kind: {path[0] for path in paths[1:]} for kind, paths in PATHS.items()}


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
    """The account of a record: how many resources there are of each standing, and what was not understood.

    ``codings_and_texts`` counts those that could carry a term, by the standing of their resource.
    """

    resources: dict[str, int]
    codings_and_texts: dict[str, int]
    not_understood: list[Entry]


def account_of(record: Record, book: RuleBook) -> Account:
    """The account of a record that was read by a rulebook."""
    notes, about_of = _Notes(record), _concepts_of(book).about
    account = Account(dict.fromkeys(NAMES, 0), dict.fromkeys(NAMES, 0), [])
    for resource in notes.sent:
        about = about_of(resource)
        standing = notes.standing_of(resource, about)
        account.resources[standing] += 1
        account.codings_and_texts[standing] += about.carried
        if standing is Standing.NOT_UNDERSTOOD:
            account.not_understood.append(notes.entry(resource, about))
    account.resources[Standing.REFUSED] += len([*notes.deleted()])
    return account


def counted(record: Record, book: RuleBook) -> dict[str, int]:
    """How many resources there are of each standing: what an account says of them, and nothing else of it."""
    notes, about_of = _Notes(record), _concepts_of(book).about
    found = dict.fromkeys(NAMES, 0)
    for resource in notes.sent:
        simply = notes.is_simply_used(resource)
        found[Standing.USED if simply else notes.standing_of(resource, about_of(resource))] += 1
    found[Standing.REFUSED] += len([*notes.deleted()])
    return found


def entries_of(record: Record, book: RuleBook) -> list[Entry]:
    """An entry for each resource of a record, in the order of the data, then for each that was deleted."""
    notes, about = _Notes(record), _concepts_of(book).about
    return [*(notes.entry(resource, about(resource)) for resource in notes.sent), *notes.deleted()]


def standings_of(record: Record, book: RuleBook) -> Iterator[tuple[Json, Standing, str]]:
    """Of each resource that was sent what became of it, and why it was refused or not understood (a code).

    One that is the same as another one stands as that does, for the reason ``DUPLICATE``.
    """
    notes, about_of = _Notes(record), _concepts_of(book).about
    for resource in notes.sent:
        if notes.is_simply_used(resource):
            yield resource, Standing.USED, ""
        else:
            yield resource, *notes.judged(resource, about_of(resource))


class About(NamedTuple):
    """What the concepts of a resource say: their terms, the words in them, how many codings and texts they have.

    ``known``: each that says what the resource is about has a code of a system by which the rulebook knows such things,
    or a name that is known.
    """

    terms: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    carried: int = 0
    known: bool = True


NOTHING, UNKNOWN_TYPE = About(), About(known=False)


class _Notes:
    """What reading noted about the resources of a record, by their names."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.sent = list({id(resource): resource for resource in record.sent}.values())
        self.used = set(map(id, record.used))
        self.read = set(map(id, record.read))
        self.twins: dict[str, Json] = {}
        self.codes: dict[str, list[str]] = {}
        for issue in record.issues:
            if issue.code in TELLING:
                self.codes.setdefault(issue.source, []).append(issue.code)
        self.open = {item.source for item in record.unrecognised if not item.is_something_else}
        matter = {item.source for item in record.passed_over if item.matters}
        self.open |= {source for source in matter if GIVEN not in self.codes.get(source, ())}
        self.used |= set(self._naming())
        self.told = {name.partition("/")[2] for name in (*self.codes, *self.open)}

    def _naming(self) -> Iterator[int]:
        """The resources that name the medicine of one that was used and understood: they were used with it."""
        for holder, medication in self.record.named_by:
            if id(holder) in self.used and self.record.name_of(holder) not in self.open:
                yield id(medication)

    def entry(self, resource: Json, about: About) -> Entry:
        """What became of a resource that says this."""
        name, standing = self.record.name_of(resource), self.standing_of(resource, about)
        noted = tuple(self.codes.get(name, ())) or (GIVEN,) * (standing is Standing.REFUSED)
        codes = (OLDER_VERSION,) if self._read_as(resource) is None else noted
        return Entry(name, resource["resourceType"], standing, codes, *about[:3])

    def is_simply_used(self, resource: Json) -> bool:
        """Whether a resource was used, and nothing was noted of it."""
        identity = resource.get("id")
        known = id(resource) in self.used and id(resource) in self.read
        return known and type(identity) is str and identity != "" and identity not in self.told

    def judged(self, resource: Json, about: About) -> tuple[Standing, str]:
        """The standing of a resource, with the first reason where it was refused or not understood."""
        standing, read = self.standing_of(resource, about), self._read_as(resource)
        if read is None:
            return standing, OLDER_VERSION
        if read is not resource:
            return standing, DUPLICATE
        if standing in (Standing.REFUSED, Standing.NOT_UNDERSTOOD):
            codes = self.codes.get(self.record.name_of(read), ())
            return standing, next(iter(codes), GIVEN if standing is Standing.REFUSED else UNKNOWN_CODE)
        return standing, ""

    def standing_of(self, resource: Json, about: About) -> Standing:
        """What became of a resource: what was not understood in a part of it counts before what was used."""
        identity = resource.get("id")
        if id(resource) in self.read and type(identity) is str and identity and identity not in self.told:
            return self._silent(resource, about)
        read = self._read_as(resource)
        if read is None:
            return Standing.REFUSED
        name = self.record.name_of(read)
        codes = self.codes.get(name, ())
        if name in self.open or not NOT_UNDERSTOOD.isdisjoint(codes):
            return Standing.NOT_UNDERSTOOD
        return Standing.REFUSED if codes else self._silent(read, about)

    def _silent(self, read: Json, about: About) -> Standing:
        """What became of a resource of which nothing was noted."""
        if id(read) in self.used:
            return Standing.USED
        if about.terms and read["resourceType"] == "MedicationAdministration":
            return Standing.REFUSED
        return Standing.SOMETHING_ELSE if about.known else Standing.NOT_UNDERSTOOD

    def _read_as(self, resource: Json) -> Json | None:
        """The resource that was read for it: itself, or one that is the same; None where a later version was read."""
        if id(resource) in self.read:
            return resource
        if not self.twins:
            self.twins = {same_text(other): other for other in self.record.read}
        return self.twins.get(same_text(resource))

    def deleted(self) -> Iterator[Entry]:
        """The resources that a later entry deleted: they stand in the data no more."""
        gone = [name for name, codes in self.codes.items() if DELETED in codes]
        sent = {self.record.name_of(resource) for resource in self.record.sent} if gone else set()
        for name in gone:
            if name not in sent:
                yield Entry(name, name.partition("/")[0], Standing.REFUSED, (DELETED,))


class _Concepts:
    """What the concepts of resources say by a rulebook, remembered: records say the same again and again."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.memory: Memory[About] = Memory()
        self.alone: dict[str, Memory[About]] = {kind: Memory() for kind in PATHS}

    def about(self, resource: Json) -> About:
        """What the concepts of a resource say; one of a type that carries none is known where R4 knows the type."""
        kind = resource["resourceType"]
        if kind not in PATHS:
            return NOTHING if kind in R4_TYPES else UNKNOWN_TYPE
        concept = resource.get(CARRIERS[kind][0])
        if type(concept) is dict and resource.keys().isdisjoint(BESIDE[kind]):
            try:
                key = json_key(concept)
            except TypeError:
                return self._about(kind, [concept], [])
            return self.alone[kind].get(key, self._about, kind, [concept], [])
        return self._with_others(kind, resource)

    def _with_others(self, kind: str, resource: Json) -> About:
        """What the concepts of a resource say that has several."""
        first, *others = PATHS[kind]
        subject = at_path(resource, first)
        beside = [concept for path in others if path[0] in resource for concept in at_path(resource, path)]
        try:
            key = json_key([kind, subject, beside])
        except TypeError:
            return self._about(kind, subject, beside)
        return self.memory.get(key, self._about, kind, subject, beside)

    def _about(self, kind: str, subject: list[Any], beside: list[Any]) -> About:
        stated = [_without_odd_codings(concept) for concept in (*subject, *beside)]
        terms = dict.fromkeys(term for concept in stated for term in _terms_of(kind, concept, self.book))
        words = dict.fromkeys(text for concept in stated for text in texts(concept))
        known = all(_is_known(kind, concept, self.book) for concept in stated[: len(subject)])
        return About(tuple(terms), tuple(words), sum(map(_carried, stated)), known)


_concepts_of = lru_cache(maxsize=8)(_Concepts)


def _is_known(kind: str, concept: Any, book: RuleBook) -> bool:
    if kind in ("Condition", "Procedure") and meanings(book).condition(concept).known:
        return True
    systems = systems_of(book)[KINDS.get(kind, CONDITIONS)] | RESULTS
    listed = (coding.get("system") for coding in codings(concept) if coding.get("code"))
    if any(isinstance(system, str) and system in systems for system in listed):
        return True
    return kind in KINDS and is_other(concept, book)


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
