"""What must not matter does not: order, company, repetition and units of the resources of generated patients."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import lru_cache

import pytest
from generated import crowds, in_unit, people, the_book
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from people import (
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    MANY,
    SUBJECT,
    Json,
    bundle,
    condition,
    dosage,
    observation,
    patient,
    quantity,
    request,
    statement,
)

from cds.evaluation import evaluate
from cds.facts.chart import Chart, Supposed, chart_of
from cds.forms.comparing import Compared
from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval
from cds.rulebook.model import Measurement

Answer = tuple[str, str, frozenset[str]]
COMPANY: list[Json] = [
    {"resourceType": "Encounter", "id": "x1", "status": "finished", "class": {"code": "AMB"}, "subject": SUBJECT},
    observation("LOINC 8867-4", 72, "/min", identity="x2"),
    condition("SNOMED 38341003", "Essential hypertension", identity="x3"),
    {"resourceType": "Immunization", "id": "x4", "status": "completed", "patient": SUBJECT},
    {"resourceType": "Observation", "id": "x5", "status": "final", "code": {"text": "Shoe size"}, "subject": SUBJECT},
]
SEEDS = st.integers(0, 2**32)
ONE_A_DAY, THREE_A_DAY = dosage(), dosage(frequency=3)
LIMITS = [{"low": quantity(8.6, "mg/dL"), "high": quantity(10.2, "mg/dL")}]


def record_of(resources: list[Json]) -> Record:
    return read_record(bundle(*resources), the_book(), AS_OF)


def answer_of(record: Record) -> Answer:
    decision = evaluate(record, the_book(), AS_OF).decision
    return decision.outcome, decision.decided_by, frozenset(code for said in decision.said for code in said.codes)


def answer(resources: list[Json]) -> Answer:
    return answer_of(record_of(resources))


def shuffled(resources: list[Json], seed: int) -> list[Json]:
    return random.Random(seed).sample(resources, len(resources))


@given(people(), SEEDS)
@MANY
def test_the_order_of_resources_does_not_matter(resources: list[Json], seed: int) -> None:
    assert answer(shuffled(resources, seed)) == answer(resources)


@given(crowds(), SEEDS)
@settings(MANY, phases=[Phase.generate])
def test_the_order_of_many_records_of_one_thing_does_not_matter(resources: list[Json], seed: int) -> None:
    assert answer(shuffled(resources, seed)) == answer(resources)


def score(value: float, identity: str, comparator: str) -> Json:
    return observation("SNOMED 450360000", value, "1", identity=identity, comparator=comparator)


def t_score(value: float, identity: str, comparator: str) -> Json:
    return observation("LOINC 38263-0", value, "{T-score}", identity=identity, comparator=comparator)


MEETING = {
    "one result, once with its limits and once without": [
        observation(CALCIUM, 10.4, "mg/dL", identity="a"),
        observation(CALCIUM, 10.4, "mg/dL", identity="b", referenceRange=LIMITS),
    ],
    "two statements and an order of one product": [
        statement(CARBONATE_500, THREE_A_DAY, identity="a"), statement(CARBONATE_500, ONE_A_DAY, identity="b"),
        request(CARBONATE_500, ONE_A_DAY),
    ],
    "two courses of one product, one of them with an end": [
        observation("LOINC 62292-8", 10, "ng/mL", day="2025-11-10"),
        statement("RxNorm 705728", dosage(every="wk"), identity="a",
                  effectivePeriod={"start": "2025-12-01", "end": "2026-02-01"}),
        statement("RxNorm 705728", dosage(every="wk"), identity="b", effectivePeriod={"start": "2025-11-01"}),
    ],
    "two T-scores that begin at the lowest plausible": [t_score(-0.1, "a", "<="), t_score(-3.6, "b", "<=")],
    "two calcium scores that end at the highest plausible": [score(1100, "a", ">="), score(0, "b", ">=")],
}  # fmt: skip


@pytest.mark.parametrize("meeting", MEETING)
def test_the_order_of_records_that_are_equal_in_part_does_not_matter(meeting: str) -> None:
    company = [patient(), statement("RxNorm 198538", ONE_A_DAY, identity="z")]
    assert answer([*company, *MEETING[meeting]]) == answer([*company, *reversed(MEETING[meeting])])


def creatinine(value: float, identity: str, comparator: str = "") -> Json:
    return observation("LOINC 2160-0", value, "mg/dL", identity=identity, comparator=comparator)


def test_the_order_of_three_results_of_which_two_begin_at_the_lowest_plausible_does_not_matter() -> None:
    three = [creatinine(2.9, "a", "<"), creatinine(3.7, "b", "<"), creatinine(4.2, "c")]
    company = [patient(), statement(CARBONATE_500, ONE_A_DAY)]
    assert answer([*company, *three]) == answer([*company, *reversed(three)])


def test_a_third_result_that_says_little_does_not_hide_that_two_contradict_each_other() -> None:
    def calcium(value: float, identity: str, comparator: str = "") -> Json:
        return observation("LOINC 17861-6", value, "mg/dL", identity=identity, comparator=comparator)

    two = [calcium(8.0, "a"), calcium(11.0, "b")]
    for results in (two, [*two, calcium(19, "c", "<")]):
        fact = chart_of(record_of([patient(), *results]), the_book(), AS_OF).value("serum calcium")
        assert fact is not None
        assert fact.conflict


@given(people(), st.lists(st.tuples(st.sampled_from(COMPANY), st.integers(0, 20)), max_size=4))
@MANY
def test_irrelevant_company_does_not_matter(resources: list[Json], company: list[tuple[Json, int]]) -> None:
    among = list(resources)
    for item, place in company:
        among.insert(place, item)
    assert answer(among) == answer(resources)


@given(st.one_of(people(), crowds()), st.lists(st.integers(0, 20), max_size=4))
@MANY
def test_a_repeated_resource_does_not_matter(resources: list[Json], repeated: list[int]) -> None:
    again = [resources[number % len(resources)] for number in repeated]
    assert answer([*resources, *again]) == answer(resources)


@given(st.one_of(people(), crowds()), SEEDS)
@MANY
def test_the_unit_of_a_result_does_not_matter(resources: list[Json], seed: int) -> None:
    picks = random.Random(seed)
    other = [in_unit(item, picks.randrange(8)) if "valueQuantity" in item else item for item in resources]
    assert answer(other) == answer(resources)


@given(st.one_of(people(), crowds()))
@MANY
def test_findings_that_the_record_cannot_change_are_as_in_an_empty_record(resources: list[Json]) -> None:
    record = record_of(resources)
    evaluation = evaluate(record, the_book(), AS_OF)
    program, states = evaluation.inferred.program, evaluation.chart.states
    supposed = Supposed({}, {name: states[name] for name in program.whatif}, {})
    plain = chart_of(evaluation.chart.record, the_book(), AS_OF, supposed)
    assert [n for n in program.names[: program.base] if plain.state(n) != evaluation.inferred.state(n)] == []


ANY = Interval(0, float("inf"))


@lru_cache(maxsize=1)
def compared() -> list[str]:
    """The findings that compare terms."""
    return [name for name, finding in the_book().findings.items() if isinstance(finding.definition, Compared)]


def plausible(name: str) -> Interval:
    """What a measurement can be."""
    term = the_book().terms[name]
    assert isinstance(term, Measurement)
    return term.plausible


def one_of_each(resources: list[Json]) -> Record:
    """A record with the first reading of each measurement only, so that no other result can take its place."""
    record = record_of(resources)
    record.readings = {name: readings[:1] for name, readings in record.readings.items()}
    return record


def source_of(record: Record, seed: int) -> str:
    sources = sorted({reading.source for readings in record.readings.values() for reading in readings})
    return sources[seed % len(sources)] if sources else ""


def turned(before: Chart, after: Chart) -> list[str]:
    """The comparisons that were present and are absent, or the other way round."""
    return [name for name in compared() if {before.state(name), after.state(name)} == {ABSENT, PRESENT}]


def wide(value: Interval, down: float, up: float, limits: Interval) -> Interval:
    return Interval(max(value.low - down, limits.low), min(value.high + up, limits.high))


EGFR_15_OF_91_DAYS_AGO = [
    patient(birth="1940-03-01"),
    observation(CALCIUM, 7.0, "mg/dL", identity="n0"),
    creatinine(3.0, "n1"),
    observation("LOINC 98980-6", 15, "mL/min/{1.73_m2}", day="2025-10-16", identity="n2"),
]
"""A creatinine that surely means an eGFR below 15 makes the reported eGFR too old; one that only may does not."""


def grounds(name: str, chart: Chart) -> list[tuple[tuple[str, ...], str, str]]:
    """What the compared terms of a finding were taken from."""
    facts = [chart.value(term) for term in the_book().findings[name].definition.terms]
    return [(fact.sources, fact.taken_from, fact.note) for fact in facts if fact is not None]


@given(people(), SEEDS, st.floats(0, 5), st.floats(0, 5))
@MANY
@example(EGFR_15_OF_91_DAYS_AGO, 1, 1.0, 0.0)
def test_a_wider_result_or_dose_never_turns_a_comparison_round_unless_another_stands_in(
    resources: list[Json], seed: int, down: float, up: float
) -> None:
    record = one_of_each(resources)
    chosen = source_of(record, seed)
    readings = {
        name: [r._replace(value=wide(r.value, down, up, plausible(name))) if r.source == chosen else r for r in listed]
        for name, listed in record.readings.items()
    }
    products = [
        p._replace(amounts={n: (wide(d, down, up, ANY), wide(one, down, up, ANY)) for n, (d, one) in p.amounts.items()})
        for p in record.products
    ]
    wider = replace(record, readings=readings, products=products)
    before, after = chart_of(record, the_book(), AS_OF), chart_of(wider, the_book(), AS_OF)
    assert [name for name in turned(before, after) if grounds(name, before) == grounds(name, after)] == []


@given(people(), SEEDS)
@MANY
def test_a_missing_result_never_turns_a_comparison_round_unless_another_stands_in(
    resources: list[Json], seed: int
) -> None:
    record = one_of_each(resources)
    gone = source_of(record, seed)
    kept = {name: [r for r in listed if r.source != gone] for name, listed in record.readings.items()}
    before = chart_of(record, the_book(), AS_OF)
    after = chart_of(replace(record, readings={n: listed for n, listed in kept.items() if listed}), the_book(), AS_OF)
    assert [name for name in turned(before, after) if grounds(name, before) == grounds(name, after)] == []
    assert [name for name in compared() if not grounds(name, after) and after.state(name) is not UNKNOWN] == []
