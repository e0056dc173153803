"""The rules engine and the reference evaluator agree about every pattern; where they do not, there is no answer."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from generated import the_book
from hypothesis import given
from hypothesis import strategies as st
from people import MANY
from profiles import examples

from cds.errors import DisagreementError, EngineError
from cds.reasoning.engine import Engine
from cds.reasoning.inference import Reasoner
from cds.reasoning.program import Pattern, Program, program_of
from cds.reasoning.reference import Reference

THREADS = 6
MOST_BASES = 1024


@lru_cache(maxsize=1)
def program() -> Program:
    return program_of(the_book())


@lru_cache(maxsize=1)
def the_engine() -> Engine:
    return Engine(program())


@lru_cache(maxsize=1)
def reference() -> Reference:
    return Reference(program())


def uniform(seed: int, size: int) -> Pattern:
    return bytes(random.Random(seed).choices((0, 1, 2), k=size))


def sparse(states: dict[int, int], size: int) -> Pattern:
    pattern = bytearray(size)
    for number, state in states.items():
        pattern[number % size] = state
    return bytes(pattern)


SPARSE = st.dictionaries(st.integers(0, MOST_BASES), st.integers(1, 2), max_size=24)
"""What a patient looks like: nearly all findings are absent."""


@given(seed=st.integers(0, 2**32), forget=st.booleans())
@MANY
def test_both_agree_about_any_pattern(seed: int, *, forget: bool) -> None:
    if forget:
        the_engine().forget()
        reference().forget()
    pattern = uniform(seed, program().base)
    assert the_engine().infer(pattern) == reference().infer(pattern)


@given(states=SPARSE, forget=st.booleans())
@MANY
def test_both_agree_about_patterns_of_few_findings(states: dict[int, int], *, forget: bool) -> None:
    if forget:
        the_engine().forget()
        reference().forget()
    pattern = sparse(states, program().base)
    assert the_engine().infer(pattern) == reference().infer(pattern)


@given(states=SPARSE, more=st.dictionaries(st.integers(0, MOST_BASES), st.integers(0, 2), max_size=6))
@MANY
def test_what_is_known_of_a_similar_patient_changes_no_answer(states: dict[int, int], more: dict[int, int]) -> None:
    size = program().base
    near, pattern = reference().infer(sparse(states, size)), sparse({**states, **more}, size)
    expected = reference().infer(pattern)
    assert reference().infer(pattern, near) == expected
    assert the_engine().infer(pattern, near) == expected


@given(seed=st.integers(0, 2**32))
@MANY
def test_what_the_reference_evaluator_remembers_changes_no_answer(seed: int) -> None:
    picks = random.Random(seed)
    patterns = [uniform(picks.randrange(2**32), program().base) for _ in range(2)]
    mixed = bytes(map(picks.choice, zip(*patterns, strict=True)))
    for pattern in patterns:
        reference().infer(pattern)
    assert reference().infer(mixed) == Reference(program()).infer(mixed)


@pytest.mark.parametrize("state", [0, 1, 2])
def test_both_agree_when_all_findings_are_alike(state: int) -> None:
    the_engine().forget()
    pattern = bytes([state]) * program().base
    assert the_engine().infer(pattern) == reference().infer(pattern)


def test_threads_that_ask_at_once_get_the_answers_of_one() -> None:
    engine, start = Engine(program()), Barrier(THREADS)
    patterns = [uniform(seed, program().base) for seed in range(40)]
    patterns += [sparse({seed: 2, 7 * seed: 1, 31 * seed: 2}, program().base) for seed in range(40)]

    def ask(number: int) -> list[Pattern]:
        order = random.Random(number).sample(range(len(patterns)), len(patterns))
        start.wait()
        answers = {}
        for place in order:
            if place % 10 == number:
                engine.forget()
            answers[place] = engine.infer(patterns[place])
        return [answers[place] for place in range(len(patterns))]

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(ask, range(THREADS)))
    expected = [reference().infer(pattern) for pattern in patterns]
    assert all(answers == expected for answers in found)


@given(seed=st.integers(0, 2**32), step=st.integers(0, MOST_BASES))
@examples(100)
def test_a_disagreement_is_an_error_and_no_answer(seed: int, step: int) -> None:
    reasoner = Reasoner(the_book())
    pattern = uniform(seed, reasoner.program.base)
    place = step % len(reasoner.reference.plan)
    name = reasoner.program.names[reasoner.program.base + place]
    true = reasoner.infer(pattern).states[reasoner.program.base + place]
    reasoner.reference.forget()
    reasoner.reference.plan[place] = (True, ((0, ((true + 1) % 3,) * 3),))
    with pytest.raises(DisagreementError, match=re.escape(name)):
        reasoner.infer(pattern)


class Tampered(SimpleNamespace):
    """The functions of the engine's module, of which some are replaced."""


def _raise(*_: Any) -> Any:
    raise RuntimeError("a patient's data, which no message may repeat")


FAILURES: dict[str, dict[str, Callable[..., Any]]] = {
    "an error code": {"assert_fact": lambda *_: (303, 0)},
    "an exception when asked": {"assert_fact": _raise},
    "an exception when built": {"create_ruleset": _raise},
    "no firing at all": {"start_action_for_state": lambda *_: None},
    "an exception while firing": {"complete_and_start_action": _raise},
    "firing without end": {"complete_and_start_action": lambda *_: '{"ok":{}}'},
    "a message of another form": {"complete_and_start_action": lambda *_: "{}"},
    "an exception when forgetting": {"delete_state": _raise},
}
IMPOSSIBLE = {
    ("an exception when built", True): "it is built already",
    ("no firing at all", False): "the process dies: delete_state before a first action (see shared/engine.md)",
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("warm", [False, True], ids=["new", "warm"])
def test_a_failing_engine_gives_no_answer_and_works_again_afterwards(failure: str, *, warm: bool) -> None:
    if (failure, warm) in IMPOSSIBLE:
        pytest.skip(IMPOSSIBLE[failure, warm])
    engine, pattern, other = Engine(program()), uniform(1, program().base), uniform(2, program().base)
    if warm:
        engine.infer(pattern)
        engine.forget()
    module = engine.module
    engine.module = Tampered(**{**vars(module), **FAILURES[failure]})
    with pytest.raises(EngineError) as caught:
        engine.infer(pattern)
    assert "patient's data" not in str(caught.value)
    engine.module = module
    assert [engine.infer(pattern), engine.infer(other)] == [reference().infer(pattern), reference().infer(other)]
