"""No set of switches is more permissive than the whole rulebook: the proof, and that it speaks of the product."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
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

RULES = st.deferred(lambda: st.sampled_from(switchable()))


@lru_cache(maxsize=1)
def switching() -> Switching:
    return Switching(the_book())


def test_the_property_holds_and_says_how_much_was_tried() -> None:
    (proof,) = prove(the_book(), ["switches"])
    assert (proof.holds, SWITCHES.says.startswith("no set of switches gives a more permissive")) == (
        True, True)  # fmt: skip
    assert proof.says.startswith(f"{len(switchable())} rules, any of them switched off: ")


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
