"""Medicines and conditions on record that nothing in the rulebook is: counted, named and said, never passed over.

One that carries a name, and a code of a system by which the rulebook knows such things, is known to be something else.
Of any other nobody can say what it is: a workflow must not be silent about it, and no rule may say that there is no
risk on record.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cds.intake.record import CONDITIONS, MEDICINES, Json, Record, Unrecognised
from cds.intake.vocabulary import codings, texts, vocabulary
from cds.rulebook.model import RuleBook

CODES = {MEDICINES: "medicine-not-recognised", CONDITIONS: "condition-not-recognised"}
WITHOUT_A_NAME = "without a name"


def meet(record: Record, kind: str) -> None:
    """Count a medicine or a condition, recognised or not."""
    record.met[kind] = record.met.get(kind, 0) + 1


def not_recognised(record: Record, kind: str, resource: Json, concepts: Iterable[Any], book: RuleBook) -> None:
    """Count a medicine or a condition, and keep what the concepts that should name it say."""
    listed = list(concepts)
    systems = (coding.get("system") for concept in listed for coding in codings(concept) if coding.get("code"))
    coded = any(isinstance(system, str) and system in systems_of(book)[kind] for system in systems)
    _keep(record, kind, resource, listed, coded=coded)


def not_recognised_in_part(record: Record, resource: Json, concepts: Iterable[Any], book: RuleBook) -> None:
    """Keep a medicine of which parts were recognised, and counted, for the parts that were not."""
    counted = record.met.get(MEDICINES, 0)
    not_recognised(record, MEDICINES, resource, concepts, book)
    record.met[MEDICINES] = max(counted, 1)


def not_read(record: Record, kind: str, resource: Json) -> None:
    """Count a medicine or a condition that could not be read: it may be anything, whatever its name says."""
    _keep(record, kind, resource, [resource.get("medicationCodeableConcept"), resource.get("code")], coded=False)


def _keep(record: Record, kind: str, resource: Json, concepts: list[Any], *, coded: bool) -> None:
    meet(record, kind)
    names = [text for concept in concepts for text in texts(concept)]
    record.unrecognised.append(Unrecognised(kind, record.name_of(resource), names[0] if names else "", coded))


@lru_cache(maxsize=8)
def systems_of(book: RuleBook) -> dict[str, frozenset[str]]:
    """The code systems by which the rulebook knows medicines and products, and conditions."""
    words, products = vocabulary(book), book.products
    of_products = (system for system, _ in (*products.coded, *products.excluded))
    return {
        MEDICINES: frozenset((*words.medications.exact, *of_products)),
        CONDITIONS: frozenset(words.conditions.exact),
    }


def note_unrecognised(record: Record) -> None:
    """One issue for the medicines and one for the conditions that were not recognised, with how many there are."""
    for kind, code in CODES.items():
        found = [item for item in record.unrecognised if item.kind == kind]
        if found:
            were = "was" if len(found) == 1 else "were"
            text = f"{len(found)} of {record.met[kind]} {kind} {were} not recognised"
            ordered = sorted(found, key=lambda item: item.is_something_else)
            names = dict.fromkeys(item.name or WITHOUT_A_NAME for item in ordered)
            record.note(code, record.patient, text, names=tuple(names))


def what_may_be(record: Record, *kinds: str) -> list[Unrecognised]:
    """The medicines or conditions of which nobody can say what they are: they may be what a rule looks for."""
    return [item for item in record.unrecognised if item.kind in kinds and not item.is_something_else]
