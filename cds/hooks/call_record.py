"""The record of a call: everything that it says about the patient, and what is being ordered.

What is about somebody else is refused and reported. The standard lets ``draftOrders`` hold every unsigned order of the
session, so all of them count as what will be taken. ``selections`` names those that were just picked: order-select
speaks only when one of them matters here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple, TypeAlias

from cds.errors import RecordError
from cds.hooks.calls import Call
from cds.hooks.prefetch import KEYS_BY_NAME, resources_sent
from cds.hooks.refusal import RefusedError
from cds.intake.bundles.bundle import each_resource, gathered
from cds.intake.bundles.entries import messages_of
from cds.intake.bundles.releases import R4_TYPES
from cds.intake.elements import Names, has_id, name_of
from cds.intake.medicines.courses.courses import ORDERS
from cds.intake.reading import record_of as read_resources
from cds.intake.record import ISSUE_CODES, MEDICINES, PARTS, Issue, Record
from cds.intake.unrecognised import what_may_be
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook

MOST_RESOURCES = 5000
NOTHING = (
    "Nothing can be decided: the call holds no data about the patient. Send the keys of the prefetch "
    "(patient, observations, conditions, statements, requests, goals)."
)
MEDICINE_TYPES = ("MedicationRequest", "MedicationStatement", "Medication")
ENDED = frozenset({"cancelled", "entered-in-error", "stopped", "completed", "on-hold", "ended"})
"""Statuses of an order that is no longer being placed."""
Entry: TypeAlias = tuple[str, Json]
"""A resource, behind its full URL (empty: it has none)."""
UNKNOWN_ORDER = "An order is of a resource type that this program does not know; it was not read."


def record_of(call: Call, orders: Orders, book: RuleBook, today: date, missing: Collection[str]) -> Record:
    """The record of the patient of a call; ``missing`` are the keys of the prefetch that got no whole answer.

    Nothing is known to be absent in what was sent and could not be used: every client is asked for this patient alone.
    Whether what was used is valid R4 is not looked at: it changes no card and takes a fifth of the time of a call.

    Raises:
        RefusedError: 400 for data of another patient or not FHIR R4, 412 without any data, 413 for too many resources.

    """
    issues = list(orders.issues)
    entries = [*_prefetched(call, orders.names, issues), *orders.entries]
    kinds = frozenset(KEYS_BY_NAME[name].kind for name in missing)
    if not entries and "medicines" in kinds:
        raise RefusedError(412, NOTHING)
    if len(entries) > MOST_RESOURCES:
        raise RefusedError(413, f"The call holds {len(entries)} resources; at most {MOST_RESOURCES} are read.")
    placed = [("", number, *entry) for number, entry in enumerate(_of_one_patient(entries, call, issues), 1)]
    try:
        record = read_resources(gathered(placed, []), book, today)
    except RecordError as error:
        raise RefusedError(400, str(error)) from None
    for issue in issues:
        record.add(issue)
    record.unread |= kinds | {PARTS[issue.not_used] for issue in record.issues if issue.not_used in PARTS}
    record.drafts = orders.names
    return record


def _prefetched(call: Call, ordered: Collection[str], issues: list[Issue]) -> list[Entry]:
    """Every resource of the prefetch, whatever its shape; an order that is also on record counts as it is ordered.

    What a server said beside its data becomes an issue; that a page is missing is known by the key it answers.
    """
    noted: list[Issue] = []
    found = list(each_resource(resources_sent(call.prefetch), noted))
    issues += [issue._replace(not_used="") if issue.not_used == "Bundle" else issue for issue in noted]
    entries = []
    for url, resource in found:
        if resource["resourceType"] == "OperationOutcome":
            issues += messages_of(resource, name_of(resource))
        elif name_of(resource) not in ordered:
            entries.append((url, resource))
    return entries


def _of_one_patient(entries: list[Entry], call: Call, issues: list[Issue]) -> list[Entry]:
    """The entries with exactly one Patient, that of the context; other Patients are refused and reported.

    Raises:
        RefusedError: 400 when the key ``patient`` holds somebody else only: then nothing in the call can be trusted.

    """
    sent = resources_sent({"patient": call.prefetch.get("patient")})
    asked = [resource for _, resource in each_resource(sent, []) if _is_patient(resource)]
    if asked and not any(resource.get("id", call.patient) == call.patient for resource in asked):
        raise RefusedError(400, "The Patient of the prefetch is not the patient of the context.")
    patients = [entry for entry in entries if _is_patient(entry[1])]
    others = [entry for entry in entries if not _is_patient(entry[1])]
    named = [entry for entry in patients if entry[1].get("id") == call.patient]
    mine = named or [entry for entry in patients if "id" not in entry[1]][:1]
    # Another Patient stands in the place of this one only where this one was not sent.
    lost = "" if mine else "Patient"
    names = Names(("", number, url, resource) for number, (url, resource) in enumerate(patients, 1))
    issues.extend(_refused(names.of(entry[1]), lost) for entry in patients if entry not in mine)
    known = {**(mine[0][1] if mine else {"resourceType": "Patient"}), "id": call.patient}
    urls = [*(url for url, _ in mine), *_own_urls(call)] or [""]
    return [*((url, known) for url in urls), *others]


def _is_patient(resource: Json) -> bool:
    return bool(resource["resourceType"] == "Patient")


def _own_urls(call: Call) -> list[str]:
    """The URLs of the patient on the server of the call, one of which an absolute reference must be.

    A proxy that ends TLS may leave http in the references of a server that is called by https.
    """
    server = call.body.get("fhirServer")
    place = server.rstrip("/").partition("://")[2] if isinstance(server, str) else ""
    return [f"{scheme}://{place}/Patient/{call.patient}" for scheme in ("http", "https")] if place else []


def _refused(name: str, lost: str) -> Issue:
    return Issue("other-patient", name, ISSUE_CODES["other-patient"], not_used=lost)


class Orders(NamedTuple):
    """The orders of a call as they count in the record, the names of those that were selected, and what is no order."""

    entries: list[Entry]
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
    entries = list(_ordered(bundle, today, issues))
    names = frozenset(name_of(resource) for _, resource in entries if has_id(resource))
    every = {name_of(resource) for _, resource in each_resource(bundle, []) if has_id(resource)}
    picked = call.context.get("selections") if call.service.hook == "order-select" else None
    selected = {_relative(name) for name in picked or ()} & every
    lost = tuple(issue._replace(not_used="MedicationRequest") for issue in issues if issue.not_used)
    return Orders(entries, names, frozenset(selected), lost)


def _ordered(bundle: Json, today: date, issues: list[Issue]) -> Iterator[Entry]:
    """The orders that were placed; one of a type that R4 does not know (MedicationOrder, of DSTU2) may be any."""
    for url, resource in each_resource(bundle, issues):
        kind = resource["resourceType"]
        if kind == "MedicationRequest" and _names_something(resource):
            yield url, _placed(resource, today)
        elif kind in MEDICINE_TYPES and kind != "MedicationRequest":
            yield url, resource
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
