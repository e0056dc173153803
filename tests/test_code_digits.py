"""A mistyped code is found by its check digit or its form, at its line, and the code that was meant is offered."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from check_output import SMALL
from click.testing import CliRunner

from cds.cli import app
from cds.code_systems import SYSTEMS
from cds.facts.formulas import FORMULAS
from cds.review.remarks import remarks
from cds.rulebook.check_digits import fault_of
from cds.rulebook.overlaying import read_overlaid

RULES = SMALL.parents[3] / "rules"
CHECKED = ("SNOMED", "LOINC", "RxNorm", "ATC", "ICD-10", "ICD-10-CM")
HOSPITAL = SMALL.parents[2] / "hospital"
TERMS = "terms/terms.yaml"


def verified() -> Iterator[tuple[str, str]]:
    with (RULES / "terms" / "verification.csv").open(encoding="utf-8", newline="") as file:
        yield from ((row[1], row[2]) for row in csv.reader(file) if row[1] in CHECKED)


def slips(code: str) -> Iterator[str]:
    """Every code with one other digit, and with two neighbours swapped."""
    for place, char in enumerate(code):
        if char.isdigit():
            yield from (code[:place] + other + code[place + 1 :] for other in "0123456789" if other != char)
    for place in range(len(code) - 1):
        one, other = code[place], code[place + 1]
        if one != other and one.isdigit() and other.isdigit():
            yield code[:place] + other + one + code[place + 2 :]


def test_every_code_that_was_looked_up_is_a_code() -> None:
    codes = list(verified())
    assert len(codes) > 800
    assert [(name, code, why) for name, code in codes if (why := fault_of(SYSTEMS[name], code))] == []


def test_any_digit_mistyped_or_two_swapped_are_found_in_a_code_of_snomed() -> None:
    codes = sorted({code for name, code in verified() if name == "SNOMED"})[::10]
    assert all(fault_of(SYSTEMS["SNOMED"], slip) for code in codes for slip in slips(code))


def test_any_digit_mistyped_is_found_in_a_code_of_loinc_and_all_swapped_ones_but_0_and_9() -> None:
    codes = sorted({code for name, code in verified() if name == "LOINC"})[::5]
    missed = {slip for code in codes for slip in slips(code) if not fault_of(SYSTEMS["LOINC"], slip)}
    assert all("09" in slip or "90" in slip for slip in missed)
    assert 0 < len(missed) < 10


@pytest.mark.parametrize(
    ("system", "code", "why"),
    [
        ("SNOMED", "12345", "6 to 18 digits"),
        ("SNOMED", "64859007", "last digit"),
        ("SNOMED", "106931015", "a description"),
        ("SNOMED", "64859006:246112005=24484000", ""),
        ("LOINC", "28233", "a hyphen"),
        ("LOINC", "LA33-6", ""),
        ("LOINC", "LA33-5", "last digit"),
        ("RxNorm", "0282465", "the first no 0"),
        ("RxNorm", "28246x", "up to 8 digits"),
        ("ATC", "A12BA1", "two digits"),
        ("ATC", "A12B", ""),
        ("ATC", "E12BA01", "a letter"),
        ("ICD-10", "E83.5", ""),
        ("ICD-10-CM", "E8352", "behind a point"),
        ("ICD-10-CM", "C7A.010", ""),
        ("ICPC-2", "nothing is known of these", ""),
    ],
)
def test_a_code_has_the_form_of_its_system(system: str, code: str, why: str) -> None:
    found = fault_of(SYSTEMS[system], code)
    assert (why in found) if why else not found


def check(tmp_path: Path, before: str, after: str, name: str = TERMS, verified: tuple[str, ...] = ()) -> list[str]:
    """What is printed about codes when one in the small topic is another, and these were looked up."""
    rules = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    text = (rules / name).read_text("utf-8")
    assert before in text
    (rules / name).write_text(text.replace(before, after, 1), "utf-8")
    rows = "".join(f"any,{code.replace(' ', ',')},as it is called,verified,somewhere\n" for code in verified)
    (rules / "terms" / "verification.csv").write_text(f"value set,system,code,display,status,seen in\n{rows}", "utf-8")
    lines: list[str] = CliRunner().invoke(app, ["check", str(rules)]).stdout.splitlines()
    place = next((number for number, line in enumerate(lines) if line.endswith("[impossible-code]")), len(lines))
    return lines[place : place + 4]


def test_a_mistyped_code_is_said_at_its_line_with_the_one_that_was_meant(tmp_path: Path) -> None:
    message, _, line, mark = check(tmp_path, "LOINC 2823-3 ", "LOINC 2832-3 ", verified=("LOINC 2823-3", "RxNorm 1"))
    assert message == (
        f"{TERMS}:11: terms.serum potassium.codes[1]: '2832-3' is no code of LOINC: its last digit does not fit the "
        "others, so one of them is mistyped. Did you mean '2823-3'? [impossible-code]"
    )
    assert line.startswith("  11 |       - LOINC 2832-3 Potassium")
    assert mark.index("^") == line.index("2832-3")


def test_where_two_codes_are_near_none_is_offered(tmp_path: Path) -> None:
    (message, *_) = check(tmp_path, "LOINC 2823-3 ", "LOINC 2823-4 ", verified=("LOINC 2823-3", "LOINC 2813-4"))
    (other, *_) = check(tmp_path / "none", "LOINC 2823-3 ", "LOINC 2823-4 ") or [""]
    for said in (message, other):
        assert "mistyped. Look it up: no record has this one. [impossible-code]" in said


def test_the_key_of_a_product_is_looked_at_too(tmp_path: Path) -> None:
    (message, *_) = check(tmp_path, "ATC A12BA01 ", "ATC A12BA1 ", "terms/products.yaml", ("ATC A12BA01",))
    assert message.startswith("terms/products.yaml:54: ")
    assert "Did you mean 'A12BA01'?" in message


def test_a_code_that_can_be_one_is_no_problem_though_nobody_looked_it_up(tmp_path: Path) -> None:
    assert check(tmp_path, "LOINC 2823-3 ", "LOINC 17861-6 ") == []


def test_a_mistyped_code_of_an_overlay_is_found_in_its_file(tmp_path: Path) -> None:
    hospital = Path(shutil.copytree(HOSPITAL, tmp_path / "hospital"))
    (hospital / "terms").mkdir(exist_ok=True)
    (hospital / "terms" / "more.yaml").write_text(
        "terms:\n  serum calcium:\n    add codes:\n      - LOINC 17861-7 Calcium\n", "utf-8"
    )
    found = remarks(read_overlaid(RULES, [hospital], FORMULAS), date(2026, 12, 1))
    (wrong,) = [problem for problem in found if problem.code == "impossible-code"]
    assert (wrong.file, wrong.line, wrong.todo) == ("hospital/terms/more.yaml", 4, "Did you mean '17861-6'?")
