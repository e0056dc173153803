"""The envelope of a call, checked: what the standard requires of it, and nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cds.hooks.refusal import RefusedError
from cds.hooks.services import CdsService
from cds.jsontypes import Json

LONGEST_ID = 256


class Hidden:
    """Holds a secret: it shows nothing of itself, and cannot be written as JSON."""

    __slots__ = ("value",)

    def __init__(self, value: Any = None) -> None:
        self.value = value

    def __repr__(self) -> str:
        """Nothing of the secret."""
        return "Hidden()"


class Call(NamedTuple):
    """A checked call.

    ``body`` is what was sent, with the prefetch as a mapping and without ``fhirAuthorization``, which is never kept;
    ``access`` is that member, for the requests that this call allows and nothing else.
    """

    service: CdsService
    instance: str
    patient: str
    user: str
    body: Json
    access: Hidden = Hidden()

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
        return self._replace(body={**self.body, "prefetch": {**self.prefetch, **more}})


def call_of(body: object, service: CdsService) -> Call:
    """The call that a body makes to a service; unknown members, extensions and missing optional members are accepted.

    Raises:
        RefusedError: 400, with everything that is wrong with the envelope.

    """
    if not isinstance(body, dict):
        raise RefusedError(400, "The body is not a JSON object.")
    if wrong := list(_wrong(body, service)):
        raise RefusedError(400, " ".join(wrong))
    context = body["context"]
    prefetch = body.get("prefetch") or {}
    kept = {**{name: value for name, value in body.items() if name != "fhirAuthorization"}, "prefetch": prefetch}
    user = context.get("userId")
    return Call(
        service, body["hookInstance"], _id_of(context["patientId"]), user if isinstance(user, str) else "",
        kept, Hidden(body.get("fhirAuthorization")),
    )  # fmt: skip


def _wrong(body: Json, service: CdsService) -> Iterator[str]:
    if body.get("hook") != service.hook:
        yield f"This service answers the hook '{service.hook}'; 'hook' names another one or none."
    if not _is_id(body.get("hookInstance")):
        yield "'hookInstance' is missing or no text of at most 256 characters."
    yield from (
        f"'{name}' is not a JSON object."
        for name in ("prefetch", "fhirAuthorization") if not isinstance(body.get(name), (dict, type(None)))
    )  # fmt: skip
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
        yield "'context.patientId' is missing or no text of at most 256 characters."
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
