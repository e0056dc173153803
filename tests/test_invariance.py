"""What must not matter does not: order, company, repetition and units of the resources of generated patients."""

from __future__ import annotations

import random

from generated import BOOK, in_unit, people
from hypothesis import given
from hypothesis import strategies as st
from people import AS_OF, MANY, SUBJECT, Json, bundle, condition, observation

from cds.evaluation import evaluate
from cds.facts.chart import Chart
from cds.intake.reading import read_record
from cds.intake.record import Record

Answer = tuple[str, str, frozenset[str]]
COMPANY: list[Json] = [
    {"resourceType": "Encounter", "id": "x1", "status": "finished", "class": {"code": "AMB"}, "subject": SUBJECT},
    observation("LOINC 8867-4", 72, "/min", identity="x2"),
    condition("SNOMED 38341003", "Essential hypertension", identity="x3"),
    {"resourceType": "Immunization", "id": "x4", "status": "completed", "patient": SUBJECT},
    {"resourceType": "Observation", "id": "x5", "status": "final", "code": {"text": "Shoe size"}, "subject": SUBJECT},
]
SEEDS = st.integers(0, 2**32)


def record_of(resources: list[Json]) -> Record:
    return read_record(bundle(*resources), BOOK, AS_OF)


def answer_of(record: Record) -> Answer:
    decision = evaluate(record, BOOK, AS_OF).decision
    return decision.outcome, decision.decided_by, frozenset(code for said in decision.said for code in said.codes)


def answer(resources: list[Json]) -> Answer:
    return answer_of(record_of(resources))


@given(people(), SEEDS)
@MANY
def test_the_order_of_resources_does_not_matter(resources: list[Json], seed: int) -> None:
    shuffled = random.Random(seed).sample(resources, len(resources))  # noqa: S311 - an order, no secret
    assert answer(shuffled) == answer(resources)


@given(people(), st.lists(st.tuples(st.sampled_from(COMPANY), st.integers(0, 20)), max_size=4))
@MANY
def test_irrelevant_company_does_not_matter(resources: list[Json], company: list[tuple[Json, int]]) -> None:
    among = list(resources)
    for item, place in company:
        among.insert(place, item)
    assert answer(among) == answer(resources)


@given(people(), st.lists(st.integers(0, 20), max_size=4))
@MANY
def test_a_repeated_resource_does_not_matter(resources: list[Json], repeated: list[int]) -> None:
    again = [resources[number % len(resources)] for number in repeated]
    assert answer([*resources, *again]) == answer(resources)


@given(people(), SEEDS)
@MANY
def test_the_unit_of_a_result_does_not_matter(resources: list[Json], seed: int) -> None:
    picks = random.Random(seed)  # noqa: S311 - a choice of units, no secret
    other = [in_unit(item, picks.randrange(8)) if "valueQuantity" in item else item for item in resources]
    assert answer(other) == answer(resources)


@given(people())
@MANY
def test_findings_that_the_record_cannot_change_are_as_in_an_empty_record(resources: list[Json]) -> None:
    record = record_of(resources)
    evaluation = evaluate(record, BOOK, AS_OF)
    plain = Chart(record, BOOK, AS_OF, stated={n: evaluation.chart.states[n] for n in evaluation.inferred.program.whatif})
    program = evaluation.inferred.program
    assert {n: plain.state(n) for n in program.names[: program.base]} == {
        n: evaluation.inferred.state(n) for n in program.names[: program.base]
    }
