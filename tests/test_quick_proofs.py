"""What ``cds check`` tries of the promises without a solver: faults planted in rule files, from text to message."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cds.bookshelf import open_rulebook
from cds.errors import Problem
from cds.forms.comparing import Compared
from cds.quantity import point
from cds.review.cases import chart_with
from cds.review.check import Checked
from cds.review.known_cases import KnownCases
from cds.review.quick_proofs.ladder import Ladder, LadderStep
from cds.review.quick_proofs.losing import families_of, without
from cds.review.quick_proofs.steps import scales_of_ladder, state_at
from cds.review.quick_proofs.tried import Tried, quick_proofs
from cds.rulebook.cases import Given
from cds.rulebook.model import Joined, RuleBook
from cds.rulebook.model.form import Threshold
from cds.rulebook.model.value import Part
from cds.screen.proofs_tried import proofs_tried

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "tests" / "topics" / "potassium" / "rules"
FINDINGS, SILENCING, SAFETY = "potassium/findings.yaml", "silencing.yaml", "safety.yaml"


class Rules:
    """A copy of the rules of potassium, to be edited."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(shutil.copytree(RULES, folder))

    def edit(self, name: str, before: str, after: str) -> Rules:
        """Replace the only place of a text."""
        path = self.folder / name
        text = path.read_text("utf-8")
        assert text.count(before) == 1, (name, before)
        path.write_text(text.replace(before, after), "utf-8")
        return self

    def add(self, name: str, text: str) -> Rules:
        """Write text at the end of a file."""
        path = self.folder / name
        path.write_text((path.read_text("utf-8") if path.exists() else "") + text, "utf-8")
        return self

    @property
    def book(self) -> RuleBook:
        return open_rulebook(self.folder)

    def problems(self) -> list[Problem]:
        """What is found."""
        return list(quick_proofs(KnownCases(self.book)).problems)

    def said(self) -> list[str]:
        """The same as it is printed."""
        return list(map(str, self.problems()))


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    return Rules(tmp_path / "rules")


def codes(rules: Rules) -> list[str]:
    return [problem.code for problem in rules.problems()]


# --- ladders ---


def test_rules_without_a_fault_have_no_problem(rules: Rules) -> None:
    assert rules.said() == []


HIGH, WITHIN = "above 5.0 and below 6.0 mmol/L", "at most 5.0 mmol/L"
SAME = "Let one of them end where the other begins. [ladder-overlap]"


def test_the_values_of_a_gap_are_named_with_the_rules_on_both_sides(rules: Rules) -> None:
    rules.edit(FINDINGS, "at least 6.0 mmol/L", "at least 6.1 mmol/L")
    assert rules.said() == [
        "potassium/findings.yaml:14: KS-01: from 6 to below 6.1 mmol/L of 'potassium to use' no rule of this ladder "
        "speaks: KS-02 ends below 6, KS-01 begins at 6.1. Let a rule include it. [ladder-gap]"
    ]


def test_the_values_of_an_overlap_are_named_with_both_rules(rules: Rules) -> None:
    rules.edit(FINDINGS, "at least 6.0 mmol/L", "at least 5.9 mmol/L")
    assert rules.said() == [
        "potassium/findings.yaml:19: KS-02: from 5.9 to below 6 mmol/L of 'potassium to use' both KS-01 "
        f"('dangerous potassium') and KS-02 ('high potassium') speak. {SAME}"
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (HIGH, "above 5.0 and at most 6.0 mmol/L", "at 6 mmol/L of 'potassium to use' both KS-01"),
        ("at least 6.0 mmol/L", "above 6.0 mmol/L", "at 6 mmol/L of 'potassium to use' no rule"),
        (WITHIN, "below 5.0 mmol/L", "at 5 mmol/L of 'potassium to use' no rule"),
        (HIGH, "at least 5.0 and below 6.0 mmol/L", "at 5 mmol/L of 'potassium to use' both KS-02"),
        (HIGH, "above 5.1 and below 6.0 mmol/L", "from above 5 to 5.1 mmol/L of 'potassium to use' no rule"),
        ("at least 6.0 mmol/L", "at least 6.0 and below 9 mmol/L", "from 9 mmol/L on of 'potassium to use' no rule"),
        ("at least 6.0 mmol/L", "at least 6.0 and at most 9 mmol/L", "above 9 mmol/L of 'potassium to use' no rule"),
    ],
)
def test_an_end_that_is_part_of_a_step_or_not_is_told_from_the_value_beside_it(
    before: str, after: str, said: str, rules: Rules
) -> None:
    (line,) = rules.edit(FINDINGS, before, after).said()
    assert f": {said}" in line


def test_a_value_around_the_usual_one_needs_no_step(rules: Rules) -> None:
    rules.edit(FINDINGS, WITHIN, "at most 3.0 mmol/L").edit(FINDINGS, HIGH, "above 4.9 and below 6.0 mmol/L")
    assert rules.said() == []


def test_steps_that_both_hold_only_for_a_result_that_is_not_one_number_overlap(rules: Rules) -> None:
    source = "\n    evidence:\n      - EXPERT"
    for name, comparison, sense in (("low", WITHIN, "unsure about"), ("raised", HIGH, "possible")):
        sentence = f"    when: potassium to use is {comparison}{source}"
        rules.edit(FINDINGS, sentence, f"    all:\n      - {sense} {name}\n  {name}:\n{sentence}")
    said = [problem.what for problem in rules.problems() if problem.place == "KS-05"]
    assert said == [
        "for a result that lies between 4 and 5.5 of 'potassium to use' both KS-02 ('high potassium') and KS-05 "
        "('potassium within its limits') speak."
    ]


def test_a_step_that_is_joined_with_something_else_is_named_and_no_gap_where_it_may_hold(rules: Rules) -> None:
    sentence = f"    when: potassium to use is {HIGH}\n    evidence:\n      - EXPERT\n"
    rules.edit(FINDINGS, sentence, f"    any:\n      - raised\n      - eGFR below 45\n  raised:\n{sentence}")
    (problem,) = rules.problems()
    assert problem.file == "potassium/ks-02-high-potassium.yaml"
    assert (problem.place, problem.code) == ("KS-02", "ladder-open")


def test_a_step_says_of_a_value_what_a_chart_says_on_each_scale(book: RuleBook) -> None:
    of_calcium = [f for f in book.findings.values() if getattr(f.definition, "term", "") == "calcium to use"]
    steps = [f.name for f in of_calcium if isinstance(f.definition, Compared) and f.definition.other_scale]
    numbers = [name for name in steps if not any(one.comparison.bound.term for one in thresholds(book, name))]
    bands = tuple(LadderStep(name, Joined("all", (Part(name),))) for name in numbers)
    seen = set()
    for scale in scales_of_ladder(book, Ladder("calcium to use", bands, (), ())):
        measure = "ionised calcium" if scale.name else ""
        for value in scale.values:
            chart = chart_with(book, "calcium to use", Given(point(value), scale.unit, measure=measure))
            for step in bands:
                assert state_at(book, step.band, point(value), scale.name) is chart.state(step.rule), (step, value)
            seen.add(scale.name)
    assert seen == {"", "ionised"}


def thresholds(book: RuleBook, finding: str) -> tuple[Threshold, ...]:
    return book.findings[finding].definition.thresholds


# --- contradictions ---


def test_codes_that_contradict_each_other_are_named_in_words_with_the_case_that_shows_it(rules: Rules) -> None:
    """The advice to go on was not taken away where the dose is paused."""
    rules.edit(FINDINGS, WITHIN, "at most 5.5 mmol/L")
    rules.edit(SILENCING, "    no card of:\n      - KS-04\n      - KS-05\n", "    no card of:\n      - KS-04\n")
    said = [line for line in rules.said() if line.endswith("[contradiction-met]")]
    assert said == [
        "potassium/ks-05-go-on.yaml:1: KS-05: it says 'go-on-with-potassium' (Go on with potassium) where KS-02 says "
        "'pause-potassium' (Pause the potassium product), for the patient of case 'just above' of KS-02 (serum "
        "potassium: 5.1 mmol/L). Put a condition on one of them, or let silencing.yaml take it away there. "
        "[contradiction-met]"
    ]


def test_a_case_whose_patient_cannot_be_shows_no_contradiction(rules: Rules) -> None:
    """It supposes a finding and leaves out what that is made of."""
    rules.edit(SILENCING, "    no card of:\n      - KS-04\n      - KS-05\n", "    no card of:\n      - KS-04\n")
    case = "  - case: both at once\n    given:\n      potassium within its limits: yes\n      {}\n    expect: fires\n"
    path = "potassium/ks-02-high-potassium.yaml"
    assert codes(rules.add(path, case.format("serum potassium: 5.5 mmol/L"))) == []


# --- never more permissive with less ---


def test_an_unknown_result_that_is_more_permissive_than_a_normal_one_is_named_with_the_patient(rules: Rules) -> None:
    rules.edit("potassium/ks-02-high-potassium.yaml", "    - high potassium\n",
               "    - high potassium\n    - not eGFR below 45\n")  # fmt: skip
    first, *_ = (line for line in rules.said() if line.endswith("[looser-with-less]"))
    assert first == (
        "potassium/ks-02-high-potassium.yaml:1: KS-02: without a normal eGFR of 90 mL/min/1.73 m2 the answer becomes "
        "'go on' (KS-05, 'Go on') instead of 'pause' (KS-02, 'High potassium'), for the patient of case 'just above' "
        "of KS-02 (serum potassium: 5.1 mmol/L). Let a lost result not silence it, or write in safety.yaml why it may; "
        "'cds prove --only safe-normal-lost' looks at every possible patient. [looser-with-less]"
    )


TERM = """\
  serum chloride:
    kind: measurement
    says: Chloride.
    codes:
      - LOINC 2075-0 Chloride [Moles/volume] in Serum or Plasma
    unit: mmol/L
    plausible: 60 to 150
    usual: 100
    step: 1
    choose: newest
    evidence:
      - EXPERT
"""
CHLORIDE = """\
  chloride not low:
    says: Chloride of 90 mmol/L or more.
    when: serum chloride is at least 90 mmol/L
    evidence:
      - EXPERT
"""
ENTRIES = """\
by the patient:
  - name: chloride not low
    why: planted
    when:
      - chloride not low
    by: KS-07
    no card of:
      - KS-07
"""
ENTRY = """\
by a rule:
  - name: a word about the dose
    why: planted
    when:
      - KS-07 is shown
    by: KS-07
    no card of:
      - KS-04
"""


@pytest.fixture
def silenced(rules: Rules) -> Rules:
    """KS-04 lowers the dose and reads no chloride; without one a rule is shown that silences it."""
    other = (RULES / "potassium" / "ks-04-much-potassium.yaml").read_text("utf-8").partition("cases:")[0]
    other = other.replace("KS-04", "KS-07").replace("tier: changing", "tier: telling")
    other = other.replace("    - potassium may rise\n", "")
    rules.add("potassium/ks-07-a-word.yaml", other).add("terms/terms.yaml", TERM).add(FINDINGS, CHLORIDE)
    rules.edit(SILENCING, "by the patient:\n", ENTRIES).edit(SILENCING, "by a rule:\n", ENTRY)
    return rules.edit("rulebook.yaml", "  eGFR: 80", "  serum chloride: 100 mmol/L, 10 days ago\n  eGFR: 80")


def test_a_lost_result_on_which_the_decision_did_not_rest_is_named(silenced: Rules) -> None:
    (problem,) = silenced.problems()
    assert (problem.file, problem.line, problem.place, problem.code) == (
        "potassium/ks-04-much-potassium.yaml", 1, "KS-04", "looser-with-less")  # fmt: skip
    assert problem.what.startswith(
        "without serum chloride of 100 mmol/L the answer becomes 'go on' (KS-05, 'Go on') instead of 'lower' (KS-04, "
    )
    assert "'cds prove --only safe-lost'" in problem.todo


def test_a_lost_result_that_the_deciding_rule_reads_is_no_problem(silenced: Rules) -> None:
    silenced.edit("potassium/ks-04-much-potassium.yaml", "    - potassium may rise\n",
                  "    - potassium may rise\n    - chloride not low\n")  # fmt: skip
    silenced.edit(SAFETY, "normal results:\n", "normal results:\n  serum chloride: 110\n")
    assert [problem for problem in silenced.problems() if "safe-lost" in problem.todo] == []
    assert [problem for problem in silenced.problems() if "safe-normal-lost" in problem.todo] != []


def test_where_nothing_is_promised_nothing_is_tried(silenced: Rules) -> None:
    (silenced.folder / SAFETY).unlink()
    assert quick_proofs(KnownCases(silenced.book)) == Tried((), 1, 0, 0)


EXCEPTION = """\
  - exception: planted
    of:
      - {}
    when:
      {}
    because: It may.
    source: EXPERT
"""


@pytest.mark.parametrize(
    ("when", "excused"),
    [
        ("before: KS-04 decides", True),
        ("after: KS-04 decides", False),
        ("after: KS-05 decides", True),
        ("before: KS-07 fires", True),
        ("before: KS-01 fires", False),
        ("ends: chloride not low is present", True),
        ("after: chloride not low is possible", True),
        ("begins: chloride not low is possible", False),
        ("ends: serum chloride is known", True),
        ("begins: serum chloride is known", False),
        ("ends: chloride not low acts", True),
        ("begins: a word about the dose acts", True),
        ("not before: a word about the dose acts", True),
        ("before: a word about the dose acts", False),
        ("before: the outcome is lower", True),
        ("not after: the outcome is go on", False),
        ("all:\n        - before: KS-04 decides\n        - after: KS-05 fires", True),
        ("all:\n        - before: KS-04 decides\n        - after: KS-04 decides", False),
        ("any:\n        - before: KS-01 fires\n        - after: KS-05 fires", True),
    ],
)
def test_an_exception_of_safety_yaml_excuses_what_it_names(when: str, excused: bool, silenced: Rules) -> None:
    silenced.add(SAFETY, EXCEPTION.format("a lost result", when))
    assert codes(silenced) == ([] if excused else ["looser-with-less"])


def test_an_exception_for_getting_worse_excuses_no_lost_result(silenced: Rules) -> None:
    silenced.add(SAFETY, EXCEPTION.format("getting worse", "before: KS-04 decides"))
    assert codes(silenced) == ["looser-with-less"]


# --- the real rules, and the solver ---


def test_the_real_rules_break_no_promise_for_the_patients_of_their_cases(book: RuleBook) -> None:
    tried = quick_proofs(KnownCases(book))
    assert list(map(str, tried.problems)) == []
    assert tried.ladders == 1
    assert tried.patients > 100
    assert tried.losses > 400


def test_a_sum_that_a_case_supposes_outright_is_left_alone_when_one_of_its_parts_is_lost(book: RuleBook) -> None:
    family = next(one for one in families_of(book) if "recorded dietary calcium" in one.members)
    whole = chart_with(book, "total calcium intake", Given(point(1600), "mg/d"))
    parts = chart_with(book, "recorded dietary calcium", Given(point(700), "mg/d"))
    left = without(parts, family)
    assert without(whole, family) is None
    assert left is not None
    assert (left.value("recorded dietary calcium"), left.value("total calcium intake") is None) == (None, False)


PLANTED: list[tuple[str, Callable[[Rules], Any]]] = [
    ("ladders", lambda rules: rules),
    ("ladders", lambda rules: rules.edit(FINDINGS, "at least 6.0 mmol/L", "at least 6.1 mmol/L")),
    ("ladders", lambda rules: rules.edit(FINDINGS, "at least 6.0 mmol/L", "at least 5.9 mmol/L")),
    ("ladders", lambda rules: rules.edit(FINDINGS, "at least 6.0 mmol/L", "at least 6.0 and below 9 mmol/L")),
]


@pytest.mark.parametrize(("name", "planted"), PLANTED)
def test_the_solver_finds_the_same_gaps_and_overlaps(name: str, planted: Callable[[Rules], Any], rules: Rules) -> None:
    from cds.proof.prove import prove

    planted(rules)
    (proof,) = prove(rules.book, [name])
    assert proof.holds is not bool(rules.problems())


def test_the_solver_finds_the_same_lost_result(silenced: Rules) -> None:
    from cds.proof.prove import prove

    broken = [proof for proof in prove(silenced.book, ["safe-lost"]) if proof.holds is False]
    assert [proof.says for proof in broken] == ["serum chloride: lost: lower (KS-04) becomes go on (KS-05)."]


def test_nothing_of_it_needs_the_solver() -> None:
    code = (
        "import sys; sys.modules['z3'] = None; import cds.review.check, cds.screen.proofs_tried; "
        "from cds.bookshelf import open_rulebook; from cds.review.known_cases import KnownCases; "
        "from cds.review.quick_proofs.tried import quick_proofs; "
        f"print(quick_proofs(KnownCases(open_rulebook({str(RULES)!r}))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.startswith("Tried(problems=(), ladders=1,")) == (0, True), done.stderr


# --- what is said of it ---


def test_the_last_words_name_what_was_tried_and_what_settles_the_rest(book: RuleBook) -> None:
    result = Checked((), 86, 2154, ladders=1, patients=115, losses=431)
    assert proofs_tried(result, book) == (
        "Promises tried: gaps and overlaps of 1 ladder (at every value), contradictory advice (2154 cases), never more "
        "permissive with less (431 lost results of 115 patients). Not asked yet about every possible patient: 'cds "
        "prove' does, with safe-contraindication, safe-kidneys, safe-calcium, safe-normal-lost, safe-lost."
    )
    assert proofs_tried(result, book, (13, 13)).endswith("every possible patient: of 13 proofs all hold.")
    assert "of 13 proofs 12 hold; 'cds prove' shows the others." in proofs_tried(result, book, (12, 13))
    bare = proofs_tried(result._replace(losses=0), replace(book, safety=None))
    assert bare.endswith("(2154 cases). Not asked yet about every possible patient: 'cds prove' does.")
