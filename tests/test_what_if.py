"""What would change one patient's outcome: exact to one step, and what changing the bundle itself gives."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from generated import people, the_book
from hypothesis import given
from hypothesis import strategies as st
from people import (
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    CREATININE,
    bundle,
    condition,
    dosage,
    observation,
    patient,
    resource,
    statement,
)
from profiles import examples

from cds.commands.patients import what_if_command
from cds.evaluation import evaluate, evaluator_of
from cds.intake.reading import read_record
from cds.quantity import unit_key
from cds.review.inputs import Input, inputs_of_patient
from cds.review.outcome_ladder import stretches_of
from cds.review.supposed import SupposedPatient
from cds.review.what_if import WhatIf, what_if, what_if_data
from cds.rulebook.graph import PRODUCTS
from cds.rulebook.model import Condition, Measurement, Medication, RuleBook

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parent / "fhir_samples"
DAY = date(2026, 11, 22)
LINES = [json.loads(line) for line in (HERE / "patients.jsonl").read_text(encoding="utf-8").splitlines()]
BUNDLES: dict[str, tuple[Any, date]] = {
    path.parent.name: (json.loads(path.read_text("utf-8")), DAY) for path in sorted(SAMPLES.glob("*/bundle.json"))
} | {line["id"]: (line["bundle"], date.fromisoformat(line["asOf"])) for line in LINES[::12]}
WOMAN = (patient(birth="1960-05-01"), statement(CARBONATE_500, dosage()))
"""A woman of 65 who takes 500 mg of calcium a day."""


def outcome(data: Any, book: RuleBook, day: date) -> str:
    return evaluate(read_record(data, book, day), book, day).outcome


@lru_cache(maxsize=64)
def answer(name: str, book: RuleBook) -> WhatIf:
    data, day = BUNDLES[name]
    return what_if(read_record(data, book, day), book, day)


def of(book: RuleBook, *resources: Any, day: date = AS_OF) -> WhatIf:
    return what_if(read_record(bundle(*resources), book, day), book, day)


def sentences(found: WhatIf) -> list[str]:
    return [turn.sentence(found.outcome) for turn in found.turns]


def results_of(name: str, book: RuleBook) -> Iterator[tuple[Input, Any]]:
    """The results in use, each with the JSON of its Observation where its value stands in the term's unit."""
    data, day = BUNDLES[name]
    own = SupposedPatient(read_record(data, book, day), book, day)
    for item in inputs_of_patient(own, own.chart()):
        if not isinstance(item.term, Measurement) or item.fact is None or len(item.fact.sources) != 1:
            continue
        for entry in data["entry"]:
            found = entry["resource"]
            amount = found.get("valueQuantity", {})
            if f"{found['resourceType']}/{found.get('id')}" == item.fact.sources[0] and "comparator" not in amount and (
                unit_key(amount.get("code", "")) == unit_key(item.term.unit)
            ):  # fmt: skip
                yield item, found


def with_value(name: str, source: str, value: float) -> Any:
    data = copy.deepcopy(BUNDLES[name][0])
    for entry in data["entry"]:
        if entry["resource"].get("id") == source:
            entry["resource"]["valueQuantity"]["value"] = value
    return data


@pytest.mark.parametrize("name", BUNDLES)
def test_the_bundle_with_the_other_value_gives_the_outcome_and_one_step_nearer_it_does_not(
    name: str, book: RuleBook
) -> None:
    found, day = answer(name, book), BUNDLES[name][1]
    for item, resource_json in results_of(name, book):
        for turn in (turn for turn in found.turns if turn.input == item.term.name):
            assert item.fact is not None
            assert turn.value is not None
            up = turn.value > item.fact.value.high
            nearer = round(turn.value + (-item.step if up else item.step), 6)
            assert outcome(with_value(name, resource_json["id"], turn.value), book, day) == turn.outcome
            if (nearer > item.fact.value.high) is up:
                assert outcome(with_value(name, resource_json["id"], nearer), book, day) == found.outcome


@pytest.mark.parametrize("name", ["osteoporosis-and-calcified-arteries", "kidney-disease-above-the-limit"])
def test_a_ladder_is_what_evaluating_every_step_gives(name: str, book: RuleBook) -> None:
    data, day = BUNDLES[name]
    own = SupposedPatient(read_record(data, book, day), book, day)
    evaluator = evaluator_of(book)
    for item in inputs_of_patient(own, own.chart()):
        steps = round((item.high - item.low) / item.step)
        if steps > 250 or PRODUCTS in item.names:
            continue
        stretches = stretches_of(item, own, evaluator)
        for number in range(steps + 1):
            value = round(item.low + number * item.step, 6)
            decision = evaluator.evaluate(item.suppose(own, value).chart()).decision
            (there,) = (s for s in stretches if s.first <= value <= s.last)
            assert (there.outcome, there.decided_by) == (decision.outcome, decision.decided_by), (item.term.name, value)


@examples(30)
@given(people(), st.data())
def test_for_any_patient_each_value_of_an_input_gives_the_outcome_of_its_stretch(
    resources: list[Any], data: st.DataObject
) -> None:
    own = SupposedPatient(read_record(bundle(*resources), the_book(), AS_OF), the_book(), AS_OF)
    item = data.draw(st.sampled_from(list(inputs_of_patient(own, own.chart()))))
    stretches = stretches_of(item, own, evaluator_of(the_book()))
    for _ in range(10):
        value = round(item.low + item.step * data.draw(st.integers(0, round((item.high - item.low) / item.step))), 6)
        decision = evaluator_of(the_book()).evaluate(item.suppose(own, value).chart()).decision
        (there,) = (s for s in stretches if s.first <= value <= s.last)
        assert (there.outcome, there.decided_by) == (decision.outcome, decision.decided_by), (item.term.name, value)


def test_a_missing_result_is_what_adding_it_to_the_bundle_gives(book: RuleBook) -> None:
    data, day = BUNDLES["no-recent-tests"]
    own = SupposedPatient(read_record(data, book, day), book, day)
    for item in inputs_of_patient(own, own.chart()):
        if not isinstance(item.term, Measurement) or item.fact is not None:
            continue
        system, code = item.term.codes[0][:2]
        coded = {"coding": [{"system": system, "code": code}]}
        for stretch in stretches_of(item, own, evaluator_of(book)):
            for value in (stretch.first, stretch.last):
                new = {**observation(CALCIUM, value, item.term.unit, day.isoformat(), "new"), "code": coded,
                       "subject": {"reference": own.record.patient}}  # fmt: skip
                changed = {**data, "entry": [*data["entry"], {"resource": new}]}
                assert outcome(changed, book, day) == stretch.outcome, (item.term.name, value)


@pytest.mark.parametrize("name", ["osteoporosis-and-calcified-arteries", "warfarin-and-vitamin-k", "no-recent-tests"])
def test_a_condition_or_medicine_more_is_what_adding_it_to_the_bundle_gives(name: str, book: RuleBook) -> None:
    data, day = BUNDLES[name]
    found = answer(name, book)
    subject = {"reference": read_record(data, book, day).patient}
    turns = {turn.input: turn.outcome for turn in found.turns if turn.change == "present"}
    for term in book.terms.values():
        if not isinstance(term, (Condition, Medication)) or not term.codes or found_now(data, term.name, book, day):
            continue
        coded = {"coding": [{"system": term.codes[0].system, "code": term.codes[0].code}]}
        if isinstance(term, Condition):
            new = {**condition(identity="new", recordedDate=day.isoformat(), subject=subject), "code": coded}
        else:
            new = resource(
                "MedicationStatement", "new", status="active", medicationCodeableConcept=coded, subject=subject
            )
        changed = {**data, "entry": [*data["entry"], {"resource": new}]}
        if touched(changed, data, book, day) == {term.name}:
            assert outcome(changed, book, day) == turns.get(term.name, found.outcome), term.name


def found_now(data: Any, name: str, book: RuleBook, day: date) -> bool:
    record = read_record(data, book, day)
    return name in record.mentions or name in record.courses


def touched(changed: Any, data: Any, book: RuleBook, day: date) -> set[str]:
    """The terms that are on record now and were not before; a code can stand under several."""
    after, before = read_record(changed, book, day), read_record(data, book, day)
    return ({*after.mentions} - {*before.mentions}) | ({*after.courses} - {*before.courses})


def test_high_calcium_turns_continue_to_hold_one_step_above_the_limit(book: RuleBook) -> None:
    found = of(book, *WOMAN, observation(CALCIUM, 9.4, "mg/dL"), observation(CREATININE, 0.8, "mg/dL", identity="k"))
    assert found.outcome == "continue"
    assert "serum calcium from 10.6 mg/dL: hold, not continue (CA-01)" in sentences(found)


def test_both_directions_are_said(book: RuleBook) -> None:
    found = answer("above-the-upper-level", book)
    changes = {turn.change: turn.outcome for turn in found.turns if turn.input == "calcium supplement dose"}
    assert changes == {"to 1000 mg/day or less": "continue", "from 2501 mg/day": "hold"}


def test_one_result_under_two_terms_is_changed_under_both(book: RuleBook) -> None:
    found = answer("kidney-disease-above-the-limit", book)
    assert [turn.input for turn in found.turns if "eGFR" in turn.input] == ["reported eGFR", "reported eGFR"]


def test_missing_tests_that_settle_only_together_are_named_as_a_pair(book: RuleBook) -> None:
    found = of(book, *WOMAN)
    assert found.outcome == "insufficient-data"
    assert ("serum calcium", "creatinine") in found.pairs
    assert not any(gap.settles_outcome for gap in found.gaps)


def test_the_missing_test_that_settles_the_outcome_comes_first(book: RuleBook) -> None:
    found = of(book, *WOMAN, observation(CALCIUM, 9.4, "mg/dL"))
    assert found.outcome == "insufficient-data"
    settling = [gap.settles_outcome for gap in found.gaps]
    assert settling[0]
    assert settling == sorted(settling, reverse=True)
    assert found.gaps[0].input in ("creatinine", "reported eGFR")
    assert found.pairs == ()


def test_a_result_that_is_too_old_is_missing_and_can_be_otherwise(book: RuleBook) -> None:
    found = answer("no-recent-tests", book)
    assert "serum calcium" in {gap.input for gap in found.gaps} & {turn.input for turn in found.turns}


def test_an_unknown_sex_is_a_gap(book: RuleBook) -> None:
    found = of(book, patient(birth="1960-05-01", gender=None), statement(CARBONATE_500, dosage(2)),
               observation(CALCIUM, 9.4, "mg/dL"), observation(CREATININE, 1.2, "mg/dL", identity="k"))  # fmt: skip
    (gap,) = (gap for gap in found.gaps if gap.input == "sex")
    assert [words for words, _, _ in gap.stretches] == ["female or male"]
    assert gap.settles


def test_an_unclear_condition_is_a_gap_with_both_answers(book: RuleBook) -> None:
    term = book.terms["calciphylaxis"]
    assert isinstance(term, Condition)
    coded = {"coding": [{"system": term.codes[0].system, "code": term.codes[0].code}]}
    unclear = {**condition(verification="unconfirmed"), "code": coded}
    found = of(book, *WOMAN, observation(CALCIUM, 9.4, "mg/dL"), observation(CREATININE, 0.8, "mg/dL", identity="k"),
               unclear)  # fmt: skip
    (gap,) = (gap for gap in found.gaps if gap.input == "calciphylaxis")
    assert gap.now == "unclear"
    assert [(words, result) for words, result, _ in gap.stretches] == [("absent", "continue"), ("present", "stop")]


def test_the_command_says_turns_and_gaps() -> None:
    path = SAMPLES / "no-recent-tests" / "bundle.json"
    done = CliRunner().invoke(what_if_command, [str(path), "--as-of", "2026-11-22"])
    assert done.exit_code == 0
    assert "serum calcium from 10.3 mg/dL: hold, not insufficient-data (CA-01)  [now 9.3 mg/dL]" in done.output
    assert "serum calcium together with creatinine" in done.output


def test_the_json_is_that_of_the_answer(book: RuleBook) -> None:
    path = SAMPLES / "high-calcium" / "bundle.json"
    done = CliRunner().invoke(what_if_command, [str(path), "--as-of", "2026-11-22", "--json"])
    expected = {"file": str(path), "asOf": "2026-11-22", **what_if_data(answer("high-calcium", book))}
    assert json.loads(done.stdout) == json.loads(json.dumps(expected))


def test_a_file_that_cannot_be_read_ends_with_status_one(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{", "utf-8")
    done = CliRunner().invoke(what_if_command, [str(tmp_path / "x.json")])
    assert done.exit_code == 1
    assert "[not-json]" in done.output


@pytest.mark.parametrize("known", [(), (statement(CARBONATE_500, dosage(5)),)], ids=["no product", "a product"])
def test_what_was_not_understood_leaves_it_a_question_about_the_answer_that_was_given(
    book: RuleBook, known: tuple[Any, ...]
) -> None:
    resources = (patient(), *known, statement("", identity="x", text="Kalziumbrause"))
    given_answer = outcome(bundle(*resources), book, AS_OF)
    assert of(book, *resources).outcome == given_answer
    assert given_answer == ("adjust-dose" if known else "insufficient-data")
