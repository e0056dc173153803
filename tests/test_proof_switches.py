"""No set of switches is more permissive than the whole rulebook: the proof, and that it speaks of the product."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("z3", reason="the solver z3 is not installed (extra 'prove')")

import z3
from generated import people, switchable, the_book
from hypothesis import given
from hypothesis import strategies as st
from people import AS_OF, bundle
from profiles import examples

from cds.evaluation import Evaluator
from cds.facts.chart import chart_of
from cds.intake.reading import read_record
from cds.proof.prove import SWITCHES, prove
from cds.proof.switches import Switching, whole_of
from cds.quantity import State
from cds.reasoning.decision import SWITCHED_OFF
from cds.reasoning.inference import PlainReasoner

ROOT = Path(__file__).resolve().parents[1]
RULES = st.deferred(lambda: st.sampled_from(switchable()))


@lru_cache(maxsize=1)
def switching() -> Switching:
    return Switching(the_book())


def test_the_property_holds_and_says_how_much_was_tried() -> None:
    """In a process of its own: what the solver was asked before has made this proof ten times as long."""
    command = [sys.executable, "-m", "cds", "prove", "--only", "switches", str(ROOT / "rules")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    (said,) = (line for line in done.stdout.splitlines() if line.startswith("switches: "))
    assert said.startswith("switches: holds (")
    assert f"{len(switchable())} rules, any of them switched off: " in said
    assert SWITCHES.says.startswith("no set of switches gives a more permissive")


def test_where_no_rule_in_force_can_be_switched_nothing_is_proved() -> None:
    alone = frozenset(switchable())
    (proof,) = prove(replace(the_book(), off=alone, left_out=alone), ["switches"])
    assert (proof.holds, proof.says[:8]) == (None, "0 rules,")


def test_what_is_proved_is_the_whole_rulebook_but_for_what_a_hospital_answers_for() -> None:
    book = replace(
        the_book(), off=frozenset({"CA-01", "CA-03"}), shadow=frozenset({"CA-04"}), left_out=frozenset({"CA-03"})
    )
    assert (whole_of(book).off, whole_of(book).shadow) == ({"CA-03"}, set())


@examples(60)
@given(people(), st.sets(RULES, max_size=10))
def test_the_formulas_say_what_the_product_says_while_rules_are_switched_off(
    resources: list[dict[str, Any]], off: set[str]
) -> None:
    case, book = switching(), replace(the_book(), off=frozenset(off))
    record = read_record(bundle(*resources), book, AS_OF)
    found = Evaluator(book, PlainReasoner(book)).evaluate(chart_of(record, book, AS_OF))
    inferred = found.inferred
    base = inferred.program.names[: inferred.program.base]
    given_ = [case.answer.patient.state(name).is_state(State(inferred.state(name))) for name in base]
    given_ += [switch == z3.BoolVal(rule in off) for rule, switch in case.off.items()]
    said = z3.And(case.outcome[found.outcome], case.none == z3.BoolVal(found.decision.decided_by == SWITCHED_OFF))
    assert case.search.solver.check(*given_, said) == z3.sat
    assert case.search.solver.check(*given_, z3.Not(said)) == z3.unsat
