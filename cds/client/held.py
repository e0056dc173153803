"""What the pretended EHR holds: the resources of one patient, as a FHIR server would hand them out."""

from __future__ import annotations

from typing import Any, NamedTuple

from cds.errors import RecordError
from cds.intake.bundle import each_resource
from cds.intake.elements import has_id, name_of

Json = dict[str, Any]


class Held(NamedTuple):
    """The patient's id and every resource, with references by ``Type/id``."""

    patient: str
    resources: list[Json]

    def of(self, kind: str) -> list[Json]:
        """The resources of a type."""
        return [resource for resource in self.resources if resource["resourceType"] == kind]

    def drafts(self) -> list[Json]:
        """The medication orders that are not signed yet; a server does not hold them."""
        return [order for order in self.of("MedicationRequest") if order.get("status") == "draft"]


def held(data: object) -> Held:
    """The resources of a bundle or list; references by full URL become ``Type/id``, as a server stores them.

    Raises:
        RecordError: not FHIR, or not exactly one patient with an id.

    """
    found = list(each_resource(data, []))
    names = {url: name_of(resource) for url, resource in found if url and has_id(resource)}
    resources: list[Json] = [_stored(resource, names) for _, resource in found]
    patients = [resource.get("id") for resource in resources if resource["resourceType"] == "Patient"]
    if len(patients) != 1:
        code = "several-patients" if patients else "no-patient"
        raise RecordError(code, f"The bundle holds {len(patients)} patients; a call is about one.")
    if not isinstance(patients[0], str) or not patients[0]:
        raise RecordError("no-patient", "The Patient has no id, so no context can name the patient.")
    return Held(patients[0], resources)


def _stored(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_stored(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: names.get(item, item) if key == "reference" and isinstance(item, str) else _stored(item, names)
        for key, item in value.items()
    }
