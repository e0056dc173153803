"""Whether a file holds one document or one in each line, by how it begins: names do not always tell."""

from __future__ import annotations

import codecs

from cds.errors import RecordError
from cds.intake.reading import parse_json


def is_fhir(data: object) -> bool:
    """Whether JSON could be FHIR: a resource, or a list with one."""
    listed = data if isinstance(data, list) else [data]
    return any(isinstance(item, dict) and isinstance(item.get("resourceType"), str) for item in listed)


def is_spread(beginning: bytes) -> bool:
    """Whether the first line of a file is only the beginning of a document, as in JSON that is made to be read."""
    text = beginning.removeprefix(codecs.BOM_UTF8).lstrip()
    return text.partition(b"\n")[0].strip() in (b"{", b"[")


def looks_like_lines(raw: bytes) -> bool:
    """Whether text that is not JSON begins with a line that is a resource."""
    first, _, rest = raw.lstrip().partition(b"\n")
    try:
        return bool(rest.strip()) and is_fhir(parse_json(first))
    except RecordError:
        return False
