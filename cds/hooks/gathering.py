"""Everything that a call says about the patient, as one record; what is about somebody else is refused and reported."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from cds.errors import RecordError
from cds.hooks.envelope import Call
from cds.hooks.orders import Orders
from cds.hooks.prefetch import BY_NAME
from cds.hooks.refusal import RefusedError
from cds.intake.bundle import each_resource
from cds.intake.elements import Names, name_of
from cds.intake.entries import messages_of
from cds.intake.reading import read_record
from cds.intake.record import ISSUE_CODES, PARTS, Issue, Record
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
MOST_RESOURCES = 5000
NOTHING = (
    "Nothing can be decided: the call holds no data about the patient. Send the keys of the prefetch "
    "(patient, observations, conditions, statements, requests, goals)."
)


def record_of(call: Call, orders: Orders, book: RuleBook, today: date, missing: Collection[str]) -> Record:
    """The record of the patient of a call; ``missing`` are the keys of the prefetch that got no whole answer.

    Nothing is known to be absent in what was sent and could not be used: every client is asked for this patient alone.
    Whether what was used is valid R4 is not looked at: it changes no card and takes a fifth of the time of a call.

    Raises:
        RefusedError: 400 for data of another patient or not FHIR R4, 412 without any data, 413 for too many resources.

    """
    issues = list(orders.issues)
    entries = [*_prefetched(call, orders.names, issues), *orders.entries]
    kinds = frozenset(BY_NAME[name].kind for name in missing)
    if not entries and "medicines" in kinds:
        raise RefusedError(412, NOTHING)
    if len(entries) > MOST_RESOURCES:
        raise RefusedError(413, f"The call holds {len(entries)} resources; at most {MOST_RESOURCES} are read.")
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": _of_one_patient(entries, call, issues)}
    try:
        record = read_record(bundle, book, today)
    except RecordError as error:
        raise RefusedError(400, str(error)) from None
    for issue in issues:
        record.add(issue)
    record.unread |= kinds | {PARTS[issue.not_used] for issue in record.issues if issue.not_used in PARTS}
    record.drafts = orders.names
    return record


def _prefetched(call: Call, ordered: Collection[str], issues: list[Issue]) -> list[Json]:
    """Every resource of the prefetch, whatever its shape; an order that is also on record counts as it is ordered.

    What a server said beside its data becomes an issue; that a page is missing is known by the key it answers.
    """
    noted: list[Issue] = []
    found = list(each_resource([value for value in call.prefetch.values() if _is_resource(value)], noted))
    issues += [issue._replace(not_used="") if issue.not_used == "Bundle" else issue for issue in noted]
    for _, resource in found:
        issues += messages_of(resource, name_of(resource)) if resource["resourceType"] == "OperationOutcome" else ()
    return [
        {"fullUrl": url, "resource": r} for url, r in found
        if r["resourceType"] != "OperationOutcome" and name_of(r) not in ordered
    ]  # fmt: skip


def _is_resource(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("resourceType"), str)


def _of_one_patient(entries: list[Json], call: Call, issues: list[Issue]) -> list[Json]:
    """The entries with exactly one Patient, that of the context; other Patients are refused and reported.

    Raises:
        RefusedError: 400 when the key ``patient`` holds somebody else only: then nothing in the call can be trusted.

    """
    sent = call.prefetch.get("patient")
    asked = [resource for _, resource in each_resource(sent, []) if _is_patient(resource)] if _is_resource(sent) else []
    if asked and not any(resource.get("id", call.patient) == call.patient for resource in asked):
        raise RefusedError(400, "The Patient of the prefetch is not the patient of the context.")
    patients = [entry for entry in entries if _is_patient(entry["resource"])]
    others = [entry for entry in entries if not _is_patient(entry["resource"])]
    named = [entry for entry in patients if entry["resource"].get("id") == call.patient]
    mine = named or [entry for entry in patients if "id" not in entry["resource"]][:1]
    # Another Patient stands in the place of this one only where this one was not sent.
    lost = "" if mine else "Patient"
    names = Names(("", number, entry["fullUrl"], entry["resource"]) for number, entry in enumerate(patients, 1))
    issues.extend(_refused(names.of(entry["resource"]), lost) for entry in patients if entry not in mine)
    known = mine[0]["resource"] if mine else {"resourceType": "Patient"}
    urls = [*(entry["fullUrl"] for entry in mine), *_own_urls(call)] or [""]
    return [*({"fullUrl": url, "resource": {**known, "id": call.patient}} for url in urls), *others]


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
