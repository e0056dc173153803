"""What is remembered of decisions is what would be decided anew: nothing that a decision rests on is left out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import pytest
from generated import the_book
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from cds.reasoning.decisions import Decisions
from cds.reasoning.inference import Inferred, PlainReasoner
from cds.reasoning.switched_off import decide
from cds.rulebook.model import RuleBook

BOOKS = ("whole", "some off", "some in shadow")


@lru_cache(maxsize=8)
def book_with(how: str) -> RuleBook:
    """The rulebook, whole or with every third rule switched off or in shadow."""
    third = frozenset(list(the_book().rules)[::3])
    return replace(
        the_book(), off=third if how == BOOKS[1] else frozenset(), shadow=third if how == BOOKS[2] else frozenset()
    )


def similar(book: RuleBook, seed: int) -> Iterator[Inferred]:
    """What follows from a pattern; then the same rules, with one finding after the other in another state."""
    chance, reasoner = random.Random(seed), PlainReasoner(book)
    pattern = chance.choices((0, 1, 2), weights=(80, 10, 10), k=reasoner.program.base)
    found = reasoner.infer(bytes(pattern))
    yield found
    for place in range(reasoner.program.rules):
        states = bytearray(found.states)
        states[place] = chance.choice([state for state in (0, 1, 2) if state != states[place]])
        yield found._replace(states=bytes(states))


@pytest.mark.parametrize("how", BOOKS)
@given(seed=st.integers(0, 2**32))
@examples(60)
def test_a_remembered_decision_is_the_one_that_is_decided_anew(how: str, seed: int) -> None:
    book = book_with(how)
    decisions, inferred = Decisions(book), list(similar(book, seed))
    for one in inferred:
        assert decisions.of(one) == decide(book, one)
    assert len(decisions.known) < len(inferred) / 2


def test_a_full_memory_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cds.reasoning.decisions.MOST_REMEMBERED", 2)
    book = the_book()
    decisions = Decisions(book)
    for one in similar(book, seed=1):
        assert decisions.of(one) == decide(book, one)
        assert len(decisions.known) <= 2
