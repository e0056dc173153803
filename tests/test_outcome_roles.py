"""Outcomes are named by the rule files alone: under other names, with the same roles, everything is as it was."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from people import AS_OF

from cds.cards.card import cards_of_rules
from cds.evaluation import evaluate
from cds.facts.formulas import FORMULAS
from cds.intake.reading import read_record
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import Frozen, RuleBook

HERE = Path(__file__).resolve().parent
RULES, PATIENTS = HERE.parent / "rules", HERE / "patients.jsonl"
OTHERS = {"stop": "avoid", "hold": "wait", "insufficient-data": "open", "adjust-dose": "change-dose",
          "continue": "proceed", "not-applicable": "elsewhere"}  # fmt: skip
VERBS = {"stop": "avoid", "hold": "wait", "adjust": "change"}


def in_other_words(text: str) -> str:
    """A rule file with other names of the outcomes wherever it names one."""
    for before, after in OTHERS.items():
        named = rf"((?:^ *(?:- )?(?:expect|outcome)|the outcome is(?: not)?):? ){before}\b(?!-)"
        text = re.sub(named, rf"\g<1>{after}", text, flags=re.M)
    for before, after in VERBS.items():
        text = re.sub(rf"this rule (does not )?{before}(s?)\b", rf"this rule \g<1>{after}\g<2>", text)
    return text


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    """The real rulebook with other names for all outcomes."""
    copy = Path(shutil.copytree(RULES, tmp_path_factory.mktemp("other") / "rules"))
    for path in copy.rglob("*.yaml"):
        path.write_text(in_other_words(path.read_text("utf-8")), "utf-8")
    text = (copy / "precedence.yaml").read_text("utf-8")
    for before, after in OTHERS.items():
        text = text.replace(f"\n  {before}:\n", f"\n  {after}:\n")
    (copy / "precedence.yaml").write_text(text, "utf-8")
    return read_rulebook(copy, FORMULAS)


def test_the_roles_go_with_the_outcomes(book: RuleBook, other: RuleBook) -> None:
    assert list(other.outcomes) == [OTHERS[name] for name in book.outcomes]
    assert other.roles == Frozen({role: OTHERS[name] for role, name in book.roles.items()})
    assert [other.takes_away(OTHERS[name]) for name in book.outcomes] == [book.takes_away(n) for n in book.outcomes]
    assert {other.role_of(name) for name in other.outcomes} == {*book.roles, None}


@pytest.mark.parametrize("line", PATIENTS.read_text("utf-8").splitlines())
def test_under_other_names_everybody_gets_the_same_answer(line: str, book: RuleBook, other: RuleBook) -> None:
    data = json.loads(line)["bundle"]
    before, after = (evaluate(read_record(data, known, AS_OF), known, AS_OF) for known in (book, other))
    assert OTHERS[before.outcome] == after.outcome
    assert before.decision._replace(outcome="") == after.decision._replace(outcome="")
    texts = [[card["summary"] + card["detail"] for card in cards_of_rules(found)] for found in (before, after)]
    name, meaning = f"**{OTHERS[before.outcome]}:**", f"**{before.outcome}:**"
    assert texts[0] == [text.replace(name, meaning) for text in texts[1]]


def test_the_patients_have_every_outcome(book: RuleBook) -> None:
    lines = PATIENTS.read_text("utf-8").splitlines()
    assert {json.loads(line)["expected"]["outcome"] for line in lines} == set(book.outcomes)
