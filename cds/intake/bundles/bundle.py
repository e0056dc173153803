"""A FHIR Bundle, or a list of resources, as one patient's resources with their references resolved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from cds.errors import RecordError
from cds.intake.bundles.entries import incomplete, is_error, messages_of, placed_in
from cds.intake.bundles.history import later_version
from cds.intake.bundles.linked_patients import as_one, persons_among
from cds.intake.bundles.releases import odd_resources
from cds.intake.elements import Names, Placed, listed, name_of
from cds.intake.record import ISSUE_CODES, Issue
from cds.jsontypes import Json

READ = (
    "Patient",
    "Observation",
    "MedicationStatement",
    "MedicationRequest",
    "MedicationDispense",
    "MedicationAdministration",
    "Medication",
    "Condition",
    "Procedure",
    "AllergyIntolerance",
    "Goal",
)
"""The types that are read."""
SUBJECTS = ("subject", "patient", "for", "beneficiary")
"""The elements that say whom a resource is about, the usual one first (FHIR R4: ``AllergyIntolerance.patient``,
``Task.for``, ``Coverage.beneficiary``; DSTU2 has ``patient`` also where R4 has ``subject``)."""


class Resources:
    """The resources of one patient, by type and by reference; ``sent`` are all of the data, older versions too.

    ``read_inside`` are the contained resources that are read as if they stood beside the others, by their identity.
    ``shared`` are those that belong to no patient, by reference, where they stand beside the data of several.
    """

    def __init__(self) -> None:
        self.by_type: dict[str, list[Json]] = {kind: [] for kind in READ}
        self.by_reference: dict[str, Json] = {}
        self.others: list[Json] = []
        self.sent: list[Json] = []
        self.names = Names()
        self.read_inside: dict[int, Json] = {}
        self.patient: Json = {}
        self.patient_references: set[str] = set()
        self.patient_url = ""
        self.issues: list[Issue] = []
        self.shared: Mapping[str, Json] = {}

    def resolve(self, reference: object, inside: Json) -> Json | None:
        """The resource that a reference means: contained, or in the data; None when it is in neither."""
        if not isinstance(reference, str) or not reference:
            return None
        if reference.startswith("#"):
            contained = inside.get("contained")
            items = contained if isinstance(contained, list) else []
            return next((item for item in items if isinstance(item, dict) and item.get("id") == reference[1:]), None)
        name = reference.split("/_history/")[0]
        found = self.by_reference.get(name) or self.shared.get(name)
        if found is None and "://" in name and not self.patient_url:
            # Lines of an export have no address of their own: what they are called there is the end of it.
            tail = "/".join(name.split("/")[-2:])
            found = self.by_reference.get(tail) or self.shared.get(tail)
        return found

    def is_about_patient(self, resource: Json) -> bool | None:
        """Whether the subject is the patient; None when no reference says so, nor an identifier that it is not."""
        subject = resource.get("subject") or _subject_of(resource)
        reference = subject.get("reference") if isinstance(subject, dict) else None
        if type(reference) is str and reference in self.patient_references:
            return True
        if not isinstance(reference, str) or not reference or reference[0] == "#" or "?" in reference:
            return False if isinstance(subject, dict) and self._is_identified_otherwise(subject) else None
        reference = reference.split("/_history/")[0]
        if reference in self.patient_references:
            return True
        return not self.patient_url and any(
            reference.endswith(f"/{known}") for known in self.patient_references if known.startswith("Patient/")
        )

    def _is_identified_otherwise(self, subject: Json) -> bool:
        """Whether a subject has an identifier of a system in which the patient has others."""
        named = subject.get("identifier")
        if not isinstance(named, dict) or not isinstance(named.get("system"), str) or named.get("value") is None:
            return False
        own = [one for one in listed(self.patient.get("identifier")) if isinstance(one, dict)]
        values = [one.get("value") for one in own if one.get("system") == named["system"]]
        return bool(values) and named["value"] not in values


def _subject_of(resource: Json) -> object:
    """Whom a resource without ``subject`` is about, by the other elements that can say it; None where none does."""
    return next((resource[key] for key in SUBJECTS if resource.get(key)), None)


def gather(data: object) -> Resources:
    """The resources of the one patient in the data.

    Raises:
        RecordError: when the data are not FHIR, not R4, or not about exactly one patient.

    """
    issues: list[Issue] = []
    return gathered(placed_in(data, issues), issues)


def gathered(placed: list[Placed], issues: list[Issue], shared: Mapping[str, Json] = MappingProxyType({})) -> Resources:
    """The resources of the one patient among those in their places; ``issues`` are what was said of the data before.

    Raises:
        RecordError: when they are not R4, or not about exactly one person.

    """
    resources = Resources()
    resources.issues, resources.shared = issues, shared
    resources.names = Names(placed)
    resources.sent = [resource for _, _, _, resource in placed]
    seen: dict[str, int] = {}
    for _, _, url, resource in placed:
        kind = resource["resourceType"]
        if kind in resources.by_type:
            _add(resources, seen, kind, url, resource)
        elif kind == "OperationOutcome":
            _add_messages(resources, resource)
        else:
            resources.others.append(resource)
    _report_other_releases(resources)
    _settle_patient(resources)
    return resources


def each_resource(data: object, issues: list[Issue]) -> Iterator[tuple[str, Json]]:
    """Every resource of the data with its full URL, also those of bundles inside bundles; what is none is noted.

    Raises:
        RecordError: the data are neither a Bundle nor resources.

    """
    return ((url, resource) for _, _, url, resource in placed_in(data, issues))


def _add_messages(resources: Resources, outcome: Json) -> None:
    name = resources.names.of(outcome)
    resources.issues.extend(messages_of(outcome, name))
    if is_error(outcome):
        resources.issues.append(incomplete(name))


def _add(resources: Resources, seen: dict[str, int], kind: str, url: str, resource: Json) -> None:
    identity = resource.get("id")
    listed = resources.by_type[kind]
    if isinstance(identity, str) and identity:
        reference = f"{kind}/{identity}"
        if reference in seen:
            place = seen[reference]
            if listed[place] != resource:
                text = ISSUE_CODES["same-id-twice"]
                resources.issues.append(Issue("same-id-twice", name_of(resource), text, not_used=kind))
                resource = later_version(listed[place], resource)
            listed[place] = resources.by_reference[reference] = resource
            _locate(resources, url, resource)
            return
        seen[reference] = len(listed)
        resources.by_reference[reference] = resource
    elif seen.setdefault(f"{kind} that is the same as {url} {same_text(resource)}", len(listed)) < len(listed):
        _locate(resources, url, resource)
        return
    listed.append(resource)
    if url and kind == "Patient":
        _locate(resources, url, resource)
    elif url:
        resources.by_reference[url] = resource


def same_text(resource: Json) -> str:
    """The same text for resources that are equal."""
    return json.dumps(resource, sort_keys=True, default=repr)


def _locate(resources: Resources, url: str, resource: Json) -> None:
    if url:
        resources.by_reference[url] = resource
        if resource["resourceType"] == "Patient":
            resources.patient_references.add(url)
            resources.patient_url = url if "://" in url else resources.patient_url
            if "/Patient/" in url:
                resources.patient_references.add(f"Patient/{url.rsplit('/', 1)[1]}")


def _settle_patient(resources: Resources) -> None:
    patients = resources.by_type["Patient"]
    if not patients:
        raise RecordError("no-patient", "The data hold no Patient resource: whose data they are is not known.")
    resources.patient = patients[0] if len(patients) == 1 else _one_person(patients, resources)
    for patient in patients:
        identity = patient.get("id")
        if isinstance(identity, str) and identity:
            resources.patient_references.add(f"Patient/{identity}")
    resources.patient_references = {name for name in resources.patient_references if name[0] != "#" and "?" not in name}


def _one_person(patients: list[Json], resources: Resources) -> Json:
    """The Patient that stands for several, if they are linked with each other."""
    persons = persons_among(patients, lambda reference: resources.resolve(reference, {}))
    if len(persons) > 1:
        raise RecordError(
            "several-patients", f"The data hold {len(persons)} patients. Give the data of one patient at a time."
        )
    return as_one(patients, resources.issues)


def _report_other_releases(resources: Resources) -> None:
    for resource in odd_resources(resources.by_type):
        resources.issues.append(Issue("other-release", resources.names.of(resource), ISSUE_CODES["other-release"]))
