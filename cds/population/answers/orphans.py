"""Orphans: codes, units and names that look like ours and are in no value set, as a terminologist wants to see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cds.intake.elements import codings, texts
from cds.intake.record import CONDITIONS, MEDICINES, Record
from cds.intake.unrecognised import what_may_be
from cds.jsontypes import Json

CODE, UNIT = "code", "unit"
KINDS = {MEDICINES: "medicine", CONDITIONS: "condition"}
LOOK_ALIKE, ODD_UNIT = "possible-result", "unusable-unit"
LONGEST = 120
CONCEPTS = ("medicationCodeableConcept", "code")


class Orphan(NamedTuple):
    """A code, a unit, or the name of a medicine or a condition; ``like`` is the term that it may be of."""

    kind: str
    system: str = ""
    code: str = ""
    text: str = ""
    like: str = ""


def orphans_of(record: Record) -> list[Orphan]:
    """The orphans of a record, each once. They hold what records call things, and no value of a patient."""
    if not record.unrecognised and not record.issues:
        return []
    return list(dict.fromkeys(_found(record)))


def _found(record: Record) -> Iterator[Orphan]:
    odd = [issue for issue in record.issues if issue.code in (LOOK_ALIKE, ODD_UNIT)]
    unknown = what_may_be(record, *KINDS)
    if not odd and not unknown:
        return
    named = {record.name_of(resource): resource for resource in record.sent}
    for issue in odd:
        resource = named.get(issue.source, {})
        yield _unit(resource, issue.term) if issue.code == ODD_UNIT else _concept(CODE, resource, issue.term)
    for item in unknown:
        orphan = _concept(KINDS[item.kind], named.get(item.source, {}))
        yield orphan if orphan.text else orphan._replace(text=item.name[:LONGEST])


def _concept(kind: str, resource: Json, like: str = "") -> Orphan:
    concept: Any = next((resource[key] for key in CONCEPTS if isinstance(resource.get(key), dict)), {})
    first: Json = next(iter(codings(concept)), {})
    return Orphan(
        kind, _text(first.get("system")), _text(first.get("code")), next(iter(texts(concept)), "")[:LONGEST], like
    )


def _unit(resource: Json, like: str) -> Orphan:
    quantity: Any = resource.get("valueQuantity")
    held: Json = quantity if isinstance(quantity, dict) else {}
    return Orphan(UNIT, _text(held.get("system")), _text(held.get("code")), _text(held.get("unit")), like)


def _text(value: Any) -> str:
    return str(value)[:LONGEST] if isinstance(value, (str, int, float)) else ""
