"""A page of YAML in the shape that it should have, or what is wrong with it, at its place and in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError

from cds.errors import nearest
from cds.rulebook.report import Report
from cds.rulebook.shape import Shape
from cds.rulebook.yaml_text import Page, Place

S = TypeVar("S", bound=Shape)


def shaped(page: Page, shape: type[S], report: Report) -> S | None:
    """The page in its shape; None, with the problems reported, when it has not that shape."""
    try:
        return shape.model_validate(page.data)
    except ValidationError as error:
        for detail in said_once(error.errors(include_url=False, include_context=False)):
            place = place_of(page, detail["loc"])
            report.add(page, place, *in_words(detail, _keys(shape), "See 'cds schema' for the form."))
        return None


def said_once(details: Iterable[Any]) -> Iterator[Any]:
    """The errors of pydantic, without a key that is missing because it is misspelt; the misspelt one says so."""
    errors = list(details)
    missing = {error["loc"] for error in errors if error["type"] == "missing"}
    for error in sorted(errors, key=lambda error: error["type"] != "extra_forbidden"):
        if error["type"] == "extra_forbidden" and (meant := _meant(error["loc"], missing)):
            missing.remove(meant)
            yield {**error, "meant": meant[-1]}
        elif error["type"] != "missing" or error["loc"] in missing:
            yield error


def _meant(loc: tuple[int | str, ...], missing: Collection[tuple[int | str, ...]]) -> tuple[int | str, ...] | None:
    """The key that is missing in the same mapping and spelled nearly as the one that stands there."""
    beside = {str(other[-1]): other for other in missing if other[:-1] == loc[:-1]}
    found = get_close_matches(str(loc[-1]), beside, n=1)
    return beside[found[0]] if found else None


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
        others = [detail["meant"]] if "meant" in detail else [other for other in keys if other != key]
        return f"'{key}' has no meaning here.", nearest(key, others), "unknown-key"
    if kind in ("missing", "union_tag_not_found"):
        missing = key if kind == "missing" else "kind"
        return f"'{missing}' is missing.", "Add it.", "missing-key"
    return f"{detail['msg'][0].lower()}{detail['msg'][1:]}.", todo, "wrong-value"


def _keys(shape: type[Shape]) -> set[str]:
    """Every key of a kind of file, at any depth."""
    whole = shape.model_json_schema(by_alias=True)
    return {key for part in (whole, *whole.get("$defs", {}).values()) for key in part.get("properties", {})}
