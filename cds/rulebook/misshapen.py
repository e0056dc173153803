"""What is wrong with the shape of a file, and where: from the errors of the schema library, each mistake once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from cds.rulebook.misshapen_words import Said, in_words
from cds.rulebook.yaml_text import Page, Place

Loc = tuple[int | str, ...]


def misshapen(
    details: Iterable[Any], page: Page, keys: Collection[str], keys_of: Callable[[str], list[str]]
) -> Iterator[tuple[Place, Said]]:
    """The places with what is said of each; ``keys`` are all of the file, ``keys_of`` gives those of one part."""
    seen: dict[Place, set[str]] = {}
    for detail in said_once(details):
        kind, loc = detail["type"], detail["loc"]
        place = place_of(page, (*loc, "kind") if kind == "union_tag_invalid" else loc)
        if _only_follows(detail, place, seen):
            continue
        seen.setdefault(place, set()).add(kind)
        said = in_words(detail, keys, "See 'cds schema' for the form.", keys_of)
        yield (place, said)


def _only_follows(detail: Any, place: Place, seen: dict[Place, set[str]]) -> bool:
    """Whether an error says what another one said: of a text or a list, and of keys beside one that lacks them."""
    if detail["type"] in ("string_type", "list_type") and seen.get(place, set()) & {"string_type", "list_type"}:
        return True
    lacking = {other[:-1] for other, kinds in seen.items() if "keys below" in kinds}
    if detail["type"].startswith(("model_", "dict_")):
        if not detail["input"]:
            seen.setdefault(place, set()).add("keys below")
        return bool(place) and place[:-1] in lacking
    return False


def said_once(details: Iterable[Any]) -> Iterator[Any]:
    """The errors of pydantic, without a key that is missing because it is misspelt; the misspelt one says so."""
    errors = list(details)
    missing = {error["loc"] for error in errors if error["type"] == "missing"}
    for error in sorted(errors, key=lambda error: error["type"] != "extra_forbidden"):
        if error["type"] == "extra_forbidden" and (meant := _meant(error["loc"], missing)):
            missing.remove(meant)
            yield {**error, "meant": meant[-1]}
        elif error["type"] == "extra_forbidden" and (inside := _inside(error["loc"], missing)):
            missing.remove(inside)
            yield {**error, "inside": inside[:-1]}
        elif error["type"] != "missing" or error["loc"] in missing:
            yield error


def _meant(loc: Loc, missing: Collection[Loc]) -> Loc | None:
    """The key that is missing in the same mapping and spelled nearly as the one that stands there."""
    beside = {str(other[-1]): other for other in missing if other[:-1] == loc[:-1]}
    found = get_close_matches(str(loc[-1]), beside, n=1)
    return beside[found[0]] if found else None


def _inside(loc: Loc, missing: Collection[Loc]) -> Loc | None:
    """The key of this very name that is missing below a key beside it, where only one is: the line is not indented."""
    found = [other for other in missing if other[-1] == loc[-1] and len(other) > len(loc) and _is_below(loc, other)]
    return found[0] if len(found) == 1 else None


def _is_below(loc: Loc, other: Loc) -> bool:
    return other[: len(loc) - 1] == loc[:-1] and all(isinstance(part, str) for part in other[len(loc) - 1 :])


def place_of(page: Page, loc: Loc) -> Place:
    """The place in the file; pydantic also names the member of a union, which is no place."""
    place: Place = ()
    data: Any = page.data
    for part in loc:
        listed = isinstance(data, list) and isinstance(part, int)
        if listed or (isinstance(data, dict) and part in data):
            place, data = (*place, part), data[part]
    return place
