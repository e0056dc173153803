"""What is being ordered: draft orders of a hook's context as resources of the record.

The standard lets ``draftOrders`` hold every unsigned order of the session, so all of them count as what will be taken.
``selections`` names those that were just picked: order-select speaks only when one of them matters here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from cds.hooks.envelope import Call
from cds.intake.bundle import each_resource
from cds.intake.medications import ORDERS
from cds.intake.names import has_id, name_of
from cds.intake.record import Issue, Record

Json = dict[str, Any]
TYPES = ("MedicationRequest", "MedicationStatement", "Medication")
ENDED = frozenset({"cancelled", "entered-in-error", "stopped", "completed", "on-hold", "ended"})
"""Statuses of an order that is no longer being placed."""


class Orders(NamedTuple):
    """The orders of a call as they count in the record, and the names of those that were selected."""

    entries: list[Json]
    names: frozenset[str]
    selected: frozenset[str]

    def matter(self, record: Record) -> bool:
        """Whether a selected order is about something that a rule can read; without selections, always."""
        return not self.selected or any(name_of(resource) in self.selected for resource in record.used)


def orders_of(call: Call, today: date, issues: list[Issue]) -> Orders:
    """The orders of a call; a Bundle without a type and orders without intent, as the sandbox sends them, are read."""
    bundle = call.context.get(call.offer.orders) if call.offer.orders else None
    if not bundle:
        return Orders([], frozenset(), frozenset())
    entries = list(_entries(bundle, today, issues))
    names = frozenset(name_of(entry["resource"]) for entry in entries if has_id(entry["resource"]))
    every = {name_of(resource) for _, resource in each_resource(bundle, []) if has_id(resource)}
    picked = call.context.get("selections") if call.offer.hook == "order-select" else None
    selected = {_relative(name) for name in picked or ()} & every
    return Orders(entries, names, frozenset(selected))


def _entries(bundle: Json, today: date, issues: list[Issue]) -> Iterator[Json]:
    for url, resource in each_resource(bundle, issues):
        if resource["resourceType"] == "MedicationRequest":
            yield {"fullUrl": url, "resource": _placed(resource, today)}
        elif resource["resourceType"] in TYPES:
            yield {"fullUrl": url, "resource": resource}


def _placed(order: Json, today: date) -> Json:
    """A draft as what it will be when it is signed: an active order, from today."""
    if str(order.get("status")) in ENDED:
        return order
    intent = order["intent"] if str(order.get("intent")) in ORDERS else "order"
    return {**order, "intent": intent, "status": "active", "authoredOn": today.isoformat()}


def _relative(reference: str) -> str:
    """``Type/id`` of a reference, which may be a full URL."""
    return "/".join(reference.split("/_history/", maxsplit=1)[0].rstrip("/").split("/")[-2:])
