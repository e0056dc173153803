"""The seven senses of a finding: what each asks, in the rule files, in the engine and in the solver."""

from __future__ import annotations

import copy

import pytest
import z3

from cds.proof.three_valued import ThreeValued, sensed
from cds.quantity import State
from cds.reasoning.compiler import STATE_RAILS, rails_of
from cds.rulebook.lines import part_line
from cds.rulebook.model import Part, Sense

# Written out here once more: engine, reference evaluator and solver follow from one table.
ASKED_OF_ABSENT_UNKNOWN_PRESENT = {
    "is": "absent unknown present",
    "not": "present unknown absent",
    "without": "present present absent",
    "proven": "absent absent present",
    "possible": "absent present present",
    "unsure about": "absent present absent",
    "in doubt if": "present present unknown",
}


def test_each_sense_asks_what_its_word_says() -> None:
    says = {str(sense): " ".join(state.word for state in sense.table) for sense in Sense}
    assert says == ASKED_OF_ABSENT_UNKNOWN_PRESENT


@pytest.mark.parametrize("sense", Sense)
def test_a_sense_is_read_back_from_the_text_it_prints(sense: Sense) -> None:
    assert part_line(str(Part("gout", sense))) == Part("gout", sense)
    assert copy.deepcopy(sense) is sense
    assert Sense(str(sense)) is sense


@pytest.mark.parametrize("sense", Sense)
@pytest.mark.parametrize("state", State)
def test_the_rails_of_the_engine_say_what_the_table_says(sense: Sense, state: State) -> None:
    sure, maybe = (not rail or rail in STATE_RAILS[state] for rail in rails_of(sense))
    assert sense.table[state] == sure + maybe


@pytest.mark.parametrize("sense", Sense)
@pytest.mark.parametrize("state", State)
def test_the_solver_reads_a_sense_as_the_table_says(sense: Sense, state: State) -> None:
    rails = ThreeValued(z3.BoolVal(state == 2), z3.BoolVal(state >= 1))
    asked = sensed(rails, sense)
    assert [z3.is_true(z3.simplify(part)) for part in asked] == [sense.table[state] == 2, sense.table[state] >= 1]
