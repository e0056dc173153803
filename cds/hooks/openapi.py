"""The service as an OpenAPI 3.1 document: what developers of clients, and testing programs, read."""

from __future__ import annotations

from functools import lru_cache

from cds.cards.frames import extension_of
from cds.cards.models import card_schemas
from cds.hooks.prefetch import KEYS_BY_NAME, prefetch_of
from cds.hooks.profiles import GENERIC, Profile
from cds.hooks.refusal import ISSUE_TYPES
from cds.hooks.services import CdsService, services_of
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook


def _object(required: str = "", /, **properties: Json) -> Json:
    """The schema of an object; ``required`` are the names of the members that must be there."""
    shape: Json = {"type": "object"}
    if required:
        shape["required"] = required.split()
    return {**shape, "properties": properties} if properties else shape


def _array(items: Json, fewest: int = 0) -> Json:
    """The schema of an array of at least so many items."""
    return {"type": "array", **({"minItems": fewest} if fewest else {}), "items": items}


_SCHEMAS = "#/components/schemas/"
_STRING: Json = {"type": "string"}
_TEXT: Json = {**_STRING, "minLength": 1}
_UUID: Json = {**_STRING, "format": "uuid"}
_CODING = _object(code=_TEXT, system=_TEXT, display=_TEXT)
_RESOURCE = _object("resourceType", resourceType=_TEXT)
_BUNDLE = _object("resourceType", resourceType={"const": "Bundle"}, entry=_array(_object(resource=_object())))
_COUNTED = _object("type reason count", type=_TEXT, reason=_TEXT, count={"type": "integer", "minimum": 1})
_TOLD = {
    **_object(
        notSent={**_array(_TEXT, 1), "description": "The keys of the prefetch that got no whole answer."},
        notUsed=_array(_COUNTED, 1),
        resting={**_array(_TEXT, 1), "description": "The topics of cards that this user put aside a while ago."},
    ),
    "description": "Why there may be fewer cards: what was not sent, what was not used, what rests.",
}
_OUTCOME = _object(
    "resourceType issue",
    resourceType={"const": "OperationOutcome"},
    issue=_array(_object("severity code"), 1),
)
_DISCOVERY = _object("services", services=_array(_object("hook id description title")))
_ENTRY = _object(
    "card outcome outcomeTimestamp",
    card=_UUID,
    outcome={"enum": ["accepted", "overridden"]},
    outcomeTimestamp={**_STRING, "format": "date-time"},
    acceptedSuggestions=_array(_object("id", id=_TEXT)),
    overrideReason=_object(reason=_CODING, userComment=_STRING),
)
_FEEDBACK = _object("feedback", feedback=_array(_ENTRY, 1))
_REFUSALS = tuple(status for status in ISSUE_TYPES if status != 403)
"""The statuses that a call may get beside 200."""


@lru_cache(maxsize=64)
def openapi_of(books: tuple[RuleBook, ...], hooks: tuple[str, ...], profile: Profile = GENERIC) -> Json:
    """The document for the services of these hooks, of all rulebooks; its version is that of the first."""
    paths: Json = {"/cds-services": {"get": _operation("Discovery", "The services and their prefetch.", _DISCOVERY)}}
    for book in books:
        paths |= _paths(book, hooks, profile)
    title = f"{', '.join(book.title for book in books)}: CDS Hooks services"
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": books[0].version},
        "paths": paths,
        "components": {"schemas": card_schemas(_SCHEMAS)},
    }


def _paths(book: RuleBook, hooks: tuple[str, ...], profile: Profile) -> Json:
    paths: Json = {}
    cards = _cards(book)
    for service in services_of(book, hooks, profile).values():
        path = f"/cds-services/{service.id}"
        paths[path] = {"post": _posted(service.hook, service.about, _call(service, book), cards)}
        paths[f"{path}/feedback"] = {"post": _posted(f"{service.hook} feedback", "What users did.", _FEEDBACK, None)}
    return paths


def _cards(book: RuleBook) -> Json:
    return _object("cards", cards=_array({"$ref": f"{_SCHEMAS}Card"}), extension=_object(**extension_of(book, _TOLD)))


def _call(service: CdsService, book: RuleBook) -> Json:
    context: Json = {"patientId": _TEXT, "userId": _STRING, "encounterId": _STRING}
    if service.orders:
        context[service.orders] = _BUNDLE
    if service.hook == "order-select":
        context["selections"] = _array(_STRING)
    asked = {name: _RESOURCE if KEYS_BY_NAME[name].type == "Patient" else _BUNDLE for name in prefetch_of(book)}
    prefetch: Json = {name: {"oneOf": [shape, {"type": "null"}]} for name, shape in asked.items()}
    return _object(
        "hook hookInstance context",
        hook={"const": service.hook},
        hookInstance=_UUID,
        fhirServer=_STRING,
        fhirAuthorization=_object(),
        context=_object("patientId", **context),
        prefetch=_object(**prefetch),
        extension=_object(),
    )


def _posted(summary: str, about: str, body: Json, answer: Json | None) -> Json:
    content = {"application/json": {"schema": body}}
    return {**_operation(summary, about, answer), "requestBody": {"required": True, "content": content}}


def _operation(summary: str, about: str, answer: Json | None) -> Json:
    fine: Json = {"description": "Done."}
    if answer is not None:
        fine["content"] = {"application/json": {"schema": answer}}
    refused = {"description": "Refused.", "content": {"application/json": {"schema": _OUTCOME}}}
    later = {**refused, "headers": {"Retry-After": {"description": "Seconds.", "schema": _STRING}}}
    answers = {"200": fine, **{str(s): later if s in (429, 503) else refused for s in _REFUSALS}}
    return {"summary": summary, "description": about, "responses": answers}
