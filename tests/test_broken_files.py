"""One mistake in one file of the real rules, in each kind of file and of three kinds: its cause is the first line.

What only follows from it is folded, so that the author reads a few lines; real problems elsewhere are still said.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from cds.cli import app

HERE = Path(__file__).resolve().parent
RULES, HOSPITAL = HERE.parent / "rules", HERE / "hospital"
CA_01, CALCIUM = "serum-calcium/ca-01-high-calcium.yaml", "serum-calcium/findings.yaml"
MOST_LINES = 5


class Mistake(NamedTuple):
    """An edit of a file; a syntax error may be noticed on the line after it."""

    file: str
    before: str
    after: str
    later: int = 0


SYNTAX = {
    "terms": Mistake("terms/measurements.yaml", "  serum calcium:\n", "  serum calcium\n", 1),
    "findings": Mistake(CALCIUM, "    when: calcium", "    when calcium", 2),
    "rule": Mistake(CA_01, "title: ", "title: [", 0),
    "advice": Mistake("advice.yaml", "    stops: calcium", "   stops: calcium", 0),
    "evidence": Mistake("evidence.yaml", "    kind: guideline", "\tkind: guideline", 0),
    "precedence": Mistake("precedence.yaml", "  - tier: hold", " - tier: hold", 0),
    "silencing": Mistake("silencing.yaml", "    why: ", "    why: 'it': ", 0),
    "products": Mistake("terms/products.yaml", "salts:\n", "salts: {\n", 0),
    "rulebook": Mistake("rulebook.yaml", "title: ", "title: *", 0),
    "claims": Mistake("claims.yaml", "    verdict: ", "    verdict: !x ", 0),
    "review": Mistake("review.yaml", "accepted:", "accepted: &x", 1),
}
WRONG_KEY = {
    "terms": Mistake("terms/measurements.yaml", "    unit: mg/dL", "    unitt: mg/dL"),
    "findings": Mistake(CALCIUM, "    when: calcium", "    whem: calcium"),
    "findings without a chapter": Mistake(CALCIUM, "chapter: ", "chapters: "),
    "findings as a whole": Mistake("kidney/findings.yaml", "findings:\n", "finding:\n"),
    "rule": Mistake(CA_01, "title: ", "titel: "),
    "rule, its conditions": Mistake(CA_01, "when:\n", "wenn:\n"),
    "advice": Mistake("advice.yaml", "    says: ", "    sayss: "),
    "advice as a whole": Mistake("advice.yaml", "\nadvice:\n", "\nadvise:\n"),
    "evidence": Mistake("evidence.yaml", "    kind: ", "    kid: "),
    "precedence": Mistake("precedence.yaml", "tiers:\n", "tier:\n"),
    "silencing": Mistake("silencing.yaml", "by the patient:", "by a patient:"),
    "products": Mistake("terms/products.yaml", "salts:\n", "salt:\n"),
    "rulebook": Mistake("rulebook.yaml", "case patient:", "case patients:"),
    "claims": Mistake("claims.yaml", "    verdict: ", "    verdit: "),
    "review": Mistake("review.yaml", "accepted:", "accept:"),
}
WRONG_NAME = {
    "terms": Mistake("terms/derived.yaml", "  calcium to use:\n", "  calcum to use:\n"),
    "terms, a condition": Mistake("terms/conditions.yaml", "  osteoporosis:\n", "  osteoporose:\n"),
    "terms, what it reads": Mistake("terms/derived.yaml", "      - newest calcium", "      - newst calcium"),
    "findings": Mistake(CALCIUM, "  high serum calcium:\n", "  high serum calcum:\n"),
    "findings, what it reads": Mistake(CALCIUM, "when: calcium to use", "when: calcum to use"),
    "rule": Mistake(CA_01, "rule: CA-01", "rule: CA-10"),
    "rule, its finding": Mistake(
        "bone/bone-01-safe-to-continue.yaml", "not high serum calcium", "not high serum calcum"
    ),
    "advice": Mistake("advice.yaml", "  hold-calcium:\n", "  hold-calcum:\n"),
    "evidence": Mistake("evidence.yaml", "  IOM2011:\n", "  IOM2101:\n"),
    "precedence, a tier": Mistake("precedence.yaml", "- tier: hold\n", "- tier: hodl\n"),
    "precedence, an outcome": Mistake("precedence.yaml", "\n  hold:\n", "\n  hodl:\n"),
    "precedence, a rule": Mistake("precedence.yaml", "      - CA-01\n", "      - CA-10\n"),
    "silencing": Mistake("silencing.yaml", "by: SCOPE-01", "by: SCOPE-11"),
    "products": Mistake("terms/products.yaml", "  carbonate:\n", "  carbonat:\n"),
    "rulebook": Mistake("rulebook.yaml", "\ncase patient:\n", "\ncase patient:\n  agee: 60 years\n", 1),
    "claims": Mistake("claims.yaml", "      - DOSE-01", "      - DOSE-11"),
}
OF_AN_OVERLAY = {
    "the overlay, syntax": Mistake("overlay.yaml", "owner: ", "owner: [", 0),
    "the overlay, a key": Mistake("overlay.yaml", "owner: ", "ownr: "),
    "the overlay, a name": Mistake("overlay.yaml", "rule: LIFE-01", "rule: LIFE-11"),
    "findings, syntax": Mistake("local/findings.yaml", "    when: magnesium", "    when magnesium", 1),
    "findings, a key": Mistake("local/findings.yaml", "    when: magnesium", "    whem: magnesium"),
    "findings, a name": Mistake("local/findings.yaml", "when: magnesium is", "when: magnesum is"),
    "replaced findings, a key": Mistake("vitamin-d/findings.yaml", "replaces:", "replace:"),
    "cases, syntax": Mistake("cases.yaml", "cases:\n", "cases: [\n", 0),
    "cases, a key": Mistake("cases.yaml", "      expect: ", "      expct: "),
    "cases, a name": Mistake("cases.yaml", "  VD-01:\n", "  VD-11:\n"),
    "terms, syntax": Mistake("terms/conditions.yaml", "    add codes:", "   add codes:", 2),
    "terms, a key": Mistake("terms/conditions.yaml", "add codes:", "ad codes:"),
    "terms, a name": Mistake("terms/conditions.yaml", "  osteoporosis:", "  osteoporose:"),
    "products, a key": Mistake("terms/products.yaml", "brands:", "brand:"),
    "products, a name": Mistake("terms/products.yaml", "salt: carbonate", "salt: carbonat"),
    "evidence, syntax": Mistake("evidence.yaml", "    kind: ", "\tkind: ", 0),
    "evidence, a key": Mistake("evidence.yaml", "    kind: ", "    kid: "),
    "evidence, a name": Mistake("evidence.yaml", "  HOSPITAL2026:", "  HOSPITAL2062:"),
    "rule, syntax": Mistake("local/loc-01-very-low-magnesium.yaml", "title: ", "title: {", 0),
    "rule, a key": Mistake("local/loc-01-very-low-magnesium.yaml", "title: ", "titel: "),
    "rule, a name": Mistake("local/loc-01-very-low-magnesium.yaml", "tier: hold", "tier: hodl"),
}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the real rules."""
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


def make(folder: Path, mistake: Mistake) -> int:
    """Make a mistake; the line on which it stands."""
    path = folder / mistake.file
    text = path.read_text("utf-8")
    assert mistake.before in text
    start = text.index(mistake.before)
    path.write_text(text.replace(mistake.before, mistake.after, 1), "utf-8")
    return text.count("\n", 0, start) + 1 + len(mistake.before) - len(mistake.before.lstrip("\n"))


def said(folder: Path, *words: object) -> list[str]:
    """The messages of a command about rule files that cannot be used, but for the line that counts."""
    done: Any = CliRunner().invoke(app, ["claims", "--rules", str(folder), *map(str, words)])
    lines: list[str] = [line for line in done.stderr.splitlines() if not line.startswith("  ")]
    assert (done.exit_code, "nothing was evaluated" in lines[-1]) == (2, True), done.output
    return lines[:-1]


def begins_with_the_cause(lines: list[str], mistake: Mistake, line: int, prefix: str = "") -> bool:
    near = range(line, line + mistake.later + 1)
    return any(lines[0].startswith(f"{prefix}{mistake.file}:{number}: ") for number in near)


MISTAKES = {
    f"{what}: {kind}": mistake
    for what, table in (("syntax", SYNTAX), ("key", WRONG_KEY), ("name", WRONG_NAME))
    for kind, mistake in table.items()
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_the_first_line_is_the_cause_and_few_follow(rules: Path, mistake: Mistake) -> None:
    line = make(rules, mistake)
    lines = said(rules)

    assert begins_with_the_cause(lines, mistake, line), lines[:MOST_LINES]
    assert len(lines) <= MOST_LINES


@pytest.mark.parametrize("mistake", OF_AN_OVERLAY.values(), ids=OF_AN_OVERLAY)
def test_the_same_holds_for_the_files_of_an_overlay(tmp_path: Path, mistake: Mistake) -> None:
    hospital = Path(shutil.copytree(HOSPITAL, tmp_path / "hospital"))
    line = make(hospital, mistake)
    lines = said(RULES, "--overlay", hospital)

    assert begins_with_the_cause(lines, mistake, line, "hospital/"), lines[:MOST_LINES]
    assert len(lines) <= MOST_LINES


def test_a_broken_file_of_the_base_is_the_cause_under_an_overlay_too(rules: Path) -> None:
    line = make(rules, SYNTAX["terms"])
    lines = said(rules, "--overlay", HOSPITAL)

    assert begins_with_the_cause(lines, SYNTAX["terms"], line)
    assert len(lines) <= MOST_LINES


def test_real_problems_elsewhere_are_said_beside_a_broken_file(rules: Path) -> None:
    make(rules, SYNTAX["terms"])
    make(rules, Mistake("kidney/findings.yaml", "      - KDIGO", "      - KDIG0"))
    make(rules, Mistake(CA_01, "  - hold-calcium", "  - hold-calcum"))
    lines = said(rules)

    assert lines[0].startswith("terms/measurements.yaml:")
    assert any(line.endswith("[unknown-evidence]") and line.startswith("kidney/findings.yaml:") for line in lines)
    assert any(line.startswith(CA_01) and "Did you mean 'hold-calcium'?" in line for line in lines)
    assert lines[-1].startswith("Not shown: ")
    assert "may follow from terms/measurements.yaml" in lines[-1]


def test_what_a_file_defines_is_known_while_only_its_shape_is_wrong_so_a_typo_elsewhere_is_said(rules: Path) -> None:
    make(rules, WRONG_KEY["terms"])
    line = make(rules, Mistake("dose/findings.yaml", "when: total calcium", "when: serum calcum"))
    lines = said(rules)

    assert lines[0].startswith("terms/measurements.yaml:")
    assert [text for text in lines[1:] if not text.startswith(f"dose/findings.yaml:{line}:")] == []
    assert "'serum calcum" in lines[1]


def test_a_typo_that_may_be_defined_in_a_file_of_no_yaml_is_held_back_and_said_when_that_is_mended(rules: Path) -> None:
    typo = Mistake("dose/findings.yaml", "when: total calcium", "when: totel calcium")
    text = (rules / "terms/measurements.yaml").read_text("utf-8")
    make(rules, SYNTAX["terms"])
    make(rules, typo)
    held = said(rules)
    (rules / "terms/measurements.yaml").write_text(text, "utf-8")
    then = said(rules)

    assert not any("totel" in line for line in held)
    assert [line.partition(":")[0] for line in then] == ["dose/findings.yaml"]
    assert "'totel calcium intake' is not a term. Did you mean 'total calcium intake'?" in then[0]


def test_a_rule_that_cannot_be_read_is_known_by_the_name_of_its_file(rules: Path) -> None:
    (rules / "serum-calcium" / "ca-06.yaml").write_text("rule: CA-06\ntitle: [", "utf-8")
    make(rules, Mistake("precedence.yaml", "      - CA-01\n", "      - CA-01\n      - CA-06\n"))
    make(rules, Mistake("claims.yaml", "      - DOSE-01\n", "      - DOSE-01\n      - CA-06\n"))
    files = {line.partition(":")[0] for line in said(rules)}

    assert files == {"serum-calcium/ca-06.yaml"}


@pytest.mark.parametrize("file", ["kidney/findings.yaml", "terms/measurements.yaml", "terms/conditions.yaml"])
def test_of_a_file_that_is_gone_its_names_are_listed_and_not_every_place(rules: Path, file: str) -> None:
    (rules / file).unlink()
    (line,) = said(rules)

    assert " names are no " in line
    assert " and " in line
    assert "Bring the file back that defines them" in line


def test_of_a_rule_that_is_gone_the_first_place_is_shown_and_where_the_others_are(rules: Path) -> None:
    (rules / CA_01).unlink()
    (line,) = said(rules)

    assert re.match(r"amendments\.yaml:\d+: .*: 'CA-01' is not a rule, and \d\d more places name it: ", line)
    assert re.search(r"amendments\.yaml:\d+ and \d\d more\. ", line)


def test_a_name_that_is_misspelt_in_few_places_is_said_at_each(rules: Path) -> None:
    for file in ("bone/findings.yaml", "medicines/int-07-digoxin.yaml"):
        make(rules, Mistake(file, "high serum calcium", "high serum calzium"))
    lines = said(rules)

    assert [line.partition(":")[0] for line in lines] == ["bone/findings.yaml", "medicines/int-07-digoxin.yaml"]
    assert all("Did you mean 'high serum calcium'?" in line for line in lines)


def test_a_renamed_definition_is_said_with_both_ways_to_mend_it(rules: Path) -> None:
    make(rules, WRONG_NAME["findings"])
    (line,) = said(rules)

    assert re.search(
        r"nobody names 'high serum calcum', and \d\d places name 'high serum calcium', which is not a finding\.", line
    )
    assert "Write 'high serum calcium' here, or mend those places: bone/bone-01-safe-to-continue.yaml:13, " in line


def test_a_rule_of_a_tier_that_is_misspelt_is_not_to_be_taken_out_of_its_order(rules: Path) -> None:
    make(rules, WRONG_NAME["precedence, a tier"])

    assert not any("Take it out" in line for line in said(rules))


def test_a_misspelt_key_of_the_configuration_of_the_service_is_one_problem_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "service.yaml"
    path.write_text("issuers:\n  - isuer: https://ehr.example\n    keys url: https://ehr.example/jwks\n", "utf-8")
    done: Any = CliRunner().invoke(app, ["serve", "--config", str(path)])

    assert done.exit_code == 2
    assert done.stderr.splitlines()[0].startswith("service.yaml:2: ")
    assert "'isuer' has no meaning here. Did you mean 'issuer'?" in done.stderr.splitlines()[0]
    assert "the configuration has 1 problem;" in done.stderr


KINDS = ("rulebook.yaml", "precedence.yaml", "silencing.yaml", "advice.yaml", "evidence.yaml", "claims.yaml",
         "terms/conditions.yaml", "terms/products.yaml", CALCIUM, CA_01)  # fmt: skip


@pytest.mark.parametrize("text", ["", "- x\n", "text\n", "terms:\n  - x\n", "rule:\n  x: y\n", "\x00"])
def test_a_file_of_any_content_is_the_first_to_be_named(rules: Path, text: str) -> None:
    for name in KINDS:
        before = (rules / name).read_text("utf-8")
        (rules / name).write_text(text, "utf-8")
        lines = said(rules)
        (rules / name).write_text(before, "utf-8")

        assert lines[0].startswith(f"{name}:1: "), (name, lines)
        assert {line.partition(":")[0] for line in lines} <= {name, "Not shown"}
