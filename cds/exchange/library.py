"""The Library: the rule files themselves, and the hash that names their content."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from datetime import date

from cds.about import PROGRAM
from cds.exchange.naming import LOGIC, computable, reference, term_ids
from cds.exchange.publication import TERMINOLOGY, Json, citations, head, status_of
from cds.exchange.value_set import has_value_set
from cds.rulebook.model import RuleBook


def library(book: RuleBook, files: Mapping[str, bytes], day: date | None) -> Json:
    """The Library with ``files`` (name -> content) as they are; the rulebook's SHA-256 is its identifier."""
    resource = head(
        book, "Library", LOGIC, name=computable("", book.title), title=book.title, version=book.version,
        status=status_of(book), day=day,
    )  # fmt: skip
    sets = [reference(book, "ValueSet", term_ids(book)[name]) for name in book.terms if has_value_set(book, name)]
    return resource | {
        "identifier": [{"system": f"{book.canonical.rstrip('/')}/rulebook-sha256", "value": book.sha256}],
        "type": {"coding": [{"system": f"{TERMINOLOGY}/library-type", "code": "logic-library"}]},
        "description": f"The rule files that {PROGRAM} reads. They decide; everything else in this export is a view "
        "of them for other systems.",
        "relatedArtifact": [
            *citations(book, book.sources),
            *({"type": "depends-on", "resource": canonical} for canonical in sets),
        ],
        "content": [_attachment(name, content) for name, content in files.items()],
    }


def _attachment(name: str, content: bytes) -> Json:
    """A rule file; FHIR R4 wants SHA-1 as the hash of an attachment, which guards against accidents only."""
    digest = hashlib.sha1(content, usedforsecurity=False).digest()
    return {
        "contentType": "application/yaml",
        "data": b64encode(content).decode(),
        "size": len(content),
        "hash": b64encode(digest).decode(),
        "title": name,
    }
