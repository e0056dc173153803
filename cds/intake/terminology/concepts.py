"""What stands where a CodeableConcept should stand, as such: a text, a Coding, a coding that is no list, several."""

from __future__ import annotations

from typing import Any

from cds.intake.elements import objects
from cds.jsontypes import Json


def as_concepts(value: Any) -> list[Json]:
    """The concepts that a value stands for; one that is a concept is itself, nothing is none."""
    if isinstance(value, list):
        return [concept for item in value for concept in as_concepts(item)]
    if isinstance(value, dict):
        return [_of_object(value)]
    return [{"text": str(value)}] if value is not None and value != "" else []


def _of_object(value: Json) -> Json:
    coding = value.get("coding")
    if isinstance(coding, dict):
        return {**value, "coding": [coding]}
    if "coding" in value or not ("code" in value or "display" in value):
        return value
    return {"coding": [value], **({"text": value["text"]} if isinstance(value.get("text"), str) else {})}


def as_concept(value: Any) -> Any:
    """The one concept that a value stands for, a list with all its codings and texts; anything else as it is."""
    if isinstance(value, list):
        return _together(as_concepts(value))
    if isinstance(value, dict):
        return _of_object(value)
    return {"text": value} if isinstance(value, str) else value


def _together(parts: list[Json]) -> Json:
    listed = [coding for part in parts for coding in objects(part.get("coding"))]
    stated = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    return {"coding": listed, **({"text": ", ".join(stated)} if stated else {})}
