"""What the notes of a medication record, and the reason for its status, say in words: that it was stopped.

They are read as directions are, clause by clause: the same words say it. That is a doubt and never a fact: a note may
be old, or about another medicine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds.intake.elements import listed, objects, texts
from cds.intake.sigs.reading import said_in
from cds.jsontypes import Json

LONGEST = 2000
"""So many characters of a note are read."""
_CLAUSE_END = re.compile(r"[.;!\n。；]+\s*")


def notes_say_stopped(resource: Json) -> bool:
    """Whether a note, or the reason for the status, says that the medicine is not taken any more."""
    if "note" not in resource and "statusReason" not in resource:
        return False
    return any(said_in(clause).stopped for text in _texts(resource) for clause in _CLAUSE_END.split(text[:LONGEST]))


def _texts(resource: Json) -> Iterator[str]:
    yield from (text for note in objects(resource.get("note")) if isinstance(text := note.get("text"), str))
    reason = resource.get("statusReason")
    for concept in listed(reason) or [reason]:
        yield from texts(concept)
