"""Medicines and conditions that nothing in the rulebook is: counted, named and said.

One that carries a name, and a code of a system by which the rulebook knows such things, is known to be something else.
Of any other nobody can say what it is: a workflow must not be silent about it, and no rule may say that there is no
risk on record.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cds.intake.elements import codings, texts
from cds.intake.medicines.names.other_medicines import is_another_medicine_by_name, is_coded, is_other
from cds.intake.record import CONDITIONS, MEDICINES, Record, Unrecognised
from cds.intake.vocabulary import systems_of
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook

ISSUE_OF = {MEDICINES: "medicine-not-understood", CONDITIONS: "condition-not-understood"}
WITHOUT_A_NAME = "without a name"


def meet(record: Record, kind: str) -> None:
    """Count a medicine or a condition, recognised or not."""
    record.met[kind] = record.met.get(kind, 0) + 1


def not_recognised(record: Record, kind: str, resource: Json, concepts: Iterable[Any], book: RuleBook) -> None:
    """Count a medicine or a condition, and keep what the concepts that should name it say."""
    listed = list(concepts)
    known, coded = False, _has_known_system(listed, kind, book)
    if kind == MEDICINES and listed:
        known = is_another_medicine_by_name(listed[0], listed[1:], book)
        coded = is_coded(listed[0], listed[1:], book)
    _keep(record, kind, resource, listed, coded=coded, known=known)


def _has_known_system(concepts: Iterable[Any], kind: str, book: RuleBook) -> bool:
    systems = (coding.get("system") for concept in concepts for coding in codings(concept) if coding.get("code"))
    return any(isinstance(system, str) and system in systems_of(book)[kind] for system in systems)


def is_another(record: Record, kind: str, resource: Json, concept: Any) -> None:
    """Count one of which its name, or its code in a classification, says that it is another one."""
    meet(record, kind)
    called = [*texts(concept), *(str(coding.get("code")) for coding in codings(concept))]
    record.unrecognised.append(Unrecognised(kind, record.name_of(resource), called[0], coded=True))


def not_recognised_in_part(record: Record, resource: Json, concepts: Iterable[Any], book: RuleBook) -> None:
    """Keep a medicine of which parts were recognised, and counted, for the parts that were not.

    Each of them has to be known to be something else.
    """
    counted, parts = record.met.get(MEDICINES, 0), list(concepts)
    open_parts = [part for part in parts if not is_other(part, book)]
    not_recognised(record, MEDICINES, resource, [None, *(open_parts or parts)], book)
    record.met[MEDICINES] = max(counted, 1)


def not_read(record: Record, kind: str, resource: Json) -> None:
    """Count a medicine or a condition that could not be read: it may be anything, whatever its name says."""
    _keep(record, kind, resource, [resource.get("medicationCodeableConcept"), resource.get("code")], coded=False)


def _keep(record: Record, kind: str, resource: Json, concepts: list[Any], *, coded: bool, known: bool = False) -> None:
    meet(record, kind)
    names = [text for concept in concepts for text in texts(concept)]
    record.unrecognised.append(Unrecognised(kind, record.name_of(resource), names[0] if names else "", coded, known))


def note_unrecognised(record: Record) -> None:
    """One issue for the medicines and one for the conditions that were not understood, with how many there are."""
    for kind, code in ISSUE_OF.items():
        found = what_may_be(record, kind)
        if found:
            were = "was" if len(found) == 1 else "were"
            text = f"{len(found)} of {record.met[kind]} {kind} {were} not understood"
            names = dict.fromkeys(item.name or WITHOUT_A_NAME for item in found)
            record.note(code, record.patient, text, names=tuple(names))


def what_may_be(record: Record, *kinds: str) -> list[Unrecognised]:
    """The medicines or conditions of which nobody can say what they are: they may be what a rule looks for."""
    return [item for item in record.unrecognised if item.kind in kinds and not item.is_something_else]


NOTHING_KNOWN = {"medicines-not-known": MEDICINES, "conditions-not-known": CONDITIONS}
"""The issues of entries that say themselves that nothing is known of their kind."""


def kinds_not_understood(record: Record) -> frozenset[str]:
    """The kinds of which an entry may be anything, or says that nothing is known: none of it is known to be absent."""
    if not record.issues and not record.unrecognised:
        return NONE
    said = {NOTHING_KNOWN[issue.code] for issue in record.issues if issue.code in NOTHING_KNOWN}
    return frozenset(said.union(item.kind for item in record.unrecognised if not item.is_something_else))


NONE: frozenset[str] = frozenset()
