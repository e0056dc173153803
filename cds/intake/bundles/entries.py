"""The entries of Bundles, one inside the other, as resources with their places; an entry that holds none is noted.

The answer of a server may say of itself that it goes on, that it was cut, that something failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from cds.errors import RecordError
from cds.intake.bundles.history import DELETE, Gone, deletion_of, is_deletion, kept
from cds.intake.elements import Placed, has_id, listed, name_of
from cds.intake.record import ISSUE_CODES, Issue
from cds.jsontypes import Json


def next_page(bundle: Json) -> str:
    """The URL of the next page of a Bundle; empty where there is none."""
    for link in listed(bundle.get("link")):
        if isinstance(link, dict) and link.get("relation") == "next":
            return str(link.get("url") or "unknown")
    return ""


def is_cut(bundle: Json) -> bool:
    """Whether a Bundle says, or shows by a link, that more was found than it holds."""
    total = bundle.get("total")
    return bool(next_page(bundle)) or (isinstance(total, int) and total > len(listed(bundle.get("entry"))))


def is_error(outcome: Json) -> bool:
    """Whether an OperationOutcome reports more than warnings; one without a severity may."""
    severities = [item.get("severity") for item in listed(outcome.get("issue")) if isinstance(item, dict)]
    return not severities or any(severity not in ("warning", "information") for severity in severities)


def is_failure(entry: Any) -> bool:
    """Whether an entry of the answer to a batch says that its part of it failed."""
    response = entry.get("response") if isinstance(entry, dict) else None
    return isinstance(response, dict) and str(response.get("status"))[:1] in ("4", "5")


def messages_of(outcome: Json, name: str) -> Iterator[Issue]:
    """What a server says beside its data, without its words."""
    for item in listed(outcome.get("issue")):
        severity = item.get("severity") if isinstance(item, dict) else None
        known = severity if severity in ("fatal", "error", "warning", "information") else "unknown"
        yield Issue("server-message", name, f"The server added a message to its answer ({known}).")


def incomplete(source: str) -> Issue:
    """The issue about a part of the data that was not sent."""
    return Issue("incomplete-data", source, ISSUE_CODES["incomplete-data"], not_used="Bundle")


ASKING = frozenset({"GET", "HEAD"})
"""The methods of a batch that asks for data and holds none."""
ADMINISTRATIVE = frozenset(
    """
    Account Appointment AuditEvent CareTeam ChargeItem Claim Consent Coverage Encounter Endpoint EpisodeOfCare
    ExplanationOfBenefit HealthcareService Location Organization Person Practitioner PractitionerRole Provenance
    RelatedPerson Schedule Slot Task
    """.split()
)
"""Types that say nothing about results, conditions or medicines: that one is not there opens no question."""
_TYPE = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)(?=[/?]|$)")
STORED = ("201", "204")
"""The statuses of an answer to whoever stored data, which need not come back."""


class Entry(NamedTuple):
    """What an entry holds, and what its place is called; ``bare``: the resource does not stand under its name."""

    resource: Any
    place: str
    bare: bool = False


def placed_in(data: object, issues: list[Issue]) -> list[Placed]:
    """Every resource of the data with its place, also those of bundles inside bundles, without what was deleted.

    Raises:
        RecordError: the data are neither a Bundle nor resources.

    """
    found: list[Placed] = []
    gone: list[Gone] = []
    _walk(data, issues, "", found, gone)
    return kept(found, gone, issues) if gone else found


def _walk(data: object, issues: list[Issue], above: str, found: list[Placed], gone: list[Gone]) -> None:
    """Add the resources and the deletions in their order; ``above`` is the place of the bundle that holds them."""
    for number, item in enumerate(_items(data, issues, above), 1):
        if (
            type(item) is dict
            and type(resource := item.get("resource")) is dict
            and (type(request := item.get("request")) is not dict or request.get("method") != DELETE)
        ):
            kind, url = resource.get("resourceType"), item.get("fullUrl")
            if type(kind) is str and kind != "Bundle":
                found.append((above, number, url if type(url) is str else "", resource))
                continue
        entry = _entry(item, f"entry {above}{number}")
        resource = entry.resource
        if is_deletion(item):
            deletion = deletion_of(item, data)
            if deletion.names:
                gone.append((len(found), deletion))
            elif not _is_aside(item):
                issues.append(incomplete(entry.place))
        elif not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            issues.extend(_without_resource(item, entry))
        else:
            issues.extend(_odd_place(entry))
            if resource["resourceType"] == "Bundle":
                _walk(resource, issues, f"{above}{number}.", found, gone)
            else:
                url = item.get("fullUrl")
                found.append((above, number, url if isinstance(url, str) else "", resource))


def _entry(item: Any, place: str) -> Entry:
    """The resource of an entry: under its name, under the name in other letters, or the entry itself."""
    if not isinstance(item, dict) or item.get("resource") is not None:
        return Entry(item["resource"] if isinstance(item, dict) else item, place)
    named = [value for key, value in item.items() if key.lower() == "resource" and isinstance(value, dict)]
    if len(named) == 1:
        return Entry(named[0], place, bare=True)
    return Entry(item, place, bare=True) if "resourceType" in item else Entry(None, place)


def _odd_place(entry: Entry) -> Iterator[Issue]:
    if entry.bare:
        name = name_of(entry.resource) if has_id(entry.resource) else entry.place
        yield Issue("bare-resource", name, ISSUE_CODES["bare-resource"])


def _without_resource(item: Any, entry: Entry) -> Iterator[Issue]:
    """What is missing with an entry; nothing where it asks for data, or answers whoever stored some."""
    request, response = (item.get(key) if isinstance(item, dict) else None for key in ("request", "response"))
    if entry.resource is not None:
        yield _typeless("An entry is no resource, or one without a type.", entry.place)
    elif not _is_aside(item) and (is_failure(item) or not ((_asks(request) and response is None) or _stored(response))):
        yield incomplete(entry.place)


def _is_aside(item: Any) -> bool:
    """Whether the URLs of an entry name a type of resource, and only administrative ones."""
    request = item.get("request") if isinstance(item, dict) else None
    urls = (item.get("fullUrl"), request.get("url") if isinstance(request, dict) else None) if item else ()
    types = {kind for url in urls if isinstance(url, str) for kind in _TYPE.findall(url)}
    return bool(types) and types <= ADMINISTRATIVE


def _asks(request: Any) -> bool:
    return isinstance(request, dict) and str(request.get("method")) in ASKING


def _stored(response: Any) -> bool:
    status = str(response.get("status")) if isinstance(response, dict) else ""
    return status.startswith(STORED) or (status.startswith("200") and bool({"location", "etag"} & response.keys()))


def _items(data: object, issues: list[Issue], above: str) -> Iterable[Any]:
    """The entries of a Bundle, or what stands for them; what the Bundle says of itself is noted."""
    if isinstance(data, list):
        return ({"resource": item} if item is not None else {} for item in data)
    if not isinstance(data, dict) or not isinstance(data.get("resourceType"), str):
        raise RecordError("not-fhir", "This JSON is neither a FHIR Bundle nor a list of FHIR resources.")
    if data["resourceType"] != "Bundle":
        return ({"resource": data},)
    name = name_of(data) if has_id(data) or not above else f"Bundle entry {above.rstrip('.')}"
    if is_cut(data):
        issues.append(incomplete(name))
    entries = data.get("entry") or []
    if not isinstance(entries, list):
        issues.append(_typeless("The entries of a Bundle are no list.", name))
        return ()
    return entries


def _typeless(text: str, place: str) -> Issue:
    return Issue("unknown-resource", place, text, not_used="Resource")
