"""Modifier extensions: what changes the meaning of a resource, and is not understood here."""

from __future__ import annotations

from cds.intake.record import Json


def modified(resource: Json) -> bool:
    """Whether a resource or a part of it carries a modifier extension: then it may not be used.

    FHIR R4, Extensibility: an application must not process data with a modifier extension that it does not understand,
    as the extension may say the opposite of the rest. None is understood here.
    """
    return bool(resource.get("modifierExtension"))
