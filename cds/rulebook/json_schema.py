"""JSON Schema of each kind of rule file, for editors.

To the loader every scalar is text; an editor takes ``950`` for a number. So the schemas allow numbers and truth values
wherever any text may stand, and ``yes`` and ``no`` where a truth value is meant.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from cds.rulebook.files import FIRST_LEVEL, KINDS
from cds.rulebook.model.overlay import OVERLAY_FIRST_LEVEL, OVERLAY_KINDS
from cds.rulebook.schema_names import with_names
from cds.rulebook.shape import shape_of
from cds.rulebook.vocabulary import Vocabulary

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ANY_SCALAR = ["string", "number", "boolean"]
TRUTH = {"enum": ["yes", "no", True, False]}
OF_OVERLAYS = {
    kind if kind.startswith("overlay") else f"overlay-{kind}": shape
    for kind, shape in OVERLAY_KINDS.items()
    if shape not in KINDS.values()
}
OF_TERMS = ("products", "other_medicines")
"""The files beside those of terms that are of another kind."""
NARROWER = frozenset({"const", "enum", "pattern"})


def write_schemas(folder: Path, words: Vocabulary | None = None) -> list[Path]:
    """Write ``KIND.schema.json`` for each kind of rule file, and for those that only overlays have; the paths.

    With a vocabulary only its names may stand where something is named.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, shape in (KINDS | OF_OVERLAYS).items():
        path = folder / f"{kind}.schema.json"
        plain = shape_of(shape).model_json_schema(by_alias=True)
        named = with_names(plain, shape, words) if words else plain
        schema = {"$schema": DIALECT, **as_editors_read(named)}
        path.write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
        written.append(path)
    return written


def places_of(rules: str, overlays: Iterable[str] = ()) -> dict[str, list[str]]:
    """For each written schema the patterns of the files that it is for, as editors know them (``yaml.schemas``).

    The folders are named as seen from the one that is open in the editor (``.``: that one itself).
    """
    found = {kind: list(_patterns(kind, _inside(rules))) for kind in KINDS}
    for overlay in overlays:
        for kind, shape in OVERLAY_KINDS.items():
            name = kind if shape is KINDS.get(kind) or kind == "overlay" else f"overlay-{kind}"
            found.setdefault(name, []).extend(_patterns(kind, _inside(overlay), OVERLAY_FIRST_LEVEL))
    return {f"{name}.schema.json": patterns for name, patterns in found.items()}


def _inside(folder: str) -> str:
    return "" if folder == "." else f"{folder}/"


def _patterns(kind: str, folder: str, first_level: Collection[str] = FIRST_LEVEL) -> Iterator[str]:
    """The patterns of one kind of file in a folder, those with ``!`` for files of another kind."""
    if kind in first_level:
        yield f"{folder}{kind}.yaml"
    elif kind in OF_TERMS:
        yield f"{folder}terms/{kind}.yaml"
    elif kind == "terms":
        yield from (f"{folder}terms/*.yaml", *(f"!{folder}terms/{other}.yaml" for other in OF_TERMS))
    else:
        yield f"{folder}*/{'*-[0-9][0-9]*' if kind == 'rule' else kind}.yaml"


def as_editors_read(part: Any) -> Any:
    """A part of a schema that also fits the numbers and truth values that an editor makes of plain text."""
    if isinstance(part, list):
        return [as_editors_read(item) for item in part]
    if not isinstance(part, dict):
        return part
    wider = {key: as_editors_read(value) for key, value in part.items()}
    if wider.get("type") == "string" and not NARROWER & wider.keys():
        wider["type"] = ANY_SCALAR
    if wider.get("type") == "boolean":
        del wider["type"]
        wider.update(TRUTH)
    return wider
