"""The records: a chain in which every change shows, appends that never fork it, feedback kept once, cards that rest."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from profiles import examples
from recorded import NOW, append, decided, later, literal, new_database, plain, request, tamper
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from cds.errors import CdsError
from cds.records.chain import START, LogHead, entries, entry_at, verify
from cds.records.chain.links import hash_of
from cds.records.database import DatabaseError, open_database, open_existing, writing
from cds.records.entry import ShownCard, utc_text, without_token
from cds.records.feedback_log import OTHER_REASON, FeedbackEntry, feedback_entry, overridden_topics
from cds.records.feedback_report import NO_REASON, feedback_report, share
from cds.records.pseudonym import Pseudonyms, load_or_create_key
from cds.records.records import Records
from cds.records.sealing import sealed
from cds.records.tables import FEEDBACK_TABLE
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
CARD = "11111111-1111-4111-8111-111111111111"
OTHER_CARD = "22222222-2222-4222-8222-222222222222"
OVERRIDDEN = later(minutes=5)
LENGTH = timedelta(hours=24)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/records.sqlite"
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def engine(place: str) -> Iterator[Engine]:
    engine = open_database(place)
    yield engine
    engine.dispose()


@pytest.fixture
def ten(engine: Engine) -> Engine:
    """A log of ten decisions."""
    return filled(engine)


def filled(engine: Engine) -> Engine:
    with writing(engine) as connection:
        for number in range(10):
            append(connection, plain(body=f'{{"n":{number}}}'.encode()))
    return engine


@pytest.mark.slow
def test_a_log_that_nobody_touched_verifies(ten: Engine) -> None:
    found = verify(ten)
    assert (found.good, found.head.number, found.problem) == (10, 10, "")
    assert verify(ten, found.head).problem == ""


def test_an_empty_log_verifies(engine: Engine) -> None:
    assert verify(engine)[:3] == (0, LogHead(0, START), "")


COLUMNS = (
    ("content", "decisions"),
    ("cards", "decisions"),
    ("salt", "decisions"),
    ("body", "requests"),
    ("salt", "requests"),
)
"""What a record holds beside its link, and where."""


def flipped(engine: Engine, column: str, table: str) -> str:
    """A statement that changes one bit of a record's column."""
    with engine.connect() as connection:
        value = bytearray(connection.execute(text(f"SELECT {column} FROM {table} WHERE number = 7")).scalar_one())  # noqa: S608
    value[len(value) // 2] ^= 1
    return f"UPDATE {table} SET {column} = {literal(engine, bytes(value))} WHERE number = 7"  # noqa: S608


@pytest.mark.parametrize(("column", "table"), COLUMNS)
def test_a_flipped_bit_names_the_record(ten: Engine, column: str, table: str) -> None:
    tamper(ten, flipped(ten, column, table))
    found = verify(ten)
    assert (found.good, found.problem.partition(":")[0]) == (6, "record 7")


@examples(40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(1, 10), where=st.sampled_from(COLUMNS), place=st.integers(0, 10**6))
def test_every_bit_of_every_record_counts(tmp_path: Path, number: int, where: tuple[str, str], place: int) -> None:
    whole, copy, (column, table) = tmp_path / "whole.sqlite", tmp_path / f"{uuid4()}.sqlite", where
    if not whole.exists():
        filled(open_database(whole)).dispose()
    shutil.copy(whole, copy)
    engine = open_database(copy)
    with engine.connect() as connection:
        query = f"SELECT {column} FROM {table} WHERE number = {number}"  # noqa: S608
        value = bytearray(connection.execute(text(query)).scalar_one())
    value[place // 8 % len(value)] ^= 1 << place % 8
    tamper(engine, f"UPDATE {table} SET {column} = X'{value.hex()}' WHERE number = {number}")  # noqa: S608
    assert verify(engine).problem.startswith(f"record {number}:")
    engine.dispose()


@pytest.mark.parametrize(
    ("statements", "first_bad"),
    [
        (["UPDATE chain SET hash = 'f' WHERE number = 7"], 7),
        (["UPDATE chain SET previous = 'f' WHERE number = 7"], 7),
        (["UPDATE chain SET digest = 'f' WHERE number = 7"], 7),
        (["UPDATE chain SET kind = 'feedback' WHERE number = 7"], 7),
        (["UPDATE chain SET time = '2026-01-15T12:00:00.000001Z' WHERE number = 7"], 7),
        (["UPDATE decisions SET cards = content WHERE number = 7"], 7),
        (["UPDATE decisions SET time = '2026-01-15T12:00:00.000001Z' WHERE number = 7"], 7),
        (["UPDATE requests SET time = '2026-01-15T12:00:00.000001Z' WHERE number = 7"], 7),
        (["UPDATE decisions SET patient = 'q' WHERE number = 7"], 7),
        (["DELETE FROM decisions WHERE number = 7"], 7),
        (["DELETE FROM requests WHERE number = 7"], 7),
        (["DELETE FROM decisions WHERE number = 7", "DELETE FROM requests WHERE number = 7"], 7),
        (["DELETE FROM chain WHERE number = 7"], 7),
        (["DELETE FROM chain WHERE number = 1"], 1),
        (["DELETE FROM chain WHERE number = 10"], 10),
        (["DELETE FROM chain"], 1),
        (["DELETE FROM chain", "DELETE FROM head"], 1),
        (["UPDATE decisions SET number = 99 WHERE number = 7", "UPDATE decisions SET number = 7 WHERE number = 8",
          "UPDATE decisions SET number = 8 WHERE number = 99"], 7),
        (["UPDATE chain SET number = 11 WHERE number = 10", "UPDATE chain SET number = 10 WHERE number = 9",
          "UPDATE chain SET number = 9 WHERE number = 11"], 9),
        (["INSERT INTO chain SELECT 11, kind, time, hash, 'y', digest FROM chain WHERE number = 10"], 11),
        (["INSERT INTO decisions SELECT 11, time, patient, salt, content, cards FROM decisions WHERE number = 10"], 11),
        (["INSERT INTO requests SELECT 11, time, salt, body FROM requests WHERE number = 10"], 11),
        (["INSERT INTO cards VALUES (7, 'c', '', '', '', '', '', '', '', '', '')"], 7),
        (["INSERT INTO cards VALUES (11, 'c', '', '', '', '', '', '', '', '', '')"], 11),
        (["INSERT INTO erasures SELECT 7, content FROM decisions WHERE number = 7"], 7),
        (["UPDATE head SET hash = 'f'"], 10),
    ],
)  # fmt: skip
def test_what_was_deleted_reordered_or_appended_is_named(ten: Engine, statements: list[str], first_bad: int) -> None:
    tamper(ten, *statements)
    found = verify(ten)
    assert (found.good, found.problem.partition(":")[0]) == (first_bad - 1, f"record {first_bad}")


def test_a_record_that_was_written_anew_with_its_hash_breaks_the_chain_after_it(ten: Engine) -> None:
    with ten.connect() as connection:
        link = connection.execute(text("SELECT * FROM chain WHERE number = 7")).one()
    kept = sealed(replace(entry_at(ten, 7)[0], outcome="continue", request_kept=False))
    own = hash_of(7, "decision", link.time, link.previous, kept.digest)
    content, salt = literal(ten, kept.content), literal(ten, kept.salt)
    tamper(
        ten,
        "DELETE FROM requests WHERE number = 7",
        f"UPDATE decisions SET content = {content}, salt = {salt} WHERE number = 7",  # noqa: S608
        f"UPDATE chain SET digest = '{kept.digest}', hash = '{own}' WHERE number = 7",  # noqa: S608
    )
    assert verify(ten).problem == "record 8: it does not follow record 7."


def test_a_text_in_the_place_of_bytes_is_found_out(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "r.sqlite")
    with writing(engine) as connection:
        append(connection, plain())
    tamper(engine, "UPDATE decisions SET content = 'x', salt = 'x'")
    assert verify(engine).problem.startswith("record 1:")
    engine.dispose()


def test_a_record_appended_past_this_program_is_named(ten: Engine) -> None:
    """Whoever knows how a link is made can make one; he then has to mend the note of the end too."""
    with ten.connect() as connection:
        link = connection.execute(text("SELECT * FROM chain WHERE number = 10")).one()
    own = hash_of(11, link.kind, link.time, link.hash, link.digest)
    values = f"11, kind, time, '{link.hash}', '{own}', digest"
    columns = {"decisions": "time, patient, salt, content, cards", "requests": "time, salt, body"}
    copies = [
        f"INSERT INTO {table} SELECT 11, {rest} FROM {table} WHERE number = 10"  # noqa: S608
        for table, rest in columns.items()
    ]
    tamper(ten, f"INSERT INTO chain SELECT {values} FROM chain WHERE number = 10", *copies)  # noqa: S608
    assert verify(ten).problem == "record 11: it was not appended by this program."


def test_an_end_that_was_cut_off_with_its_note_shows_against_one_noted_elsewhere(ten: Engine) -> None:
    noted = verify(ten).head
    with ten.connect() as connection:
        nine = connection.execute(text("SELECT hash FROM chain WHERE number = 9")).scalar_one()
    cut = [f"DELETE FROM {table} WHERE number = 10" for table in ("chain", "decisions", "requests")]  # noqa: S608
    tamper(ten, *cut, f"UPDATE head SET number = 9, hash = '{nine}'")  # noqa: S608
    assert verify(ten).problem == ""
    assert verify(ten, noted).problem.startswith("record 10:")
    assert verify(ten, LogHead(9, "0" * 64)).problem.startswith("record 9:")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE chain SET hash = 'x'", "DELETE FROM chain WHERE number = 3", "DELETE FROM decisions WHERE number = 3",
        "UPDATE decisions SET patient = 'x'", "DELETE FROM requests", "UPDATE requests SET body = salt",
    ],
)  # fmt: skip
def test_the_database_itself_refuses_to_change_the_log(ten: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), writing(ten) as connection:
        connection.execute(text(statement))
    assert verify(ten).good == 10


def test_what_goes_in_comes_out(engine: Engine, book: RuleBook) -> None:
    entry = decided(request(11.1), book, off=("CA-01",), shadowed=("CA-02",), left_out=("BONE01",))
    with writing(engine) as connection:
        append(connection, entry)
    assert list(entries(engine)) == [(1, entry)]
    with pytest.raises(CdsError, match="ends at 1"):
        entry_at(engine, 2)


def test_the_access_token_is_never_kept(engine: Engine) -> None:
    canary = "canary-token"
    body = request(9.4, fhirAuthorization={"access_token": canary, "token_type": "Bearer"})
    with writing(engine) as connection:
        append(connection, plain(body=body))
    kept = entry_at(engine, 1)[0].body
    assert canary not in kept.decode()
    assert orjson.loads(kept)["prefetch"] == orjson.loads(body)["prefetch"]
    assert verify(engine).problem == ""


@pytest.mark.parametrize(
    ("body", "kept"),
    [(b' {"a": 1.10}', b' {"a": 1.10}'), (b'{"fhirAuthoriz\\u0061tion":{"access_token":"secret"}}', None),
     (b'{"fhirAuthorization":"secret"}', None), (b'["\\u0041"]', b'["\\u0041"]'), (b'["fhirAuthorization"]', None)],
)  # fmt: skip
def test_a_body_stays_as_it_was_but_for_the_token(body: bytes, kept: bytes | None) -> None:
    found = without_token(body)
    assert b"secret" not in found
    assert kept is None or found == kept


@pytest.mark.slow
def test_threads_and_writers_never_fork_the_chain(place: str) -> None:
    one, other = Records(place), Records(place)
    with ThreadPoolExecutor(8) as pool:
        jobs = [
            pool.submit(lambda which: which.add_decision(plain()).result(), [one, other][n % 2]) for n in range(200)
        ]
    assert sorted(job.result() for job in jobs) == list(range(1, 201))
    assert verify(one.engine).good == 200
    one.close()
    other.close()


PROCESS = """
import sys; sys.path.insert(0, sys.argv[2])
from cds.records.entry import LogEntry
from cds.records.records import Records
from cds.records.sealing import sealed
parts = "time service hook instance program as_of rulebook_version rulebook_sha256 outcome decided_by".split()
entry = LogEntry(**dict.fromkeys(parts, "x"), body=b"{}", cards=b"{}")
records = Records(sys.argv[1])
print(*sorted(future.result() for future in [records.add_decision(entry) for _ in range(100)]))
records.close()
"""


@pytest.mark.slow
def test_processes_that_start_at_once_never_fork_the_chain(place: str) -> None:
    command = [sys.executable, "-c", PROCESS, place, str(Path(__file__).parent.parent)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    numbers = [int(word) for process in running for word in process.communicate(timeout=60)[0].split()]
    assert sorted(numbers) == list(range(1, 301))
    engine = open_existing(place)
    assert verify(engine).good == 300
    engine.dispose()


@pytest.mark.slow
def test_a_connection_that_the_server_closed_is_replaced(postgresql: str) -> None:
    place = new_database(postgresql)
    records, other = Records(place), open_database(place)
    records.add_decision(plain()).result()
    with other.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.execute(text(others))
    other.dispose()
    assert records.add_decision(plain()).result() == 2
    assert verify(records.engine).good == 2
    records.close()


RIGHTS = """
CREATE ROLE appending LOGIN;
GRANT USAGE ON SCHEMA {schema} TO appending;
GRANT SELECT, INSERT ON chain, decisions, requests, cards, feedback, erasures, pseudonym_key TO appending;
GRANT SELECT, INSERT, UPDATE ON head TO appending;
GRANT SELECT, INSERT, UPDATE, DELETE ON seen_tokens, swept_tokens, members, rates TO appending;
GRANT SELECT ON records_schema, erasing TO appending
"""


@pytest.mark.slow
def test_on_postgresql_a_role_that_may_only_append_is_enough(postgresql: str) -> None:
    place = new_database(postgresql)
    owner = open_database(place)
    with writing(owner) as connection:
        connection.execute(text(RIGHTS.format(schema=place.rpartition("%3D")[2])))
    owner.dispose()
    records = Records(place.replace("calcium@", "appending@"))
    shown = (ShownCard(CARD, "CA01", "CA-01", "0.1.0", "warning"),)
    assert [records.add_decision(plain(shown=shown)).result() for _ in range(2)] == [1, 2]
    assert tell(records, told()) == 1
    for statement in ("DROP TRIGGER decisions_never_change ON decisions", "DELETE FROM decisions"):
        with pytest.raises(DBAPIError, match=r"must be owner|permission denied"), writing(records.engine) as connection:
            connection.execute(text(statement))
    assert verify(records.engine).good == 3
    records.close()


def test_a_job_that_fails_takes_no_other_with_it(place: str) -> None:
    records = Records(place)
    bad = plain(shown=(ShownCard(CARD, "CA01", "CA-01", "0.1.0", None),))  # type: ignore[arg-type]
    futures = [records.add_decision(entry) for entry in (plain(), bad, plain())]
    assert [futures[0].result(), futures[2].result()] == [1, 2]
    assert isinstance(futures[1].exception(), Exception)
    assert verify(records.engine).good == 2
    records.close()
    with pytest.raises(CdsError, match="closed"):
        records.add_decision(plain())


def told(card: str = CARD, outcome: str = "overridden", at: datetime = OVERRIDDEN, **more: Any) -> FeedbackEntry:
    return feedback_entry(card, outcome, at, "calcium-review", **more)


@pytest.fixture
def records(place: str) -> Iterator[Records]:
    """Records with one decision that showed two cards."""
    records = Records(place, rest=LENGTH)
    shown = (
        ShownCard(CARD, "CA01", "CA-01", "0.1.0", "warning"),
        ShownCard(OTHER_CARD, "BONE02", "BONE-02", "0.2.0", "info"),
    )
    records.add_decision(plain(shown=shown)).result()
    yield records
    records.close()


def tell(records: Records, *entries_: FeedbackEntry) -> int:
    return records.add_feedback(entries_, later(minutes=6)).result()


def rows(records: Records) -> list[Json]:
    with records.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(FEEDBACK_TABLE)).mappings()]


def test_feedback_is_kept_once_and_finds_its_decision(records: Records) -> None:
    entry, elsewhere = told(reason="action-completed"), OVERRIDDEN.astimezone(timezone(timedelta(hours=1)))
    assert [tell(records, entry), tell(records, entry, entry), tell(records, told(at=elsewhere))] == [1, 0, 0]
    (row,) = rows(records)
    assert (row["number"], row["topic"], row["rule"], row["reason"]) == (1, "CA01", "CA-01", "action-completed")
    assert tell(records, told(outcome="accepted", suggestions=[OTHER_CARD])) == 1


@pytest.mark.parametrize(
    ("reason", "comment", "kept"),
    [
        ("Mrs Sample said no", "", OTHER_REASON),
        ("", "Mrs Sample said no", OTHER_REASON),
        ("x" * 65, "", OTHER_REASON),
        ("", "", ""),
        ("risk-benefit-ratio", "Mrs Sample", "risk-benefit-ratio"),
    ],
)
def test_what_users_write_is_not_kept(records: Records, reason: str, comment: str, kept: str) -> None:
    tell(records, told(reason=reason, comment=comment, suggestions=["Mrs Sample"]))
    assert "Sample" not in str(rows(records))
    assert rows(records)[0]["reason"] == kept


def test_feedback_is_about_the_last_decision_before_it(records: Records) -> None:
    shown = (ShownCard(CARD, "CA01", "CA-01", "0.2.0", "critical"),)
    records.add_decision(plain(shown=shown, time=utc_text(later(hours=1)))).result()
    tell(records, *(told(at=later(minutes=minutes)) for minutes in (59.5, 30, -1_000_000)))
    assert [row["number"] for row in rows(records)] == [2, 1, 2]


def test_feedback_of_another_client_or_tenant_is_about_no_card(records: Records) -> None:
    for whose in ({"client": "https://other.example"}, {"tenant": "other"}):
        records.add_feedback([told(**whose)], NOW).result()
    assert [row["number"] for row in rows(records)] == [None, None]
    assert feedback_report(records.engine).unknown_cards == 2


def test_the_report_counts_each_card_once_with_its_last_outcome(records: Records) -> None:
    for number in range(2, 11):
        shown = (ShownCard(CARD, "CA01", "CA-01", "0.1.0", "warning"),)
        records.add_decision(plain(shown=shown, time=utc_text(later(hours=number)))).result()
    for hour in range(2, 9):
        tell(records, told(at=later(hours=hour, minutes=5), reason="risk-benefit-ratio" if hour < 5 else ""))
    for hour, minutes in ((9, 5), (8, 9)):
        tell(records, told(outcome="accepted", at=later(hours=hour, minutes=minutes), suggestions=["s"]))
    tell(records, told(card="33333333-3333-4333-8333-333333333333"))
    found = feedback_report(records.engine)
    rules = {one.rule: one for one in found.rules}
    assert (rules["BONE-02"].shown, rules["BONE-02"].accepted.total, found.unknown_cards) == (1, 0, 1)
    one = rules["CA-01"]
    assert (one.version, one.shown, one.accepted[:2], one.overridden[:2]) == ("0.1.0", 10, (2, 8), (6, 8))
    assert {why: part[:2] for why, part in one.reasons.items()} == {"risk-benefit-ratio": (3, 6), NO_REASON: (3, 6)}


@pytest.mark.parametrize(
    ("part", "total", "low", "high"),
    # Newcombe 1998, Stat Med 17:857, table I, method 3: the score interval without continuity correction.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718), (0, 0, 0, 1)],
)
def test_the_interval_is_that_of_the_published_examples(part: int, total: int, low: float, high: float) -> None:
    found = share(part, total)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def card(topic: str = "CA01", indicator: str = "warning") -> Json:
    return {"source": {"topic": {"code": topic}}, "indicator": indicator}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cards", "who", "when", "left_out"),
    [
        ([card(), card("BONE02")], ("p", "u"), {"hours": 1}, ("CA01",)),
        ([card()], ("p", "u"), {"hours": 24, "minutes": 4}, ("CA01",)),
        ([card()], ("p", "u"), {"hours": 24, "minutes": 5}, ()),
        ([card()], ("p", "somebody else"), {"hours": 1}, ()),
        ([card()], ("q", "u"), {"hours": 1}, ()),
        ([card()], ("p", ""), {"hours": 1}, ()),
        ([card(indicator="info")], ("p", "u"), {"hours": 1}, ("CA01",)),
        ([card(indicator="critical")], ("p", "u"), {"hours": 1}, ()),
    ],
)
def test_a_card_that_a_user_overrode_rests(
    records: Records, cards: list[Json], who: tuple[str, str], when: Json, left_out: tuple[str, ...]
) -> None:
    tell(records, told())
    patient, user = (name * 32 if len(name) == 1 else name for name in who)
    found = records.rested(cards, patient, user, later(**when))
    assert found.left_out == left_out
    assert len(found.cards) == len(cards) - len(left_out)


def test_a_card_that_became_more_urgent_does_not_rest(records: Records) -> None:
    tell(records, told(OTHER_CARD))
    assert overridden_topics(records.engine, "p" * 32, "u" * 32, later(hours=1), LENGTH)["BONE02"] == "info"
    assert records.rested([card("BONE02", "warning")], "p" * 32, "u" * 32, later(hours=1)).left_out == ()


def test_a_clock_that_is_ahead_does_not_prolong_the_rest(records: Records) -> None:
    tell(records, told(at=later(days=3650)))
    assert records.rested([card()], "p" * 32, "u" * 32, later(hours=1)).left_out == ("CA01",)
    assert records.rested([card()], "p" * 32, "u" * 32, later(hours=25)).left_out == ()


def test_a_card_that_several_users_saw_rests_for_none_of_them(records: Records) -> None:
    shown = (ShownCard(CARD, "CA01", "CA-01", "0.1.0", "warning"),)
    records.add_decision(plain(shown=shown, user="v" * 32, time=utc_text(later(minutes=1)))).result()
    tell(records, told())
    for user in ("u", "v"):
        assert records.rested([card()], "p" * 32, user * 32, later(hours=1)).left_out == ()
    assert {one.rule: one.overridden.part for one in feedback_report(records.engine).rules}["CA-01"] == 1


def test_an_accepted_card_does_not_rest(records: Records) -> None:
    tell(records, told(outcome="accepted", suggestions=["s"]))
    assert records.rested([card()], "p" * 32, "u" * 32, later(hours=1)).left_out == ()


def test_a_pseudonym_names_nobody_and_is_the_tenants_own(tmp_path: Path) -> None:
    names = Pseudonyms(load_or_create_key(tmp_path / "key"))
    assert (
        names.patient("p")
        == names.patient("Patient/p")
        == Pseudonyms(load_or_create_key(tmp_path / "key")).patient("p")
    )
    different = {names.patient("p"), names.patient("p", "tenant"), names.user("p"), names.patient("q")}
    assert (len(different), {len(name) for name in different}, names.user("")) == (4, {32}, "")
    assert Pseudonyms(load_or_create_key(tmp_path / "other")).patient("p") != names.patient("p")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_the_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    records = Records(tmp_path / "deep" / "records.sqlite")
    records.add_decision(plain()).result()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep").iterdir()} == {0o600}
    records.close()


@pytest.mark.parametrize(
    ("place", "says"),
    [("mysql://h/x", "not supported"), ("://", "invalid database URL"), ("sqlite://", "need a file"),
     ("sqlite:////dev/null/x", "cannot be written"),
     ("postgresql://u:secret@/x?host=/nowhere", "cannot be used")],
)  # fmt: skip
def test_a_database_that_cannot_be_used_is_named_without_its_password(place: str, says: str) -> None:
    with pytest.raises(DatabaseError, match=says) as caught:
        open_database(place)
    assert "secret" not in str(caught.value)


def test_reading_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="no file"):
        open_existing(tmp_path / "absent.sqlite")
    assert list(tmp_path.iterdir()) == []
