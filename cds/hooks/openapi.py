"""The service as an OpenAPI 3.1 document: what developers of clients, and testing programs, read."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cds.cards.extension import extension_of
from cds.hooks.prefetch import BY_NAME, prefetch_of
from cds.hooks.profiles import GENERIC, Profile
from cds.hooks.refusal import ISSUE_TYPES
from cds.hooks.services import CdsService, services_of
from cds.rulebook.model import INDICATORS, RuleBook

Json = dict[str, Any]
TEXT: Json = {"type": "string", "minLength": 1}
UUID: Json = {"type": "string", "format": "uuid"}
RESOURCE: Json = {"type": "object", "required": ["resourceType"], "properties": {"resourceType": TEXT}}
BUNDLE: Json = {
    "type": "object",
    "required": ["resourceType"],
    "properties": {
        "resourceType": {"const": "Bundle"},
        "entry": {"type": "array", "items": {"type": "object", "properties": {"resource": {"type": "object"}}}},
    },
}
CARD: Json = {
    "type": "object",
    "required": ["uuid", "summary", "detail", "indicator", "source", "overrideReasons"],
    "properties": {
        "uuid": UUID,
        "summary": {"type": "string", "minLength": 1, "maxLength": 139},
        "detail": TEXT,
        "indicator": {"enum": list(INDICATORS)},
        "source": {"type": "object", "required": ["label", "topic"], "properties": {"label": TEXT}},
        "suggestions": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["label", "uuid"]}},
        "selectionBehavior": {"enum": ["any", "at-most-one"]},
        "links": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["label", "url", "type"]}},
        "overrideReasons": {"type": "array", "items": {"type": "object", "required": ["code", "system", "display"]}},
        "extension": {"type": "object"},
    },
}
WORDS: Json = {"type": "array", "minItems": 1, "items": TEXT}
TOLD: Json = {
    "type": "object",
    "description": "Why there may be fewer cards: what was not sent, what was not used, what rests.",
    "properties": {
        "notSent": {**WORDS, "description": "The keys of the prefetch that got no whole answer."},
        "notUsed": {
            "type": "array", "minItems": 1,
            "items": {
                "type": "object", "required": ["type", "reason", "count"],
                "properties": {"type": TEXT, "reason": TEXT, "count": {"type": "integer", "minimum": 1}},
            },
        },
        "resting": {**WORDS, "description": "The topics of cards that this user put aside a while ago."},
    },
}  # fmt: skip
OUTCOME: Json = {
    "type": "object",
    "required": ["resourceType", "issue"],
    "properties": {
        "resourceType": {"const": "OperationOutcome"},
        "issue": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["severity", "code"]}},
    },
}
DISCOVERY: Json = {
    "type": "object",
    "required": ["services"],
    "properties": {
        "services": {"type": "array", "items": {"type": "object", "required": ["hook", "id", "description", "title"]}}
    },
}
ENTRY: Json = {
    "type": "object",
    "required": ["card", "outcome", "outcomeTimestamp"],
    "properties": {
        "card": UUID,
        "outcome": {"enum": ["accepted", "overridden"]},
        "outcomeTimestamp": {"type": "string", "format": "date-time"},
        "acceptedSuggestions": {
            "type": "array", "items": {"type": "object", "required": ["id"], "properties": {"id": TEXT}}
        },
        "overrideReason": {
            "type": "object",
            "properties": {
                "reason": {"type": "object", "properties": {"code": TEXT, "system": TEXT, "display": TEXT}},
                "userComment": {"type": "string"},
            },
        },
    },
}  # fmt: skip
FEEDBACK: Json = {
    "type": "object",
    "required": ["feedback"],
    "properties": {"feedback": {"type": "array", "minItems": 1, "items": ENTRY}},
}
REFUSALS = tuple(status for status in ISSUE_TYPES if status != 403)
"""The statuses that a call may get beside 200."""


@lru_cache(maxsize=64)
def openapi_of(book: RuleBook, hooks: tuple[str, ...], profile: Profile = GENERIC) -> Json:
    """The document for the services of these hooks."""
    cards = _cards(book)
    paths: Json = {"/cds-services": {"get": _operation("Discovery", "The services and their prefetch.", DISCOVERY)}}
    for service in services_of(book, hooks, profile).values():
        path = f"/cds-services/{service.id}"
        paths[path] = {"post": _posted(service.hook, service.about, _call(service, book), cards)}
        paths[f"{path}/feedback"] = {"post": _posted(f"{service.hook} feedback", "What users did.", FEEDBACK, None)}
    title = f"{book.title}: CDS Hooks services"
    return {"openapi": "3.1.0", "info": {"title": title, "version": book.version}, "paths": paths}


def _cards(book: RuleBook) -> Json:
    extension = {"type": "object", "properties": extension_of(book, TOLD)}
    properties = {"cards": {"type": "array", "items": CARD}, "extension": extension}
    return {"type": "object", "required": ["cards"], "properties": properties}


def _call(service: CdsService, book: RuleBook) -> Json:
    context: Json = {"patientId": TEXT, "userId": {"type": "string"}, "encounterId": {"type": "string"}}
    if service.orders:
        context[service.orders] = BUNDLE
    if service.hook == "order-select":
        context["selections"] = {"type": "array", "items": {"type": "string"}}
    asked = {name: RESOURCE if BY_NAME[name].type == "Patient" else BUNDLE for name in prefetch_of(book)}
    prefetch = {name: {"oneOf": [shape, {"type": "null"}]} for name, shape in asked.items()}
    return {
        "type": "object",
        "required": ["hook", "hookInstance", "context"],
        "properties": {
            "hook": {"const": service.hook},
            "hookInstance": UUID,
            "fhirServer": {"type": "string"},
            "fhirAuthorization": {"type": "object"},
            "context": {"type": "object", "required": ["patientId"], "properties": context},
            "prefetch": {"type": "object", "properties": prefetch},
            "extension": {"type": "object"},
        },
    }


def _posted(summary: str, about: str, body: Json, answer: Json | None) -> Json:
    content = {"application/json": {"schema": body}}
    return {**_operation(summary, about, answer), "requestBody": {"required": True, "content": content}}


def _operation(summary: str, about: str, answer: Json | None) -> Json:
    fine: Json = {"description": "Done."}
    if answer is not None:
        fine["content"] = {"application/json": {"schema": answer}}
    refused = {"description": "Refused.", "content": {"application/json": {"schema": OUTCOME}}}
    later = {**refused, "headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}}
    answers = {"200": fine, **{str(s): later if s in (429, 503) else refused for s in REFUSALS}}
    return {"summary": summary, "description": about, "responses": answers}
