"""The sample patients: their records are what they claim to be, and the answers are those of the specification."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from cds.one_file import evaluate_file
from cds.result import result_of
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
SAMPLES = Path(__file__).resolve().parent.parent / "fhir_samples"
FOLDERS = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())
INVALID = {"messy-record": ["AllergyIntolerance/a5a73da5-ee6a-54f4-9ace-f83533dee71e"]}
HTEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST", "display": "test health data"}
INDICATORS = ["info", "warning", "critical"]
each_sample = pytest.mark.parametrize("folder", FOLDERS)


def data_of(folder: str, name: str) -> Json:
    data: Json = json.loads((SAMPLES / folder / name).read_text("utf-8"))
    return data


def resources_of(folder: str) -> list[Json]:
    return [entry["resource"] for entry in data_of(folder, "bundle.json")["entry"]]


def text_of(folder: str, name: str) -> str:
    return (SAMPLES / folder / name).read_text("utf-8")


def name_of(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def is_valid(resource: Json) -> bool:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError:
        return False
    return True


def readme_rows() -> list[tuple[str, str]]:
    """The folder and the outcome of each line of the table."""
    return re.findall(r"^\| `([^`]+)` \| .+ \| `([^`]+)` \|$", (SAMPLES / "README.md").read_text("utf-8"), re.MULTILINE)


def answer(folder: str, book: RuleBook) -> Json:
    """What the program says, with the keys of ``expected.json``; lists without an order of their own are sorted."""
    as_of = data_of(folder, "expected.json")["asOf"]
    result = result_of(evaluate_file(SAMPLES / folder / "bundle.json", book, date.fromisoformat(as_of)))
    issues = [{"code": issue["code"], "source": issue["source"]} for issue in result["issues"]]
    return {
        "asOf": result["asOf"],
        "outcome": result["outcome"],
        "decidedBy": result["decidedBy"],
        "advice": result["advice"],
        "fired": result["fired"],
        "overruled": sorted(result["overruled"], key=lambda one: one["rule"]),
        "issues": sorted(issues, key=lambda issue: (issue["code"], issue["source"])),
        "indicator": max((card["indicator"] for card in result["cards"]), key=INDICATORS.index),
    }


@each_sample
def test_the_answer_is_the_one_that_the_specification_gives(folder: str, book: RuleBook) -> None:
    got = answer(folder, book)

    assert got == data_of(folder, "expected.json")


@each_sample
def test_the_story_has_a_heading_a_paragraph_and_says_that_the_patient_is_invented(folder: str) -> None:
    blocks = text_of(folder, "story.md").strip().split("\n\n")

    assert [blocks[0][:2], len(blocks), blocks[-1]] == ["# ", 3, "This patient is invented."]


@each_sample
def test_the_story_tells_the_outcome_and_the_rule_that_decides(folder: str) -> None:
    expected, story = data_of(folder, "expected.json"), text_of(folder, "story.md")

    assert f"**{expected['outcome']}** ({expected['decidedBy']})" in story


@each_sample
def test_every_resource_is_valid_r4_but_those_listed_here(folder: str) -> None:
    invalid = [name_of(resource) for resource in resources_of(folder) if not is_valid(resource)]

    assert invalid == INVALID.get(folder, [])


@each_sample
def test_the_bundle_is_a_valid_collection(folder: str) -> None:
    bundle = data_of(folder, "bundle.json")
    kept = [entry for entry in bundle["entry"] if name_of(entry["resource"]) not in INVALID.get(folder, [])]

    assert bundle["type"] == "collection"
    assert is_valid(bundle | {"entry": kept})


@each_sample
def test_every_resource_says_that_it_is_test_data(folder: str) -> None:
    untagged = [r["id"] for r in resources_of(folder) if HTEST not in r.get("meta", {}).get("tag", [])]

    assert not untagged


@each_sample
def test_the_patient_has_an_obviously_fictional_name(folder: str) -> None:
    names = [r["name"][0]["family"] for r in resources_of(folder) if r["resourceType"] == "Patient"]

    assert names == ["Sample"]


def test_the_readme_lists_exactly_the_folders_and_their_outcomes() -> None:
    expected = {folder: data_of(folder, "expected.json")["outcome"] for folder in FOLDERS}
    rows = readme_rows()

    assert len(rows) == len(FOLDERS)
    assert dict(rows) == expected


def test_the_readme_says_that_all_patients_are_invented() -> None:
    readme = (SAMPLES / "README.md").read_text("utf-8")

    assert "All of these patients are invented." in readme
