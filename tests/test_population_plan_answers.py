"""The answers from what a server sends for the plan are the answers from everything; what changes is named.

The server is that of ``export_filter``, which is written from FHIR R4 and knows nothing of the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from export_filter import sent
from exported import ANSWER, END_OF_DATA, changed, exported, of_bundle
from short_patients import AS_OF as SHORT_DAY
from short_patients import short_patients

from cds.bulk.plan import Plan, coded_plan, wide_plan
from cds.bulk.planned_request import parameters_of
from cds.errors import CdsError
from cds.evaluation import evaluate
from cds.files.people import Found, people_of
from cds.intake.reading import parse_json
from cds.result import result_of
from cds.rulebook.model import RuleBook

HERE = Path(__file__).resolve().parent
Json = dict[str, Any]
BY_NAME = {
    "be-lab-02.json": {"cards", "issues"},
    "messy-record": {"cards", "issues"},
    "nl-ips-sample-01.json": {"issues"},
}
"""What the default plan changes: a card names a result without a known code that may matter; issues say that results
about something else are of another release."""
NO_DATE = {"denosumab-no-day-egfr-22": {*ANSWER}}
"""An injection that is named in words alone and has no date, which FHIR R4 wants."""
NO_R4 = {"own-bundle-unknown-type.json": {"cards", "issues"}}
"""What any plan changes: types that FHIR R4 does not have cannot be asked for."""


def published(folder: Path) -> Iterator[tuple[str, Json]]:
    """The Bundles of a folder, by the names of their files."""
    for path in sorted(folder.glob("*.json")):
        try:
            data = parse_json(path.read_bytes())
        except CdsError:
            continue
        if isinstance(data, dict) and data.get("resourceType") == "Bundle":
            yield path.name, data


def labelled() -> Iterator[tuple[str, Json, date]]:
    """The patients that the tests keep, and the samples, each with the day."""
    for file in ("patients.jsonl", "outsider_patients.jsonl"):
        for case in map(orjson.loads, (HERE / file).read_bytes().splitlines()):
            yield case["id"], case["bundle"], date.fromisoformat(case["asOf"])
    yield from ((short.name, short.data, SHORT_DAY) for short in short_patients(HERE / "patients"))
    for path in sorted((HERE.parent / "fhir_samples").glob("*/bundle.json")):
        yield path.parent.name, orjson.loads(path.read_bytes()), date(2026, 11, 22)


@pytest.fixture(scope="module")
def plans(book: RuleBook) -> dict[str, Plan]:
    return {"default": coded_plan(book, END_OF_DATA), "wide": wide_plan()}


def size(resources: list[Json]) -> int:
    return sum(len(orjson.dumps(each)) + 1 for each in resources)


def test_the_answers_of_labelled_patients_are_the_same_and_what_changes_is_named(book: RuleBook) -> None:
    found = {name: changed(data, coded_plan(book, day), book, day) for name, data, day in labelled()}
    assert len(found) > 600
    assert {name: keys for name, keys in found.items() if keys} == {"messy-record": BY_NAME["messy-record"], **NO_DATE}


def test_the_wide_plan_changes_nothing_for_those_for_whom_the_default_plan_does(book: RuleBook) -> None:
    named = BY_NAME | NO_DATE
    found = [changed(data, wide_plan(), book, day) for name, data, day in labelled() if name in named]
    assert found == [set(), set()]


@pytest.mark.parametrize(
    ("folder", "default", "wide"),
    [("synthea", {}, {}), ("ips", {}, {}), ("odd", NO_R4, NO_R4), ("world", BY_NAME, {})],
)
def test_the_answers_of_published_patients_are_the_same_and_what_changes_is_named(
    folder: str, default: Json, wide: Json, plans: dict[str, Plan], book: RuleBook, shared: Path
) -> None:
    people = dict(published(shared / "data" / folder))
    assert people
    for plan, wanted in (("default", default), ("wide", wide)):
        found = {name: changed(data, plans[plan], book, END_OF_DATA) for name, data in people.items()}
        assert {name: keys for name, keys in found.items() if keys} == {n: k for n, k in wanted.items() if n in people}


def test_a_filtered_bulk_export_gives_everybody_the_same_answer(
    plans: dict[str, Plan], book: RuleBook, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = sorted((shared / "data" / "bulk").glob("*.ndjson"))
    whole = [orjson.loads(line) for path in files for line in path.read_bytes().splitlines()]
    kept = list(sent(whole, parameters_of(plans["default"])))
    (tmp_path / "export.ndjson").write_bytes(b"\n".join(map(orjson.dumps, kept)))

    def everybody(folder: Path) -> Json:
        people = [found for found in people_of(folder, lambda *_: None) if isinstance(found, Found)]
        records = {one.patient: one.record(book, END_OF_DATA) for one in people}
        results = {name: result_of(evaluate(record, book, END_OF_DATA)) for name, record in records.items()}
        return {name: [result[key] for key in ANSWER] for name, result in results.items()}

    assert everybody(tmp_path) == everybody(shared / "data" / "bulk")
    with capsys.disabled():
        print(f"\nbulk: {len(whole) / len(kept):.1f} times fewer resources, {size(whole) / size(kept):.1f} fewer bytes")
    assert len(kept) * 3 < len(whole)


def test_the_default_plan_is_a_third_of_what_a_server_has_of_a_patient(
    plans: dict[str, Plan], shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = [each for _, data in published(shared / "data" / "synthea") for each in of_bundle(data)]
    for name, plan in plans.items():
        kept = list(sent(whole, parameters_of(plan)))
        fewer, less = len(whole) / len(kept), size(whole) / size(kept)
        with capsys.disabled():
            print(f"\nsynthea, {name} plan: {fewer:.1f} times fewer resources, {less:.1f} times fewer bytes")
        assert name != "default" or (fewer > 3 and less > 4)


def test_a_search_for_each_code_finds_the_same_for_everybody(plans: dict[str, Plan]) -> None:
    apart = plans["default"].apart()
    for _, data, _ in list(labelled())[:100]:
        assert exported(data, apart) == exported(data, plans["default"])
