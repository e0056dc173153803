"""JSON Schema of each kind of rule file, for editors."""

from __future__ import annotations

import json
from pathlib import Path

from cds.rulebook.shapes import KINDS


def write_schemas(folder: Path) -> list[Path]:
    """Write ``KIND.schema.json`` for each kind of rule file; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, shape in KINDS.items():
        path = folder / f"{kind}.schema.json"
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **shape.model_json_schema(by_alias=True)}
        path.write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
        written.append(path)
    return written
