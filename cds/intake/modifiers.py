"""Extensions that change the meaning of what they stand on.

FHIR R4, extensibility: an application must not process the content of an element with a modifier extension that it
does not understand. None is understood here.
"""

from __future__ import annotations

from cds.intake.record import Json


def modified(element: Json) -> bool:
    """Whether a resource or an element of it has a modifier extension; then nothing in it may be relied on."""
    return bool(element.get("modifierExtension"))
