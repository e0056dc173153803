"""What a Dosage says in words, beside its structure: ``text``, ``patientInstruction``, ``additionalInstruction``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

from cds.intake.elements import listed, texts
from cds.intake.sigs.reading import said_in
from cds.intake.sigs.said import NOTHING, Part, Said
from cds.jsontypes import Json


def said_of(item: Json) -> Said:
    """What all texts of a Dosage say together: a later one fills what those before it leave out."""
    found = [said_in(text) for text in dict.fromkeys(texts_of(item))]
    return reduce(_with, found, NOTHING)


def said_in_code(code: Any) -> Said:
    """What the text and the displays of a timing code say."""
    return reduce(_with, (said_in(text) for text in texts(code)), NOTHING)


def texts_of(item: Json) -> Iterator[str]:
    """All texts of a Dosage."""
    for key in ("text", "patientInstruction"):
        if isinstance(text := item.get(key), str) and text.strip():
            yield text
    for concept in listed(item.get("additionalInstruction")):
        yield from texts(concept) or ([concept] if isinstance(concept, str) else [])


def _with(one: Said, other: Said) -> Said:
    """One reading with what another one adds."""
    if not one.says_something:
        first, second = other, one
    else:
        first, second = one, other
    parts = first.parts if first.odd else _filled(first.parts, second)
    return first._replace(
        parts=parts,
        needed=one.needed or other.needed,
        most=first.most or second.most,
        lasts=second.lasts if first.lasts is None else first.lasts,
        stopped=one.stopped or other.stopped,
    )


def _filled(parts: Sequence[Part], other: Said) -> tuple[Part, ...]:
    """A single part with what it lacks and another text says of a single part."""
    if len(parts) != 1 or len(other.parts) != 1 or other.odd:
        return tuple(parts)
    (part,), (more,) = parts, other.parts
    return (Part(part.dose or more.dose, part.per_day or more.per_day, part.hours or more.hours),)
