"""``cds population export``: an export is begun once, fetched whole, and what is missing is said."""

from __future__ import annotations

import json
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from bulk_server import CANARY, BulkData, Reply, export, kept, ndjson, outcome, serving
from click.testing import CliRunner

from cds.cli import app as cli

ROOT = Path(__file__).resolve().parent.parent
CALCIUM_CODES = "Observation?code=http://loinc.org|17861-6,http://loinc.org|1751-7"


@pytest.fixture
def server() -> Iterator[BulkData]:
    with serving(BulkData()) as found:
        yield found


@pytest.fixture
def other() -> Iterator[BulkData]:
    """A server with another origin."""
    with serving(BulkData()) as found:
        yield found


def test_an_export_is_fetched_whole_and_said_in_a_table(server: BulkData, tmp_path: Path) -> None:
    done = export(server, tmp_path / "x")
    assert done.exit_code == 0, done.output
    assert {name: (tmp_path / "x" / name).read_bytes() for name in server.output} == server.output
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[:3] for row in rows] == [
        ["type", "files", "lines"], ["Patient", "1", "3"], ["Observation", "1", "5"], ["all", "2", "8"],
    ]  # fmt: skip
    assert "50 % done" in done.stderr
    assert not list((tmp_path / "x").rglob("*.part"))


def test_the_kick_off_is_the_one_of_the_standard(server: BulkData, tmp_path: Path) -> None:
    since = "2026-01-01T00:00:00Z"
    export(
        server, tmp_path / "x", "--type", "Patient,Observation", "--type", "Patient", "--type-filter", CALCIUM_CODES,
        "--type-filter", "Observation?category=vital-signs", "--since", since, "--output-format", "ndjson",
    )  # fmt: skip
    (asked,) = server.begun()
    assert (asked.method, asked.path) == ("GET", "/fhir/Patient/$export")
    assert asked.query == {
        "_type": ["Patient,Observation"], "_typeFilter": [CALCIUM_CODES, "Observation?category=vital-signs"],
        "_since": [since], "_outputFormat": ["ndjson"],
    }  # fmt: skip
    assert (asked.headers["accept"], asked.headers["prefer"]) == ("application/fhir+json", "respond-async")


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ((), "/fhir/Patient/$export"),
        (("--system",), "/fhir/$export"),
        (("--group", "g-1"), "/fhir/Group/g-1/$export"),
    ],
)
def test_a_group_or_the_whole_system_is_exported(
    server: BulkData, tmp_path: Path, options: tuple[str, ...], path: str
) -> None:
    assert export(server, tmp_path / "x", *options).exit_code == 0
    assert [one.path for one in server.begun()] == [path]


def test_a_whole_export_url_is_called_as_it_is(server: BulkData, tmp_path: Path) -> None:
    url = f"{server.base}/fhir/Group/7/$export?_type=Patient"
    done = CliRunner().invoke(
        cli, ["population", "export", url, "--out", str(tmp_path / "x"), "--longest-wait", "0.05"]
    )
    assert done.exit_code == 0, done.output
    assert [(one.path, one.query) for one in server.begun()] == [("/fhir/Group/7/$export", {"_type": ["Patient"]})]


def test_a_plan_is_asked_for_and_by_post_where_the_url_would_be_too_long(server: BulkData, tmp_path: Path) -> None:
    codes = ",".join(f"http://loinc.org|{number}-1" for number in range(200))
    pairs = [("_type", "Patient"), ("_type", "Observation"), ("_typeFilter", f"Observation?code={codes}")]
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"parameters": [{"name": name, "value": value} for name, value in pairs]}))
    assert export(server, tmp_path / "x", "--plan", plan, "--since", "2026-01-01T00:00:00Z").exit_code == 0
    (asked,) = server.begun()
    assert (asked.method, asked.query, asked.headers["content-type"]) == ("POST", {}, "application/fhir+json")
    assert json.loads(asked.body) == {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "_type", "valueString": "Patient,Observation"},
            {"name": "_typeFilter", "valueString": f"Observation?code={codes}"},
            {"name": "_since", "valueInstant": "2026-01-01T00:00:00Z"},
        ],
    }


def test_a_post_is_made_where_it_is_wished(server: BulkData, tmp_path: Path) -> None:
    export(server, tmp_path / "x", "--post", "--type", "Patient")
    assert [(one.method, one.query) for one in server.begun()] == [("POST", {})]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--type", "Patients"), "Did you mean 'Patient'?"),
        (("--type-filter", "Observation"), "is no query"),
        (("--since", "2026-01-01"), "is no instant"),
        (("--group", "g/1"), "is no id of FHIR"),
        (("--group", "1", "--system"), "exclude each other"),
        (("--client-id", "me"), "belong together"),
        (("--scope", "system/*.read"), "need --client-id and --key"),
        (("--plan", str(ROOT / "pyproject.toml")), "The plan is not what"),
        (("--cancel",), "no export was begun"),
    ],
)
def test_wrong_use_is_said_before_anything_is_asked(
    server: BulkData, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    done = export(server, tmp_path / "x", *options)
    assert done.exit_code == 2
    assert said in done.stderr
    assert server.asked == []


@pytest.mark.parametrize("code", ["not-supported", "invalid"])
def test_a_refusal_is_said_in_the_words_of_the_server(server: BulkData, tmp_path: Path, code: str) -> None:
    server.kick_offs.append(Reply(400, body=outcome("_typeFilter is not supported.", code)))
    done = export(server, tmp_path / "x")
    assert done.exit_code == 1
    assert "does not begin an export (status 400). _typeFilter is not supported. [export-refused]" in done.stderr
    assert export(server, tmp_path / "x").exit_code == 0


def test_a_busy_server_is_asked_again_and_one_that_fails_is_not_asked_for_a_second_export(
    server: BulkData, tmp_path: Path
) -> None:
    server.kick_offs.extend([Reply(429, {"Retry-After": "1"}), Reply(503)])
    assert export(server, tmp_path / "x").exit_code == 0
    assert len(server.begun()) == 3
    server.asked.clear()
    server.kick_offs.append(Reply(500))
    assert export(server, tmp_path / "y").exit_code == 1
    assert len(server.begun()) == 1


def test_a_kick_off_without_an_answer_is_not_repeated(tmp_path: Path) -> None:
    silent, gone = socket.create_server(("127.0.0.1", 0)), BulkData()
    gone.base, calls = f"http://127.0.0.1:{silent.getsockname()[1]}", []

    def hang_up() -> None:
        with suppress(OSError):
            while True:
                connection, _ = silent.accept()
                calls.append(connection.recv(1000))
                connection.close()

    threading.Thread(target=hang_up, daemon=True).start()
    assert "[no-answer]" in export(gone, tmp_path / "x").stderr
    assert len(calls) == 1
    silent.close()


def test_a_server_without_bulk_data_is_named_so(server: BulkData, tmp_path: Path) -> None:
    server.kick_offs.append(Reply(200, body=b"{}"))
    assert "[no-bulk-data]" in export(server, tmp_path / "x").stderr
    server.kick_offs.append(Reply(202))
    assert "does not say where it is. [no-bulk-data]" in export(server, tmp_path / "x").stderr


def test_a_kick_off_that_has_moved_is_not_followed(server: BulkData, other: BulkData, tmp_path: Path) -> None:
    server.kick_offs.append(Reply(307, {"Location": f"{other.base}/fhir/Patient/$export"}))
    assert f"it has moved to {other.base}" in export(server, tmp_path / "x").stderr
    assert other.asked == []


def test_trouble_that_passes_is_waited_for(server: BulkData, tmp_path: Path) -> None:
    passing = outcome("Try later", "transient")
    server.statuses.extend([Reply(429, {"Retry-After": "1"}), Reply(500, body=passing), Reply(502, body=b"<html>")])
    server.file_replies["1.Patient.ndjson"] = deque([Reply(503), Reply(429)])
    assert export(server, tmp_path / "x").exit_code == 0


def test_trouble_that_does_not_pass_ends_and_the_same_command_goes_on(server: BulkData, tmp_path: Path) -> None:
    server.statuses.extend([Reply(503)] * 8)
    done = export(server, tmp_path / "x")
    assert done.exit_code == 1
    assert "[export-failed]" in done.stderr
    assert export(server, tmp_path / "x").exit_code == 0
    assert len(server.begun()) == 1


def test_an_export_that_failed_is_said_to_have_failed_at_once(server: BulkData, tmp_path: Path) -> None:
    server.statuses.append(Reply(500, body=outcome("An internal limit was reached")))
    done = export(server, tmp_path / "x")
    assert done.exit_code == 1
    assert "An internal limit was reached. Begin anew with --anew. [export-failed]" in done.stderr
    assert len(server.of("GET", "/jobs")) == 1


def test_an_export_that_is_gone_is_begun_anew_only_when_it_is_wished(server: BulkData, tmp_path: Path) -> None:
    server.statuses.append(Reply(404))
    done = export(server, tmp_path / "x")
    assert done.exit_code == 1
    assert "--anew" in done.stderr
    assert "[export-expired]" in done.stderr
    server.ended, server.base = False, server.base
    server.statuses.append(Reply(404))
    assert export(server, tmp_path / "x", "--anew").exit_code == 0
    assert len(server.begun()) == 2


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_gone_is_said_to_be_and_the_others_are_fetched(
    server: BulkData, tmp_path: Path, status: int
) -> None:
    server.file_replies["1.Patient.ndjson"] = deque([Reply(status)])
    done = export(server, tmp_path / "x")
    assert done.exit_code == 1
    assert "1.Patient.ndjson: The server has it no more" in done.stderr
    assert "[export-expired]" in done.stderr
    assert (tmp_path / "x" / "1.Observation.ndjson").exists()
    assert not server.of("DELETE", "/jobs")


def test_beginning_anew_leaves_nothing_of_the_old_export(server: BulkData, tmp_path: Path) -> None:
    out = tmp_path / "x"
    server.output["2.Observation.ndjson"] = ndjson("Observation", 2)
    server.deleted["1.Bundle.ndjson"] = ndjson("Bundle", 1)
    assert export(server, out).exit_code == 0
    del server.output["2.Observation.ndjson"]
    server.deleted, server.ended = {}, False
    assert export(server, out, "--anew").exit_code == 0
    names = {str(path.relative_to(out)) for path in out.rglob("*")}
    assert names == {"export.json", "manifest.json", "1.Patient.ndjson", "1.Observation.ndjson"}


def test_a_complete_export_is_ended_on_the_server_and_fetched_only_once(server: BulkData, tmp_path: Path) -> None:
    export(server, tmp_path / "x")
    assert len(server.of("DELETE", "/jobs/1")) == 1
    before = len(server.asked)
    assert export(server, tmp_path / "x").exit_code == 0
    assert len(server.asked) == before


def test_a_server_that_does_not_end_the_export_makes_it_not_incomplete(server: BulkData, tmp_path: Path) -> None:
    server.polls = 0
    server.statuses.append(Reply(200, body=orjson.dumps(server.manifest(1))))
    server.statuses.append(Reply(405, body=outcome("DELETE is not supported")))
    done = export(server, tmp_path / "x")
    assert done.exit_code == 0
    assert "The server keeps its files" in done.stderr
    assert kept(tmp_path / "x")["ended"] is False


def test_a_server_that_has_removed_the_files_already_has_nothing_to_remark(server: BulkData, tmp_path: Path) -> None:
    server.polls = 0
    server.statuses.extend([Reply(200, body=orjson.dumps(server.manifest(1))), Reply(404)])
    done = export(server, tmp_path / "x")
    assert (done.exit_code, "keeps its files" in done.stderr) == (0, False)
    assert kept(tmp_path / "x")["ended"] is True


def test_an_export_is_cancelled(server: BulkData, tmp_path: Path) -> None:
    server.file_replies["1.Patient.ndjson"] = deque([Reply(403)])
    assert export(server, tmp_path / "x").exit_code == 1
    assert export(server, tmp_path / "x", "--cancel").exit_code == 0
    assert server.ended
    assert "[export-cancelled]" in export(server, tmp_path / "x").stderr


def test_an_export_that_is_complete_stays_so(server: BulkData, tmp_path: Path) -> None:
    assert export(server, tmp_path / "x").exit_code == 0
    assert export(server, tmp_path / "x", "--cancel").exit_code == 0
    assert kept(tmp_path / "x")["stage"] == "complete"
    assert len(server.of("DELETE", "/jobs")) == 1


def test_the_manifest_is_kept_as_it_came_with_the_name_of_each_file(server: BulkData, tmp_path: Path) -> None:
    server.polls = 0
    came = server.manifest(1)
    export(server, tmp_path / "x")
    found = kept(tmp_path / "x", "manifest.json")
    assert [item.pop("file") for item in found["output"]] == list(server.output)
    assert found == came


def test_a_run_finds_every_file_whatever_its_url_is(server: BulkData, tmp_path: Path) -> None:
    sources = pytest.importorskip("cds.population.lines.sources", reason="the extra population is not installed")
    server.output = {"17.Patient": ndjson("Patient", 2), "18.Patient": ndjson("Patient", 1)}
    server.deleted = {"19.Bundle": ndjson("Bundle", 1)}
    assert export(server, tmp_path / "x").exit_code == 0
    said: list[str] = []
    found = sources.inputs_of([str(tmp_path / "x")], lambda place, text: said.append(text))
    names = [(Path(one.file).name, one.role, one.expected) for one in found.files]
    assert names == [
        ("1.Patient.ndjson", "output", 2), ("2.Patient.ndjson", "output", 1), ("1.Bundle.ndjson", "deleted", None),
    ]  # fmt: skip
    assert (found.problems, said) == ([], [])


def test_a_manifest_on_pages_is_followed_to_its_end(server: BulkData, tmp_path: Path) -> None:
    server.paged, server.error = True, {"1.OperationOutcome.ndjson": outcome("By the way", severity="information")}
    server.output["2.Observation.ndjson"] = ndjson("Observation", 2)
    done = export(server, tmp_path / "x")
    assert done.exit_code == 0, done.output
    found = kept(tmp_path / "x", "manifest.json")
    assert [item["file"] for item in found["output"]] == list(server.output)
    assert (len(found["error"]), "link" in found) == (1, False)
    assert done.stdout.splitlines()[-1].split()[:3] == ["all", "4", "11"]


def test_deleted_resources_and_errors_are_kept_apart_and_an_error_makes_the_export_incomplete(
    server: BulkData, tmp_path: Path
) -> None:
    server.deleted = {"1.Bundle.ndjson": ndjson("Bundle", 2)}
    server.error = {"e.OperationOutcome.ndjson": outcome(f"Patient {CANARY} could not be exported")}
    done = export(server, tmp_path / "x")
    assert done.exit_code == 1
    assert "have errors (1). [error-files]" in done.stderr
    assert (tmp_path / "x" / "deleted" / "1.Bundle.ndjson").read_bytes() == server.deleted["1.Bundle.ndjson"]
    assert (tmp_path / "x" / "error" / "e.OperationOutcome.ndjson").exists()
    assert ["Bundle", "(deleted)", "1", "2"] in [line.split()[:4] for line in done.stdout.splitlines()]
    assert not server.ended


@pytest.mark.parametrize("severity", ["warning", "information"])
def test_a_warning_in_an_error_file_leaves_the_export_complete(server: BulkData, tmp_path: Path, severity: str) -> None:
    server.error = {"e.OperationOutcome.ndjson": outcome("A note", severity=severity)}
    done = export(server, tmp_path / "x")
    assert done.exit_code == 0
    assert "no errors (1)" in done.stderr


@pytest.mark.parametrize(("told", "status"), [(3, 0), (2, 1), (4, 1), (None, 0)])
def test_a_count_that_differs_makes_the_export_incomplete_and_the_file_is_fetched_again(
    server: BulkData, tmp_path: Path, told: int | None, status: int
) -> None:
    server.counts["1.Patient.ndjson"] = told
    done = export(server, tmp_path / "x")
    assert done.exit_code == status
    assert ("It has 3 lines, and" in done.stderr) == bool(status)
    server.asked.clear()
    assert export(server, tmp_path / "x").exit_code == status
    assert [one.path for one in server.of("GET", "/files")] == ["/files/1.Patient.ndjson"] * status


def test_gzip_on_the_way_is_undone_to_its_last_member(server: BulkData, tmp_path: Path) -> None:
    server.gzip = True
    assert export(server, tmp_path / "x").exit_code == 0
    assert (tmp_path / "x" / "1.Observation.ndjson").read_bytes() == server.output["1.Observation.ndjson"]
    assert all("gzip" in one.headers["accept-encoding"] for one in server.of("GET", "/files"))


def test_a_file_that_is_cut_off_is_never_taken_for_whole(server: BulkData, tmp_path: Path) -> None:
    server.short.add("1.Patient.ndjson")
    server.counts["1.Observation.ndjson"] = None
    server.output["1.Observation.ndjson"] = server.output["1.Observation.ndjson"][:-9]
    done = export(server, tmp_path / "x")
    assert done.exit_code == 1
    assert "1.Patient.ndjson: The connection ended" in done.stderr
    assert "1.Observation.ndjson: It ends in the middle of a line" in done.stderr
    assert not list((tmp_path / "x").glob("*.ndjson"))


def test_a_last_line_without_a_line_feed_is_whole_if_it_is_json(server: BulkData, tmp_path: Path) -> None:
    server.output["1.Patient.ndjson"] = server.output["1.Patient.ndjson"][:-1]
    server.counts["1.Patient.ndjson"] = 3
    assert export(server, tmp_path / "x").exit_code == 0


def test_a_page_for_people_is_no_file_of_an_export(server: BulkData, tmp_path: Path) -> None:
    server.counts["1.Patient.ndjson"] = None
    server.output["1.Patient.ndjson"] = b"<html>Please log in</html>\n"
    assert "1.Patient.ndjson: The server sends something that is not NDJSON. [no-ndjson]" in export(
        server, tmp_path / "x"
    ).stderr  # fmt: skip


def test_a_folder_of_something_else_is_left_alone(server: BulkData, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    done = export(server, tmp_path)
    assert (done.exit_code, server.asked) == (2, [])
    assert "[other-export]" in done.stderr


def test_a_folder_of_another_export_is_left_alone(server: BulkData, tmp_path: Path) -> None:
    assert export(server, tmp_path / "x", "--type", "Patient").exit_code == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "x").iterdir()}
    assert export(server, tmp_path / "x", "--type", "Condition").exit_code == 2
    assert {path.name: path.read_bytes() for path in (tmp_path / "x").iterdir()} == before


def test_a_state_that_names_a_place_elsewhere_is_not_of_this_program(server: BulkData, tmp_path: Path) -> None:
    assert export(server, tmp_path / "x").exit_code == 0
    victim = tmp_path / "victim.ndjson"
    victim.write_text("mine", encoding="utf-8")
    state = kept(tmp_path / "x")
    state["files"][0]["file"] = "../victim.ndjson"
    (tmp_path / "x" / "export.json").write_text(json.dumps(state), encoding="utf-8")
    assert export(server, tmp_path / "x", "--anew").exit_code == 2
    assert victim.read_text(encoding="utf-8") == "mine"


def test_a_file_that_was_changed_or_removed_is_fetched_again(server: BulkData, tmp_path: Path) -> None:
    server.error = {"e.OperationOutcome.ndjson": outcome("Something is missing")}
    assert export(server, tmp_path / "x").exit_code == 1
    (tmp_path / "x" / "1.Patient.ndjson").write_bytes(b"{}\n")
    (tmp_path / "x" / "1.Observation.ndjson").unlink()
    server.asked.clear()
    assert export(server, tmp_path / "x").exit_code == 1
    assert {one.path for one in server.of("GET", "/files")} == {
        "/files/1.Patient.ndjson",
        "/files/1.Observation.ndjson",
    }
    assert (tmp_path / "x" / "1.Patient.ndjson").read_bytes() == server.output["1.Patient.ndjson"]


def test_a_server_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    gone = BulkData()
    gone.base = "http://127.0.0.1:1"
    done = export(gone, tmp_path / "x")
    assert done.exit_code == 1
    assert "http://127.0.0.1:1/fhir/Patient/$export cannot be reached (ConnectError). [no-answer]" in done.stderr
