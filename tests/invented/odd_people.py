"""Odd shapes of whom resources are about, of when things happened, and of how often a resource is in the export."""

from __future__ import annotations

from copy import deepcopy
from random import Random

from invented.odd_shapes import SHAPES, Resources, result_of, shape
from invented.templates import Json

__all__ = ["SHAPES"]
SUBJECTS = ("subject", "patient")


def subjects_in(resources: Resources) -> list[Json]:
    """The references to the person in all resources."""
    return [one[key] for one in resources for key in SUBJECTS if key in one]


@shape
def date_without_a_zone(resources: Resources, _: Random) -> None:
    for one in resources:
        if "effectiveDateTime" in one:
            one["effectiveDateTime"] = one["effectiveDateTime"][:19]


@shape
def date_in_part(resources: Resources, chance: Random) -> None:
    kept = chance.choice((4, 7))
    for one in resources:
        for key in ("effectiveDateTime", "onsetDateTime", "authoredOn"):
            if key in one:
                one[key] = one[key][:kept]


@shape
def subject_absolute(resources: Resources, _: Random) -> None:
    host = next((one["identifier"][0]["system"].rpartition("/")[0] for one in resources if "identifier" in one), "")
    for subject in subjects_in(resources):
        subject["reference"] = f"{host}/{subject['reference']}"


@shape
def subject_of_a_version(resources: Resources, _: Random) -> None:
    for subject in subjects_in(resources):
        subject["reference"] += "/_history/2"


@shape
def subject_by_identifier(resources: Resources, _: Random) -> None:
    mark = {key: resources[0]["identifier"][0][key] for key in ("system", "value")}
    for subject in subjects_in(resources):
        subject.pop("reference")
        subject["identifier"] = mark


@shape
def same_line_twice(resources: Resources, _: Random) -> Resources:
    return [result_of(resources)]


@shape
def two_versions(resources: Resources, _: Random) -> Resources:
    """An older version of a result, with another value, in another file."""
    newer = result_of(resources)
    older = deepcopy(newer)
    newer["meta"] |= {"versionId": "3", "lastUpdated": "2026-05-30T08:00:00.000Z"}
    older["meta"] |= {"versionId": "1", "lastUpdated": "2020-01-02T08:00:00.000Z"}
    if "valueQuantity" in older:
        older["valueQuantity"]["value"] = round(older["valueQuantity"]["value"] * 1.07, 2)
    return [older]


@shape
def linked_patients(resources: Resources, _: Random) -> None:
    """A second record of the person, to which the first is linked, and about which the last resources are."""
    first = resources[0]
    second = deepcopy(first) | {"id": f"{first['id'][:30]}-again"}
    second["identifier"][0]["value"] += "-2"
    first["link"] = [{"other": {"reference": f"Patient/{second['id']}"}, "type": "seealso"}]
    for subject in subjects_in(resources[-3:]):
        subject["reference"] = f"Patient/{second['id']}"
    resources.append(second)


@shape
def nothing_but_the_patient(resources: Resources, _: Random) -> None:
    del resources[1:]


@shape
def visit_without_a_subject(resources: Resources, _: Random) -> None:
    visit = next((one for one in resources if one["resourceType"] in ("Encounter", "Claim", "Immunization")), {})
    for key in SUBJECTS:
        visit.pop(key, None)
