"""A large folder is answered in several processes: the same answers in the same order, whatever happens to one."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from people import bundle
from test_several_patients import A, B, evaluated, lines, person, said

from cds.files import side_by_side
from cds.files.people import Found, Item
from cds.files.side_by_side import FEW, ONE_PROCESS, answers_in

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork: one process answers")


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    """A folder of many records, with some of everything else between them."""
    for number in range(2 * FEW):
        who = f"p{number:02}"
        (tmp_path / f"{who}.json").write_text(json.dumps(bundle(*person(who, 11.4 if number % 3 else 14.2))))
    (tmp_path / "p03-broken.json").write_text("{")
    (tmp_path / "p05-two.json").write_text(json.dumps(bundle(*A, *B)))
    (tmp_path / "p06-utf16.json").write_bytes(json.dumps(bundle(*A)).encode("utf-16"))
    (tmp_path / "p07-lines.ndjson").write_bytes(lines(*person("l1", 14.2), *person("l2", 11.4)))
    (tmp_path / "p09-other.json").write_text("[1]")
    (tmp_path / "p11-release.json").write_text(json.dumps(bundle(*A, {"resourceType": "Nothing", "id": "x"})))
    (tmp_path / "p13-alone.json").write_text(json.dumps(B[1]))
    return tmp_path


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine with two processors."""
    monkeypatch.setattr(side_by_side, "processors", lambda: 2)


@pytest.mark.usefixtures("two")
def test_a_large_folder_is_answered_as_by_one_process(ward: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    several = evaluated(ward)
    monkeypatch.setattr(side_by_side, "FEW", 1000)
    assert evaluated(ward) == several
    status, results, remarks = several
    assert status == 1
    assert said(results)[2:6] == [
        ("Patient/p02", "hold"),
        ("", "not-json"),
        ("Patient/p03", "stop"),
        ("Patient/p04", "hold"),
    ]
    assert len(results) == 2 * FEW + 7
    assert [Path(remark.partition(": ")[0]).name for remark in remarks][:3] == [
        "p03-broken.json",
        "p06-utf16.json",
        "p09-other.json",
    ]


def process_of(item: Item) -> int:
    return os.getpid()


@pytest.mark.usefixtures("two")
def test_others_answer_what_stands_alone_and_nothing_else(ward: Path) -> None:
    here = [isinstance(pid, int) and pid == os.getpid() for pid in answers_in(ward, lambda *_: None, process_of)]
    assert len(here) == 2 * FEW + 7
    assert here.count(False) == 2 * FEW - 1 + 2 + 1


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("end", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(0)])
def test_when_a_process_ends_what_is_left_is_answered_here(ward: Path, end: Callable[[], None]) -> None:
    main = os.getpid()

    def answer(item: Item) -> str:
        if os.getpid() != main and isinstance(item, Found) and item.patient == "Patient/p17":
            end()
        return item.patient if isinstance(item, Found) else item.error.code

    told: list[str] = []
    found = list(answers_in(ward, lambda _, text: told.append(text), answer))
    assert told.count(ONE_PROCESS) == 1
    assert [who for who in found if who.startswith("Patient/p")] == [f"Patient/p{n:02}" for n in range(2 * FEW)]
    assert len(found) == 2 * FEW + 7


@pytest.mark.usefixtures("two")
def test_where_no_process_can_be_started_all_are_answered_here_and_that_is_said(
    ward: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    said: list[str] = []
    found = list(answers_in(ward, lambda _, text: said.append(text), process_of))
    assert (len(found), set(found)) == (2 * FEW + 7, {os.getpid()})
    assert [text for text in said if "process" in text] == [ONE_PROCESS]


def test_a_small_folder_is_answered_in_this_process(tmp_path: Path) -> None:
    for number in range(FEW - 1):
        (tmp_path / f"{number:02}.json").write_text(json.dumps(bundle(*person(f"p{number}", 11.4))))
    assert set(answers_in(tmp_path, lambda *_: None, process_of)) == {os.getpid()}
