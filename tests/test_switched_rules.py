"""A rule that is switched off, or runs in shadow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from generated import BOOK
from people import AS_OF, CALCIUM, CARBONATE_500, bundle, dosage, observation, patient, statement

from cds.evaluation import Evaluation, evaluate
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook


def evaluated(book: RuleBook) -> Evaluation:
    high = bundle(patient(), statement(CARBONATE_500, dosage()), observation(CALCIUM, 10.9, "mg/dL"))
    return evaluate(read_record(high, book, AS_OF), book, AS_OF)


def switched(*, off: Iterable[str] = (), shadow: Iterable[str] = ()) -> RuleBook:
    return replace(BOOK, off=frozenset(off), shadow=frozenset(shadow))


def test_a_rule_that_is_off_neither_decides_nor_speaks() -> None:
    decision = evaluated(switched(off=["CA-01"])).decision

    assert evaluated(BOOK).decision.decided_by == "CA-01"
    assert decision.decided_by != "CA-01"
    assert "CA-01" not in {said.rule for said in decision.said}
    assert decision.shadowed == ()


def test_what_the_data_silence_stays_silent_while_the_rule_that_answers_for_it_is_off() -> None:
    before, after = (evaluated(book).decision.silenced for book in (BOOK, switched(off=["CA-01"])))

    assert "high calcium" in {item.entry for item in before}
    assert "high calcium" in {item.entry for item in after}


def test_a_rule_in_shadow_changes_nothing_but_is_reported() -> None:
    decision = evaluated(switched(shadow=["CA-01"])).decision

    assert decision.shadowed == ("CA-01",)
    assert decision._replace(shadowed=()) == evaluated(switched(off=["CA-01"])).decision


def test_a_rule_that_is_off_asks_for_nothing() -> None:
    unknown = bundle(patient(), statement(CARBONATE_500, dosage()))
    asks = evaluate(read_record(unknown, BOOK, AS_OF), BOOK, AS_OF).answer.asking
    book = switched(off=asks)

    assert asks
    assert evaluate(read_record(unknown, book, AS_OF), book, AS_OF).answer.asking == {}
