"""A proof that tried nothing has proved nothing: it is not settled, says what it lacks, and the command fails."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("z3", reason="the solver z3 is not installed (extra 'prove')")

from cds.facts.formulas import FORMULAS
from cds.proof.compare import compare_rules
from cds.proof.exceptions import LOST, WORSE, undefined_in
from cds.proof.names import Name, undefined
from cds.proof.needed import CALCIUM, CONTRAINDICATIONS, HIGH_CALCIUM, KIDNEYS, NORMAL, SCOPE, terms
from cds.proof.prove import PROPERTIES, prove
from cds.proof.report import Proof
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import Frozen, Joined, Part, RuleBook

ROOT = Path(__file__).resolve().parent.parent
RULES, SMALL = ROOT / "rules", ROOT / "tests" / "good_rules"
NEEDED = (*terms([*CONTRAINDICATIONS, KIDNEYS, CALCIUM, *NORMAL]), Name("finding", HIGH_CALCIUM), *SCOPE)

EXCUSES_NOTHING = "An exception excuses nothing while the rule files do not define its names"


def renamed(folder: Path, **names: str) -> Path:
    """A copy of the rules in which things have other names, in every file; ``_`` stands for a space."""
    copy = Path(shutil.copytree(RULES, folder / "rules"))
    for path in copy.rglob("*.yaml"):
        text = path.read_text("utf-8")
        for before, after in names.items():
            text = text.replace(before.replace("_", " "), after)
        path.write_text(text, "utf-8")
    return copy


def cds(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cds", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT,
                          env={**os.environ, "XDG_CACHE_HOME": str(home / "cache")})  # fmt: skip


def only(*names: str) -> list[str]:
    return [word for name in names for word in ("--only", name)]


def says(proofs: tuple[Proof, ...], name: str) -> list[tuple[bool | None, str]]:
    return [(proof.holds, proof.says) for proof in proofs if proof.name == name]


def test_with_serum_calcium_renamed_in_all_rule_files_the_command_fails_and_names_it(tmp_path: Path) -> None:
    copy = renamed(tmp_path, serum_calcium="serum calcium level")
    found = cds(tmp_path, "prove", copy, *only("safe-calcium", "safe-normal-lost"))
    assert found.returncode == 1, found.stdout
    assert "0 changes tried" not in found.stdout
    for name in ("safe-calcium", "safe-normal-lost"):
        lines = [line for line in found.stdout.splitlines() if line.startswith(f"{name}: not settled")]
        assert any("No term is called 'serum calcium', so nothing was tried with it." in line for line in lines)
    assert "No finding is called 'high serum calcium'" in found.stdout
    assert "Did you mean 'high serum calcium level'?" in found.stdout
    assert "rename it in cds/proof/needed.py too" in found.stdout
    assert found.stdout.splitlines()[-1].startswith("0 of 3 hold")


def test_each_name_that_a_property_needs_is_said_when_it_is_missing(tmp_path: Path) -> None:
    copy = renamed(tmp_path, calciphylaxis="skin calcification", reported_eGFR="eGFR of the laboratory",
                   adult_with_a_calcium_product="grown up on calcium")  # fmt: skip
    proofs = prove(read_rulebook(copy, FORMULAS), ["one-outcome", "safe-contraindication", "safe-kidneys"])
    assert [proof.holds for proof in proofs] == [None, None, None]
    for name, kind, missing in (("one-outcome", "finding", "adult with a calcium product"),
                                ("safe-contraindication", "term", "calciphylaxis"),
                                ("safe-kidneys", "term", "reported eGFR")):  # fmt: skip
        ((_, said),) = says(proofs, name)
        assert said.startswith(f"No {kind} is called '{missing}', so nothing was tried with it. ")


REDUCES_NORMAL = (
    ("precedence.yaml", "  hold: Pause calcium.", "  stop: Stop.\n  hold: Pause.\n  adjust-dose: Take less."),
    ("precedence.yaml", "outcome: hold", "outcome: adjust-dose"),
    ("calcium/findings.yaml", "is above 10.5 mg/dL", "is below 10.5 mg/dL"),
)


def test_an_exception_whose_name_is_not_found_excuses_nothing_and_this_is_said(tmp_path: Path) -> None:
    """A dose is reduced for a normal calcium, and goes on without one; the diet, which may excuse it, has no term.

    As it was: 'the diet is not recorded' was always true where the diet is called otherwise, and excused every loss.
    """
    copy = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    for file, before, after in REDUCES_NORMAL:
        path = copy / file
        assert before in path.read_text("utf-8")
        path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")
    proofs = prove(read_rulebook(copy, FORMULAS), ["safe-normal-lost"])
    (said,) = (text for holds, text in says(proofs, "safe-normal-lost") if holds is False)
    assert said.startswith("serum calcium of 9.4: lost: adjust-dose (CA-01) becomes continue (CA-02).")
    assert EXCUSES_NOTHING in said
    assert "term 'recorded dietary calcium'" in said


def test_of_rules_that_hold_nothing_of_it_a_property_is_not_settled(tmp_path: Path) -> None:
    found = cds(tmp_path, "prove", SMALL, "--json")
    proofs = [json.loads(line) for line in found.stdout.splitlines()]
    assert (found.returncode, "Traceback" in found.stderr) == (1, False)
    assert {proof["name"] for proof in proofs} == set(PROPERTIES)
    assert all(proof["asked"] for proof in proofs if proof["holds"])
    ladders = next(proof for proof in proofs if proof["name"] == "ladders")
    assert (ladders["holds"], ladders["asked"]) == (None, 0)
    assert ladders["says"].startswith("Nothing was asked")
    safe = [proof for proof in proofs if proof["name"].startswith("safe-") and proof["name"] != "safe-lost"]
    assert {proof["holds"] for proof in safe} == {None}
    lost = next(proof for proof in proofs if proof["name"] == "safe-lost")
    assert (lost["holds"], lost["asked"]) == (True, 1)
    assert EXCUSES_NOTHING in lost["says"]


def test_a_change_that_no_patient_can_undergo_was_not_tried(book: RuleBook) -> None:
    never = book.findings["high serum calcium"]._replace(definition=Joined("all", (Part("under 18"), Part("adult"))))
    changed = replace(book, findings=Frozen({**book.findings, never.name: never}))
    ((holds, said),) = says(prove(changed, ["safe-calcium"]), "safe-calcium")
    assert (holds, said) == (None, "serum calcium is higher: no patient is such, so nothing was tried.")


def test_a_property_that_says_nothing_does_not_hold(book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROPERTIES, "ladders", PROPERTIES["ladders"]._replace(ask=lambda _: iter(())))
    ((holds, said),) = says(prove(book, ["ladders"]), "ladders")
    assert holds is None
    assert said.startswith("Nothing was asked")


def test_rules_that_never_fire_are_not_compared(book: RuleBook) -> None:
    """Of a rule that is off everything would be true: it would be equivalent to, and disjoint from, every other."""
    (found,) = compare_rules(replace(book, off=frozenset({"CA-01"})), "CA-01", "CA-02")
    assert found.holds is None
    assert found.says == "CA-01 never fires (switched off, or unreachable): nothing was compared."


def test_every_name_that_the_proofs_look_for_is_one_of_the_rule_files(book: RuleBook) -> None:
    assert undefined(book, NEEDED) == []
    assert undefined_in((*WORSE, *LOST), book) == []


def literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_other_module_of_the_proofs_looks_for_a_name_of_the_rule_files(book: RuleBook) -> None:
    """``age`` and ``sex`` are those of FHIR's Patient; formulas and nutrients are names of the code."""
    names: set[Any] = {*book.terms, *book.findings, *book.rules, *(entry.name for entry in book.removals)}
    names -= {"age", "sex", *FORMULAS, *book.products.nutrients}
    modules = [path for path in (ROOT / "cds" / "proof").glob("*.py") if path.stem not in ("needed", "exceptions")]
    assert len(modules) > 20
    assert {path.stem: found for path in modules if (found := names & set(literals(path)))} == {}
    declared = {name.name for exception in (*WORSE, *LOST) for name in exception.when.names}
    assert names & set(literals(ROOT / "cds" / "proof" / "exceptions.py")) == declared & names


def formulas_named(path: Path) -> Iterator[str]:
    """The literals with which a module compares the formula of a term."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and node.left.attr == "formula":
            yield from (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))


def test_every_formula_that_the_proofs_name_is_one_that_terms_may_name() -> None:
    from cds.proof import formulas, safety

    named = {name for path in (ROOT / "cds" / "proof").glob("*.py") for name in formulas_named(path)}
    assert {"CKD-EPI 2021", "newest near another"} <= named
    assert {*named, *formulas.FORMULAS, *safety.FAMILIES} <= FORMULAS.keys()
