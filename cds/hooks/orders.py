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
from cds.intake.courses import ORDERS
from cds.intake.elements import has_id, name_of
from cds.intake.record import MEDICINES, Issue, Record
from cds.intake.releases import R4_TYPES
from cds.intake.unrecognised import what_may_be

Json = dict[str, Any]
TYPES = ("MedicationRequest", "MedicationStatement", "Medication")
ENDED = frozenset({"cancelled", "entered-in-error", "stopped", "completed", "on-hold", "ended"})
"""Statuses of an order that is no longer being placed."""
UNKNOWN_ORDER = "An order is of a resource type that this program does not know; it was not read."


class Orders(NamedTuple):
    """The orders of a call as they count in the record, the names of those that were selected, and what is no order."""

    entries: list[Json]
    names: frozenset[str]
    selected: frozenset[str]
    issues: tuple[Issue, ...] = ()

    def matter(self, record: Record) -> bool:
        """Whether a selected order is about something that a rule can read, or may be; without selections, always.

        An order that is being written names no medicine yet: it does not matter.
        """
        named = {name_of(resource) for resource in record.used}
        named |= {issue.source for issue in record.issues if issue.not_used}
        named |= {item.source for item in what_may_be(record, MEDICINES) if item.name and not item.coded}
        return not self.selected or not self.selected.isdisjoint(named)


def orders_of(call: Call, today: date) -> Orders:
    """The orders of a call; a Bundle without a type and orders without intent, as the sandbox sends them, are read."""
    bundle = call.context.get(call.service.orders) if call.service.orders else None
    if not bundle:
        return Orders([], frozenset(), frozenset())
    issues: list[Issue] = []
    entries = list(_entries(bundle, today, issues))
    names = frozenset(name_of(entry["resource"]) for entry in entries if has_id(entry["resource"]))
    every = {name_of(resource) for _, resource in each_resource(bundle, []) if has_id(resource)}
    picked = call.context.get("selections") if call.service.hook == "order-select" else None
    selected = {_relative(name) for name in picked or ()} & every
    lost = tuple(issue._replace(not_used="MedicationRequest") for issue in issues if issue.not_used)
    return Orders(entries, names, frozenset(selected), lost)


def _entries(bundle: Json, today: date, issues: list[Issue]) -> Iterator[Json]:
    """The orders that were placed; one of a type that R4 does not know (MedicationOrder, of DSTU2) may be any."""
    for url, resource in each_resource(bundle, issues):
        kind = resource["resourceType"]
        if kind == "MedicationRequest" and _names_something(resource):
            yield {"fullUrl": url, "resource": _placed(resource, today)}
        elif kind in TYPES and kind != "MedicationRequest":
            yield {"fullUrl": url, "resource": resource}
        elif kind not in R4_TYPES:
            issues.append(Issue("unknown-resource", name_of(resource), UNKNOWN_ORDER, not_used="Resource"))


def _names_something(order: Json) -> bool:
    """Whether a medicine was picked already: a form that was just opened sends an order of nothing."""
    return any(value for key, value in order.items() if key.startswith("medication"))


def _placed(order: Json, today: date) -> Json:
    """A draft as what it will be when it is signed: an active order, from today."""
    if str(order.get("status")) in ENDED:
        return order
    intent = order["intent"] if str(order.get("intent")) in ORDERS else "order"
    return {**order, "intent": intent, "status": "active", "authoredOn": today.isoformat()}


def _relative(reference: str) -> str:
    """``Type/id`` of a reference, which may be a full URL."""
    return "/".join(reference.split("/_history/", maxsplit=1)[0].rstrip("/").split("/")[-2:])
