"""JSON Schema of each kind of rule file, for editors.

To the loader every scalar is text; an editor takes ``950`` for a number. So the schemas allow numbers and truth values
wherever any text may stand, and ``yes`` and ``no`` where a truth value is meant.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cds.rulebook.files import KINDS
from cds.rulebook.model.overlay import OVERLAY_KINDS
from cds.rulebook.shape import shape_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ANY_SCALAR = ["string", "number", "boolean"]
TRUTH = {"enum": ["yes", "no", True, False]}
OF_OVERLAYS = {
    kind if kind.startswith("overlay") else f"overlay-{kind}": shape
    for kind, shape in OVERLAY_KINDS.items()
    if shape not in KINDS.values()
}
NARROWER = frozenset({"const", "enum", "pattern"})


def write_schemas(folder: Path) -> list[Path]:
    """Write ``KIND.schema.json`` for each kind of rule file, and for those that only overlays have; the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, shape in (KINDS | OF_OVERLAYS).items():
        path = folder / f"{kind}.schema.json"
        schema = {"$schema": DIALECT, **as_editors_read(shape_of(shape).model_json_schema(by_alias=True))}
        path.write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
        written.append(path)
    return written


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
