"""``cds log`` and ``cds feedback``: what they print and how they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result
from fhir.resources.R4B import get_fhir_model_class
from recorded import NOW, append, decided, later, plain, request, tamper
from sqlalchemy import Engine

from cds.cli import app
from cds.commands.records import answered_again
from cds.records.chain import Appending, entries
from cds.records.database import open_database, writing
from cds.records.entry import LogEntry, ShownCard
from cds.records.feedback_log import FeedbackEntry, store_feedback
from cds.records.replay import replay
from cds.rulebook.model import RuleBook

CALCIUMS = (9.4, 11.1, 13.4, 8.0)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite"


@pytest.fixture
def engine(place: Path) -> Iterator[Engine]:
    engine = open_database(place)
    yield engine
    engine.dispose()


@pytest.fixture
def log(engine: Engine, book: RuleBook) -> Engine:
    """A log of four answers by the rules of this checkout."""
    with writing(engine) as connection:
        for calcium in CALCIUMS:
            append(connection, decided(request(calcium), book))
    return engine


def cds(place: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--database", str(place)])


@pytest.mark.slow
def test_a_request_on_which_the_program_breaks_does_not_end_the_replay(log: Engine, book: RuleBook) -> None:
    def broken_once(entry: LogEntry, rules: RuleBook) -> bytes:
        if b"11.1" in entry.body:
            raise KeyError("CANARY-Mrs-Sample")
        return answered_again(entry, rules)

    found = list(replay(entries(log, 1), lambda _: book, broken_once))
    assert [bool(one.failure) for one in found].count(True) == 1
    (failure,) = [one.failure for one in found if one.failure]
    assert failure.startswith("The program failed (KeyError at test_records_commands.py:")
    assert failure.endswith("[program-error]")


def test_verify_prints_the_end_of_the_log_and_takes_it_back(log: Engine, place: Path) -> None:
    result = cds(place, "log", "verify")
    assert (result.exit_code, result.output.partition(",")[0]) == (0, "4 records")
    end = result.output.split()[-1]
    assert cds(place, "log", "verify", "--head", end).exit_code == 0
    assert cds(place, "log", "verify", "--head", f"5:{'0' * 64}").output.startswith("record 5: it is missing")
    assert cds(place, "log", "verify", "--head", "five").exit_code == 2


@pytest.mark.slow
def test_of_an_empty_log_nothing_was_verified_and_nothing_answered_again(engine: Engine, place: Path) -> None:
    verified, replayed = cds(place, "log", "verify"), cds(place, "log", "replay")
    assert (verified.exit_code, verified.stdout) == (1, "The log holds no record: nothing was verified.\n")
    assert (replayed.exit_code, replayed.stdout) == (
        1, "The log holds no record from 1 on: nothing was answered again.\n",
    )  # fmt: skip


@pytest.mark.slow
def test_replay_from_beyond_the_end_of_the_log_is_no_success(log: Engine, place: Path) -> None:
    assert cds(place, "log", "replay", "--from", "4").exit_code == 0
    replayed = cds(place, "log", "replay", "--from", "5")
    assert (replayed.exit_code, replayed.stdout) == (
        1, "The log holds no record from 5 on: nothing was answered again.\n",
    )  # fmt: skip


def test_verify_names_the_first_bad_record(log: Engine, place: Path) -> None:
    tamper(log, "UPDATE decisions SET cards = content WHERE number = 3")
    for command in ("verify", "replay"):
        result = cds(place, "log", command)
        assert (result.exit_code, result.stdout.partition(":")[0]) == (1, "record 3")
        assert "2 records before it" in result.stdout


@pytest.mark.slow
def test_replay_by_the_same_rules_gives_the_same_cards_byte_for_byte(log: Engine, place: Path) -> None:
    result = cds(place, "log", "replay")
    assert (result.exit_code, result.stdout) == (
        0, "4 records answered again, 4 of them by their own rules; 0 answers differ.\n",
    )  # fmt: skip


@pytest.mark.slow
def test_replay_keeps_the_switches_that_were_in_force(engine: Engine, place: Path, book: RuleBook) -> None:
    switched = replace(book, off=frozenset({"CA-01"}), shadow=frozenset({"CON-01"}))
    with writing(engine) as connection:
        append(connection, decided(request(11.1), switched))
        append(connection, decided(request(11.1), book))
    first, second = (entry for _, entry in entries(engine))
    assert first.cards != second.cards
    assert cds(place, "log", "replay").exit_code == 0


@pytest.mark.slow
def test_replay_by_the_same_rules_says_what_differs(engine: Engine, place: Path, book: RuleBook) -> None:
    entry = decided(request(11.1), book)
    changed = orjson.loads(entry.cards)
    changed["cards"][0]["summary"] = "Another summary."
    with writing(engine) as connection:
        append(connection, replace(entry, cards=orjson.dumps(changed)))
        append(connection, replace(entry, cards=entry.cards + b" "))
        append(connection, replace(entry, cards=b'{"cards":[]}'))
        append(connection, replace(entry, body=b'{"hook":"patient-view"}'))
    result = cds(place, "log", "replay")
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0].startswith("record 1: ~ CA-01 (warning)")
    assert lines[0].endswith(": summary")
    assert lines[1] == "record 2: the bytes differ, the cards do not"
    assert lines[2].startswith("record 3: + CA-01")
    assert any(line.startswith("record 4: it cannot be answered again: ") for line in lines)


@pytest.mark.slow
def test_replay_by_other_rules_lists_the_differences_of_each_record(log: Engine, place: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    source = Path(__file__).resolve().parent.parent / "rules"
    for path in source.rglob("*.yaml"):
        copy = rules / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text("utf-8")
        copy.write_text(text.replace("consider pausing", "think of pausing") if "ca-01" in path.name else text, "utf-8")
    result = cds(place, "log", "replay", "--rules", str(rules))
    lines = result.stdout.splitlines()
    assert (result.exit_code, lines[-1]) == (
        0, "4 records answered again, 0 of them by their own rules; 1 answers differ.",
    )  # fmt: skip
    assert lines[0].startswith("record 2: ~ CA-01 (warning) ")
    assert "think of pausing" in lines[0]
    assert lines[0].endswith(": summary")
    assert len(lines) == 2


@pytest.mark.slow
def test_replay_asks_only_the_entry_and_the_rules(log: Engine, book: RuleBook) -> None:
    assert [one.differences for one in replay(entries(log, 3), lambda _: book, answered_again)] == [(), ()]


@pytest.mark.slow
@pytest.mark.parametrize(
    "more", [{}, {"user": "", "patient": "", "client": "https://ehr.example", "left_out": ("CA01",)}]
)
def test_a_decision_is_exported_as_valid_r4(
    engine: Engine, place: Path, book: RuleBook, more: dict[str, object]
) -> None:
    with writing(engine) as connection:
        append(connection, decided(request(11.1), book, **more))
        append(connection, plain(**more))
    for number in ("1", "2"):
        result = cds(place, "log", "export", number)
        assert result.exit_code == 0
        bundle = json.loads(result.stdout)
        kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
        assert kinds == ["AuditEvent", "Provenance"]
        for resource in (bundle, *(entry["resource"] for entry in bundle["entry"])):
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    assert cds(place, "log", "export", "1").stdout == cds(place, "log", "export", "1").stdout
    assert cds(place, "log", "export", "3").exit_code == 2


def test_commands_say_where_no_log_is(tmp_path: Path) -> None:
    for command in (["log", "verify"], ["log", "replay"], ["log", "export", "1"], ["feedback", "report"]):
        result = cds(tmp_path / "absent", *command)
        assert (result.exit_code, "no file" in result.output) == (2, True)
    (tmp_path / "text").write_text("not a database at all" * 100)
    assert cds(tmp_path / "text", "log", "verify").exit_code == 2


def test_a_feedback_report_of_no_card_says_so(engine: Engine, place: Path) -> None:
    lines = cds(place, "feedback", "report").output.splitlines()
    assert lines[0] == "No card is on record: there is nothing to report."


def test_the_feedback_report_for_people_and_for_machines(engine: Engine, place: Path) -> None:
    card = "11111111-1111-4111-8111-111111111111"
    times = ["2026-01-15T12:05:00.000000Z", "2026-01-15T13:05:00.000000Z"]
    with writing(engine) as connection:
        append(connection, plain(shown=(ShownCard(card, "CA01", "CA-01", "0.1.0", "warning"),)))
        append(connection, plain(shown=(ShownCard(card.replace("1", "2"), "X01", "X-01", "0.1.0", "info"),)))
        appending = Appending(connection)
        told = FeedbackEntry("", "", "s", card, "overridden", times[0], (), "need-more-info")
        store_feedback(appending, [told], NOW)
        unknown = FeedbackEntry("", "", "s", "0" + card[1:], "accepted", times[1], (), "")
        store_feedback(appending, [unknown], later(hours=2))
    assert cds(place, "feedback", "report").output.splitlines() == [
        "CA-01 0.1.0: shown 1; accepted 0/1 (0 %, 95 % CI 0 to 79), overridden 1/1 (100 %, 95 % CI 21 to 100)",
        "    cds-suboptimal-context (PC CDS delivered in suboptimal context): "
        "1/1 (100 %, 95 % CI 21 to 100) of the overrides",
        "        need-more-info: 1/1 (100 %, 95 % CI 21 to 100)",
        "X-01 0.1.0: shown 1; no feedback",
        "2 rules; 1 entries about cards that are not on record.",
    ]
    data = json.loads(cds(place, "feedback", "report", "--json").output)
    assert (data["unknownCards"], data["rules"][0]["overridden"]["part"]) == (1, 1)
