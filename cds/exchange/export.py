"""The whole rulebook as FHIR R4 resources: the same rule files and the same day give the same bytes."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import orjson

from cds.about import PROGRAM
from cds.code_systems import TERMINOLOGY
from cds.errors import CdsError
from cds.exchange.activity_definition import activity_definitions
from cds.exchange.extensions import code_systems, definitions_of_extensions
from cds.exchange.plan_definition import order_of_decision, plan_definitions
from cds.exchange.publication import LOGIC, citations, computable, concept, head, reference, term_ids
from cds.exchange.value_set import has_value_set, value_sets
from cds.intake.validation import r4_problem
from cds.jsontypes import Json
from cds.rulebook.folder import fingerprint, rule_files
from cds.rulebook.model import RuleBook


def files_of(folder: Path, book: RuleBook, *overlays: Path) -> dict[str, bytes]:
    """The rule files by name; those of an overlay begin with the name of its folder.

    Raises:
        CdsError: they are not those from which the rulebook was read.

    """
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in rule_files(folder)}
    layers = book.overlay.layers if book.overlay else ()
    for layer, place in zip(layers, overlays, strict=True):
        files |= {f"{layer.place}/{p.relative_to(place).as_posix()}": p.read_bytes() for p in rule_files(place)}
    if fingerprint(folder, *overlays) != book.sha256:
        raise CdsError(f"the rule files in '{folder}' changed while they were read. Run the command again.")
    return files


def resources_of(book: RuleBook, files: Mapping[str, bytes], day: date | None) -> list[Json]:
    """All resources, valid FHIR R4; ``day`` is the day of publication, None for none.

    Raises:
        CdsError: with every resource that would not be valid, and where.

    """
    resources = [
        library(book, files, day),
        *plan_definitions(book, day),
        order_of_decision(book, day),
        *activity_definitions(book, day),
        *value_sets(book, day),
        *code_systems(book, day),
        *definitions_of_extensions(book, day),
    ]
    found = [f"{r['resourceType']}/{r['id']}: {where}" for r in resources if (where := r4_problem(r))]
    if found:
        raise CdsError("these resources would not be valid FHIR R4: " + "; ".join(found))
    return resources


def transaction_of(resources: list[Json]) -> Json:
    """A transaction that creates or replaces each resource under its own id on a FHIR server."""
    entries = [
        {
            "fullUrl": resource["url"],
            "resource": resource,
            "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"},
        }
        for resource in resources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def as_bytes(resource: Json) -> bytes:
    """The resource as indented JSON."""
    return orjson.dumps(resource, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write_files(resources: list[Json], folder: Path) -> list[Path]:
    """A file for each resource; the JSON files of the folder that are not of this export, which stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {f"{resource['resourceType']}-{resource['id']}.json": resource for resource in resources}
    for name, resource in names.items():
        (folder / name).write_bytes(as_bytes(resource))
    return sorted(path for path in folder.glob("*.json") if path.name not in names)


def library(book: RuleBook, files: Mapping[str, bytes], day: date | None) -> Json:
    """The Library with ``files`` (name -> content) as they are; the rulebook's SHA-256 is its identifier."""
    resource = head(book, "Library", LOGIC, name=computable("", book.title), title=book.title, day=day)
    sets = [reference(book, "ValueSet", term_ids(book)[name]) for name in book.terms if has_value_set(book, name)]
    return resource | {
        "identifier": [{"system": f"{book.canonical.rstrip('/')}/rulebook-sha256", "value": book.sha256}],
        "type": concept(f"{TERMINOLOGY}/library-type", "logic-library"),
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
