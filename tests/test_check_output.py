"""What ``cds check`` prints in each format, the line under a message, and rule files that do not load."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from check_output import FINDINGS, GOLDEN, KS_02, PLANTED, SMALL, planted, printed, said
from click.testing import CliRunner
from jsonschema import Draft7Validator

from cds.cli import app
from cds.errors import Problem
from cds.screen.problems.excerpt import CUT, WIDTH, excerpt
from cds.screen.problems.formats import FORMATS
from cds.screen.problems.report import Report
from cds.screen.problems.sources import Sources

SARIF = Draft7Validator(json.loads((GOLDEN / "sarif-parts.json").read_text("utf-8")))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", PLANTED)
def test_each_format_prints_what_its_golden_file_has(
    form: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(kind, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert said(form) == (GOLDEN / f"{kind}.{form}").read_text("utf-8"), "run: python tests/check_output.py"


@pytest.mark.parametrize(("kind", "status"), [("problems", 1), ("refused", 2)])
def test_the_exit_status_is_the_same_in_every_format(
    kind: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(kind, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert {printed(form).exit_code for form in FORMATS} == {status}


@pytest.mark.parametrize("kind", PLANTED)
def test_sarif_has_the_form_of_the_standard_and_names_each_rule_once(kind: str) -> None:
    document = json.loads((GOLDEN / f"{kind}.sarif").read_text("utf-8"))
    assert [error.message for error in SARIF.iter_errors(document)] == []
    (run,) = document["runs"]
    codes = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(codes)) == len(codes)
    assert [codes[result["ruleIndex"]] for result in run["results"]] == [item["ruleId"] for item in run["results"]]


@pytest.mark.parametrize("form", ["json", "sarif", "github", "junit"])
def test_where_nothing_can_be_said_a_format_for_machines_prints_nothing_at_all(form: str, tmp_path: Path) -> None:
    """No half a document: wrong use is said on the error stream alone."""
    rules = str(shutil.copytree(SMALL, tmp_path / "rules"))
    for words in (["no-such-folder"], [rules, "--against", "no-such-thing"], [rules, "--overlay", "no-such-overlay"]):
        done = CliRunner().invoke(app, ["check", *words, "--format", form])
        assert (done.exit_code, done.stdout) == (2, ""), words
        assert done.stderr.splitlines()[-1].startswith("Error: ")


def test_the_old_option_json_is_the_format_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted("problems", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["check", "--json", "--as-of", "2026-12-01"]).stdout == printed("json").stdout


def test_each_warning_is_shown_when_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted("problems", tmp_path)
    monkeypatch.chdir(tmp_path)
    folded, shown = (printed("text", *words).stdout.splitlines() for words in ([], ["--warnings"]))
    assert [line.startswith("warning: ") for line in folded].count(True) == 1
    assert [line.startswith("warning: potassium/ks-0") for line in shown].count(True) == 6


def test_a_file_of_an_overlay_is_found_by_the_name_that_a_problem_gives_it(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    for overlay in (tmp_path / "site", rules / "regions" / "north"):
        overlay.mkdir(parents=True)
        (overlay / "overlay.yaml").write_text(f"name: {overlay.name}\n", "utf-8")
    sources = Sources(rules, (rules / "regions" / "north", tmp_path / "site"))
    assert sources.line("site/overlay.yaml", 1) == "name: site"
    assert sources.line("regions/north/overlay.yaml", 1) == "name: north"
    assert sources.line(KS_02, 1) == "rule: KS-02"
    assert {FINDINGS, "site/overlay.yaml", "regions/north/overlay.yaml"} < set(sources.files())


def test_a_file_outside_the_working_directory_has_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    rules = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    monkeypatch.chdir(tmp_path / "here")
    assert Sources(Path("../rules")).path(KS_02) == str(rules / KS_02)
    monkeypatch.chdir(tmp_path)
    assert Sources(Path("here/../rules")).path(KS_02) == f"rules/{KS_02}"


def shown(tmp_path: Path, line: str, what: str, number: int = 1) -> list[str]:
    (tmp_path / "terms.yaml").write_text(f"{line}\n", "utf-8")
    return excerpt(Problem("terms.yaml", number, "terms", what, "Mend it.", "wrong-value"), Sources(tmp_path))[1:]


def test_the_mark_stands_under_the_word_that_the_message_names_and_not_under_a_part_of_another(tmp_path: Path) -> None:
    assert shown(tmp_path, "  - highest and high", "'high' is unknown.") == [
        "  1 |   - highest and high",
        "    |                 ^^^^",
    ]


def test_without_a_word_in_quotes_the_mark_stands_under_the_whole_line(tmp_path: Path) -> None:
    assert shown(tmp_path, "  - some words ", "it is wrong.")[1] == "    |   ^^^^^^^^^^^^"


def test_a_long_line_is_cut_around_the_mark(tmp_path: Path) -> None:
    line, mark = shown(tmp_path, f"says: {'a ' * 200}wrong{' b' * 200}", "'wrong' is wrong.")
    assert len(line) <= WIDTH + len("  1 | ") + 2 * len(CUT)
    assert line[mark.index("^") : mark.rindex("^") + 1] == "wrong"
    assert line.startswith(f"  1 | {CUT}")
    assert line.endswith(CUT)


def test_the_mark_stands_under_characters_that_are_two_columns_wide(tmp_path: Path) -> None:
    line, mark = shown(tmp_path, "says: 血钙高 x 补钙", "'补钙' is wrong.")
    assert line == "  1 | says: 血钙高 x 补钙"
    assert mark == "    |                ^^^^"


def test_what_a_terminal_would_obey_is_not_printed(tmp_path: Path) -> None:
    assert shown(tmp_path, "says: \x1b[31mred", "it is wrong.")[0] == "  1 | says: ?[31mred"


def test_a_line_that_is_not_there_is_not_shown(tmp_path: Path) -> None:
    assert shown(tmp_path, "says: this", "it is wrong.", number=7) == []
    gone = Problem("gone.yaml", 1, "file", "it is missing.", "Add it.", "missing-file")
    assert excerpt(gone, Sources(tmp_path)) == []


def odd(tmp_path: Path) -> Report:
    """A report whose words mean something to each format."""
    folder = tmp_path / "a, b: 100%"
    folder.mkdir()
    (folder / "x&y.yaml").write_text("says: <it>\n", "utf-8")
    what = "50% of <it> &\n::error::more \x07."
    problem = Problem("x&y.yaml", 1, "says", what, "Mend it.", "wrong-value")
    return Report("cds check", (problem,), Sources(folder), "1 problems.", {"problems": 1})


def test_words_that_mean_something_to_github_stay_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = odd(tmp_path)
    monkeypatch.chdir(tmp_path)
    command, summary = FORMATS["github"](report).splitlines()
    assert command == (
        "::error file=a%2C b%3A 100%25/x&y.yaml,line=1,title=wrong-value"
        "::says: 50%25 of <it> &%0A::error::more \x07. Mend it."
    )
    assert summary == "1 problems."


def test_junit_and_sarif_stay_documents_whatever_the_words_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = odd(tmp_path)
    monkeypatch.chdir(tmp_path)
    failure = fromstring(FORMATS["junit"](report)).find("testsuite/testcase/failure")  # noqa: S314 - our own
    assert failure is not None
    assert failure.text is not None
    assert "50% of <it> &\n::error::more \N{REPLACEMENT CHARACTER}." in failure.text
    document = json.loads(FORMATS["sarif"](report))
    place = document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%2C%20b%3A%20100%25/x%26y.yaml"
    assert [error.message for error in SARIF.iter_errors(document)] == []
