"""A call: the body of a request as JSON, and its envelope, checked for what the standard requires and nothing more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from cds.errors import CdsError
from cds.hooks.refusal import RefusedError
from cds.hooks.services import CdsService
from cds.intake.json_text import Parsed, parsed
from cds.jsontypes import Json

LONGEST_ID = 256
NO_ID = f"is missing or no text of at most {LONGEST_ID} characters."


class Secret:
    """A secret: it shows nothing of itself, and cannot be written as JSON."""

    __slots__ = ("value",)

    def __init__(self, value: Any = None) -> None:
        self.value = value

    def __repr__(self) -> str:
        """Nothing of the secret."""
        return "Secret()"


class Call(NamedTuple):
    """A checked call.

    ``body`` is what was sent, with the prefetch as a mapping and without ``fhirAuthorization``, which is never kept;
    ``access`` is that member, for the requests that this call allows and nothing else. ``text`` is the JSON text of the
    body where it was written already, else empty.
    """

    service: CdsService
    instance: str
    patient: str
    user: str
    body: Json
    access: Secret = Secret()
    text: bytes = b""

    @property
    def context(self) -> Json:
        """The context of the hook."""
        context: Json = self.body["context"]
        return context

    @property
    def prefetch(self) -> Json:
        """The prefetch by key."""
        prefetch: Json = self.body["prefetch"]
        return prefetch

    def with_prefetch(self, more: Json) -> Call:
        """The call as if the client had also sent these keys."""
        return self._replace(body={**self.body, "prefetch": {**self.prefetch, **more}}, text=b"")

    def written(self) -> Call:
        """The call without its access, as it is kept and compared: with the text of its body."""
        return self._replace(access=Secret(), text=self.text or orjson.dumps(self.body))

    def as_text(self) -> Call:
        """The call as it is kept, with the text of its body in place of the body."""
        return self._replace(access=Secret(), text=self.written().text, body={})


def read_json(raw: bytes) -> object:
    """The JSON value of a body; raises as ``read_body`` does."""
    return read_body(raw).data


def read_body(raw: bytes) -> Parsed:
    """The JSON value of a body, with its text in one form.

    Raises:
        RefusedError: 400 for what is not JSON, is nested deeper than 64 levels, or has the same key twice in an object:
            which of two patients or values was meant is not ours to guess.

    """
    try:
        body = parsed(raw)
    except CdsError as error:
        raise RefusedError(400, str(error)) from None
    if _may_repeat_a_key(raw, body.written):
        _refuse_repeated_keys(raw)
    return body


def _may_repeat_a_key(raw: bytes, written: bytes) -> bool:
    """Whether the text has more colons than the value, in which a second key took the place of the first.

    Not where it is the very text that the value is written as, which most clients send. Colons inside strings are the
    same in both, unless one is written as an escape: then counting is doubtful. Counting costs a twentieth of what a
    reader that looks at each key does.
    """
    return raw != written and (raw.count(b":") != written.count(b":") or b"\\u003" in raw)


def _refuse_repeated_keys(raw: bytes) -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise RefusedError(400, "An object has the same key twice. Send each key once.")
        return found

    json.loads(raw, object_pairs_hook=once)


def call_of(body: object, service: CdsService, text: bytes = b"") -> Call:
    """The call that a body makes to a service; unknown members, extensions and missing optional members are accepted.

    ``text`` is the JSON text of the body, where it is there already.

    Raises:
        RefusedError: 400, with everything that is wrong with the envelope.

    """
    if not isinstance(body, dict):
        raise RefusedError(400, "The body is not a JSON object.")
    if wrong := list(_wrong(body, service)):
        raise RefusedError(400, " ".join(wrong))
    context, user = body["context"], body["context"].get("userId")
    kept = {**body, "prefetch": body.get("prefetch") or {}}
    access = Secret(kept.pop("fhirAuthorization", None))
    user = user if isinstance(user, str) else ""
    as_sent = kept.keys() == body.keys() and kept["prefetch"] is body["prefetch"]
    patient = _id_of(context["patientId"])
    return Call(service, body["hookInstance"], patient, user, kept, access, text if as_sent else b"")


def _wrong(body: Json, service: CdsService) -> Iterator[str]:
    if body.get("hook") != service.hook:
        yield f"This service answers the hook '{service.hook}'; 'hook' names another one or none."
    if not _is_id(body.get("hookInstance")):
        yield f"'hookInstance' {NO_ID}"
    for name in ("prefetch", "fhirAuthorization"):
        if not isinstance(body.get(name), (dict, type(None))):
            yield f"'{name}' is not a JSON object."
    if not isinstance(body.get("fhirServer"), (str, type(None))):
        yield "'fhirServer' is no text."
    context = body.get("context")
    if not isinstance(context, dict):
        yield "'context' is missing or not a JSON object."
    else:
        yield from _wrong_context(context, service)


def _wrong_context(context: Json, service: CdsService) -> Iterator[str]:
    patient = context.get("patientId")
    if not _is_id(patient) or not _id_of(patient):
        yield f"'context.patientId' {NO_ID}"
    orders = context.get(service.orders) if service.orders else None
    if not isinstance(orders, (dict, type(None))) or (orders and orders.get("resourceType") != "Bundle"):
        yield f"'context.{service.orders}' is not a Bundle."
    selections = context.get("selections") if service.hook == "order-select" else None
    if selections is not None and not (isinstance(selections, list) and all(isinstance(s, str) for s in selections)):
        yield "'context.selections' is not a list of references."


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= LONGEST_ID


def _id_of(patient: Any) -> str:
    """The id alone; some clients send ``Patient/123``."""
    return str(patient).strip().removeprefix("Patient/")
