"""The invented patient of the question, with everyday resources added until the record holds thirty."""

from __future__ import annotations

from pathlib import Path

import orjson

SAMPLE = Path(__file__).resolve().parents[2] / "fhir_samples" / "osteoporosis-and-calcified-arteries" / "bundle.json"
VITALS = (("8480-6", "Systolic blood pressure", "mm[Hg]", 128), ("8867-4", "Heart rate", "/min", 71),
          ("29463-7", "Body weight", "kg", 64.2), ("718-7", "Hemoglobin", "g/dL", 13.4))  # fmt: skip


def thirty_resources() -> bytes:
    """A bundle of thirty resources as JSON text."""
    bundle = orjson.loads(SAMPLE.read_bytes())
    patient = next(e["resource"]["id"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
    for number in range(30 - len(bundle["entry"])):
        code, name, unit, value = VITALS[number % len(VITALS)]
        concept = {"coding": [{"system": "http://loinc.org", "code": code, "display": name}], "text": name}
        quantity = {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
        bundle["entry"].append({"fullUrl": f"https://example.org/fhir/Observation/v{number}", "resource": {
            "resourceType": "Observation", "id": f"v{number}", "status": "final", "code": concept,
            "subject": {"reference": f"Patient/{patient}"}, "effectiveDateTime": f"2026-0{number % 9 + 1}-11",
            "valueQuantity": quantity,
        }})  # fmt: skip
    return orjson.dumps(bundle)
