"""A proof that tried nothing has proved nothing: it is not settled, says what it lacks, and the command fails.

What the proofs ask for stands in safety.yaml; a name in it that nobody defines is a mistake like any other.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("z3", reason="the solver z3 is not installed (extra 'prove')")

from cds.errors import RulebookError
from cds.facts.formulas import FORMULAS
from cds.proof import prove as proving
from cds.proof.compare import compare_rules
from cds.proof.plain import products
from cds.proof.prove import EVERYWHERE, properties_of, prove
from cds.proof.report import Proof
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import Frozen, Joined, Part, RuleBook

ROOT = Path(__file__).resolve().parent.parent
RULES, SMALL = ROOT / "rules", ROOT / "tests" / "good_rules"
SAFETY = "safety.yaml"
LINES = (RULES / SAFETY).read_text("utf-8").splitlines()


def renamed(folder: Path, *but: str, **names: str) -> Path:
    """A copy of the rules in which things have other names, in every file but these; ``_`` stands for a space."""
    copy = Path(shutil.copytree(RULES, folder / "rules"))
    for path in copy.rglob("*.yaml"):
        text = path.read_text("utf-8")
        for before, after in names.items() if path.name not in but else ():
            text = text.replace(before.replace("_", " "), after)
        path.write_text(text, "utf-8")
    return copy


def refused(folder: Path) -> list[str]:
    """The messages about the rule files of a folder."""
    with pytest.raises(RulebookError) as caught:
        read_rulebook(folder, FORMULAS)
    return str(caught.value).splitlines()


def cds(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cds", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT,
                          env={**os.environ, "XDG_CACHE_HOME": str(home / "cache")})  # fmt: skip


def says(proofs: tuple[Proof, ...], name: str) -> list[tuple[bool | None, str]]:
    return [(proof.holds, proof.says) for proof in proofs if proof.name == name]


@pytest.mark.parametrize("command", ["check", "prove"])
def test_with_serum_calcium_renamed_in_all_other_rule_files_every_command_names_the_line(
    command: str, tmp_path: Path
) -> None:
    """As it was: the proofs looked for 'serum calcium', found none, tried nothing, and said 'holds'."""
    found = cds(tmp_path, command, renamed(tmp_path, SAFETY, serum_calcium="serum calcium level"))
    assert (found.returncode, found.stdout) == (2, ""), found.stdout
    line = LINES.index("    higher: serum calcium") + 1
    said = "'serum calcium' is not a term. Did you mean 'serum calcium level'? [unknown-term]"
    assert f"safety.yaml:{line}: properties.safe-calcium.higher: {said}" in found.stderr
    assert (
        f"safety.yaml:{LINES.index('  serum calcium: 9.4') + 1}: normal results.serum calcium: {said}" in found.stderr
    )
    assert "'high serum calcium' is not a finding. Did you mean 'high serum calcium level'?" in found.stderr


def test_with_serum_calcium_renamed_everywhere_the_proof_is_about_the_new_name(tmp_path: Path) -> None:
    book = read_rulebook(renamed(tmp_path, serum_calcium="calcium of the serum"), FORMULAS)
    ((holds, said),) = says(prove(book, ["safe-calcium"]), "safe-calcium")
    assert (holds, said) == (True, "1 changes tried: calcium of the serum is higher.")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("  who: adult with a calcium product", "finding"),
        ("    - deceased", "finding"),
        ("      - calciphylaxis", "term"),
        ("    and then: high serum calcium", "finding"),
        ("  magnesium: 2", "term"),
        ("  - newest of", "formula"),
        ("        - before: CA-05 decides", "rule"),
        ("        - after: DATA-03 fires", "rule"),
        ("        - after: dialysis is present", "finding"),
        ("      before: PTH below 130 twice is possible", "finding"),
        ("        - ends: eGFR is known", "term"),
        ("      begins: CKD limit shown acts", "entry of silencing.yaml"),
        ("        - not before: the outcome is stop", "outcome"),
    ],
)
def test_every_name_of_the_safety_file_that_nobody_defines_is_said_with_its_line(
    line: str, kind: str, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(RULES, tmp_path / "rules"))
    name = re.sub(r"^ *(- )?(([a-z ]+): (?=[A-Za-z]))?|( is \w+| (decides|fires|acts)|: \d)$|the outcome is ", "", line)
    wrong = line.replace(name, f"{name}x" if kind != "rule" else "CA-77")
    (copy / SAFETY).write_text("\n".join([*LINES, ""]).replace(f"{line}\n", f"{wrong}\n", 1), "utf-8")
    (said,) = refused(copy)
    assert said.startswith(f"safety.yaml:{LINES.index(line) + 1}: ")
    article = "an" if kind[0] in "aeiou" else "a"
    assert f" is not {article} {kind}. " in said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("        - after: DATA-02 fires", "        - after: DATA-02 burns",
         "exceptions[5].when.all[2].after: 'DATA-02 burns' says nothing about an answer. Write 'CA-01 decides', "),
        ("    lower: reported eGFR", "    lower: eGFR", "properties.safe-kidneys.lower: 'eGFR' is not measured. "),
        ("    lower: reported eGFR", "    lower: reported eGFR\n    higher: reported eGFR",
         "properties.safe-kidneys: a property has one change. "),
        ("      begins: CKD limit shown acts", "      begins: CKD limit shown acts\n      after: CA-01 fires",
         "exceptions[19].when: a condition has one key. "),
        ("    lost: any result", "    lost: every result", "properties.safe-lost.lost: "),
        ("    source: DATA-07", "    sauce: DATA-07", "'sauce' has no meaning here. Did you mean 'source'?"),
    ],
)  # fmt: skip
def test_what_has_not_the_form_of_the_safety_file_is_said(before: str, after: str, said: str, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(RULES, tmp_path / "rules"))
    text = (copy / SAFETY).read_text("utf-8")
    assert before in text
    (copy / SAFETY).write_text(text.replace(before, after, 1), "utf-8")
    assert said in "\n".join(refused(copy))


def test_of_rules_that_promise_nothing_it_is_said_what_was_not_asked(tmp_path: Path) -> None:
    found = cds(tmp_path, "prove", SMALL, "--json")
    proofs = [json.loads(line) for line in found.stdout.splitlines()]
    assert (found.returncode, "Traceback" in found.stderr) == (1, False)
    assert {proof["name"] for proof in proofs} == {*EVERYWHERE, "safety", "switches"}
    assert all(proof["asked"] for proof in proofs if proof["holds"])
    ladders = next(proof for proof in proofs if proof["name"] == "ladders")
    assert (ladders["holds"], ladders["asked"]) == (None, 0)
    assert ladders["says"].startswith("Nothing was asked")
    (safety,) = (proof for proof in proofs if proof["name"] == "safety")
    assert (safety["holds"], safety["says"]) == (
        None,
        "Not asked, as safety.yaml is not there: whether the answer never becomes more permissive where something is "
        "added, or a value is lower, or a value is higher, or a normal result is lost, or any result is lost.",
    )
    (answered,) = (proof["says"] for proof in proofs if proof["name"] == "one-outcome" and proof["holds"] is None)
    assert answered.endswith("was not asked: the rule files lack safety.yaml, which says who must be.")


def test_a_change_of_which_the_safety_file_does_not_speak_is_not_settled(book: RuleBook) -> None:
    assert book.safety is not None
    fewer = Frozen({name: item for name, item in book.safety.properties.items() if item.way != "higher"})
    changed = replace(book, safety=book.safety._replace(properties=fewer))
    assert "safety" not in properties_of(book)
    assert "safe-calcium" not in properties_of(changed)
    ((holds, said),) = says(prove(changed, ["safety"]), "safety")
    assert holds is None
    assert said.endswith("whether the answer never becomes more permissive where a value is higher.")


def test_a_property_with_nothing_to_try_is_not_settled(book: RuleBook) -> None:
    assert book.safety is not None
    changed = replace(book, safety=book.safety._replace(normal=Frozen({})))
    ((holds, said),) = says(prove(changed, ["safe-normal-lost"]), "safe-normal-lost")
    assert holds is None
    assert said.startswith("Nothing was asked")


def test_without_the_exceptions_a_property_is_broken(book: RuleBook) -> None:
    assert book.safety is not None
    changed = replace(book, safety=book.safety._replace(exceptions=()))
    assert any(holds is False for holds, _ in says(prove(changed, ["safe-kidneys"]), "safe-kidneys"))


def test_every_product_of_the_witnesses_is_read_with_a_certain_amount(book: RuleBook) -> None:
    assert book.safety is not None
    assert [text for text, _ in products(book)] == list(book.safety.products)


def test_a_change_that_no_patient_can_undergo_was_not_tried(book: RuleBook) -> None:
    never = book.findings["high serum calcium"]._replace(definition=Joined("all", (Part("under 18"), Part("adult"))))
    changed = replace(book, findings=Frozen({**book.findings, never.name: never}))
    ((holds, said),) = says(prove(changed, ["safe-calcium"]), "safe-calcium")
    assert (holds, said) == (None, "serum calcium is higher: no patient is such, so nothing was tried.")


def test_a_property_that_says_nothing_does_not_hold(book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(proving.EVERYWHERE, "ladders", EVERYWHERE["ladders"]._replace(ask=lambda _: iter(())))
    ((holds, said),) = says(prove(book, ["ladders"]), "ladders")
    assert holds is None
    assert said.startswith("Nothing was asked")


def test_rules_that_never_fire_are_not_compared(book: RuleBook) -> None:
    """Of a rule that is off everything would be true: it would be equivalent to, and disjoint from, every other."""
    (found,) = compare_rules(replace(book, off=frozenset({"CA-01"})), "CA-01", "CA-02")
    assert found.holds is None
    assert found.says == "CA-01 never fires (switched off, or unreachable): nothing was compared."


def literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_module_of_the_proofs_looks_for_a_name_of_the_rule_files(book: RuleBook) -> None:
    """``age`` and ``sex`` are those of FHIR's Patient; formulas and nutrients are names of the code."""
    names: set[Any] = {*book.terms, *book.findings, *book.rules, *book.outcomes, *(e.name for e in book.removals)}
    names -= {"age", "sex", *FORMULAS, *book.products.nutrients}
    modules = list((ROOT / "cds" / "proof").glob("*.py"))
    assert len(modules) > 10
    assert {path.stem: found for path in modules if (found := names & set(literals(path)))} == {}


def formulas_named(path: Path) -> Iterator[str]:
    """The literals with which a module compares the formula of a term."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and node.left.attr == "formula":
            yield from (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))


def test_every_formula_that_the_proofs_name_is_one_that_terms_may_name() -> None:
    from cds.proof import formulas

    named = {name for path in (ROOT / "cds" / "proof").glob("*.py") for name in formulas_named(path)}
    assert "dose counting doubles" in named
    assert {*named, *formulas.FORMULAS} <= FORMULAS.keys()
