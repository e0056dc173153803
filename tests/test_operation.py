"""Running the service: switches, reload, health, metrics and the journal, with clocks and folders of the tests' own."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from people import AS_OF, observation, patient, statement

from cds.bookshelf import open_rulebook
from cds.cards.card import cards_of
from cds.errors import CdsError
from cds.evaluation import Evaluation, evaluate
from cds.intake.reading import read_record
from cds.rulebook.model import Frozen, RuleBook
from cds.self_test import self_test
from cds.service import reload, switches
from cds.service.observability.health import SELF_TEST_TOO_OLD, Health
from cds.service.observability.journal import Journal
from cds.service.observability.metrics import Metrics
from cds.service.reload import Reloader, every, refuse_unless_pinned
from cds.service.rulebooks import CurrentRulebook
from cds.service.switches import Switches

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 1, 15, 12, tzinfo=timezone.utc)
TODAY = date(2026, 1, 15)
PSEUDONYM = "0123456789abcdef" * 2


class Lines(io.StringIO):
    """What a journal wrote."""

    def events(self, name: str = "") -> list[Json]:
        found = [json.loads(line) for line in self.getvalue().splitlines()]
        return [line for line in found if name in ("", line["event"])]


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def journal(lines: Lines) -> Journal:
    return Journal(lines, lambda: NOW)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "switches.yaml"


def evaluated(book: RuleBook, calcium: float = 11.1) -> Evaluation:
    data = [patient(), observation("LOINC 17861-6", calcium, "mg/dL"), statement("RxNorm 282465")]
    return evaluate(read_record(data, book, AS_OF), book, AS_OF)


def test_a_rule_that_is_switched_off_does_not_speak(path: Path, book: RuleBook, journal: Journal) -> None:
    path.write_text("off:\n  CA-01: ticket 12\nshadow:\n  CA-02: new\n", "utf-8")
    board = Switches(path, lambda: (book,), journal)
    switched = board.applied(book)
    assert (switched.off, switched.shadow, board.set.off) == ({"CA-01"}, {"CA-02"}, {"CA-01": "ticket 12"})
    assert evaluated(book).decision.decided_by == "CA-01" != evaluated(switched).decision.decided_by


def test_the_book_is_the_same_object_as_long_as_nothing_changes(path: Path, book: RuleBook, journal: Journal) -> None:
    path.touch()
    board = Switches(path, lambda: (book,), journal)
    assert board.applied(book) is book
    path.write_text("off:\n  CA-01: ticket 12\n", "utf-8")
    board.poll()
    first = board.applied(book)
    board.poll()
    assert (board.applied(book) is first, first is book) == (True, False)
    path.write_text("", "utf-8")
    board.poll()
    assert board.applied(book).off == {"CA-01"}, "an editor that writes the file anew leaves it empty for a moment"
    board.poll()
    assert board.applied(book) is book


BAD_SWITCHES = {
    "off:\n  CA-99: why\n": "switches.yaml:2: off.CA-99: there is no rule 'CA-99'. Did you mean 'CA-0",
    "of:\n  CA-01: why\n": "switches.yaml:1: of: 'of' has no meaning here. Did you mean 'off'? [unknown-key]",
    "off:\n  CA-01:\n": "switches.yaml:2: off.CA-01: no reason.",
    "off:\n  CA-01:\n    reason: ticket 12\n": "switches.yaml:2: off.CA-01: the reason is no text.",
    "off:\n  CON-06: why\n": "switches.yaml:2: off.CON-06: CON-06 cannot be switched.",
    "off:\n  - CA-01\n": "switches.yaml:1: off: not rules with reasons.",
    "off: [CA-01]\n": "switches.yaml:1: off: a list stands here between brackets.",
    "off:\n  CA-01: a\nshadow:\n  CA-01: b\n": "switches.yaml:4: shadow.CA-01: it is also off.",
    "- CA-01\n": "switches.yaml:1: file: the file is no mapping.",
    "off:\n  CA-01: a\n  CA-02": "switches.yaml:3: file: 'CA-02' has no colon behind its key.",
}


@pytest.mark.parametrize(("text", "message"), BAD_SWITCHES.items())
def test_wrong_switches_are_reported_and_those_in_force_stay(
    path: Path, book: RuleBook, journal: Journal, lines: Lines, text: str, message: str
) -> None:
    path.write_text("shadow:\n  CA-02: new\n", "utf-8")
    board = Switches(path, lambda: (book,), journal)
    path.write_text(text, "utf-8")
    for _ in range(3):
        board.poll()
    assert board.applied(book).shadow == {"CA-02"}
    assert [line["problem"][: len(message)] for line in lines.events("switches-refused")] == [message]
    with pytest.raises(CdsError) as caught:
        Switches(path, lambda: (book,), journal)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["off:\n  CA-01: ticket 12\n", ""])
def test_a_file_that_went_away_lifts_nothing_and_is_missed_until_it_is_back(
    path: Path, book: RuleBook, journal: Journal, lines: Lines, text: str
) -> None:
    path.write_text(text, "utf-8")
    board = Switches(path, lambda: (book,), journal)
    before = board.applied(book).off
    path.unlink()
    for _ in range(3):
        board.poll()
    assert (board.applied(book).off, before) == (before, {"CA-01"} if text else set())
    assert ["is gone" in line["problem"] for line in lines.events("switches-refused")] == [True]
    assert "is gone" in board.report().warnings[0]
    path.write_text("off:\n  CA-02: ticket 13\n", "utf-8")
    board.poll()
    assert (board.applied(book).off, board.report().warnings) == ({"CA-02"}, ())


def test_a_switches_file_that_is_not_there_at_the_start_is_refused_with_what_to_do(
    path: Path, book: RuleBook, journal: Journal
) -> None:
    with pytest.raises(CdsError, match=r"switches\.yaml' is not there.*make an empty file there"):
        Switches(path, lambda: (book,), journal)
    path.mkdir()
    with pytest.raises(CdsError, match="cannot be read"):
        Switches(path, lambda: (book,), journal)
    path.rmdir()
    path.touch()
    assert Switches(path, lambda: (book,), journal).applied(book) is book


def test_an_empty_file_in_the_place_of_one_that_went_away_is_no_problem_any_more(
    path: Path, book: RuleBook, journal: Journal
) -> None:
    path.touch()
    board = Switches(path, lambda: (book,), journal)
    path.unlink()
    board.poll()
    path.touch()
    board.poll()
    board.poll()
    assert (board.problems, board.applied(book)) == ((), book)


def watched(action: Callable[[], None], seconds: float, journal: Journal, change: Callable[[], None],
            acted: Callable[[], bool]) -> float:  # fmt: skip
    """The seconds, on a clock that only a watch moves, from a change right after a look until it acted."""
    clock = {"now": 0.0}

    async def sleep(wait: float) -> None:
        if acted() or clock["now"] > 60:
            raise asyncio.CancelledError
        clock["now"] += wait

    action()
    change()
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(every(seconds, action, journal, sleep))
    return clock["now"]


def test_a_switch_acts_within_five_seconds_without_a_restart(path: Path, book: RuleBook, journal: Journal) -> None:
    path.touch()
    board = Switches(path, lambda: (book,), journal)

    def switch() -> None:
        path.write_text("off:\n  CA-01: ticket 12\n", "utf-8")

    took = watched(board.poll, switches.SWITCHES_SECONDS, journal, switch, lambda: "CA-01" in board.applied(book).off)
    assert took <= 5


def test_a_watch_that_fails_once_goes_on(journal: Journal, lines: Lines) -> None:
    looks: list[int] = []

    def look() -> None:
        looks.append(len(looks))
        if len(looks) == 2:
            raise OSError("Mrs Sample")

    watched(look, 2, journal, lambda: None, lambda: len(looks) > 3)
    assert ([line["kind"] for line in lines.events("watch-failed")], "Sample" in lines.getvalue()) == (
        ["OSError"],
        False,
    )


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the rule files."""
    folder = tmp_path / "rules"
    for source in (ROOT / "rules").rglob("*.yaml"):
        copy = folder / source.relative_to(ROOT / "rules")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    return folder


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = next(folder.rglob(name))
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def reloader(folder: Path, book: RuleBook, journal: Journal) -> tuple[Reloader, CurrentRulebook]:
    shelf = CurrentRulebook(book)
    return Reloader(shelf, folder, lambda: TODAY, journal), shelf


@pytest.mark.slow
def test_a_changed_rulebook_is_taken_into_use_without_a_restart(
    rules: Path, book: RuleBook, journal: Journal, lines: Lines
) -> None:
    watch, shelf = reloader(rules, book, journal)

    def change() -> None:
        edit(rules, "ca-01-*.yaml", "date}, limit {", "date}, upper {")

    took = watched(watch.poll, reload.RELOAD_SECONDS, journal, change, lambda: shelf.book is not book)
    assert (took <= 5, watch.refused) == (True, ())
    assert ", upper 10.5 mg/dL: " in cards_of(evaluated(shelf.book))[0]["summary"]
    assert [line["rulebook"] for line in lines.events("rulebook")] == [shelf.book.sha256]


BAD_RULES = {
    "rule: CA-01\nnovelty: 1": ("rule: CA-01", "[unknown-key]"),
    "review by: 1927": ("review by: 2027", "[review-overdue]"),
    "calcium to use: 9.4 mg/dL": ("calcium to use: 10.6 mg/dL", "[case-fails]"),
}


@pytest.mark.slow
@pytest.mark.parametrize("new", BAD_RULES)
def test_a_bad_rulebook_is_refused_and_the_old_one_keeps_serving(
    rules: Path, book: RuleBook, journal: Journal, lines: Lines, new: str
) -> None:
    name, (old, message) = "ca-01-*.yaml", BAD_RULES[new]
    watch, shelf = reloader(rules, book, journal)
    edit(rules, name, old, new)
    for _ in range(4):
        watch.poll()
    assert (shelf.book is book, len(lines.events("rulebook-refused"))) == (True, 1)
    assert any(message in line["problem"] for line in lines.events("rulebook-problem"))
    assert any(message in problem for problem in watch.refused)
    edit(rules, name, new, old)
    for _ in range(2):
        watch.poll()
    assert (shelf.book is book, watch.refused) == (True, ())


@pytest.mark.slow
def test_of_a_bad_rulebook_the_journal_names_the_cause_and_not_all_that_follows(
    rules: Path, book: RuleBook, journal: Journal, lines: Lines
) -> None:
    watch, _ = reloader(rules, book, journal)
    edit(rules, "derived.yaml", "  calcium to use:\n", "  calcum to use:\n")
    for _ in range(4):
        watch.poll()
    problems = [line["problem"] for line in lines.events("rulebook-problem")]
    assert len(problems) == 1, problems
    (problem,) = problems
    assert problem.startswith("terms/derived.yaml:42: terms.calcum to use: nobody names 'calcum to use', and ")


@pytest.mark.slow
def test_one_changed_byte_of_a_pinned_rulebook_is_refused(rules: Path, book: RuleBook) -> None:
    refuse_unless_pinned([book], [book.sha256])
    refuse_unless_pinned([book], [])
    edit(rules, "ca-01-*.yaml", "Serum calcium is high", "serum calcium is high")
    with pytest.raises(CdsError, match=f"pins {book.sha256}"):
        refuse_unless_pinned([open_rulebook(rules)], [book.sha256])


def test_a_folder_that_is_still_being_copied_is_not_read(
    rules: Path, book: RuleBook, journal: Journal, lines: Lines
) -> None:
    watch, _ = reloader(rules, book, journal)
    for number in range(4):
        (rules / "more.yaml").write_text(f"part: {number}\n", "utf-8")
        watch.poll()
    assert lines.events() == []


@pytest.fixture
def broken(book: RuleBook) -> RuleBook:
    """A rulebook in which the rule about high calcium has lost its tier."""
    tiers = tuple(tier._replace(rules=tuple(rule for rule in tier.rules if rule != "CA-01")) for tier in book.tiers)
    rule = book.rules["CA-01"]._replace(votes=())
    return replace(book, rules=Frozen({**book.rules, "CA-01": rule}), tiers=tiers)


def test_a_service_is_ready_when_the_sample_patients_are_answered_rightly(book: RuleBook, journal: Journal) -> None:
    clock = {"now": 0.0}
    health = Health([CurrentRulebook(book)], journal, clock=lambda: clock["now"])
    assert (health.livez()[0], health.readyz()[0]) == (200, 503)
    health.poll()
    assert health.readyz() == (200, {"status": "ready"})
    clock["now"] = SELF_TEST_TOO_OLD
    assert health.readyz()[0] == 200
    clock["now"] = SELF_TEST_TOO_OLD + 1
    assert health.readyz()[0] == 503


def test_a_broken_rule_makes_a_service_unready(broken: RuleBook, journal: Journal, lines: Lines) -> None:
    health = Health([CurrentRulebook(broken)], journal)
    health.poll()
    status, body = health.readyz()
    assert (status, health.livez()[0]) == (503, 200)
    assert any(problem.startswith("high-calcium: ") and "decidedBy" in problem for problem in body["problems"])
    assert len(lines.events("self-test-failed")) == len(body["problems"])


def test_without_samples_or_with_damaged_ones_nothing_is_ready(tmp_path: Path, book: RuleBook) -> None:
    assert len(self_test(book, tmp_path)) == 1
    folder = tmp_path / "damaged"
    folder.mkdir()
    (folder / "expected.json").write_text('{"asOf": "2026-01-15"}')
    assert self_test(book, tmp_path) == ("damaged: it could not be evaluated (RecordError).",)


def test_the_version_names_program_and_rulebook(book: RuleBook, journal: Journal) -> None:
    status, body = Health([CurrentRulebook(book)], journal).version()
    assert (status, body["rulebook"]["sha256"]) == (200, book.sha256)


def figures(metrics: Metrics) -> dict[str, float]:
    text, kind = metrics.exposition()
    assert kind.startswith("text/plain")
    lines = (line.rpartition(" ") for line in text.decode().splitlines() if not line.startswith("#"))
    return {name.removeprefix("calcium_cds_"): float(value) for name, _, value in lines}


def test_decisions_rules_findings_and_issues_are_counted(book: RuleBook) -> None:
    shadowing = replace(book, shadow=frozenset({"CA-01"}))
    metrics = Metrics(lambda: (shadowing,))
    for _ in range(2):
        metrics.decision(evaluated(book), left_out=("CA01",))
    metrics.decision(evaluated(shadowing))
    data = [patient(), observation("LOINC 17861-6", 9.4, "furlongs"), statement("RxNorm 282465")]
    metrics.decision(evaluate(read_record(data, book, AS_OF), book, AS_OF))
    found = figures(metrics)
    assert (found['decisions_total{outcome="hold"}'], found['decided_by_total{rule="CA-01"}']) == (2, 2)
    assert (found['rule_fired_total{rule="CA-01"}'], found['rule_fired_total{rule="CA-02"}']) == (2, 0)
    assert (found['rule_silent_decisions{rule="CA-01"}'], found['rule_silent_decisions{rule="CA-02"}']) == (2, 4)
    assert (found['rule_shadowed_total{rule="CA-01"}'], found['card_left_out_total{topic="CA01"}']) == (1, 2)
    assert found['record_issue_total{code="unusable-unit"}'] == 1
    assert sum(value for name, value in found.items() if "has no unit" in name) == 1
    assert sum(value for name, value in found.items() if name.startswith("finding_unknown")) > 10
    assert found['rules_switched{to="shadow"}'] == 1
    assert found[f'rulebook{{sha256="{book.sha256}"}}'] == 1


def test_requests_and_events_are_counted(book: RuleBook, lines: Lines) -> None:
    metrics = Metrics(lambda: (book,))
    metrics.observe("/cds-services/{service}", 200, 0.004)
    metrics.observe("/cds-services/{service}", 400, 3)
    Journal(lines, count=metrics.event).write("rulebook-refused")
    found = figures(metrics)
    assert found['request_seconds_bucket{endpoint="/cds-services/{service}",le="0.005",status="200"}'] == 1
    assert found['request_seconds_count{endpoint="/cds-services/{service}",status="400"}'] == 1
    assert found['event_total{name="rulebook-refused"}'] == 1


def test_the_journal_writes_only_what_it_knows(journal: Journal, lines: Lines) -> None:
    journal.write("request", endpoint="/cds-services/{service}", status=200, seconds=0.0123, patient=PSEUDONYM)
    journal.write("request", body="Mrs Sample", token="canary", status=200)  # noqa: S106
    journal.write("request", patient="Patient/p", client="Frau M\u00fcller", endpoint="x" * 3000, status="Mrs Sample")
    first, second, third = lines.events()
    assert first == {
        "time": "2026-01-15T12:00:00.000000Z", "event": "request", "endpoint": "/cds-services/{service}",
        "status": 200, "seconds": 0.0123, "patient": PSEUDONYM,
    }  # fmt: skip
    assert second == {"time": first["time"], "event": "request", "status": 200, "unknownFields": 2}
    assert third["dropped"] == ["client", "endpoint", "patient", "status"]
    assert not any(word in lines.getvalue() for word in ("Sample", "canary", "Patient/p", "xxx"))


def test_a_line_stays_one_line_and_a_closed_stream_fails_nothing(journal: Journal, lines: Lines) -> None:
    journal.write("rulebook-problem", problem='a "quoted" text\nand more')
    journal.write("switches-refused", problem='a "quoted" text')
    assert [line.get("problem") for line in lines.events()] == [None, 'a "quoted" text']
    lines.close()
    journal.write("request")
