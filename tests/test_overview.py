"""``cds evaluate`` over a folder: a line of each patient, and a summary that equals what ``--json`` says."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from people import CALCIUM, CARBONATE_500, bundle, condition, dosage, observation, patient, statement
from test_several_patients import about, person

from cds.cards.folding import INDICATORS
from cds.cli import app
from cds.overview.csv_text import COLUMNS

Json = dict[str, Any]
DAY = "2026-01-15"
MANY = 1000
BROKEN = {
    "not-json": b"{",
    "not-fhir": b'{"resourceType": "Observation"}{',
    "no-patient": json.dumps(bundle(observation(CALCIUM, 9.4, "mg/dL"))).encode(),
    "other-format": b"<Bundle xmlns='http://hl7.org/fhir'/>",
}


def evaluated(*words: str | Path) -> Result:
    done = CliRunner().invoke(app, ["evaluate", *map(str, words), "--as-of", DAY])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def record(number: int) -> bytes:
    """A patient: every fourth without a result, every tenth with something that nobody understands, some healthy."""
    who = f"p{number:04}"
    found = [patient(who, birth=f"{1930 + number % 70}-07-01", gender="female" if number % 3 else "male")]
    if number % 4:
        found.append(about(who, observation(CALCIUM, 8.0 + number % 13 / 2, "mg/dL"), "o"))
    if number % 5:
        found.append(about(who, statement(CARBONATE_500, dosage(1 + number % 4)), "m"))
    if number % 10 == 0:
        found.append(about(who, condition(text="zzz blorb"), "c"))
    return json.dumps(bundle(*found)).encode()


def fill(folder: Path, many: int) -> int:
    """Write so many files into a folder; every 25th is broken. How many are."""
    broken = 0
    for number in range(many):
        content = record(number)
        if number % 25 == 7:
            content = list(BROKEN.values())[broken % len(BROKEN)]
            broken += 1
        (folder / f"{number:04}.json").write_bytes(content)
    (folder / "two.json").write_text(json.dumps(bundle(*person("a", 11.4), *person("b", 14.2))), "utf-8")
    return broken


@pytest.fixture(scope="module", params=[60, pytest.param(MANY, marks=pytest.mark.slow)])
def ward(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ward")
    assert fill(folder, request.param) >= 2
    return folder


@pytest.fixture(scope="module")
def results(ward: Path) -> list[Json]:
    """What ``--json`` says."""
    done = evaluated(ward, "--json")
    assert done.exit_code == 1
    return [json.loads(line) for line in done.stdout.splitlines()]


def answered(results: list[Json]) -> list[Json]:
    return [result for result in results if "error" not in result]


def counts(text: str) -> dict[str, int]:
    """``CA-01 12, BONE-01 1,003.`` as numbers."""
    found = re.findall(r"([^\s,:][^,:]*?) ([\d,]*\d)(?=, |\.$)", text)
    return {name: int(number.replace(",", "")) for name, number in found}


def line_of(text: str, title: str) -> str:
    (found,) = (line for line in text.splitlines() if line.startswith(title))
    return found.removeprefix(title)


def test_the_summary_equals_what_is_counted_from_the_json_of_the_same_files(ward: Path, results: list[Json]) -> None:
    done = evaluated(ward)
    assert done.exit_code == 1
    people, text = answered(results), done.stdout
    assert f"\n{len(people):,} patients answered as of {DAY}, rulebook " in text
    table = re.findall(r"^([a-z-]+) +(\d+) +[\d.]+  [A-Z]", text.partition(" patients answered")[2], re.MULTILINE)
    assert {name: int(number) for name, number in table} == Counter(one["outcome"] for one in people)
    spoke = Counter(rule for one in people for rule in one["fired"])
    missing = Counter(name for one in people for name in one["missing"])
    refused = Counter(one["error"]["code"] for one in results if "error" in one)
    assert counts(line_of(text, "Rules that spoke: ")) == spoke
    assert counts(line_of(text, "Asked for and not known: ")) == missing
    assert counts(line_of(text, "Refused: ").partition("): ")[2]) == refused
    assert f"Refused: {refused.total():,} (files" in text
    unclear = [len(one["account"]["notUnderstood"]) for one in people]
    assert f"Resources not understood: {sum(unclear):,}, of {sum(map(bool, unclear)):,} patients." in text
    cards = Counter(card["indicator"] for one in people for card in one["cards"])
    assert counts(line_of(text, "Cards: ").partition(". Data")[0] + ".") == {name: cards[name] for name in INDICATORS}
    assert len(missing) > 2
    assert len(refused) > 1
    assert sum(unclear) > 1


def test_each_patient_has_one_line_in_the_order_of_the_data(ward: Path, results: list[Json]) -> None:
    done = evaluated(ward)
    lines = done.stdout.partition("\n\n")[0].splitlines()[1:]
    assert len(lines) == len(answered(results))
    for line, one in zip(lines, answered(results), strict=True):
        indicators = [str(sum(card["indicator"] == name for card in one["cards"]) or "-") for name in INDICATORS]
        assert line.split()[:7] == [one["outcome"], one["decidedBy"], *indicators, one["patient"], one["file"]]
        assert ("missing: " in line) == bool(one["missing"])
        if one["missing"]:
            assert f"missing: {one['missing'][0]}" in line


def test_broken_files_are_a_line_on_the_error_stream_each(ward: Path, results: list[Json]) -> None:
    told = [line for line in evaluated(ward).stderr.splitlines() if re.search(r" \[[a-z-]+\]$", line)]
    assert len(told) == sum("error" in one for one in results)


def test_only_shows_some_and_counts_all(ward: Path, results: list[Json]) -> None:
    people = answered(results)
    some = [one for one in people if one["outcome"] in ("hold", "stop")]
    text = evaluated(ward, "--only", "hold,stop").stdout
    assert len(text.partition("\n\n")[0].splitlines()) == 1 + len(some)
    assert f"Shown: {len(some):,} (--only hold,stop). Not shown: {len(people) - len(some):,}.\n" in text
    assert f"\n{len(people):,} patients answered" in text
    done = evaluated(ward, "--only", "hold", "--only", "stop", "--json")
    shown = answered([json.loads(line) for line in done.stdout.splitlines()])
    assert [one["patient"] for one in shown] == [one["patient"] for one in some]
    assert f"--only: {len(some)} patients are shown, and {len(people) - len(some)} are not." in done.stderr


def test_csv_has_the_same_people(ward: Path, results: list[Json]) -> None:
    rows = list(csv.DictReader(io.StringIO(evaluated(ward, "--format", "csv").stdout)))
    assert len(rows) == len(results)
    for row, one in zip(rows, results, strict=True):
        assert row["file"] == one["file"]
        assert row["outcome"] == one.get("outcome", "")
        assert row["error code"] == one.get("error", {}).get("code", "")
        if "error" not in one:
            assert row["rules that spoke"] == "; ".join(one["fired"])
            assert row["missing"] == "; ".join(one["missing"])


def test_the_page_has_the_same_people_and_their_cards(ward: Path, results: list[Json]) -> None:
    html = evaluated(ward, "--format", "html").stdout
    people = answered(results)
    assert html.count('<section class="patient"') == len(people)
    assert html.count('<article class="ehr ') == sum(len(one["cards"]) for one in people)
    assert html.count('<td class="bad"') == len(results) - len(people)
    assert html.endswith("</html>\n")


def test_nothing_in_a_name_is_run_by_a_spreadsheet_or_a_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = "<script>alert(1)</script>"
    for name, who in (("=cmd().json", "a"), ("@x.json", "b")):
        (tmp_path / name).write_text(
            json.dumps(bundle(patient(who), about(who, condition(text=strange), "c"))), "utf-8"
        )
    monkeypatch.chdir(tmp_path)
    rows = list(csv.reader(io.StringIO(evaluated("=cmd().json", "@x.json", "--format", "csv").stdout)))
    page = evaluated("=cmd().json", "@x.json", "--format", "html").stdout
    assert [row[0] for row in rows] == [COLUMNS[0], "'=cmd().json", "'@x.json"]
    assert strange not in page
    assert "&lt;script&gt;" in page


def test_a_single_patient_is_told_on_a_screen_also_beside_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(record(1))
    alone = evaluated(tmp_path / "a.json").stdout
    assert alone.startswith(f"{tmp_path}/a.json  Patient/p0001  as of {DAY}\nOutcome: ")
    (tmp_path / "b.json").write_bytes(b"{")
    assert evaluated(tmp_path).stdout == f"{alone}Refused: 1 (files, or parts of them): not-json 1.\n"
    assert evaluated(tmp_path / "b.json").stdout == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "holt"], "--only: there is no outcome 'holt'. Did you mean 'hold'? Known: "),
        (["--only", ","], "--only: no outcome is named. Known: "),
        (["--json", "--format", "csv"], "--json means --format json, and --format csv was given too."),
        (["--long", "--format", "csv"], "--long is about text, and --format csv says what it says."),
    ],
)
def test_wrong_use_says_what_would_be_right(words: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(record(1))
    done = evaluated(tmp_path, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_long_says_everything_of_each_and_ends_with_the_summary(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.json").write_bytes(record(number))
    text = evaluated(tmp_path, "--long").stdout
    assert text.count("\nSent: ") == 2
    assert "\n2 patients answered as of " in text
