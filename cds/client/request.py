"""The request that an EHR would send: hook, context, prefetch.

https://cds-hooks.hl7.org/2.0/#calling-a-cds-service
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import uuid4

from cds.client.calling import CallError
from cds.client.ehr import EhrRecord, prefetched
from cds.intake.elements import has_id, name_of
from cds.jsontypes import Json

USER = "Practitioner/example"
ENCOUNTER = "example"
NEEDS_ORDERS = ("order-select", "order-sign", "medication-refill")


class Request(NamedTuple):
    """The body of a call, and why keys of the prefetch are not in it."""

    body: Json
    left_out: dict[str, str]


def ehr_request(service: Json, record: EhrRecord, dropped: Collection[str]) -> Request:
    """The request for a service of a discovery answer, without the keys of the prefetch that are to be dropped.

    Raises:
        CallError: the hook is about orders and the bundle holds none.

    """
    context = context_of(service["hook"], record)
    wanted = {key: value for key, value in (service.get("prefetch") or {}).items() if key not in dropped}
    found = prefetched(wanted, context, record)
    body = {"hook": service["hook"], "hookInstance": str(uuid4()), "context": context, "prefetch": found.values}
    return Request(body, {**dict.fromkeys(dropped, "as you asked"), **found.left_out})


def context_of(hook: str, record: EhrRecord) -> Json:
    """The context of a hook: user, patient, encounter where there is one, and the orders that it is about.

    Hooks and members: https://cds-hooks.org/hooks/.
    """
    context: Json = {"userId": _first(record, "Practitioner") or USER, "patientId": record.patient}
    encounter = _first(record, "Encounter").rpartition("/")[2]
    if encounter or hook == "encounter-discharge":
        context["encounterId"] = encounter or ENCOUNTER
    drafts = record.drafts()
    if hook in NEEDS_ORDERS and not drafts:
        raise CallError(f"'{hook}' is about orders; the bundle holds no MedicationRequest with the status 'draft'.")
    if hook == "order-select":
        context["selections"] = [name_of(order) for order in drafts]
    if hook in NEEDS_ORDERS:
        context["medications" if hook == "medication-refill" else "draftOrders"] = _bundle(drafts, record)
    return context


def _first(record: EhrRecord, kind: str) -> str:
    return next((name_of(resource) for resource in record.of(kind) if has_id(resource)), "")


def _bundle(orders: list[Json], record: EhrRecord) -> Json:
    """The orders, and the Medications that they refer to."""
    references = [
        order["medicationReference"] for order in orders if isinstance(order.get("medicationReference"), dict)
    ]
    referred = {str(reference.get("reference")) for reference in references}
    medications = [medication for medication in record.of("Medication") if name_of(medication) in referred]
    entries = [{"resource": resource} for resource in (*orders, *medications)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}
