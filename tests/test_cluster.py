"""What processes share through the database of the records: used tokens, rates, seats, members and clocks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path

import pytest
from calls import REVIEW, call, client_of, service_for
from recorded import NOW as NOON
from recorded import new_database, plain
from sqlalchemy import Table, func, select, update
from test_operation import Lines
from tokens import NOW, PATH, bearer, claims, token, verifier

from cds.cluster import tokens
from cds.cluster.clocks import JUMP_SECONDS, QUIET_SECONDS, ClockWatch
from cds.cluster.members import DEAD_SECONDS, Members
from cds.cluster.rates import bucket_of
from cds.cluster.tables import MEMBERS_TABLE, TOKENS_TABLE
from cds.hooks.refusal import RefusedError
from cds.records.chain import WrittenBeforeError, verify
from cds.records.pseudonym import Pseudonyms
from cds.records.records import Records
from cds.records.writer import UnavailableError
from cds.rulebook.model import RuleBook
from cds.service.bounds.limits import ConcurrencyLimit
from cds.service.bounds.shared_rates import SharedRateLimiter
from cds.service.configuration.settings import IssuerSettings, Settings
from cds.service.observability.journal import Journal
from cds.service.recording.recording import Recording
from cds.service.together import report, work_together
from cds.trust.caller import UntrustedError, UsedToken

A_TOKEN = UsedToken(b"t" * 16, int(NOW) + 300)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/records.sqlite"
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def two(place: str) -> Iterator[tuple[Records, Records]]:
    """The records as two processes have them open."""
    found = Records(place), Records(place)
    yield found
    for records in found:
        records.close()


def outcomes(futures: list[Future[int]]) -> list[str]:
    return sorted(type(future.exception(60)).__name__ for future in futures)


def used(records: Records) -> tuple[bytes, int]:
    """The one token that was used."""
    query = select(TOKENS_TABLE.c.token, TOKENS_TABLE.c.ends)
    return records.share(lambda connection: tuple(connection.execute(query).one())).result(60)  # type: ignore[return-value]


def number_of(records: Records, table: Table = TOKENS_TABLE) -> int:
    query = select(func.count()).select_from(table)
    return records.share(lambda connection: int(connection.execute(query).scalar_one())).result(60)


def test_of_a_hundred_decisions_with_one_token_by_two_processes_one_is_written(two: tuple[Records, Records]) -> None:
    futures = [two[n % 2].add_decision(plain(), tokens.once_of(A_TOKEN)) for n in range(100)]
    assert outcomes(futures) == ["NoneType", *["WrittenBeforeError"] * 99]
    found = verify(two[0].engine)
    assert (found.good, found.problem, number_of(two[0])) == (1, "", 1)


def test_a_token_that_was_used_before_keeps_no_other_decision_of_its_batch_from_being_written(
    two: tuple[Records, Records],
) -> None:
    one, other = two
    tokens.use_up(one, A_TOKEN).result(60)
    used = [tokens.once_of(A_TOKEN if n == 7 else UsedToken(bytes([n]) * 16, n)) for n in range(20)]
    futures = [other.add_decision(plain(), once) for once in used]
    assert outcomes(futures) == ["NoneType"] * 19 + ["WrittenBeforeError"]
    assert verify(one.engine).good == 19


def test_a_token_is_known_after_a_restart_and_feedback_and_other_requests_use_tokens_up_too(place: str) -> None:
    first = Records(place)
    first.add_feedback([], NOON, tokens.once_of(A_TOKEN)).result(60)
    first.close()
    again = Records(place)
    for attempt in (again.add_decision(plain(), tokens.once_of(A_TOKEN)), tokens.use_up(again, A_TOKEN)):
        assert isinstance(attempt.exception(60), WrittenBeforeError)
    again.close()


def test_tokens_are_forgotten_long_after_their_end_and_then_refused_by_it(two: tuple[Records, Records]) -> None:
    one, other = two
    ends = [int(NOW) + 300, int(NOW) + 3000]
    for end in ends:
        tokens.use_up(one, UsedToken(b"%d" % end, end)).result(60)
    later = ends[0] + tokens.KEPT_SECONDS + 1
    assert other.share(lambda connection: tokens.sweep(connection, later)).result(60) == ends[0] + 1
    assert number_of(one) == 1
    assert one.share(lambda connection: tokens.sweep(connection, NOW)).result(60) == ends[0] + 1
    judge = verifier()
    judge.forgotten = ends[0]
    with pytest.raises(UntrustedError) as refused:
        asyncio.run(judge.authenticate(f"Bearer {token(exp=NOW + 299)}", PATH))
    assert refused.value.reason == "replay"
    assert asyncio.run(judge.authenticate(f"Bearer {token(exp=NOW + 300, iat=NOW)}", PATH)).token


def test_a_database_that_takes_no_token_lets_none_through(book: RuleBook, tmp_path: Path) -> None:
    records = Records(tmp_path / "records.sqlite")
    service = service_for(book)
    service.authenticator = verifier()
    work_together(service, records, Journal(Lines()))
    client = client_of(service)

    def discovered() -> int:
        aud = f"{service.authenticator.public_url}/cds-services"  # type: ignore[union-attr]
        return client.get("/cds-services", headers=bearer(token(aud=aud))).status_code

    assert discovered() == 200
    (tmp_path / "records.sqlite").rename(tmp_path / "away")
    assert discovered() == 503
    (tmp_path / "away").rename(tmp_path / "records.sqlite")
    assert discovered() == 200
    records.close()


def test_a_token_of_a_request_that_is_refused_for_its_body_is_used_up_everywhere(
    book: RuleBook, tmp_path: Path
) -> None:
    records, other = Records(tmp_path / "records.sqlite"), Records(tmp_path / "records.sqlite")
    clients = []
    for opened in (records, other):
        service = service_for(book)
        service.authenticator = verifier()
        work_together(service, opened, Journal(Lines()))
        clients.append(client_of(service))
    sent = bearer(token(**claims(jti="once")))
    assert (
        clients[0].post(REVIEW, content=b"{", headers={**sent, "content-type": "application/json"}).status_code == 400
    )
    assert number_of(records) == 1
    attempt = tokens.use_up(other, UsedToken(*used(records)))
    assert isinstance(attempt.exception(60), WrittenBeforeError)
    for opened in (records, other):
        opened.close()


async def granted(limiter: SharedRateLimiter) -> bool:
    """Whether a call may be made now; some time has passed where it may not."""
    try:
        await limiter.take("https://ehr.example")
    except RefusedError as refused:
        if refused.status != 429:
            raise
        await asyncio.sleep(0.005)
        return False
    return True


def test_the_rate_of_an_issuer_is_never_exceeded_by_two_processes_together(two: tuple[Records, Records]) -> None:
    per_second, burst = 40.0, 20

    async def hammer(seconds: float) -> tuple[int, float]:
        limiters = [SharedRateLimiter(records, bucket_of(per_second, burst), 30) for records in two]
        taken, begin = list[bool](), time.monotonic()

        async def caller(limiter: SharedRateLimiter) -> None:
            while time.monotonic() - begin < seconds:
                taken.append(await granted(limiter))

        await asyncio.gather(*(caller(limiter) for limiter in limiters for _ in range(3)))
        return sum(taken), time.monotonic() - begin

    taken, seconds = asyncio.run(hammer(1.0))
    assert 1 <= taken <= burst + per_second * seconds


@pytest.mark.parametrize(("per_second", "burst"), [(50, 100), (1000, 4), (0.1, 100), (3, 1), (200, 3)])
def test_a_part_that_is_kept_back_is_part_of_the_burst(per_second: float, burst: int) -> None:
    bucket = bucket_of(per_second, burst)
    assert bucket.capacity >= 1
    assert bucket.capacity + per_second * bucket.keep <= burst
    assert 1 <= bucket.most <= bucket.capacity


def test_a_rate_that_cannot_be_told_is_503(tmp_path: Path) -> None:
    records = Records(tmp_path / "records.sqlite")
    limiter = SharedRateLimiter(records, bucket_of(10, 10), 30)
    records.close()
    with pytest.raises(RefusedError) as refused:
        asyncio.run(limiter.take("x"))
    assert refused.value.status == 503


def test_processes_are_counted_while_they_live_and_share_the_seats(two: tuple[Records, Records]) -> None:
    one, other = (Members(records, ClockWatch(lambda _: None)) for records in two)
    one.beat()
    assert one.together.live == 1
    other.beat()
    one.beat()
    assert (one.together.live, other.together.live) == (2, 2)
    other.leave()
    one.beat()
    assert one.together.live == 1
    other.beat()
    dead = update(MEMBERS_TABLE).values(seen=MEMBERS_TABLE.c.seen - DEAD_SECONDS - 1)
    two[0].share(lambda connection: connection.execute(dead)).result(60)
    one.beat()
    assert (one.together.live, number_of(two[0], MEMBERS_TABLE)) == (1, 1)


def test_a_beat_that_the_database_does_not_take_leaves_what_was_known(tmp_path: Path) -> None:
    records = Records(tmp_path / "records.sqlite")
    member = Members(records, ClockWatch(lambda _: None))
    member.beat()
    records.close()
    member.beat()
    assert member.together.live == 1


def seated(limit: ConcurrencyLimit, issuer: str, seats: ExitStack) -> int:
    """How many calls of an issuer get a seat, which they keep."""
    before = limit._taken
    with pytest.raises(RefusedError) as refused:  # noqa: PT012
        while True:
            seats.enter_context(limit.slot(issuer))
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "1")
    return limit._taken - before


@pytest.mark.parametrize(("processes", "first", "second"), [(1, 6, 2), (2, 3, 1), (3, 2, 1), (20, 1, 0)])
def test_one_issuer_cannot_take_all_seats_and_each_process_has_its_share(
    processes: int, first: int, second: int
) -> None:
    limit = ConcurrencyLimit(8, 6)
    limit.share(processes)
    with ExitStack() as seats:
        assert (seated(limit, "a", seats), seated(limit, "b", seats)) == (first, second)
    assert limit._taken == 0


def test_where_there_are_several_issuers_one_may_hold_three_quarters() -> None:
    issuers = [IssuerSettings(issuer=name, **{"keys url": "https://x.example"}) for name in "ab"]
    assert Settings().seats_of_one == 64
    assert Settings(issuers=issuers).seats_of_one == 48
    assert Settings(issuers=issuers, limits={"calls at once": 1}).seats_of_one == 1
    limits = {"calls at once": 10, "calls at once for each issuer": 5}
    assert Settings(issuers=issuers, limits=limits).seats_of_one == 5


class Hands:
    """Two clocks of one host, which a test moves."""

    def __init__(self) -> None:
        self.wall, self.steady = time.time(), 1000.0

    def pass_(self, seconds: float, jump: float = 0.0) -> None:
        self.steady += seconds
        self.wall += seconds + jump


@pytest.mark.parametrize("jump", [-3600.0, JUMP_SECONDS + 1, 86400.0])
def test_a_clock_that_jumps_is_told_and_nothing_is_forgotten_meanwhile(jump: float, tmp_path: Path) -> None:
    hands, told = Hands(), list[float]()
    watch = ClockWatch(told.append, lambda: hands.wall, lambda: hands.steady)
    records = Records(tmp_path / "records.sqlite")
    member = Members(records, watch)
    tokens.use_up(records, UsedToken(b"long ago", 1)).result(60)
    for drift in (0.0, 0.4, -0.4, jump):
        hands.pass_(5, drift)
        watch.look()
    assert told == [pytest.approx(jump)]
    assert f"jumped by {jump:+.0f} seconds" in str(report(watch, member, 30).warnings)
    member.beat()
    assert number_of(records) == 1
    hands.pass_(QUIET_SECONDS + 1)
    watch.look()
    assert report(watch, member, 30) == ((), ())
    records.close()


@pytest.mark.parametrize(
    ("ahead", "problems", "warnings"), [(0, 0, 0), (4, 0, 0), (-6, 0, 1), (20, 0, 1), (-31, 1, 0), (400, 1, 0)]
)
def test_the_clock_of_a_host_is_compared_with_that_of_the_database(
    postgresql: str, ahead: float, problems: int, warnings: int
) -> None:
    records = Records(new_database(postgresql))
    watch = ClockWatch(lambda _: None, wall=lambda: time.time() + ahead)
    member = Members(records, watch)
    member.beat()
    found = report(watch, member, 30)
    assert (len(found.problems), len(found.warnings)) == (problems, warnings)
    assert all(f"differ by {abs(ahead)} seconds" in text for text in (*found.problems, *found.warnings))
    records.close()


def test_calls_are_answered_and_recorded_with_their_tokens(book: RuleBook, tmp_path: Path) -> None:
    place, answers = tmp_path / "records.sqlite", []
    for _ in range(2):
        records, service, journal = Records(place), service_for(book), Journal(Lines())
        service.authenticator = verifier()
        work_together(service, records, journal)
        service.decisions = Recording(records, Pseudonyms(b"k" * 32), service.now, journal)
        sent = bearer(token(**claims(jti="the same")))
        answers.append(client_of(service).post(REVIEW, json=call(), headers=sent).status_code)
        good = verify(records.engine).good
        records.close()
    assert (answers, good) == ([200, 401], 1)


def test_the_writer_says_that_it_is_unavailable_not_that_a_token_was_used(tmp_path: Path) -> None:
    records = Records(tmp_path / "records.sqlite")
    (tmp_path / "records.sqlite").rename(tmp_path / "away")
    assert isinstance(tokens.use_up(records, A_TOKEN).exception(60), UnavailableError)
    records.close()
