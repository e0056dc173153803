"""What `cds evaluate` takes: files, folders, NDJSON, compressed ones, several patients; each gets an own answer."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from people import CALCIUM, CARBONATE_500, Json, bundle, concept, dosage, observation, patient, resource, statement

from cds.cli import app

DAY = ("--as-of", "2026-01-15")


def about(who: str | None, one: Json, identity: str) -> Json:
    found = {**one, "id": identity}
    del found["subject"]
    return found if who is None else {**found, "subject": {"reference": f"Patient/{who}"}}


def person(who: str, calcium: float, **more: Any) -> list[Json]:
    """A patient with a calcium product and a result: 11.4 mg/dL is told to hold, 14.2 to stop."""
    return [
        patient(who, **more),
        about(who, observation(CALCIUM, calcium, "mg/dL"), f"o-{who}"),
        about(who, statement(CARBONATE_500, dosage(1)), f"m-{who}"),
    ]


A, B = person("a", 11.4), person("b", 14.2)


def evaluated(*words: str | Path, stdin: bytes | None = None) -> tuple[int, list[Json], list[str]]:
    """Exit status, the answers, and the lines on the error stream but the first, which says what rules were read."""
    done = CliRunner().invoke(app, ["evaluate", *map(str, words), *DAY, "--json"], input=stdin)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.splitlines()[1:]


def said(results: list[Json]) -> list[tuple[str, str]]:
    """Who was told what."""
    return [(r.get("patient", ""), r.get("outcome") or r["error"]["code"]) for r in results]


def issue_codes(result: Json) -> set[str]:
    return {issue["code"] for issue in result["issues"]}


def lines(*resources: Json) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in resources)


BOTH = [("Patient/a", "hold"), ("Patient/b", "stop")]


def test_each_patient_of_a_bundle_has_an_answer_in_the_order_of_the_data(tmp_path: Path) -> None:
    path = tmp_path / "ward.json"
    path.write_text(json.dumps(bundle(*A, *B)))
    status, results, remarks = evaluated(path)
    assert (status, said(results), remarks) == (0, BOTH, [])
    assert [result["file"] for result in results] == [str(path)] * 2
    path.write_text(json.dumps(bundle(B[1], A[2], *B[::2], *A[:2])))
    assert said(evaluated(path)[1]) == BOTH[::-1]


def test_the_answer_to_one_of_several_is_that_to_the_patient_alone(tmp_path: Path) -> None:
    together, alone = tmp_path / "together.json", tmp_path / "alone.json"
    together.write_text(json.dumps([*A, *B]))
    for number, each in enumerate((A, B)):
        alone.write_text(json.dumps(bundle(*each)))
        (expected,) = evaluated(alone)[1]
        assert {**evaluated(together)[1][number], "file": str(alone)} == expected


@pytest.mark.parametrize("packed", [False, True])
def test_the_files_of_a_bulk_export_belong_together(tmp_path: Path, *, packed: bool) -> None:
    folder = tmp_path / "export"
    (folder / "below").mkdir(parents=True)
    for name, number in (("Patient", 0), ("Observation", 1), ("below/MedicationStatement", 2)):
        content = lines(A[number], B[number])
        path = folder / f"{name}.ndjson{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(content) if packed else content)
    (folder / "manifest.json").write_text('{"output": []}')
    (folder / ".hidden.json").write_text("{")
    (folder / "README.txt").write_text("x")
    status, results, remarks = evaluated(folder)
    assert (status, said(results)) == (0, BOTH)
    assert {Path(result["file"]).name.partition(".")[0] for result in results} == {"Patient"}
    assert sorted((remark.partition(": ")[2].split(",")[0] for remark in remarks), key=len, reverse=True) == [
        "It is JSON and holds no FHIR resource; it was passed over.",
        "1 files that do not end in .json", "It is hidden",
    ]  # fmt: skip


def test_records_in_a_folder_stand_alone_also_where_their_ids_are_the_same(tmp_path: Path) -> None:
    for name, calcium in (("1.json", 11.4), ("2.json", 14.2)):
        (tmp_path / name).write_text(json.dumps(bundle(*person("same", calcium))))
    (tmp_path / "3.ndjson").write_bytes(lines(bundle(*person("same", 11.4)), bundle(*person("same", 14.2))))
    status, results, _ = evaluated(tmp_path)
    assert (status, said(results)) == (0, [("Patient/same", each) for each in ("hold", "stop") * 2])
    assert [Path(result["file"]).name for result in results] == ["1.json", "2.json", "3.ndjson:1", "3.ndjson:2"]


def test_resources_in_files_of_their_own_belong_together(tmp_path: Path) -> None:
    for number, one in enumerate((*A, *B)):
        (tmp_path / f"{number}.json").write_text(json.dumps(one))
    assert said(evaluated(tmp_path)[1]) == BOTH


@pytest.mark.parametrize("name", ["-", "-gz", "ndjson.json", "lines.jsonl", "lines.txt", "pretty.ndjson"])
def test_ndjson_is_known_by_its_name_or_by_what_it_holds(tmp_path: Path, name: str) -> None:
    content = lines(*A, *B) if name != "pretty.ndjson" else json.dumps(bundle(*A, *B), indent=1).encode()
    if name.startswith("-"):
        assert said(evaluated("-", stdin=gzip.compress(content) if "gz" in name else content)[1]) == BOTH
        return
    (tmp_path / name).write_bytes(content)
    assert said(evaluated(tmp_path / name)[1]) == BOTH


def test_a_broken_line_is_an_error_and_nobody_in_the_file_counts_as_read_in_full(tmp_path: Path) -> None:
    path = tmp_path / "lines.ndjson"
    path.write_bytes(lines(*A) + b'{"resourceType": "Observ\n\n' + lines(*B))
    status, results, remarks = evaluated(path)
    assert (status, said(results)) == (1, [("", "not-json"), *BOTH])
    assert results[0]["file"] == f"{path}:4"
    assert [remark.partition(": ")[0] for remark in remarks] == [f"{path}:4"]
    assert all("incomplete-data" in issue_codes(result) for result in results[1:])


@pytest.mark.parametrize("first", [b"{", b"[", b'"', b"{}"])
def test_a_line_that_is_cut_hides_no_other_line(tmp_path: Path, first: bytes) -> None:
    path = tmp_path / "lines.ndjson"
    path.write_bytes(first + b"\n" + lines(*A))
    status, results, _ = evaluated(path)
    assert (status, [who for who, _ in said(results)]) == (1, ["", "Patient/a"])


def test_a_part_of_an_export_that_cannot_be_read_makes_nobody_whole(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(lines(*A, *B))
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(lines(*B * 50))[:60])
    (tmp_path / "c.json").symlink_to(tmp_path / "gone")
    (tmp_path / "d.json").write_text(json.dumps(bundle(*person("alone", 11.4))))
    status, results, remarks = evaluated(tmp_path)
    assert (status, len(remarks)) == (1, 2)
    assert said(results) == [("", "unreadable-file"), ("", "unreadable-file"), ("Patient/alone", "hold"), *BOTH]
    assert ["incomplete-data" in issue_codes(result) for result in results[2:]] == [False, True, True]


def test_what_names_no_patient_is_used_for_nobody_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "ward.json"
    path.write_text(json.dumps([patient("a"), patient("b"), about(None, observation(CALCIUM, 14.2, "mg/dL"), "o"),
                                about("stranger", observation(CALCIUM, 14.2, "mg/dL"), "s")]))  # fmt: skip
    status, results, remarks = evaluated(path)
    assert (status, remarks) == (0, [f"{path}: 1 resources are about people who are not in the data."])
    for result in results:
        assert "Observation/o" not in json.dumps(result)
        (lost,) = [issue for issue in result["issues"] if issue["code"] == "not-attributed"]
        assert (lost["notUsed"], lost["text"][:14]) == ("Observation", "1 resources of")


def test_an_identifier_names_a_patient_where_only_one_has_it(tmp_path: Path) -> None:
    number = {"system": "http://hospital.example/mrn", "value": "7"}
    result = {**observation(CALCIUM, 14.2, "mg/dL"), "subject": {"identifier": number}}
    path = tmp_path / "ward.json"
    path.write_text(json.dumps([patient("a", identifier=[number]), patient("b"), result, A[2], B[2]]))
    assert said(evaluated(path)[1])[0] == ("Patient/a", "stop")
    path.write_text(json.dumps([patient("a", identifier=[number]), patient("b", identifier=[number]), result]))
    assert all("not-attributed" in issue_codes(each) for each in evaluated(path)[1])


def test_a_medication_beside_several_patients_is_shared(tmp_path: Path) -> None:
    named = {"resourceType": "Medication", "id": "ca", "code": concept(CARBONATE_500)}
    taken = [about(who, statement(CARBONATE_500, dosage(1)), f"m-{who}") for who in "ab"]
    for one in taken:
        del one["medicationCodeableConcept"]
        one["medicationReference"] = {"reference": "Medication/ca"}
    path = tmp_path / "ward.ndjson"
    path.write_bytes(lines(named, A[0], B[0], *taken, A[1], B[1]))
    status, results, _ = evaluated(path)
    assert (status, said(results)) == (0, BOTH)


LINKS = ["replaced-by", "replaces", "refer", "seealso"]


@pytest.mark.parametrize("kind", LINKS)
def test_linked_patients_are_one_person(tmp_path: Path, kind: str) -> None:
    link = [{"type": kind, "other": {"reference": "Patient/old"}}]
    path = tmp_path / "linked.json"
    path.write_text(json.dumps(bundle(patient("old"), patient("new", link=link), *person("old", 14.2)[1:])))
    status, results, _ = evaluated(path)
    assert (status, [outcome for _, outcome in said(results)]) == (0, ["stop"])
    assert "linked-patients" in issue_codes(results[0])
    path.write_text(json.dumps(bundle(patient("old"), patient("new", link=link), *person("old", 14.2)[1:], *A)))
    assert [outcome for _, outcome in said(evaluated(path)[1])] == ["stop", "hold"]


def test_what_linked_patients_say_differently_is_not_known(tmp_path: Path) -> None:
    link = [{"type": "seealso", "other": {"reference": "Patient/old"}}]
    path = tmp_path / "linked.json"
    path.write_text(json.dumps(bundle(patient("old", gender="male"), patient("new", gender="female", link=link))))
    (result,) = evaluated(path)[1]
    (text,) = [issue["text"] for issue in result["issues"] if issue["code"] == "linked-patients"]
    assert text.endswith("they differ in gender, which is not known.")


@pytest.mark.slow
def test_one_patient_among_several_is_named_for_explain_and_what_if(tmp_path: Path) -> None:
    path = tmp_path / "ward.ndjson"
    path.write_bytes(lines(*A, *B))
    for command in ("explain", "what-if"):
        done = CliRunner().invoke(app, [command, str(path), *DAY])
        assert done.exit_code == 1
        assert "Name one by --patient: Patient/a, Patient/b. [several-patients]" in done.stderr
        for name, outcome in (("a", "hold"), ("Patient/b", "stop")):
            done = CliRunner().invoke(app, [command, str(path), "--patient", name, *DAY])
            assert done.exit_code == 0
            assert f"Outcome: {outcome}" in done.stdout
        done = CliRunner().invoke(app, [command, str(path), "--patient", "c", *DAY])
        assert "Nobody is called 'c' here. There are: Patient/a, Patient/b. [no-patient]" in done.stderr


FORMATS: list[tuple[bytes, str, str]] = [
    (b'<?xml version="1.0"?>\n<Bundle xmlns="http://hl7.org/fhir"/>', "FHIR XML", "other-format"),
    (b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>', "CDA", "other-format"),
    (b"<!DOCTYPE html><html></html>", "web page", "other-format"),
    (b"<a/>", "XML", "other-format"),
    (b"MSH|^~\\&|LAB|H|EHR|H|202601100800||ORU^R01|1|P|2.5\r", "HL7 v2", "other-format"),
    (b"%PDF-1.7", "PDF", "other-format"),
    (b"patient;date;calcium\n1;2026-01-10;11.4\n", "table (CSV)", "other-format"),
    (b"@prefix fhir: <http://hl7.org/fhir/> .", "Turtle", "other-format"),
    ('{"resourceType": "Patient", "id": "Jos\u00e9"}'.encode("latin-1"), "the byte 0xE9 at offset 38", "not-json"),
    (b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "MedicationStatement", "taken": "y"}}]}',
     "FHIR STU3", "wrong-release"),
    (b'[{"resourceType": "Patient"}, {"resourceType": "Condition", "patient": {}}]', "FHIR DSTU2", "wrong-release"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "name", "code"), FORMATS, ids=[name for _, name, _ in FORMATS])
def test_what_another_format_is_is_said(tmp_path: Path, content: bytes, name: str, code: str) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(content)
    status, results, _ = evaluated(path)
    assert status == 1
    assert (results[0]["error"]["code"], name in results[0]["error"]["text"]) == (code, True)


def test_a_zip_archive_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "records.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", json.dumps(bundle(*A)))
    assert "ZIP archive. Unpack it" in evaluated(path)[1][0]["error"]["text"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "utf-8-sig"])
def test_json_in_utf_16_and_utf_32_is_read_and_that_is_said(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(json.dumps(bundle(*A)).encode(encoding))
    status, results, remarks = evaluated(path)
    assert (status, said(results)) == (0, BOTH[:1])
    assert len(remarks) == (encoding != "utf-8-sig")


def test_an_unknown_type_anywhere_ends_nothing(tmp_path: Path) -> None:
    odd = {"resourceType": "InventoryItem", "id": "x"}
    for number, data in enumerate((
        bundle(*A, odd), bundle(*A, bundle(odd)), [*A, odd], [*A[:2], {**A[2], "contained": [odd]}],
        bundle(*A[:2], {**A[2], "medicationReference": {"reference": "InventoryItem/x"}}, odd),
    )):  # fmt: skip
        (tmp_path / f"{number}.json").write_text(json.dumps(data))
    status, results, _ = evaluated(tmp_path)
    assert (status, [outcome for _, outcome in said(results)]) == (0, ["hold"] * 5)
    assert "unknown-resource" in issue_codes(results[0])


def test_one_resource_of_the_shape_of_r5_refuses_no_record(tmp_path: Path) -> None:
    order = resource("MedicationRequest", "m", status="active", intent="order", authoredOn="2026-01-10",
                     medication={"concept": concept(CARBONATE_500)})  # fmt: skip
    path = tmp_path / "r5.json"
    path.write_text(json.dumps([patient(), order]))
    status, (result,), _ = evaluated(path)
    assert status == 0
    assert "other-release" in issue_codes(result)
    path.write_text(json.dumps([patient(), order, {**order, "id": "n"}]))
    assert "FHIR R5" in evaluated(path)[1][0]["error"]["text"]
