"""A page of YAML in the shape that it should have, or what is wrong with it, at its place and in words."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from pydantic import ValidationError

from cds.errors import nearest
from cds.rulebook.report import Report
from cds.rulebook.shapes.shape import Shape
from cds.rulebook.yaml_text import Page, Place

S = TypeVar("S", bound=Shape)


def shaped(page: Page, shape: type[S], report: Report) -> S | None:
    """The page in its shape; None, with the problems reported, when it has not that shape."""
    try:
        return shape.model_validate(page.data)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=False):
            place = place_of(page, detail["loc"])
            report.add(page, place, *in_words(detail, _keys(shape), "See 'cds schema' for the form."))
        return None


def place_of(page: Page, loc: tuple[int | str, ...]) -> Place:
    """The place in the file; pydantic also names the member of a union, which is no place."""
    place: Place = ()
    data: Any = page.data
    for part in loc:
        listed = isinstance(data, list) and isinstance(part, int)
        if listed or (isinstance(data, dict) and part in data):
            place, data = (*place, part), data[part]
    return place


def in_words(detail: Any, keys: Collection[str], todo: str) -> tuple[str, str, str]:
    """What an error of pydantic says: what is wrong, what to do (``todo`` for a wrong value), and the code."""
    kind, key = detail["type"], str(detail["loc"][-1]) if detail["loc"] else "file"
    if kind == "extra_forbidden":
        return f"'{key}' has no meaning here.", nearest(key, keys), "unknown-key"
    if kind in ("missing", "union_tag_not_found"):
        missing = key if kind == "missing" else "kind"
        return f"'{missing}' is missing.", "Add it.", "missing-key"
    return f"{detail['msg'][0].lower()}{detail['msg'][1:]}.", todo, "wrong-value"


def _keys(shape: type[Shape]) -> set[str]:
    """Every key of a kind of file, at any depth."""
    whole = shape.model_json_schema(by_alias=True)
    return {key for part in (whole, *whole.get("$defs", {}).values()) for key in part.get("properties", {})}
