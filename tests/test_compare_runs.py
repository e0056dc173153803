"""What changed from one run to another is what a comparison patient by patient finds, with what can be why."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from small_run import Row, made_run, samples

from cds.bookshelf import open_exactly
from cds.cli import app
from cds.rulebook.model import RuleBook

pytest.importorskip("duckdb", reason="the extra population is not installed")
pytest.importorskip("pyarrow", reason="the extra population is not installed")

Json = dict[str, Any]
RULES = Path(__file__).resolve().parent.parent / "rules"
LATER = date(2027, 9, 1)


@pytest.fixture(scope="module")
def rows(book: RuleBook) -> list[Row]:
    return samples(book)


@pytest.fixture(scope="module")
def first(rows: list[Row], book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_run(tmp_path_factory.mktemp("a") / "monday", rows, book)


def compare(a: Path, b: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["population", "compare", str(a), str(b), *words])


def data(a: Path, b: Path, *words: str) -> Json:
    done = compare(a, b, "--json", *words)
    assert done.exit_code == 0, done.output
    found: Json = json.loads(done.stdout)
    return found


def counted(listed: list[Json], key: str) -> dict[tuple[str | None, ...], int]:
    return {tuple(item[key]): item["patients"] for item in listed}


def answer(row: Row) -> tuple[Any, ...]:
    return tuple(row.result.get(key) for key in ("outcome", "decidedBy", "fired", "advice", "asks"))


def changed_only(row: Row, **new: Any) -> Row:
    """The row with another answer to the same data."""
    return row._replace(result={**row.result, **new})


def test_another_day_changes_what_a_comparison_patient_by_patient_finds(
    first: Path, rows: list[Row], book: RuleBook, tmp_path: Path
) -> None:
    later = samples(book, LATER)
    found = data(first, made_run(tmp_path / "later", later, book, LATER, parts=5), "--examples", "99")
    pairs = list(zip(rows, later, strict=True))
    moves = [(row.result, new.result) for row, new in pairs if answer(row) != answer(new)]
    assert (found["changed"], found["why"]) == (len(moves), [{"changed": ["day"], "patients": len(moves)}])
    assert len(moves) > 5
    outcomes = Counter((row.result["outcome"], new.result["outcome"]) for row, new in pairs)
    assert counted(found["outcomes"], "outcome") == outcomes
    deciders = Counter((a["decidedBy"], b["decidedBy"]) for a, b in moves if a["decidedBy"] != b["decidedBy"])
    assert counted(found["decidedBy"], "decidedBy") == deciders
    came = Counter(rule for a, b in moves for rule in set(b["fired"]) - set(a["fired"]))
    went = Counter(rule for a, b in moves for rule in set(a["fired"]) - set(b["fired"]))
    assert {item["rule"]: (item["came"], item["went"]) for item in found["rules"]} == {
        rule: (came[rule], went[rule]) for rule in came | went
    }
    assert len(found["examples"]["changed"]) == len(moves)


def test_a_run_is_as_itself_also_from_another_folder(
    first: Path, rows: list[Row], book: RuleBook, tmp_path: Path
) -> None:
    moved = [row._replace(file=row.file.replace("fhir_samples", "elsewhere")) for row in rows]
    found = data(first, made_run(tmp_path / "moved", moved, book, parts=1))
    assert (found["changed"], found["otherCardsOnly"], found["rules"], found["why"]) == (0, 0, [], [])
    assert found["patients"] == {"both": len(rows), "onlyA": 0, "onlyB": 0}
    assert len(found["inputs"]["moved"]) == len(rows)
    assert (found["inputs"]["onlyA"], found["inputs"]["onlyB"]) == ([], [])


def test_what_changed_can_be_the_data_and_what_nothing_explains_is_said(
    first: Path, rows: list[Row], book: RuleBook, tmp_path: Path
) -> None:
    one, two, three, *others = sorted(rows, key=lambda row: row.patient)
    one = changed_only(one, outcome="stop", decidedBy="CA-02", fired=["CA-02"])._replace(digest="new")
    two = changed_only(two, advice=["urgent-review"])
    three = changed_only(three, cards=[])
    found = data(first, made_run(tmp_path / "other", [one, two, three, *others], book))
    told = {item["patient"]: item for item in found["examples"]["changed"]}
    assert {name: item["why"] for name, item in told.items()} == {one.patient: ["data"], two.patient: []}
    assert told[one.patient]["came"] == ["CA-02"]
    assert told[one.patient]["outcome"][1] == "stop"
    assert (found["changed"], found["otherCardsOnly"]) == (2, 1)
    text = compare(first, tmp_path / "other").stdout
    assert (
        "2 have another answer (1 nothing known changed; report this to those who maintain the program; 1 data" in text
    )
    assert "1 have the same answer in other cards." in text


def test_other_rules_are_named_as_the_cause(first: Path, tmp_path: Path) -> None:
    region = open_exactly(RULES, RULES / "regions" / "eu")
    second = made_run(tmp_path / "eu", samples(region), region)
    found = data(first, second)
    assert found["changed"] > 0
    assert {tuple(item["changed"]) for item in found["why"]} == {("rulebook",)}
    assert found["otherCardsOnly"] is None
    assert "overlay" in found["b"]["rulebook"]
    text = compare(first, second).stdout
    assert f"rulebook {region.version}, sha256 {region.sha256[:12]} with the overlay" in text
    assert "For everybody changed: rulebook." in text


def test_who_is_in_one_run_only_is_counted_and_namesakes_are_told_apart_by_file(
    first: Path, rows: list[Row], book: RuleBook, tmp_path: Path
) -> None:
    gone, kept, *others = sorted(rows, key=lambda row: row.patient)
    new = kept._replace(patient="Patient/new")
    namesake = kept._replace(file="namesake.json", digest="other")
    before = len([name for name, count in Counter(row.patient for row in rows).items() if count > 1])
    second = made_run(tmp_path / "b", [kept, new, namesake, *others], book)
    found = data(first, second)
    assert found["patients"] == {"both": len(rows) - 1, "onlyA": 1, "onlyB": 2}
    assert found["examples"] == {"changed": [], "onlyA": [gone.patient], "onlyB": sorted(["Patient/new", kept.patient])}
    assert (found["namesakes"], found["changed"]) == (before + 1, 0)
    assert f"Names that several patients have: {before + 1}." in compare(first, second).stdout
    twice = made_run(tmp_path / "twice", [kept, kept, *others], book)
    assert data(twice, twice)["patients"] == {"both": len(rows), "onlyA": 0, "onlyB": 0}


def test_a_patient_who_has_no_answer_now_is_a_move_to_none(
    first: Path, rows: list[Row], book: RuleBook, tmp_path: Path
) -> None:
    lost, *others = rows
    refused = lost._replace(result={"error": {"code": "too-deep", "text": "no"}})
    second = made_run(tmp_path / "b", [refused, *others], book)
    (one,) = data(first, second)["examples"]["changed"]
    assert one["outcome"] == [lost.result["outcome"], None]
    assert one["went"] == sorted(lost.result["fired"])
    assert f"{lost.result['outcome']} -> no answer: 1" in compare(first, second).stdout


def test_without_examples_nobody_is_named_and_with_them_it_is_said(
    first: Path, rows: list[Row], book: RuleBook, tmp_path: Path
) -> None:
    second = made_run(tmp_path / "later", samples(book, LATER)[1:], book, LATER)
    without, named = compare(first, second, "--examples", "0").output, compare(first, second).output
    assert "Patient/" not in without
    assert "The examples name patients" not in without
    assert "Patient/" in named
    assert named.rstrip().endswith("(--examples 0 leaves them out).")


def test_an_incomplete_run_is_compared_with_exit_status_1(
    first: Path, rows: list[Row], book: RuleBook, tmp_path: Path
) -> None:
    second = made_run(tmp_path / "b", rows, book, problems=["A file of the manifest is not there."])
    done = compare(first, second)
    assert done.exit_code == 1
    assert "incomplete: A file of the manifest is not there." in done.stdout
    assert f"The run in '{second}' is incomplete: not everybody is compared." in done.stderr


def test_what_is_no_run_is_wrong_use(first: Path, tmp_path: Path) -> None:
    done = compare(first, tmp_path)
    assert done.exit_code == 2
    assert f"'{tmp_path}' is no finished run: 'run.json' cannot be read" in done.stderr
    assert "[not-a-run]" in done.stderr
    (tmp_path / "run.json").write_text('{"format": 1}', encoding="utf-8")
    (tmp_path / "ledger.json").write_text("{", encoding="utf-8")
    assert "is not JSON" in compare(first, tmp_path).stderr
    (tmp_path / "ledger.json").write_text("{}", encoding="utf-8")
    assert "does not say what a run says" in compare(first, tmp_path).stderr
