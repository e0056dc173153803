"""The audit book takes the counts of a run: nobody is read again, and no small count of it is published."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_run import DAY, Row, labelled, made_run, samples

from cds.audit.audit_data import AuditData
from cds.audit.examples import survivors_file
from cds.audit.patients import Population
from cds.audit.site import Site
from cds.bookshelf import open_exactly
from cds.cli import app
from cds.population.books.finished_run import finished_run
from cds.population.report.small_cells import hidden_in, shown
from cds.rulebook.model import RuleBook

pytest.importorskip("duckdb", reason="the extra population is not installed")
pytest.importorskip("pyarrow", reason="the extra population is not installed")

from cds.population.report.firing import population_of

RULES = Path(__file__).resolve().parent.parent / "rules"


@pytest.fixture(scope="module")
def rows(book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """The labelled patients, of whom the first twelve could not be read."""
    found = labelled(book, tmp_path_factory.mktemp("people"))
    refused = {"error": {"code": "too-deep", "text": "The JSON is nested deeper than 64 levels. [too-deep]"}}
    return [row._replace(result=refused) for row in found[:12]] + found[12:]


@pytest.fixture(scope="module")
def run(rows: list[Row], book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_run(tmp_path_factory.mktemp("run") / "run", rows, book)


@pytest.fixture(scope="module")
def people(run: Path, book: RuleBook) -> Population:
    return population_of(finished_run(run), book)


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("&lt;", "<").split())


def rule_page(book: RuleBook, people: Population, rule: str) -> str:
    return plain(Site(AuditData(book, DAY, {}, (), people)).rule(book.rules[rule]).html)


def test_a_run_gives_the_counts_of_its_patients(people: Population, rows: list[Row]) -> None:
    answered = [row.result for row in rows if "error" not in row.result]
    assert people.patients == len(answered) == sum(people.outcomes.values()) > 200
    assert people.outcomes == Counter(result["outcome"] for result in answered)
    assert people.decided == Counter(result["decidedBy"] for result in answered)
    assert people.fired == Counter(rule for result in answered for rule in result["fired"])
    assert people.asked == Counter(rule for result in answered for rule in result["asks"])
    assert sorted(people.cards) == sorted(len(result["cards"]) for result in answered)
    assert Counter(item.why for item in people.unread) == {"The JSON is nested deeper than 64 levels. [too-deep]": 12}
    assert (people.day, people.silenced) == (DAY, None)


def test_a_rule_says_how_often_it_fires_decides_and_asks_per_100_patients(people: Population, book: RuleBook) -> None:
    rule = next(rule for rule, count in people.decided.most_common() if ("decided", rule) not in people.run.hidden)
    page = rule_page(book, people, rule)
    fired, decided = people.fired[rule], people.decided[rule]
    assert fired >= decided >= 11
    assert f"Of {people.patients} patients of the population as of {DAY}: it fires for {fired} (" in page
    assert f"({100 * fired / people.patients:.1f} in 100), decides for {decided} (" in page
    assert f"Counted by a run with rulebook {book.version}, sha256 {book.sha256[:12]}" in page
    assert "what is silenced is not counted in a run" in page
    assert "is silenced (card or decision) for" not in page


def test_no_page_prints_a_small_count_of_a_run_nor_what_gives_it_away(people: Population, book: RuleBook) -> None:
    small = [rule for rule, count in people.fired.items() if 0 < count < 11]
    assert len(small) > 5
    for rule in small[:3]:
        page = rule_page(book, people, rule)
        assert "it fires for <11 (fewer than 11 patients)" in page
    page = Site(AuditData(book, DAY, {}, (), people)).write("patients.html", "patients.html").html
    cells = [re.findall(r'<td class="n">([^<]*)</td>', row.replace("&lt;", "≺")) for row in page.split("<tr>")]
    told = [cell for row in cells for cell in row if cell]
    assert "≺11" in told
    assert [cell for cell in told if cell.isdigit() and 0 < int(cell) < 11] == []
    outcomes = {name: count for name, count in people.outcomes.items() if ("outcomes", name) in people.run.hidden}
    assert len(outcomes) > 1
    assert sum(outcomes.values()) >= 11
    assert "not shown" in page


@pytest.mark.parametrize(
    ("cells", "hidden"),
    [
        ({"a": 100, "b": 50}, set()),
        ({"a": 100, "b": 10, "c": 11}, {"b", "c"}),
        ({"a": 100, "b": 1, "c": 2, "d": 30}, {"b", "c", "d"}),
        ({"a": 100, "b": 6, "c": 7, "d": 30}, {"b", "c"}),
        ({"a": 100, "b": 0, "c": 11}, set()),
        ({"a": 5}, {"a"}),
        ({}, set()),
    ],
)
def test_what_is_hidden_cannot_be_worked_out_from_the_total(cells: dict[str, int], hidden: set[str]) -> None:
    assert hidden_in(cells) == hidden


def test_counts_of_one_to_ten_are_small() -> None:
    assert [shown(count) for count in (0, 1, 10, 11, 1200)] == ["0", "<11", "<11", "11", "1200"]


def test_other_rules_and_an_incomplete_run_are_said_on_the_page(
    rows: list[Row], book: RuleBook, tmp_path: Path, people: Population
) -> None:
    region = open_exactly(RULES, RULES / "regions" / "eu")
    folder = made_run(tmp_path / "run", rows, region, problems=["A file is not there."])
    page = rule_page(book, population_of(finished_run(folder), book), "CA-01")
    assert f"Counted by a run with rulebook {region.version}, sha256 {region.sha256[:12]} with the overlay" in page
    assert f"That is not the rulebook of this book ({book.version}, sha256 {book.sha256[:12]})" in page
    assert "The run is incomplete: these are not the figures of everybody." in page
    own = rule_page(book, people, "CA-01")
    assert "That is not the rulebook" not in own
    assert "The run is incomplete" not in own


def test_figures_of_patients_who_were_read_are_printed_as_they_are(people: Population, book: RuleBook) -> None:
    read = replace(AuditData(book, DAY, {}, ()), population=people._replace(run=None, silenced=Counter({"CA-01": 3})))
    page = plain(Site(read).rule(book.rules["CA-01"]).html)
    assert f"is silenced (card or decision) for 3 ({300 / people.patients:.1f} in 100)" in page
    assert "Counted by a run" not in page


@pytest.fixture
def quick(book: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache in which the small changes of the rulebook are known, so that the command is quick."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kept = survivors_file(book)
    kept.parent.mkdir(parents=True)
    kept.write_text("[]", encoding="utf-8")
    return tmp_path


def cds(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, [*map(str, words)])
    return done.exit_code, done.output


def test_the_command_takes_a_run_as_of_its_own_day_without_its_patients(quick: Path, book: RuleBook) -> None:
    folder = made_run(quick / "run", samples(book), book)
    out = quick / "book"
    status, said = cds("audit", "--rules", RULES, "--as-of", "2027-01-01", "--out", out, "--population", folder)
    assert (status, "pages. Open" in said) == (0, True), said
    page = plain((out / "patients.html").read_text(encoding="utf-8"))
    assert "14 patients were evaluated as of 2026-11-22; 0 could not be." in page
    assert not [path for path in out.glob("*.html") if str(folder) in path.read_text(encoding="utf-8")]
    sheet = quick / "sheet.html"
    status, said = cds("sign", "CA-01", "--sheet", "--rules", RULES, "--out", sheet, "--population", folder)
    assert status == 0, said
    assert "Of 14 patients: fires for fewer than 11 patients" in plain(sheet.read_text(encoding="utf-8"))


def test_a_run_stands_alone_and_is_no_population_of_a_comparison_of_rules(quick: Path, book: RuleBook) -> None:
    folder = made_run(quick / "run", samples(book), book, problems=["A file is not there."])
    more = ("--population", folder, "--population", quick)
    status, said = cds("audit", "--rules", RULES, "--out", quick / "book", *more)
    assert (status, f"'{folder}' is a run, and stands alone" in said) == (2, True)
    status, said = cds("diff", RULES, RULES, "--population", folder)
    assert (status, "'cds population compare' says what changed between two runs" in said) == (2, True)
    (folder / "results" / "part-00000.parquet").unlink()
    status, said = cds("audit", "--rules", RULES, "--out", quick / "book", "--population", folder)
    assert (status, "is damaged" in said) == (2, True)


def test_an_incomplete_run_is_said_with_exit_status_1(quick: Path, book: RuleBook) -> None:
    folder = made_run(quick / "run", samples(book), book, problems=["A file is not there."])
    status, said = cds("audit", "--rules", RULES, "--out", quick / "book", "--population", folder)
    assert (status, "The run is incomplete (problems in its ledger: 1)" in said) == (1, True)
