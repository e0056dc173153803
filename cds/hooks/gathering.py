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
from cds.intake.names import Names, Placed, name_of
from cds.intake.reading import read_record
from cds.intake.record import Issue, Record
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
MOST_RESOURCES = 5000
NOTHING = (
    "Nothing can be decided: the call holds no data about the patient. Send the keys of the prefetch "
    "(patient, observations, conditions, statements, requests, goals)."
)


def record_of(call: Call, orders: Orders, book: RuleBook, today: date, missing: Collection[str]) -> Record:
    """The record of the patient of a call; ``missing`` are the keys of the prefetch that got no whole answer.

    Whether what was used is valid R4 is not looked at: it changes no card and takes a fifth of the time of a call.

    Raises:
        RefusedError: 400 for data of another patient or not FHIR R4, 412 without any data, 413 for too many resources.

    """
    issues: list[Issue] = []
    entries = [*_prefetched(call, orders.names, issues), *orders.entries]
    kinds = frozenset(BY_NAME[name].kind for name in missing)
    nothing = all(entry["resource"]["resourceType"] == "OperationOutcome" for entry in entries)
    if nothing and "medicines" in kinds:
        raise RefusedError(412, NOTHING)
    if len(entries) > MOST_RESOURCES:
        raise RefusedError(413, f"The call holds {len(entries)} resources; at most {MOST_RESOURCES} are read.")
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": _of_one_patient(entries, call, issues)}
    try:
        record = read_record(bundle, book, today)
    except RecordError as error:
        raise RefusedError(400, str(error)) from None
    for issue in issues:
        record.note(*issue)
    record.unread, record.drafts = kinds, orders.names
    return record


def _prefetched(call: Call, ordered: Collection[str], issues: list[Issue]) -> list[Json]:
    """Every resource of the prefetch, whatever its shape; an order that is also on record counts as it is ordered."""
    values = [value for value in call.prefetch.values() if _is_resource(value)]
    found = each_resource(values, issues)
    return [{"fullUrl": url, "resource": r} for url, r in found if name_of(r) not in ordered]


def _is_resource(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("resourceType"), str)


def _of_one_patient(entries: list[Json], call: Call, issues: list[Issue]) -> list[Json]:
    """The entries with exactly one Patient, that of the context; other Patients are refused and reported.

    Raises:
        RefusedError: 400 when the key ``patient`` itself is somebody else: then nothing in the call can be trusted.

    """
    own = call.prefetch.get("patient")
    if isinstance(own, dict) and own.get("resourceType") == "Patient" and own.get("id", call.patient) != call.patient:
        raise RefusedError(400, "The Patient of the prefetch is not the patient of the context.")
    patients = [entry for entry in entries if entry["resource"]["resourceType"] == "Patient"]
    others = [entry for entry in entries if entry["resource"]["resourceType"] != "Patient"]
    named = [entry for entry in patients if entry["resource"].get("id") == call.patient]
    mine = named or [entry for entry in patients if "id" not in entry["resource"]][:1]
    names = Names(Placed(str(number), entry["fullUrl"], entry["resource"]) for number, entry in enumerate(patients, 1))
    issues.extend(_refused(names.of(entry["resource"])) for entry in patients if entry not in mine)
    known = mine[0] if mine else {"resource": {"resourceType": "Patient"}}
    return [{**known, "resource": {**known["resource"], "id": call.patient}}, *others]


def _refused(name: str) -> Issue:
    return Issue("other-patient", name, "A resource is about somebody else and was not used.")
