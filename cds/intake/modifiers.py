"""Whether a resource carries a modifier: an extension that may turn what it says into the opposite."""

from __future__ import annotations

from cds.intake.record import Json


def modified(resource: Json) -> bool:
    """Whether a resource has a modifier extension; none is known here, so what it says is not certain.

    Whoever does not understand a modifier must not use the element as if it were not there
    (http://hl7.org/fhir/R4/extensibility.html#modifierExtension).
    """
    return bool(resource.get("modifierExtension"))
