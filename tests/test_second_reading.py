"""The second reading of a rule: the same for every patient, or a patient for whom the two readings part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytest.importorskip("z3", reason="the solver z3 is not installed (extra 'prove')")

from cds.commands.second_reading import second_reading_command
from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.proof.plain import WITNESS_DAY
from cds.rulebook.model import RuleBook

READING = """\
rule: VD-01
reader: Dr. N
findings:
  very low:
    when: 25-OH vitamin D is {how}
when:
  all:
    - very low
"""


def run(*words: object) -> Any:
    return CliRunner().invoke(second_reading_command, [str(word) for word in words])


def reading(tmp_path: Path, how: str, text: str = READING) -> Path:
    path = tmp_path / "reading.yaml"
    path.write_text(text.format(how=how), "utf-8")
    return path


def test_the_form_has_the_sentence_and_neither_findings_nor_thresholds_of_the_rule(book: RuleBook) -> None:
    form = run("CA-02").output
    assert book.rules["CA-02"].says.split()[0] in form
    assert "calcium to use" in form
    assert "calcium of 12 or more" not in form
    assert "3.0" not in form.split("# The sentence:")[0]


def test_the_form_says_what_may_stand_before_a_finding_and_names_other_sentences() -> None:
    form = run("CA-02").output
    assert all(word in form for word in ("'not'", "'without'", "'proven'", "'possible'", "is missing"))


def test_the_patients_of_an_earlier_reading_are_not_left_beside_the_new_ones(tmp_path: Path) -> None:
    found = tmp_path / "found"
    run("VD-01", "--reading", reading(tmp_path, "at most 12 ng/mL"), "--witnesses", found)
    assert [path.name for path in found.iterdir()] == ["VD-01-2.json"]
    run("VD-01", "--reading", reading(tmp_path, "below 11.9 ng/mL"), "--witnesses", found)
    assert [path.name for path in found.iterdir()] == ["VD-01-1.json"]


def test_the_same_condition_in_other_units_is_the_same_for_every_patient(tmp_path: Path) -> None:
    done = run("VD-01", "--reading", reading(tmp_path, "below 12 ng/mL"))
    assert (done.exit_code, "the same for every possible patient" in done.output) == (0, True)


@pytest.mark.parametrize(("how", "side"), [("at most 12 ng/mL", 2), ("below 11.9 ng/mL", 1)])
def test_another_boundary_is_shown_by_a_patient_on_it(how: str, side: int, tmp_path: Path, book: RuleBook) -> None:
    done = run("VD-01", "--reading", reading(tmp_path, how), "--witnesses", tmp_path / "found")
    assert done.exit_code == 1
    assert "25-OH vitamin D: " in done.output
    (path,) = (tmp_path / "found").iterdir()
    assert path.name == f"VD-01-{side}.json"
    patient = json.loads(path.read_text("utf-8"))
    fired = evaluate(read_record(patient, book, WITNESS_DAY), book, WITNESS_DAY).inferred.state("VD-01")
    assert (fired == 2) is (side == 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (READING.replace("25-OH vitamin D is", "25-OH vitamin E is"), "Did you mean '25-OH vitamin D'"),
        (READING.replace("    - very low", "    - very lou"), "'very lou' is not a finding. Did you mean 'very low'"),
        (READING.replace("reader: Dr. N\n", ""), "'reader' is missing"),
        (READING.replace("rule: VD-01", "rule: VD-02"), "is a reading of VD-02, not of VD-01"),
    ],
    ids=["term", "finding", "key", "rule"],
)
def test_a_reading_that_cannot_be_read_says_what_to_mend(text: str, said: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        second_reading_command, ["VD-01", "--reading", str(reading(tmp_path, "below 12 ng/mL", text))]
    )
    assert (done.exit_code, said in done.output) == (2, True), done.output


def test_a_finding_of_the_rulebook_is_no_word_of_the_second_reader(tmp_path: Path) -> None:
    text = READING.replace("    - very low", "    - low serum calcium")
    assert (
        "'low serum calcium' is not a finding"
        in run("VD-01", "--reading", reading(tmp_path, "below 9 ng/mL", text)).output
    )
