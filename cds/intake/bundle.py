"""A FHIR Bundle, or a list of resources, as one patient's resources with their references resolved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from cds.errors import RecordError
from cds.intake.record import ISSUE_CODES, Issue, Json
from cds.intake.release import odd_resources
from cds.intake.versions import later_version

READ = frozenset(
    {"Patient", "Observation", "MedicationStatement", "MedicationRequest", "Medication", "Condition", "Goal"}
)


class Resources:
    """The resources of one patient, by type and by reference."""

    def __init__(self) -> None:
        self.by_type: dict[str, list[Json]] = {kind: [] for kind in READ}
        self.by_reference: dict[str, Json] = {}
        self.others: list[str] = []
        self.patient: Json = {}
        self.patient_references: set[str] = set()
        self.patient_url = ""
        self.issues: list[Issue] = []

    def resolve(self, reference: object, inside: Json) -> Json | None:
        """The resource that a reference means: contained, or in the data; None when it is in neither."""
        if not isinstance(reference, str) or not reference:
            return None
        if reference.startswith("#"):
            contained = inside.get("contained")
            items = contained if isinstance(contained, list) else []
            return next((item for item in items if isinstance(item, dict) and item.get("id") == reference[1:]), None)
        return self.by_reference.get(reference.split("/_history/")[0])

    def is_about_patient(self, resource: Json) -> bool | None:
        """Whether the subject is the patient; None when no reference says so."""
        subject = resource.get("subject")
        reference = subject.get("reference") if isinstance(subject, dict) else None
        if not isinstance(reference, str) or not reference or reference.startswith("#") or "?" in reference:
            return None
        reference = reference.split("/_history/")[0]
        if reference in self.patient_references:
            return True
        return not self.patient_url and any(
            reference.endswith(f"/{known}") for known in self.patient_references if known.startswith("Patient/")
        )


def name_of(resource: Json) -> str:
    """``Observation/ca1``, or the type alone when there is no id."""
    kind, identity = resource.get("resourceType"), resource.get("id")
    return f"{kind}/{identity}" if isinstance(identity, str) and identity else str(kind)


def gather(data: object) -> Resources:
    """The resources of the one patient in the data.

    Raises:
        RecordError: when the data are not FHIR, not R4, or not about exactly one patient.

    """
    resources = Resources()
    seen: dict[tuple[str, str], int] = {}
    for url, resource in each_resource(data, resources.issues):
        kind = resource["resourceType"]
        if kind == "OperationOutcome":
            resources.issues.extend(_messages(resource))
        elif kind in READ:
            _add(resources, seen, kind, url, resource)
        else:
            resources.others.append(name_of(resource))
    _report_other_releases(resources)
    _settle_patient(resources)
    return resources


def each_resource(data: object, issues: list[Issue]) -> Iterator[tuple[str, Json]]:
    """Every resource of the data with its full URL, also those of bundles inside bundles; what is none is noted.

    Raises:
        RecordError: the data are neither a Bundle nor resources.

    """
    items: Iterable[Any]
    if isinstance(data, list):
        items = ({"resource": item} for item in data)
    elif isinstance(data, dict) and data.get("resourceType") == "Bundle":
        items = data.get("entry") or ()
        if any(isinstance(link, dict) and link.get("relation") == "next" for link in _listed(data.get("link"))):
            issues.append(Issue("incomplete-data", name_of(data), "The data have a further page that was not read."))
    elif isinstance(data, dict) and isinstance(data.get("resourceType"), str):
        items = ({"resource": data},)
    else:
        raise RecordError("not-fhir", "This JSON is neither a FHIR Bundle nor a list of FHIR resources.")
    for item in _listed(items):
        resource = item.get("resource") if isinstance(item, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == "Bundle":
            yield from each_resource(resource, issues)
        elif isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
            url = item.get("fullUrl")
            yield url if isinstance(url, str) else "", resource
        elif isinstance(resource, dict):
            issues.append(Issue("unknown-resource", "entry", "An entry has a resource without a type."))


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, (list, tuple)) or hasattr(value, "__next__") else ()


def _add(resources: Resources, seen: dict[tuple[str, str], int], kind: str, url: str, resource: Json) -> None:
    identity = resource.get("id")
    listed = resources.by_type[kind]
    if isinstance(identity, str) and identity:
        resources.by_reference[f"{kind}/{identity}"] = resource
        if (kind, identity) in seen:
            place = seen[kind, identity]
            if listed[place] != resource:
                resources.issues.append(Issue("same-id-twice", name_of(resource), ISSUE_CODES["same-id-twice"]))
                resource = later_version(listed[place], resource)
            listed[place] = resources.by_reference[f"{kind}/{identity}"] = resource
            _locate(resources, url, resource)
            return
        seen[kind, identity] = len(listed)
    elif seen.setdefault((kind, f"the same as {_text(resource)}"), len(listed)) < len(listed):
        return
    listed.append(resource)
    _locate(resources, url, resource)


def _text(resource: Json) -> str:
    """The same text for resources that are equal."""
    return json.dumps(resource, sort_keys=True, default=repr)


def _locate(resources: Resources, url: str, resource: Json) -> None:
    if url:
        resources.by_reference[url] = resource
        if resource["resourceType"] == "Patient":
            resources.patient_references.add(url)
            resources.patient_url = url if "://" in url else ""
            if "/Patient/" in url:
                resources.patient_references.add(f"Patient/{url.rsplit('/', 1)[1]}")


def _settle_patient(resources: Resources) -> None:
    patients = resources.by_type["Patient"]
    if not patients:
        raise RecordError("no-patient", "The data hold no Patient resource: whose data they are is not known.")
    if len(patients) > 1:
        raise RecordError(
            "several-patients", f"The data hold {len(patients)} patients. Give the data of one patient at a time."
        )
    resources.patient = patients[0]
    identity = resources.patient.get("id")
    if isinstance(identity, str) and identity:
        resources.patient_references.add(f"Patient/{identity}")


def _messages(outcome: Json) -> Iterator[Issue]:
    for item in _listed(outcome.get("issue")):
        severity = item.get("severity") if isinstance(item, dict) else None
        known = severity if severity in ("fatal", "error", "warning", "information") else "unknown"
        yield Issue("server-message", "OperationOutcome", f"The server added a message to its answer ({known}).")


def _report_other_releases(resources: Resources) -> None:
    clinical = [(kind, item) for kind, listed in resources.by_type.items() if kind != "Patient" for item in listed]
    for resource in odd_resources(clinical):
        resources.issues.append(Issue("other-release", name_of(resource), ISSUE_CODES["other-release"]))
