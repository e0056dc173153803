"""Whole records for tests over all data: those of the checkout, published ones beside it, and generated ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
GENERATED = Path(os.environ.get("CDS_GENERATED", ROOT.parent / "gen"))
"""What ../shared/data/world/GENERATORS.md describes, made beforehand; tests do without where it is not there."""
TODAY, OF_SYNTHEA, OF_BULK, OF_HOSPITALS = date(2026, 11, 22), date(2021, 3, 1), date(2021, 6, 1), date(2025, 12, 31)


class Case(NamedTuple):
    """One patient's record: a Bundle or another resource as parsed JSON, with the day of its evaluation."""

    name: str
    data: Any
    day: date


def collection(resources: Iterable[Json]) -> Json:
    """Resources as a Bundle."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": item} for item in resources]}


def bundles(folder: Path, pattern: str, day: date) -> Iterator[Case]:
    """The JSON files of a folder; those that are no JSON are left out."""
    for path in sorted(folder.glob(pattern)):
        try:
            data = json.loads(path.read_text(encoding="utf-8-sig"))
        except ValueError:
            continue
        yield Case(f"{path.parent.name}/{path.stem}", data, day)


def exports(folder: Path, day: date) -> Iterator[Case]:
    """The patients of a folder of NDJSON, one file for each type."""
    found: dict[str, list[Json]] = defaultdict(list)
    for path in sorted(folder.glob("*.ndjson")):
        for line in path.read_text(encoding="utf-8").splitlines():
            resource = json.loads(line)
            who = resource.get("subject") or resource.get("patient") or {}
            kind, reference = resource["resourceType"], str(who.get("reference"))
            found[resource["id"] if kind == "Patient" else reference.rpartition("/")[2]].append(resource)
    name = folder.name if folder.name != "fhir_r4" else folder.parent.name
    for patient, resources in found.items():
        if any(item["resourceType"] == "Patient" for item in resources):
            yield Case(f"{name}/{patient}", collection(resources), day)


def labelled() -> Iterator[Case]:
    """The labelled patients of the checkout."""
    for line in (ROOT / "tests" / "patients.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Case(f"patients/{row['id']}", row["bundle"], date.fromisoformat(row["asOf"]))


def samples() -> Iterator[Case]:
    """The samples of the checkout."""
    for path in sorted((ROOT / "fhir_samples").glob("*/bundle.json")):
        yield Case(f"samples/{path.parent.name}", json.loads(path.read_text(encoding="utf-8")), TODAY)


def specified(shared: Path = SHARED) -> Iterator[Case]:
    """The patients of the specification."""
    for path in sorted((shared / "clinical" / "patients-2").glob("*.expected.json")):
        day = date.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["as_of"])
        bundle = path.with_name(path.name.replace(".expected", ""))
        yield Case(f"patients-2/{bundle.stem}", json.loads(bundle.read_text(encoding="utf-8")), day)


def vignettes(shared: Path = SHARED) -> Iterator[Case]:
    """The vignettes of the specification, made by its own tool."""
    clinical = shared / "clinical"
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            str(shared / "tools" / "vignettes.py"),
            str(clinical / "public_vignettes.json"),
            folder,
        ]
        subprocess.run([*command, "--valuesets", str(clinical / "valuesets.json")], check=True, capture_output=True)
        index = json.loads((Path(folder) / "expected.json").read_text(encoding="utf-8"))
        for name, item in sorted(index.items()):
            data = json.loads((Path(folder) / f"{name}.json").read_text(encoding="utf-8"))
            yield Case(f"vignettes/{name}", data, date.fromisoformat(item["as_of"]))


def published(shared: Path = SHARED) -> Iterator[Case]:
    """All of ../shared/data."""
    data = shared / "data"
    yield from bundles(data / "synthea", "*.json", OF_SYNTHEA)
    for folder in ("ips", "odd", "world"):
        yield from bundles(data / folder, "*.json", TODAY)
    yield from exports(data / "bulk", OF_BULK)


def generated(folder: Path = GENERATED) -> Iterator[Case]:
    """What the generators made, or make now where they are installed, with the seeds for development."""
    if not folder.is_dir() and {item.name for item in Path(sys.executable).parent.iterdir()} >= GENERATORS:
        with tempfile.TemporaryDirectory() as made:
            _make(Path(made))
            yield from generated(Path(made))
        return
    for part in sorted(folder.glob("cb*")):
        yield from bundles(part, "*.json", TODAY)
    for part in sorted([*folder.glob("us[123]/fhir_r4"), *folder.glob("jp[123]/fhir_r4")]):
        yield from exports(part, OF_HOSPITALS)


GENERATORS = frozenset({"carebundle", "clinosim"})


def _make(folder: Path) -> None:
    """Let both generators make a small part of what they are for."""
    tools = Path(sys.executable).parent
    profile = "--profile mixed --count 30 --seed 1 --sex mixed --age-range 40-85 --out".split()
    hospital = "--start 2025-06-01 --end 2025-12-31 --format fhir-r4 -p 150 -s 1".split()
    quiet: dict[str, Any] = {"check": True, "capture_output": True}
    subprocess.run([tools / "carebundle", "generate", *profile, folder / "cb1"], **quiet)
    for country, name, more in (("US", "us1", []), ("JP", "jp1", ["--allow-legacy"])):
        subprocess.run(
            [tools / "clinosim", "simulate", "-o", folder / name, "--country", country, *more, *hospital], **quiet
        )


def with_a_patient(data: Any) -> Any:
    """The data; resources of which nobody sent the patient get one, so that they are read at all."""
    entries = data.get("entry") if isinstance(data, dict) else None
    bundle = data if isinstance(entries, list) else collection([data] if isinstance(data, dict) else data)
    resources = [item["resource"] for item in bundle["entry"] if isinstance(item, dict) and "resource" in item]
    if any(isinstance(item, dict) and item.get("resourceType") in ("Patient", "Bundle") for item in resources):
        return data
    patient = {"resourceType": "Patient", "id": "added", "gender": "female", "birthDate": "1956-01-01"}
    about = [reference for item in resources if isinstance(item, dict) and (reference := _subject(item))]
    url = {"fullUrl": about[0]} if about and about[0].startswith(("urn:", "http")) else {}
    if about and not url:
        patient["id"] = about[0].rpartition("/")[2]
    return {**bundle, "entry": [{**url, "resource": patient}, *bundle["entry"]]}


def _subject(resource: Json) -> str:
    who = resource.get("subject") or resource.get("patient")
    reference = who.get("reference") if isinstance(who, dict) else None
    return reference if isinstance(reference, str) else ""
