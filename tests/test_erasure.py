"""What is erased is gone, what is left stays proved, and nothing goes without an erasure that is on record."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from recorded import GUARDED, append, decided, later, new_database, plain, request, tamper
from sqlalchemy import Engine, insert, select, text

from cds.cli import app
from cds.errors import CdsError
from cds.records.chain import Appending, entries, entry_at, verify
from cds.records.choosing import Chosen, of_client, of_numbers, of_patient, older
from cds.records.database import open_database, writing
from cds.records.entry import ShownCard, utc_text
from cds.records.erasing import erase, finish
from cds.records.erasure import Erasure, Named, Range, ranges_of
from cds.records.feedback_log import feedback_entry
from cds.records.pseudonym import Pseudonyms
from cds.records.records import Records
from cds.records.tables import ERASING_TABLE, ERASURES_TABLE
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
ANNA, BERT = "a" * 32, "b" * 32
CARDS = {ANNA: "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", BERT: "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"}
ISSUER = "https://other.example"
FEEDBACK = 7
"""The number of the feedback about Anna's first card; the decisions before it are hers when odd."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "records.sqlite")
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def log(place: str) -> Iterator[Engine]:
    """Six decisions an hour apart about two patients, of whom one has a client of his own; feedback of both."""
    records = Records(place)
    for number in range(1, 7):
        patient = ANNA if number % 2 else BERT
        shown = (ShownCard(CARDS[patient], "CA01", "CA-01", "0.1.0", "warning"),)
        more = {"patient": patient, "client": "" if patient == ANNA else ISSUER, "shown": shown}
        body = f'{{"about":"{patient}","n":{number}}}'.encode()
        records.add_decision(plain(time=utc_text(later(hours=number)), body=body, **more)).result()
    for patient, client in ((ANNA, ""), (BERT, ISSUER)):
        told = feedback_entry(CARDS[patient], "overridden", later(hours=7), "calcium-review", client=client)
        records.add_feedback([told], later(hours=7)).result()
    yield records.engine
    records.close()


def patient_of(engine: Engine) -> list[tuple[int, str]]:
    return [(number, entry.patient) for number, entry in entries(engine)]


def gone(log: Engine, chosen: Chosen) -> int:
    return erase(log, chosen, later(days=1), sleep=lambda _: None)


def test_a_patient_is_erased_and_the_others_stay_proved(log: Engine) -> None:
    before = {number: entry for number, entry in entries(log) if entry.patient == BERT}
    end = verify(log).head
    assert gone(log, of_patient(log, ANNA)) == 9
    found = verify(log, end)
    assert (found.good, found.problem, found.erased) == (9, "", {"decisions": 3, "feedback": 1})
    assert dict(entries(log)) == before
    with pytest.raises(CdsError, match="record 3 was erased"):
        entry_at(log, 3)
    with pytest.raises(CdsError, match=r"record 9 is no decision.*erasure"):
        entry_at(log, 9)
    assert of_patient(log, ANNA).nothing


def test_an_erasure_names_no_patient(log: Engine) -> None:
    gone(log, of_patient(log, ANNA))
    with log.connect() as connection:
        content = connection.execute(select(ERASURES_TABLE.c.content)).scalar_one()
        everything = [str(connection.execute(text(f"SELECT * FROM {table}")).all()) for table in GUARDED]  # noqa: S608
    assert orjson.loads(content) == {
        "time": utc_text(later(days=1)), "why": "patient",
        "ranges": {"decisions": [[1, 1], [3, 3], [5, 5]], "feedback": [[7, 7]]},
    }  # fmt: skip
    assert ANNA not in "".join(everything)
    assert CARDS[ANNA] not in "".join(everything)


def test_a_client_is_erased_with_its_feedback(log: Engine) -> None:
    gone(log, of_client(log, ISSUER))
    assert patient_of(log) == [(1, ANNA), (3, ANNA), (5, ANNA)]
    assert verify(log).erased == {"decisions": 3, "feedback": 1}


def test_records_are_erased_by_their_numbers_with_the_feedback_about_them(log: Engine) -> None:
    assert of_numbers(log, 5, 5).counts == {"decisions": 1, "feedback": 1}
    gone(log, of_numbers(log, 2, 5))
    assert patient_of(log) == [(1, ANNA), (6, BERT)]
    assert verify(log).problem == ""


LIMIT = utc_text(later(hours=3))


@pytest.mark.parametrize(
    ("time", "goes"),
    [("2026-01-15T15:00:00.000000Z", 2), ("2026-01-15T15:00:00.000001Z", 3), ("2026-01-15T14:59:59.999999Z", 2)],
)
def test_what_is_exactly_as_old_as_may_be_stays(log: Engine, time: str, goes: int) -> None:
    assert LIMIT == "2026-01-15T15:00:00.000000Z"
    assert older(log, None, time).counts["decisions"] == goes
    assert older(log, time, None).counts["requests"] == goes


def test_a_request_that_is_too_old_goes_and_its_decision_stays(log: Engine) -> None:
    gone(log, older(log, LIMIT, None))
    found = verify(log)
    assert (found.problem, found.erased) == ("", {"requests": 2})
    assert [bool(entry.body) for _, entry in entries(log)] == [False, False, True, True, True, True]
    gone(log, older(log, None, LIMIT))
    assert (verify(log).problem, verify(log).erased) == ("", {"decisions": 2})


def test_feedback_goes_with_its_own_age(log: Engine) -> None:
    assert older(log, None, utc_text(later(hours=7))).counts == {"decisions": 6, "requests": 0, "feedback": 0}
    assert older(log, None, utc_text(later(hours=7, seconds=1))).counts["feedback"] == 2


def test_a_record_of_a_host_whose_clock_is_ahead_stays(log: Engine) -> None:
    with writing(log) as connection:
        append(connection, plain(time=utc_text(later(days=365)), patient=BERT))
        append(connection, plain(time=utc_text(later(hours=9)), patient=ANNA))
    chosen = older(log, None, utc_text(later(days=1)))
    assert chosen.ranges["decisions"] == (Range(1, 6), Range(10, 10))
    gone(log, chosen)
    assert (patient_of(log), verify(log).problem) == ([(9, BERT)], "")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM decisions WHERE number = 4", "record 4: a part of it is there without its content."),
        ("DELETE FROM requests WHERE number = 4", "record 4: its request is missing, and no erasure names it."),
        ("DELETE FROM feedback WHERE id = 8", "record 8: it is missing, and no erasure names it."),
        ("DELETE FROM erasures", "record 1: it is missing, and no erasure names it."),
        ("DELETE FROM cards WHERE number = 4", "record 4: the list of the cards that were sent was changed."),
        ("UPDATE cards SET rule = 'X' WHERE number = 4", "record 4: the list of the cards that were sent was changed."),
        ("UPDATE feedback SET reason = 'x' WHERE id = 8", "record 8: the feedback was changed."),
        ("UPDATE chain SET kind = 'other' WHERE number = 4", "record 4: its link was changed."),
        (
            "INSERT INTO requests SELECT 3, time, salt, body FROM requests WHERE number = 4",
            "record 3: a part of it is there without its content.",
        ),
        (
            "INSERT INTO decisions SELECT 3, time, patient, salt, content, cards FROM decisions WHERE number = 4",
            "record 3: its content was changed.",
        ),
    ],
)
def test_nothing_is_missing_or_there_but_as_an_erasure_says(log: Engine, statement: str, says: str) -> None:
    gone(log, of_patient(log, ANNA))
    tamper(log, statement)
    assert verify(log).problem == says


def test_a_record_that_is_missing_with_all_its_parts_is_named(log: Engine) -> None:
    tamper(log, *(f"DELETE FROM {table} WHERE number = 4" for table in ("decisions", "requests", "cards")))  # noqa: S608
    assert verify(log).problem == "record 4: it is missing, and no erasure names it."


def test_an_erasure_that_names_what_is_there_is_a_finding_and_one_that_was_forged_too(log: Engine) -> None:
    content = Erasure("t", "operator", {"decisions": (Range(2, 4),)}).content
    with writing(log) as connection:
        connection.execute(insert(ERASURES_TABLE), {"number": 9, "content": content})
    assert verify(log).problem == "record 2: an erasure names it, and it is still there."
    tamper(log, *(f"DELETE FROM {table} WHERE number BETWEEN 2 AND 4" for table in ("decisions", "requests", "cards")))  # noqa: S608
    assert verify(log).problem == "record 9: it was not appended by this program."


class StopError(Exception):
    """Where a process ends."""


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_an_erasure_that_was_cut_short_shows_and_is_finished(
    log: Engine, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cds.records.erasing.AT_ONCE", 1)
    left = iter([None] * steps)

    def stop(_: float) -> None:
        if next(left, StopError) is StopError:
            raise StopError

    with pytest.raises(StopError):
        erase(log, of_patient(log, ANNA), later(days=1), sleep=stop)
    last = {0: 3, 1: 5, 2: 7}[steps]
    says = f"record {last}: an erasure that is not finished names it. Finish it: 'cds log prune' does."
    assert verify(log).problem == says
    assert finish(log, sleep=lambda _: None) == [9]
    assert (verify(log).problem, [patient for _, patient in patient_of(log)]) == ("", [BERT] * 3)


def test_the_database_lets_nothing_be_deleted_when_no_erasure_is_under_way(log: Engine) -> None:
    gone(log, of_patient(log, ANNA))
    with log.connect() as connection:
        assert connection.execute(select(ERASING_TABLE.c.number)).all() == []
    with pytest.raises(Exception, match="append-only"), writing(log) as connection:
        connection.execute(text("DELETE FROM cards"))


def test_the_log_goes_on_after_an_erasure(log: Engine) -> None:
    gone(log, of_numbers(log, 6, 9))
    with writing(log) as connection:
        appending = Appending(connection)
        assert appending.append(plain(patient=ANNA)) == 10
        appending.flush()
    assert verify(log).problem == ""


@examples(100)
@given(gone_=st.sets(st.integers(1, 40)), stays=st.sets(st.integers(1, 40)))
def test_ranges_hold_all_that_goes_and_nothing_that_stays(gone_: set[int], stays: set[int]) -> None:
    kept = stays - gone_
    ranges = ranges_of(gone_, kept)
    named = Named([Erasure("", "age", {"requests": ranges})])
    assert {number for number in gone_ | kept if named.names("requests", number)} == gone_
    assert not any(named.names("decisions", number) for number in range(41))
    assert len(ranges) <= len(kept) + 1


def test_a_request_that_is_not_kept_is_not_there_and_not_missed(place: str) -> None:
    engine = open_database(place)
    with writing(engine) as connection:
        append(connection, plain(body=b'{"secret":1}', request_kept=False))
        assert connection.execute(text("SELECT count(*) FROM requests")).scalar_one() == 0
    ((_, entry),) = entries(engine)
    assert (entry.body, entry.request_kept, verify(engine).problem) == (b"", False, "")
    engine.dispose()


def cds(place: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--database", str(place)], env={"XDG_STATE_HOME": str(place.parent)})


@pytest.fixture
def people(tmp_path: Path, book: RuleBook) -> Path:
    """A log with a key beside it, of four answers by the rules of this checkout: about 'p' and about somebody else."""
    key, place = tmp_path / "calcium-cds" / "pseudonym.key", tmp_path / "records.sqlite"
    key.parent.mkdir()
    key.write_bytes(b"k" * 32)
    names, engine = Pseudonyms(b"k" * 32), open_database(place)
    with writing(engine) as connection:
        for calcium, patient in ((9.4, "p"), (11.1, "q"), (11.1, "p"), (13.4, "q")):
            append(connection, decided(request(calcium), book, patient=names.patient(patient, "t")))
    engine.dispose()
    return place


def test_the_command_erases_a_patient_and_nothing_of_him_is_in_the_files(people: Path) -> None:
    pseudonym = Pseudonyms(b"k" * 32).patient("p", "t").encode()
    assert pseudonym in files_of(people)
    dry = cds(people, "log", "erase", "--patient", "Patient/p", "--tenant", "t", "--dry-run")
    assert (dry.exit_code, dry.output) == (0, "To be erased: 2 decisions.\n")
    result = cds(people, "log", "erase", "--patient", "p", "--tenant", "t")
    assert (result.exit_code, result.output) == (0, "Erased: 2 decisions. The log says so in record 5.\n")
    assert pseudonym not in files_of(people)
    assert cds(people, "log", "verify").output.startswith(
        "5 records, all as they were written. Erased, as the log says: 2 decisions. The end: 5:"
    )
    replayed = cds(people, "log", "replay")
    assert replayed.output.endswith("2 records answered again, 2 of them by their own rules; 0 answers differ.\n")
    again = cds(people, "log", "erase", "--patient", "p", "--tenant", "t")
    assert (again.exit_code, again.output) == (1, "Erased: nothing.\n")


def files_of(place: Path) -> bytes:
    return b"".join(path.read_bytes() for path in place.parent.glob("records.sqlite*"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Name one of"), (["--patient", "p", "--client", "c"], "Name one of"),
        (["--record", "5..3"], "write a number"), (["--record", "all"], "write a number"),
        (["--patient", "p", "--key", "absent"], "'absent' cannot be used"),
    ],
)  # fmt: skip
def test_wrong_use_of_the_command_erases_nothing(people: Path, arguments: list[str], says: str) -> None:
    result = cds(people, "log", "erase", *arguments)
    assert (result.exit_code, says in result.output) == (2, True)
    assert cds(people, "log", "verify").output.startswith("4 records")


def test_another_key_than_that_of_the_records_is_refused(people: Path) -> None:
    records = Records(people)
    records.claim_key(Pseudonyms(b"x" * 32).fingerprint)
    with pytest.raises(CdsError, match="another pseudonym key"):
        records.claim_key(Pseudonyms(b"k" * 32).fingerprint)
    records.close()
    result = cds(people, "log", "erase", "--patient", "p", "--tenant", "t")
    assert (result.exit_code, "another pseudonym key" in result.output) == (2, True)


def test_the_command_prunes_by_age_and_replay_says_what_cannot_be_answered_again(people: Path) -> None:
    days = ("--requests-older-than", "30", "--decisions-older-than", "36000")
    dry = cds(people, "log", "prune", *days, "--dry-run")
    assert dry.output == "To be erased: 4 requests.\n"
    assert cds(people, "log", "prune", *days).output == "Erased: 4 requests.\n"
    result = cds(people, "log", "replay")
    assert result.exit_code == 1
    assert result.output.endswith(
        "4 decisions cannot be answered again: their requests were erased, or never kept.\n"
        "The log holds no record from 1 on: nothing was answered again.\n"
    )
    assert cds(people, "log", "prune", *days).output == "Erased: nothing.\n"


KILLED = """
import sys, time
from datetime import datetime, timezone
from cds.records import erasing
from cds.records.choosing import older
from cds.records.database import open_existing

erasing.AT_ONCE = 5
engine = open_existing(sys.argv[1])
def said(_):
    print("step", flush=True)
    time.sleep(0.05)
erasing.erase(engine, older(engine, None, "9999"), datetime.now(timezone.utc), sleep=said)
"""


@pytest.mark.slow
def test_an_erasure_whose_process_is_killed_is_finished_by_the_next_one(place: str) -> None:
    engine = open_database(place)
    with writing(engine) as connection:
        appending = Appending(connection)
        for _ in range(100):
            appending.append(plain())
        appending.flush()
    running = subprocess.Popen([sys.executable, "-c", KILLED, place], stdout=subprocess.PIPE)
    assert running.stdout is not None
    for _ in range(3):
        assert running.stdout.readline() == b"step\n"
    running.kill()
    running.communicate()
    assert verify(engine).problem.partition(":")[2].startswith(" an erasure that is not finished names it")
    result = CliRunner().invoke(app, ["log", "prune", "--database", place])
    assert (result.exit_code, result.output.partition("\n")[0]) == (0, "Finished what was begun: erasure 101.")
    assert (verify(engine).problem, verify(engine).erased, list(entries(engine))) == ("", {"decisions": 100}, [])
    engine.dispose()


def test_deleted_bytes_are_overwritten_at_once(tmp_path: Path) -> None:
    place = tmp_path / "records.sqlite"
    engine = open_database(place)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar_one() == 1
    engine.dispose()
    with closing(sqlite3.connect(place)) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
