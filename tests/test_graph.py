"""Facts and findings are worked out in the order of what needs what; each reads only what the graph has behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from generated import crowds, people, the_book
from hypothesis import given
from hypothesis import strategies as st
from people import AS_OF, MANY, Json, bundle

from cds.facts import chart as charts
from cds.facts.chart import NOTHING, chart_of
from cds.facts.doses import products_taken
from cds.facts.order import steps_of
from cds.facts.worksheet import Worksheet
from cds.intake.reading import read_record
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State

T = TypeVar("T")


class Watched(Worksheet):
    """A worksheet that notes what is asked for before it was worked out."""

    __slots__ = ("asked",)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.asked: set[str] = set()
        self.value, self.state = self._noted(self.value), self._noted(self.state)

    def _noted(self, known: Callable[[str], T]) -> Callable[[str], T]:
        def note(name: str) -> T:
            self.asked.add(name)
            return known(name)

        return note


def sentences() -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, finding in the_book().findings.items() if finding.text])


@given(st.one_of(people(), crowds()))
@MANY
def test_whatever_a_fact_or_finding_asks_for_is_behind_it_and_was_worked_out_before(resources: list[Json]) -> None:
    record = read_record(bundle(*resources), the_book(), AS_OF)
    sheet = Watched(record, the_book(), AS_OF.toordinal(), {}, products_taken(record, the_book()), ({}, {}, {}))
    done: set[str] = set()
    for step in steps_of(the_book(), None, cautious=False):
        sheet.asked.clear()
        found = step.work_out(sheet)
        (sheet.facts if step.is_fact else sheet.states)[step.name] = found
        later = {name for name in sheet.asked - done if _has_a_step(name)}
        assert later == set(), f"{step.name} asks for what comes later"
        done.add(step.name)


def _has_a_step(name: str) -> bool:
    return any(step.name == name for step in steps_of(the_book(), None, cautious=False))


@given(st.one_of(people(), crowds()))
@MANY
def test_a_chart_made_from_the_empty_one_is_the_chart_in_which_everything_was_worked_out(resources: list[Json]) -> None:
    record = read_record(bundle(*resources), the_book(), AS_OF)
    short = chart_of(record, the_book(), AS_OF)
    nothing = short._replace(facts=type(short.facts)(), states=type(short.states)(), stale=type(short.stale)())
    whole = charts._worked_out(nothing, None)
    assert (short.facts, short.states, short.stale) == (whole.facts, whole.states, whole.stale)


@given(people(), st.deferred(sentences), st.sampled_from(list(State)))
@MANY
def test_supposing_a_state_is_the_chart_that_was_made_with_it(resources: list[Json], name: str, state: State) -> None:
    record = read_record(bundle(*resources), the_book(), AS_OF)
    one = chart_of(record, the_book(), AS_OF).supposing({}, {name: state})
    other = chart_of(record, the_book(), AS_OF, NOTHING._replace(states={name: state}))
    assert (one.facts, one.states) == (other.facts, other.states)


@pytest.mark.parametrize("state", [ABSENT, UNKNOWN, PRESENT])
def test_a_chart_does_not_change(state: State) -> None:
    chart = chart_of(
        read_record(bundle(*[{"resourceType": "Patient", "id": "p"}]), the_book(), AS_OF), the_book(), AS_OF
    )
    with pytest.raises(TypeError, match="does not change"):
        chart.states["takes a calcium product"] = state
    with pytest.raises(TypeError, match="does not change"):
        chart.facts["age"] = None
