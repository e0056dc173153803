"""Small records of many countries, labelled by a clinician before they were run: one thing to be read in each.

Everybody takes calcium carbonate 500 mg a day; ``beside`` says which usual results stand beside what is to be read.
``label`` is what the clinician wants, ``label at first`` what was wanted before it turned out to be wrong or too bold,
``before`` what was said before these forms were read, and ``now`` what is said.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from people import AS_OF, CALCIUM, CARBONATE_500, SUBJECT, bundle, dosage, observation, patient, statement

from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.intake.record import Reading, Record
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
TABLE = Path(__file__).parent / "written" / "clinic_records.jsonl"
ROWS: list[Json] = [json.loads(line) for line in TABLE.read_text("utf-8").splitlines()] if TABLE.exists() else []
USUAL = {
    "calcium": observation(CALCIUM, 9.4, "mg/dL", identity="usual-calcium"),
    "kidney": observation("LOINC 98979-8", 80, "mL/min/{1.73_m2}", identity="usual-kidney"),
}
TIMES: dict[str, Json] = {
    "Observation": {"status": "final", "effectiveDateTime": "2026-01-10"},
    "DiagnosticReport": {"status": "final", "effectiveDateTime": "2026-01-10"},
    "Condition": {"recordedDate": "2025-06-01"},
}
OF_NO_ACCOUNT = {"matched-by-name", "subject-unclear", "not-r4-valid", "range-not-read"}
"""Issues that say nothing about whether something was read."""


def said(row: Json, book: RuleBook) -> str:
    """``osteoporosis: present; serum calcium = 11.8; said; hold``: states, values, whether it is said, outcome."""
    listed = row["resource"] if isinstance(row["resource"], list) else [row["resource"]]
    resources = [_complete(place, item) for place, item in enumerate(listed)]
    beside = [item for name, item in USUAL.items() if row["beside"] in ("both", name)]
    everything = [patient(**row.get("who", {})), statement(CARBONATE_500, dosage()), *beside, *resources]
    record = read_record(bundle(*everything), book, AS_OF)
    states = sorted(
        {f"{term}: {mention.state.word}" for term, mentions in record.mentions.items() for mention in mentions}
    )
    medicines = sorted(f"{term}: {course.state.word}" for term, courses in record.courses.items() for course in courses)
    values = sorted({f"{term} {_shown(one)}" for term, found in record.readings.items() for one in _own(found)})
    told = ["said"] if _is_said(record, resources) else []
    outcome = evaluate(record, book, AS_OF).outcome
    return "; ".join([*states, *medicines, *values, *told, outcome])


def _complete(place: int, resource: Json) -> Json:
    """The resource with what each of them has: an id, a subject, a status, a day."""
    kind, is_dated = resource["resourceType"], {"effectivePeriod", "onsetDateTime"} & resource.keys()
    times = {key: value for key, value in TIMES.get(kind, {}).items() if key == "status" or not is_dated}
    return {"id": f"x{place}", "subject": SUBJECT, **times, **resource}


def _own(found: list[Reading]) -> list[Reading]:
    return [one for one in found if not one.source.startswith("Observation/usual-")]


def _shown(reading: Reading) -> str:
    value = reading.value
    return f"= {value.low:.4g}" if value.is_point else f"from {value.low:.4g} to {value.high:.4g}"


def _is_said(record: Record, resources: list[Json]) -> bool:
    """Whether an issue is about one of the resources, or one of them was not understood."""
    sources = tuple(f"{item['resourceType']}/{item['id']}" for item in resources)
    about = [item for item in record.issues if item.source.startswith(sources) and item.code not in OF_NO_ACCOUNT]
    return bool(about) or any(not item.is_something_else for item in record.unrecognised)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["row"]))
def test_a_record_is_read_as_its_clinician_means_it(book: RuleBook, row: Json) -> None:
    assert said(row, book) == row["now"]


def test_the_table_is_broad_and_each_row_has_a_label() -> None:
    assert len({row["row"] for row in ROWS}) == len(ROWS) >= 850
    assert all(row["label"] and row["printed by"] and row["before"] for row in ROWS)


def test_what_a_label_denies_is_never_present() -> None:
    for row in ROWS:
        for wanted in row["label"]:
            term, _, state = wanted.rpartition(" not present")
            assert state or f"{term}: present" not in row["now"], row["row"]
