"""Whether resources are valid FHIR R4: the plain ones by a look of our own, the others by fhir.resources.

The R4B models of the library accept R4 data for the resource types that are read and written here.
They are loaded when first needed: that takes as long as everything else in a start.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from cds.intake.bundles.releases import R4_TYPES
from cds.intake.plain_r4 import is_plain
from cds.intake.record import Record
from cds.jsontypes import Json

_ELEMENT = re.compile(r"[A-Za-z0-9_]{1,64}")


def r4_problem(resource: Json) -> str | None:
    """Where a resource is not valid R4 (element paths, at most three), without any of its values; None when it is.

    The type alone where R4 does not know it, and where the library breaks on the resource, as it does on a contained
    resource of an unknown type.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - loaded with the models, when first needed

    kind = str(resource.get("resourceType"))
    model = _model(kind)
    if model is None:
        return kind if _ELEMENT.fullmatch(kind) else "resourceType"
    try:
        model.model_validate(resource)
    except ValidationError as error:
        places = dict.fromkeys(_path(item["loc"]) or kind for item in error.errors())
        return ", ".join(list(places)[:3])
    except MemoryError:
        raise
    except Exception:  # whatever it is, it is about this resource
        return kind
    return None


def _path(place: tuple[int | str, ...]) -> str:
    """The path of an element; a key that no element can have comes from the record and is not repeated."""
    return ".".join(str(part) if _ELEMENT.fullmatch(str(part)) else "?" for part in place)


def _model(kind: str) -> Any:
    """The model of a type; None where R4 does not know the type, or R4B has given it up."""
    if kind not in R4_TYPES:
        return None
    try:
        return getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    except ModuleNotFoundError as error:
        if error.name != f"fhir.resources.R4B.{kind.lower()}":
            raise
        return None


def report_invalid(record: Record) -> None:
    """Add an issue for each resource that was used and is not valid R4; what could be read from it stays."""
    for resource in record.used:
        if not is_plain(resource) and (problem := r4_problem(resource)):
            text = f"The resource is not valid FHIR R4 at: {problem[:120]}. What could be read was used."
            record.note("not-r4-valid", record.name_of(resource), text)
