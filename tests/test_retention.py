"""What a service keeps, for how long, and where it notes the end of its log: from the configuration to the database."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from calls import REVIEW, call, client_of
from click.testing import CliRunner
from recorded import NOW, later, plain, tamper
from sqlalchemy import text
from starlette.testclient import TestClient
from test_configuration import problems, written

from cds.cli import app
from cds.commands.records import answered_again
from cds.errors import CdsError
from cds.records.card_ids import is_keyed
from cds.records.chain import LogHead, entries, verify
from cds.records.database import writing
from cds.records.entry import utc_text
from cds.records.heads import note_head, read_heads
from cds.records.records import Records
from cds.records.replay import replay
from cds.rulebook.model import RuleBook
from cds.service.app import application
from cds.service.configuration.reading import read_settings
from cds.service.observability.health import HealthReport
from cds.service.observability.journal import Journal
from cds.service.recording.head_export import HeadExport, to_file
from cds.service.recording.retention import Retention
from cds.service.state import Service
from cds.service.wiring import add_operations, build_service

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
BEGINNING = "records: records.sqlite\npseudonym key: key\nreload: no\njournal: no\n"


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    records = Records(tmp_path / "records.sqlite")
    for hours in range(4):
        records.add_decision(plain(time=utc_text(later(hours=hours)))).result()
    yield records
    records.close()


def service_of(folder: Path, book: RuleBook, text_: str) -> Service:
    service = build_service(read_settings(written(folder, BEGINNING + text_)), book)
    add_operations(service, ROOT / "rules")
    return service


@pytest.mark.parametrize(("days", "left"), [(1, 3), (2, 4)])
def test_what_is_too_old_goes_and_the_journal_counts_it(records: Records, days: int, left: int) -> None:
    """The first decision is a day and a microsecond old, the others are younger."""
    lines, now = io.StringIO(), later(days=1, microseconds=1)
    retention = Retention(records, timedelta(days=days), None, lambda: now, Journal(lines))
    retention.poll()
    assert sum(bool(entry.body) for _, entry in entries(records.engine)) == left
    assert (verify(records.engine).problem, len(list(entries(records.engine)))) == ("", 4)
    events = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(line["event"], line["requests"]) for line in events] == [("erased", 1)] * (days == 1)


def test_a_request_that_is_exactly_as_old_as_may_be_stays(records: Records) -> None:
    assert records.forget(timedelta(days=1), None, later(days=1)) == {}
    assert records.forget(None, timedelta(days=1), later(days=1, microseconds=1))["decisions"] == 1


def test_two_services_that_forget_at_once_write_it_down_once(records: Records) -> None:
    other = Records(records.engine.url.database or "")
    threads = [
        threading.Thread(target=one.forget, args=(timedelta(hours=1), None, later(days=1))) for one in (records, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify(records.engine)
    assert (found.problem, found.erased) == ("", {"requests": 4})
    other.close()


def test_what_cannot_be_erased_is_a_warning_until_it_can(records: Records) -> None:
    lines = io.StringIO()
    retention = Retention(records, timedelta(days=1), None, lambda: later(days=2), Journal(lines))
    with writing(records.engine) as connection:
        connection.execute(text("CREATE TRIGGER stop BEFORE INSERT ON erasing BEGIN SELECT RAISE(ABORT, 'no'); END"))
    retention.poll()
    assert retention.report().warnings == ("what is too old could not be erased: The records cannot be erased: no.",)
    assert json.loads(lines.getvalue())["event"] == "not-erased"
    assert (verify(records.engine).problem, verify(records.engine).kinds) == ("", {"decision": 4})
    with writing(records.engine) as connection:
        connection.execute(text("DROP TRIGGER stop"))
    retention.poll()
    assert (retention.report(), verify(records.engine).erased) == (HealthReport(), {"requests": 4})


def test_the_room_is_given_back_while_a_service_goes_on(records: Records) -> None:
    place = str(records.engine.url.database)
    for _ in range(3):
        assert CliRunner().invoke(app, ["log", "vacuum", "--database", place]).exit_code == 0
        vacuumed = subprocess.run([sys.executable, "-m", "cds", "log", "vacuum", "--database", place], cwd=ROOT)
        assert vacuumed.returncode == 0
        records.add_decision(plain()).result()
        assert records.trouble == ""
    assert (verify(records.engine).problem, verify(records.engine).good) == ("", 7)


def test_a_service_erases_by_its_configuration(tmp_path: Path, book: RuleBook) -> None:
    service = service_of(tmp_path, book, "keep requests for: 90 days\nkeep decisions for: 3650 days\n")
    (poll,) = [task.args[1] for task in service.tasks if "Retention" in repr(task)]  # type: ignore[attr-defined]
    retention = poll.__self__
    assert (retention.requests, retention.decisions) == (timedelta(days=90), timedelta(days=3650))
    retention.records.add_decision(plain(time=utc_text(NOW - timedelta(days=4000)))).result()
    retention.poll()
    assert verify(retention.records.engine).erased == {"decisions": 1}
    retention.records.close()


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ("keep requests for: 90\n", "keep requests for"), ("keep requests for: 0 days\n", "keep requests for"),
        ("keep decisions for: ninety days\n", "keep decisions for"), ("keep requests for: 1.5 days\n", "90 days"),
        ("keep requests: no\nkeep requests for: 3 days\n", "says that none is kept"),
        ("keep requests for: 20 days\nkeep decisions for: 10 days\n", "kept for less"),
        ("log head minutes: 5\n", "'log head to' is missing"), ("log head to: http://log.example/x\n", "not https"),
        ("log head to: https://u@log.example/x\n", "without user"), ("log head to: ftp://log.example/x\n", "HOST/PATH"),
        ("log head to: https://10.0.0.1/x\n", "private address"),
    ],
)  # fmt: skip
def test_a_wrong_configuration_of_the_records_is_named(tmp_path: Path, lines: str, place: str) -> None:
    assert any(place in line for line in problems(tmp_path, BEGINNING + lines))


def test_without_records_there_is_nothing_to_keep(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "keep requests for: 90 days\n")
    assert "there are no records. Name 'records', or remove it." in line


def test_a_service_that_keeps_no_request_keeps_the_answer_and_its_proof(tmp_path: Path, book: RuleBook) -> None:
    service = service_of(tmp_path, book, "keep requests: no\n")
    with client_of(service) as client:
        assert client.post(REVIEW, json=call()).status_code == 200
    engine = service.decisions.records.engine  # type: ignore[union-attr]
    ((_, entry),) = entries(engine)
    assert (entry.body, entry.request_kept, verify(engine).problem) == (b"", False, "")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM requests")).scalar_one() == 0
    assert b"hookInstance" not in (tmp_path / "records.sqlite").read_bytes()


def test_the_ids_of_cards_are_keyed_and_the_same_on_every_host(tmp_path: Path, book: RuleBook) -> None:
    hosts = [tmp_path / name for name in ("one", "other", "stranger")]
    answers = []
    for host, key in zip(hosts, (b"k" * 32, b"k" * 32, b"x" * 32), strict=True):
        host.mkdir()
        (host / "key").write_bytes(key)
        with client_of(service_of(host, book, "")) as client:
            sent = [client.post(REVIEW, json=call()).content for _ in range(2)]
        assert sent[0] == sent[1]
        answers.append(sent[0])
    one, other, stranger = (ids(answer) for answer in answers)
    assert one == other
    assert not set(one) & set(stranger)
    assert all(map(is_keyed, (*one, *stranger)))


def ids(answer: bytes) -> list[str]:
    found = json.loads(answer)["cards"]
    assert found
    return [card["uuid"] for card in found] + [one["uuid"] for card in found for one in card.get("suggestions", [])]


def test_a_keyed_log_is_answered_again_with_the_key_and_without_it(tmp_path: Path, book: RuleBook) -> None:
    (tmp_path / "key").write_bytes(b"k" * 32)
    service = service_of(tmp_path, book, "")
    with client_of(service) as client:
        sent = client.post(REVIEW, json=call()).content
        ((_, entry),) = kept = list(entries(service.decisions.records.engine))  # type: ignore[union-attr]
    assert entry.cards == sent
    (without,) = replay(kept, lambda _: book, answered_again)
    assert (without.same_rules, without.differences) == (True, ())
    place = ["--database", str(tmp_path / "records.sqlite")]
    with_key = CliRunner().invoke(app, ["log", "replay", *place, "--key", str(tmp_path / "key")])
    assert with_key.output.endswith("1 records answered again, 1 of them by their own rules; 0 answers differ.\n")
    assert "--key" not in with_key.output
    lost = CliRunner().invoke(app, ["log", "replay", *place], env={"XDG_STATE_HOME": str(tmp_path)})
    assert "1 records have card ids of a key that is not here (--key): ids were taken as recorded." in lost.output
    assert lost.exit_code == 0
    (tmp_path / "wrong").write_bytes(b"w" * 32)
    wrong = CliRunner().invoke(app, ["log", "replay", *place, "--key", str(tmp_path / "wrong")])
    assert (wrong.exit_code, "another pseudonym key" in wrong.output) == (2, True)


def test_an_id_that_was_exchanged_is_found_with_the_key_alone(tmp_path: Path, book: RuleBook) -> None:
    (tmp_path / "key").write_bytes(b"k" * 32)
    service = service_of(tmp_path, book, "")
    with client_of(service) as client:
        client.post(REVIEW, json=call())
        ((number, entry),) = entries(service.decisions.records.engine)  # type: ignore[union-attr]
    card_ids = service.card_ids
    assert card_ids is not None
    forged = entry.cards.replace(entry.shown[0].uuid.encode(), card_ids.of("x").encode())
    changed = [(number, type(entry)(**{**{f: getattr(entry, f) for f in entry.__slots__}, "cards": forged}))]
    (found,) = replay(changed, lambda _: book, lambda e, b: answered_again(e, b, card_ids))
    assert found.differences


def test_a_host_with_another_key_does_not_start(tmp_path: Path, book: RuleBook) -> None:
    (tmp_path / "key").write_bytes(b"k" * 32)
    with client_of(service_of(tmp_path, book, "")) as client:
        client.get("/livez")
    (tmp_path / "key").write_bytes(b"x" * 32)
    with pytest.raises(CdsError, match="made with another pseudonym key"):
        service_of(tmp_path, book, "")


def test_the_end_of_the_log_is_noted_in_a_file_and_a_cut_end_is_seen(records: Records, tmp_path: Path) -> None:
    file, minutes = tmp_path / "heads", iter(range(3))

    async def sleep(_: float) -> None:
        if next(minutes) == 2:
            raise asyncio.CancelledError
        await asyncio.to_thread(lambda: records.add_decision(plain()).result())

    export = HeadExport(records, to_file(file), lambda: NOW, Journal(io.StringIO()))
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(export.run(60, sleep))
    assert [head.number for head in read_heads(file)] == [4, 5, 6]
    place = ["--database", str(records.engine.url.database), "--heads", str(file)]
    good = CliRunner().invoke(app, ["log", "verify", *place])
    assert (good.exit_code, "3 ends that were noted are among them." in good.output) == (0, True)
    with records.engine.connect() as connection:
        four = connection.execute(text("SELECT hash FROM chain WHERE number = 4")).scalar_one()
    cut = (f"DELETE FROM {table} WHERE number > 4" for table in ("chain", "decisions", "requests"))  # noqa: S608
    tamper(records.engine, *cut, f"UPDATE head SET number = 4, hash = '{four}'")  # noqa: S608
    assert verify(records.engine).problem == ""
    found = CliRunner().invoke(app, ["log", "verify", *place])
    assert (found.exit_code, found.output.partition("\n")[0]) == (1, "record 5: it is missing; the log went on to 6.")


@pytest.mark.parametrize(
    ("content", "says"),
    [("", "holds no end"), ("now 5:abc\n", "line 1"), (f"t 0:{'0' * 64}\n", "holds no end"), ("ü\n", "no text")],
)
def test_a_file_of_ends_that_is_none_is_refused(records: Records, tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "heads").write_text(content)
    arguments = ["--database", str(records.engine.url.database), "--heads", str(tmp_path / "heads")]
    found = CliRunner().invoke(app, ["log", "verify", *arguments])
    assert (found.exit_code, says in found.output) == (2, True)


def test_a_line_that_was_torn_off_is_no_end(tmp_path: Path) -> None:
    file, head = tmp_path / "heads", LogHead(3, "a" * 64)
    note_head(file, head, utc_text(NOW))
    with file.open("a") as torn:
        torn.write("2026-01-15T12:0")
    assert read_heads(file) == [head]


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[Json], list[int]]]:
    """A server that receives ends of a log: its URL, what it got, and the statuses that it answers with."""
    got: list[Json] = []
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(statuses.pop(0) if statuses else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/heads", got, statuses
    server.shutdown()
    server.server_close()


def test_the_end_of_the_log_is_posted_and_readiness_warns_when_it_cannot_be(
    tmp_path: Path, book: RuleBook, receiver: tuple[str, list[Json], list[int]]
) -> None:
    url, got, statuses = receiver
    service = service_of(tmp_path, book, f"log head to: {url}\nlog head minutes: 5\nfetch from loopback: yes\n")
    (run,) = [task for task in service.tasks if "HeadExport" in repr(task)]
    export: HeadExport = run.func.__self__  # type: ignore[attr-defined]
    assert run.args == (5,)  # type: ignore[attr-defined]

    async def thrice() -> list[HealthReport]:
        await export.once()  # an empty log has no end
        export.records.add_decision(plain()).result()
        statuses.append(500)
        reports = []
        for _ in range(2):
            await export.once()
            reports.append(export.report())
        assert service.fetcher is not None
        await service.fetcher.close()
        return reports

    failed, good = asyncio.run(thrice())
    head = verify(export.records.engine).head
    assert [(one["number"], one["hash"]) for one in got] == [head, head]
    assert failed.warnings == (
        "the end of the log could not be noted: The server did not answer with status 200.",
    )  # fmt: skip
    assert (failed.problems, good) == ((), HealthReport())
    export.records.close()


def test_a_running_service_notes_the_end_of_its_log(tmp_path: Path, book: RuleBook) -> None:
    for _ in range(2):
        with TestClient(application(service_of(tmp_path, book, "log head to: heads\n"))) as client:
            assert client.post(REVIEW, json=call()).status_code == 200
    assert {head.number for head in read_heads(tmp_path / "heads")} <= {1, 2}
