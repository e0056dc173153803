"""Rules that are off or in shadow: whatever they are, the answer is that of the whole rulebook, or none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from generated import people, switchable, the_book
from hypothesis import given
from hypothesis import strategies as st
from people import AS_OF, CALCIUM, CARBONATE_500, SOME, bundle, dosage, observation, patient, statement

from cds.cards.card import cards_of
from cds.cards.models import checked
from cds.evaluation import Evaluation, Evaluator, evaluate
from cds.facts.chart import chart_of
from cds.intake.reading import read_record
from cds.reasoning.decision import SWITCHED_OFF, outcome_of
from cds.reasoning.inference import PlainReasoner
from cds.rulebook.model import RuleBook

STRICT = ("stop", "hold")
PARTS = 8
"""The parts into which a test over all rules is cut, so that several processes share it."""
RULES = st.deferred(lambda: st.sampled_from(switchable()))


@lru_cache(maxsize=1)
def patients() -> list[Any]:
    """The labelled patients."""
    return [json.loads(line) for line in (Path(__file__).parent / "patients.jsonl").read_text("utf-8").splitlines()]


def evaluated(book: RuleBook) -> Evaluation:
    high = bundle(patient(), statement(CARBONATE_500, dosage()), observation(CALCIUM, 10.9, "mg/dL"))
    return evaluate(read_record(high, book, AS_OF), book, AS_OF)


def switched(*, off: Iterable[str] = (), shadow: Iterable[str] = ()) -> RuleBook:
    return replace(the_book(), off=frozenset(off), shadow=frozenset(shadow))


def test_a_rule_that_is_off_neither_decides_nor_speaks() -> None:
    decision = evaluated(switched(off=["CA-01"])).decision

    assert evaluated(the_book()).decision.decided_by == "CA-01"
    assert decision.decided_by != "CA-01"
    assert "CA-01" not in {said.rule for said in decision.said}
    assert decision.shadowed == ()


def test_what_the_data_silence_stays_silent_while_the_rule_that_answers_for_it_is_off() -> None:
    before, after = (evaluated(book).decision.silenced for book in (the_book(), switched(off=["CA-01"])))

    assert "high calcium" in {item.entry for item in before}
    assert "high calcium" in {item.entry for item in after}


def test_a_rule_of_force_that_is_put_into_shadow_is_answered_for_as_one_that_is_off_and_is_reported() -> None:
    decision = evaluated(switched(shadow=["CA-01"])).decision

    assert decision.shadowed == ("CA-01",)
    assert decision._replace(shadowed=()) == evaluated(switched(off=["CA-01"])).decision


def test_a_rule_that_is_off_asks_for_nothing() -> None:
    unknown = bundle(patient(), statement(CARBONATE_500, dosage()))
    asks = evaluate(read_record(unknown, the_book(), AS_OF), the_book(), AS_OF).answer.asking
    book = switched(off=asks)

    assert asks
    assert evaluate(read_record(unknown, book, AS_OF), book, AS_OF).answer.asking == {}


@lru_cache(maxsize=16)
def by(book: RuleBook) -> Evaluator:
    return Evaluator(book, PlainReasoner(book))


def answered(data: Any, book: RuleBook, day: date) -> Evaluation:
    return by(book).evaluate(chart_of(read_record(data, book, day), book, day))


def held_against_the_whole(data: Any, book: RuleBook, day: date = AS_OF) -> None:
    """What must be so of every answer while rules are switched off."""
    found, whole = answered(data, book, day), answered(data, the_book(), day)
    now, before, off = found.decision, whole.decision, book.off | book.shadow
    assert now.outcome in (before.outcome, book.no_answer)
    assert outcome_of(book, found.inferred) == (now.switched.outcome if now.switched else now.outcome)
    assert not off & {now.decided_by, *(said.rule for said in now.said), *(name for name, _ in now.overruled)}
    assert codes_of(found) <= codes_of(whole)
    if before.decided_by in off and before.outcome not in STRICT:
        assert (now.outcome, now.decided_by) == (book.no_answer, SWITCHED_OFF)
    unseen = {said.rule for said in before.said if said.rule in off}
    named = found.answer.unheard.keys()
    assert unseen <= named <= off
    cards = cards_of(found)
    checked(cards)
    if now.decided_by == SWITCHED_OFF:
        assert cards[0]["summary"].startswith("No advice on calcium: ")
        assert found.decision.switched is not None


def codes_of(evaluation: Evaluation) -> set[tuple[str, str]]:
    """The codes with their rules, and each card as one without a code."""
    return {(said.rule, code) for said in evaluation.decision.said for code in ("", *said.codes)}


@SOME
@given(people(), st.sets(RULES, max_size=12), st.sets(RULES, max_size=4))
def test_whatever_is_switched_off_the_answer_is_that_of_the_whole_rulebook_or_none(
    resources: list[Any], off: set[str], shadow: set[str]
) -> None:
    held_against_the_whole(bundle(*resources), switched(off=off - shadow, shadow=shadow))


def test_with_the_deciding_rule_switched_off_every_labelled_patient_gets_its_outcome_or_no_answer() -> None:
    deciding = {person["expected"]["decidedBy"] for person in patients()} & set(switchable())
    assert deciding
    for rule in sorted(deciding):
        book = switched(off=[rule])
        for person in patients():
            if rule in (person["expected"]["decidedBy"], *person["expected"]["fired"]):
                held_against_the_whole(person["bundle"], book, date.fromisoformat(person["asOf"]))


def test_what_if_questions_compare_the_answers_of_the_whole_rulebook() -> None:
    """Both ends of an unclear dose give no answer while the rules that decide there are off: they still differ."""
    unclear = statement(CARBONATE_500, dosage(frequency=None), identity="m")
    unclear["dosage"] = [{"text": "as directed"}]
    data = bundle(patient(), unclear, observation(CALCIUM, 9.4, "mg/dL"),
                  observation("LOINC 2160-0", 0.8, "mg/dL", identity="k"))  # fmt: skip
    whole = answered(data, the_book(), AS_OF)
    assert (whole.outcome, whole.decision.decided_by) == ("insufficient-data", "DATA-04")
    ends = switched(off=["DOSE-01", "DOSE-02", "DOSE-03", "DOSE-06", "CAC-03", "CAC-04", "BONE-04"])
    found = answered(data, ends, AS_OF)
    assert (found.outcome, found.decision.decided_by) == ("insufficient-data", "DATA-04")


@lru_cache(maxsize=1)
def by_the_whole_book() -> list[Evaluation]:
    return [answered(line["bundle"], the_book(), date.fromisoformat(line["asOf"])) for line in patients()]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_rule_left_out_with_an_accepted_risk_is_named_wherever_the_answer_is_another_or_it_would_have_asked(
    part: int,
) -> None:
    for rule in switchable()[part::PARTS]:
        without = replace(the_book(), off=frozenset([rule]), left_out=frozenset([rule]))
        for line, whole in zip(patients(), by_the_whole_book(), strict=True):
            answer = answered(line["bundle"], without, date.fromisoformat(line["asOf"]))
            if whole.outcome != answer.outcome or rule in whole.answer.asking:
                assert rule in answer.left_out, (rule, line["id"])
