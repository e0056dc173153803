"""What a run gives as FHIR: valid, complete, the same bytes for equal answers, and honest about what it is."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from small_run import DAY, SHARED, Row, made_run, rows_of, samples

from cds.bookshelf import open_rulebook
from cds.exchange.export import files_of, resources_of
from cds.intake.validation import r4_problem
from cds.rulebook.model import RuleBook

pytest.importorskip("duckdb", reason="the extra population is not installed")
pytest.importorskip("pyarrow", reason="the extra population is not installed")

from cds.population.books.finished_run import NotARunError
from cds.population.fhir.output import OtherRulebookError, write_fhir

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
NAMES = [
    "DetectedIssue.ndjson",
    "Group.ndjson",
    "Measure.json",
    "MeasureReport-subject-list.json",
    "MeasureReport.json",
]
SUBJECTS = "http://hl7.org/fhir/5.0/StructureDefinition/extension-MeasureReport.group.population.subjects"


@pytest.fixture(scope="module")
def rows(book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """The sample patients, and one whose file holds no patient who can be read."""
    path = tmp_path_factory.mktemp("odd") / "bundle.json"
    patient = {"resourceType": "Patient", "id": "two", "birthDate": "1950-01-01"}
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}]}))
    refused = {"error": {"code": "wrong-release", "text": "The data are STU3. [wrong-release]"}}
    return [*samples(book), *(row._replace(result=refused) for row in rows_of(path, book, DAY))]


@pytest.fixture(scope="module")
def written(rows: list[Row], book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = made_run(tmp_path_factory.mktemp("run") / "run", rows, book)
    assert [path.name for path in write_fhir(folder, book)] == NAMES
    return folder / "fhir"


def read(path: Path) -> list[Json]:
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()] if path.suffix == ".ndjson" else [json.loads(text)]


def code_of(concept: Json) -> str:
    return str(concept["coding"][0]["code"] if "coding" in concept else concept["text"])


def counted(report: Json) -> dict[str, int]:
    return {code_of(group["code"]): group["population"][0]["count"] for group in report["group"]}


def test_every_resource_is_valid_r4(written: Path) -> None:
    resources = [resource for name in NAMES for resource in read(written / name)]
    assert len(resources) > 15
    assert [(r["resourceType"], problem) for r in resources if (problem := r4_problem(r))] == []


def test_the_report_counts_everybody_each_outcome_those_refused_and_each_rule(
    written: Path, rows: list[Row], book: RuleBook
) -> None:
    (report,) = read(written / "MeasureReport.json")
    outcomes = Counter(row.result.get("outcome", "no answer given") for row in rows)
    fired = Counter(rule.replace("-", "") for row in rows for rule in row.result.get("fired", ()))
    expected = {"everybody": len(rows), **dict.fromkeys(book.outcomes, 0), **outcomes}
    assert counted(report) == expected | {rule.replace("-", ""): 0 for rule in book.rules} | fired
    assert (report["type"], report["status"], report["period"]) == (
        "summary",
        "complete",
        {"start": "2026-11-22", "end": "2026-11-22"},
    )


def test_an_outcome_is_shared_out_by_the_rule_that_decided(written: Path, rows: list[Row]) -> None:
    (report,) = read(written / "MeasureReport.json")
    found = {
        (code_of(group["code"]), stratum["value"]["text"]): stratum["population"][0]["count"]
        for group in report["group"]
        for stratifier in group.get("stratifier", ())
        for stratum in stratifier["stratum"]
    }
    decided = Counter((row.result["outcome"], row.result["decidedBy"]) for row in rows if "error" not in row.result)
    assert found == decided | Counter({("no answer given", "wrong-release"): 1})


def test_the_report_is_about_the_measure_beside_it_whose_library_is_the_exported_one(
    written: Path, book: RuleBook
) -> None:
    (measure,), (report,) = read(written / "Measure.json"), read(written / "MeasureReport.json")
    exported = {f"{r['url']}|{r['version']}" for r in resources_of(book, files_of(ROOT / "rules", book), None)}
    assert report["measure"] == f"{measure['url']}|{measure['version']}"
    assert set(measure["library"]) < exported
    assert [group["code"] for group in measure["group"]] == [group["code"] for group in report["group"]]
    assert code_of(measure["scoring"]) == "cohort"
    assert "measureScore" not in json.dumps(report)


def test_the_groups_hold_every_patient_once_and_the_subject_list_names_them(written: Path, rows: list[Row]) -> None:
    groups = {group["id"]: group for group in read(written / "Group.ndjson")}
    (report,) = read(written / "MeasureReport-subject-list.json")
    assert report["type"] == "subject-list"
    members = []
    for group in report["group"]:
        for told in group["population"][0].get("extension", ()):
            assert told["url"] == SUBJECTS
            named = groups[told["valueReference"]["reference"].removeprefix("Group/")]
            own = [member["entity"]["reference"] for member in named.get("member", ())]
            assert named["quantity"] == len(own) == group["population"][0]["count"]
            assert code_of(named["code"]) == code_of(group["code"])
            members += [(patient, code_of(group["code"])) for patient in own]
    assert sorted(members) == sorted((row.patient, row.result.get("outcome", "no answer given")) for row in rows)


def test_each_card_that_is_a_warning_or_critical_is_an_issue(written: Path, rows: list[Row]) -> None:
    severities = {"critical": "high", "warning": "moderate"}
    cards = [
        (row.patient, severities[card["indicator"]], card["summary"])
        for row in sorted(rows)
        for card in row.result.get("cards", ())
        if card["indicator"] in severities
    ]
    issues = read(written / "DetectedIssue.ndjson")
    assert [(i["patient"]["reference"], i["severity"], i["detail"]) for i in issues] == cards
    assert len({issue["id"] for issue in issues}) == len(issues) >= 10
    assert {issue["status"] for issue in issues} == {"preliminary"}
    assert {issue["identifiedDateTime"] for issue in issues} == {"2026-11-22"}
    assert all("mitigation" not in issue and "a draft" in issue["author"]["display"] for issue in issues)


def test_an_issue_names_its_rule_its_advice_the_product_and_the_results_behind_it(written: Path) -> None:
    own = [i for i in read(written / "DetectedIssue.ndjson") if i["patient"] == {"reference": "Patient/bruno-sample"}]
    issue = next(issue for issue in own if issue["code"]["text"] == "CA-01 High serum calcium")
    advice = [code_of(told["valueCodeableConcept"]) for told in issue["extension"]]
    assert advice[:2] == ["hold-calcium", "hold-vitamin-d"]
    implicated = [item["reference"] for item in issue["implicated"]]
    assert implicated[:2] == ["MedicationStatement/bruno-calcium", "MedicationStatement/bruno-vitamin-d"]
    evidence = {item["reference"] for item in issue["evidence"][0]["detail"]}
    assert {"Observation/bruno-calcium-2026-11-10", "Observation/bruno-albumin-2026-11-10"} <= evidence
    sample = (ROOT / "fhir_samples" / "high-calcium" / "bundle.json").read_text(encoding="utf-8")
    held = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in json.loads(sample)["entry"]}
    assert evidence | set(implicated) <= held


def test_equal_answers_are_equal_bytes_however_many_parts_they_stand_in(
    written: Path, rows: list[Row], book: RuleBook, tmp_path: Path
) -> None:
    for parts in (1, 7):
        folder = made_run(tmp_path / str(parts), reversed(rows), book, parts=parts)
        assert [path.read_bytes() for path in write_fhir(folder, book)] == [
            (written / name).read_bytes() for name in NAMES
        ]


def test_a_large_group_has_its_parts_as_members(
    written: Path, rows: list[Row], book: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cds.population.fhir.groups.MOST_MEMBERS", 2)
    folder = made_run(tmp_path / "run", rows, book)
    write_fhir(folder, book)
    groups = {f"Group/{group['id']}": group for group in read(folder / "fhir" / "Group.ndjson")}
    assert [problem for group in groups.values() if (problem := r4_problem(group))] == []
    for whole in read(written / "Group.ndjson"):
        members = [item["entity"]["reference"] for item in groups[f"Group/{whole['id']}"].get("member", ())]
        parts = [groups[name] for name in members if name in groups]
        assert groups[f"Group/{whole['id']}"]["quantity"] == whole["quantity"]
        assert len(parts) == (0 if whole["quantity"] <= 2 else -(-whole["quantity"] // 2))
        assert all(part["quantity"] == len(part["member"]) <= 2 for part in parts)
        assert [member for part in parts for member in part["member"]] == (whole.get("member", []) if parts else [])


def test_namesakes_are_told_apart_by_their_file_and_a_name_that_is_no_address_stays_words(
    rows: list[Row], book: RuleBook, tmp_path: Path
) -> None:
    bruno = next(row for row in rows if row.patient == "Patient/bruno-sample")
    other = bruno._replace(file="b.json", digest="other")
    twice = [bruno, other, other._replace(digest="third"), bruno._replace(patient="Patient entry 1")]
    folder = made_run(tmp_path / "run", twice, book)
    write_fhir(folder, book)
    issues = read(folder / "fhir" / "DetectedIssue.ndjson")
    assert len({issue["id"] for issue in issues}) == len(issues) == 8
    assert {json.dumps(issue["patient"]) for issue in issues} == {
        json.dumps({"reference": "Patient/bruno-sample", "display": bruno.file}),
        json.dumps({"reference": "Patient/bruno-sample", "display": "b.json"}),
        json.dumps({"display": "Patient entry 1"}),
    }


def test_an_incomplete_run_is_no_complete_report(rows: list[Row], book: RuleBook, tmp_path: Path) -> None:
    folder = made_run(tmp_path / "run", rows, book, problems=["Two files of the manifest are not there."])
    write_fhir(folder, book)
    for name in NAMES[3:]:
        (report,) = read(folder / "fhir" / name)
        assert report["status"] == "error"
        assert report["contained"][0]["issue"][0]["diagnostics"] == "Two files of the manifest are not there."
        assert r4_problem(report) is None


def test_a_run_of_other_rules_is_refused(rows: list[Row], tmp_path: Path, book: RuleBook) -> None:
    folder = made_run(tmp_path / "run", rows, book)
    with pytest.raises(OtherRulebookError, match=f"made with rulebook {book.version}, sha256 {book.sha256[:12]}"):
        write_fhir(folder, open_rulebook(ROOT / "tests" / "good_rules"))
    assert not (folder / "fhir").exists()


def test_a_folder_that_is_no_run_or_lost_answers_is_refused(rows: list[Row], tmp_path: Path, book: RuleBook) -> None:
    with pytest.raises(NotARunError, match=r"'run\.json' cannot be read \(No such file or directory\)"):
        write_fhir(tmp_path, book)
    folder = made_run(tmp_path / "run", rows, book)
    (folder / "results" / "part-00001.parquet").unlink()
    with pytest.raises(NotARunError, match=rf"damaged: it holds \d+ answers, and its ledger counts {len(rows)}"):
        write_fhir(folder, book)
    (folder / "results" / "part-00001.parquet").write_bytes(b"PAR1, and no more")
    with pytest.raises(NotARunError, match="cannot be read"):
        write_fhir(folder, book)


def test_the_patients_of_a_bulk_export_are_valid_too(book: RuleBook, tmp_path: Path) -> None:
    if not (SHARED / "bulk").is_dir():
        pytest.skip("../shared/data is not there")
    day = date(2021, 6, 1)
    folder = made_run(tmp_path / "run", rows_of(SHARED / "bulk", book, day), book, day)
    files = write_fhir(folder, book)
    resources = [resource for path in files for resource in read(path)]
    assert [(r["resourceType"], problem) for r in resources if (problem := r4_problem(r))] == []
    assert counted(read(folder / "fhir" / "MeasureReport.json")[0])["everybody"] == 60
