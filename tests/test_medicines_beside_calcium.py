"""Medicines beside calcium: which are read, whose hours a card prints, and what an INR is judged by."""

from __future__ import annotations

from typing import Any

import pytest
from people import AS_OF, CALCIUM, bundle, concept, condition, dosage, observation, patient, read, request, resource
from people import statement as taken

from cds.cards.called import Calls
from cds.cards.card import cards_of_rules
from cds.cards.filling import Filling
from cds.cards.hours import hours_of
from cds.evaluation import Evaluation, evaluate
from cds.facts.fact import Fact
from cds.intake.reading import read_record
from cds.quantity import Interval
from cds.rulebook.model import RuleBook

INR = "LOINC 6301-6"
WARFARIN, MK7 = "ATC B01AA03", "Vitamin K2 (MK-7) 90 mcg"
VALVE = condition("ICD-10-CM Z95.2", identity="valve")


def evaluated(book: RuleBook, *resources: Any) -> Evaluation:
    everybody = bundle(patient(), taken("RxNorm 282465", dosage(), identity="calcium"), *resources)
    return evaluate(read_record(everybody, book, AS_OF), book, AS_OF)


def hours(book: RuleBook, rule: str, *resources: Any) -> dict[str, str]:
    """The lines of hours of a rule's card."""
    found = evaluated(book, *resources)
    lines = hours_of(Filling(found, Calls(found.chart.record)), book.rules[rule].card)
    return {line.medicine: line.when for line in lines}


@pytest.mark.parametrize(
    "code",
    [
        "C03AB01", "C03AH01", "C03AX01", "C07BB07", "C07CA02", "C07CA03", "C07CB03", "C07DA06", "C08GA02", "C09BX01",
        "C09BX03", "C09DX01", "C09DX03", "C09DX06", "C09DX07", "C09DX08", "C09XA52", "C09XA54",
    ],
)  # fmt: skip
def test_a_thiazide_is_found_inside_combinations(book: RuleBook, code: str) -> None:
    assert "thiazide" in read(book, taken(f"ATC {code}")).courses


@pytest.mark.parametrize(
    "text",
    [
        "Risedronate sodium 35 mg gastro-resistant tablets", "Risedronate sodium gastro-resistant 35 mg",
        "Risedronate 35 mg delayed-release tablet", "risedronate sodium 35 MG Delayed Release Oral Tablet",
        "Risedronate DR 35 mg", "Actonel GR 35 mg", "Actonel DR", "Actonel EC 35mg", "Atelvia 35 mg tablet",
        "Risedronat 35 mg magensaftresistente Tabletten", "Actonel 35mg magensaftresistente Tabletten",
        "Risédronate 35 mg, comprimé gastro-résistant", "Risedronato 35 mg comprimidos gastrorresistentes",
        "Actonel 35 mg compresse gastroresistenti", "Risedronaat 35 mg maagsapresistente tabletten",
        "利塞膦酸钠肠溶片 35mg",
    ],
)  # fmt: skip
def test_risedronate_that_is_taken_after_breakfast_is_never_said_to_be_taken_fasting(book: RuleBook, text: str) -> None:
    found = hours(book, "INT-03", taken("", dosage(), text=text, identity="bone"))
    assert list(found.values()) == ["after breakfast; calcium at another meal"]
    record = read(book, taken("", dosage(), text=text))
    assert {"oral bisphosphonate", "osteoporosis drug"} <= record.courses.keys()


@pytest.mark.parametrize("text", ["Risedronate sodium 35 mg tablet", "Actonel 35 mg", "Risedronat 35 mg Filmtablette"])
def test_plain_risedronate_is_taken_fasting(book: RuleBook, text: str) -> None:
    found = hours(book, "INT-03", taken("", dosage(), text=text, identity="bone"))
    assert list(found.values()) == ["fasting, at least 30 minutes before calcium and food"]


@pytest.mark.parametrize("code", ["C09DX02", "C09DX04", "C09DX05", "C09BX02", "C09BX04", "C03EB01", "C07CA23"])
def test_neighbours_of_thiazide_combinations_are_none(book: RuleBook, code: str) -> None:
    assert "thiazide" not in read(book, taken(f"ATC {code}")).courses


@pytest.mark.parametrize(
    ("code", "text", "term"),
    [
        ("ATC B03AD03", "", "oral iron"), ("ATC B03AE01", "", "oral iron"), ("", "ferric maltol", "oral iron"),
        ("", "Xofluza 40 mg", "other calcium-bound drug"), ("ATC B03XA05", "", "other calcium-bound drug"),
        ("", "Edurant 25 mg", "acid-dependent drug"), ("ATC J05AE08", "", "acid-dependent drug"),
        ("ATC B01AF02", "", "direct oral anticoagulant"), ("", "Pradaxa 150 mg", "direct oral anticoagulant"),
        ("ATC J05AJ04", "", "integrase inhibitor"),
    ],
)  # fmt: skip
def test_medicines_that_calcium_touches_are_found(book: RuleBook, code: str, text: str, term: str) -> None:
    assert term in read(book, taken(code, text=text)).courses


@pytest.mark.parametrize(
    ("text", "more", "term"),
    [
        ("Deferasirox 500 mg", {}, "other calcium-bound drug"),
        ("Exjade 500 mg", {}, "other calcium-bound drug"),
        ("Ketoconazole 2 % cream", {}, "acid-dependent drug"),
        ("Apixaban 5 mg", {}, "vitamin K antagonist"),
    ],
)
def test_wrong_partners_are_none(book: RuleBook, text: str, more: dict[str, Any], term: str) -> None:
    record = read(book, taken(text=text, **more))
    assert term not in record.courses
    assert "not-recognised" not in {issue.code for issue in record.issues}


def test_iron_by_vein_is_none(book: RuleBook) -> None:
    assert "oral iron" not in read(book, taken("ATC B03AC02")).courses


def test_each_recorded_medicine_prints_its_own_hours_alone(book: RuleBook) -> None:
    cipro = taken(text="Ciprofloxacin 500 mg", identity="a")
    doxy = taken(text="Doxycycline 100 mg", identity="b")
    assert hours(book, "INT-02", cipro, doxy) == {
        "Ciprofloxacin 500 mg": "2 hours before or 6 hours after calcium",
        "Doxycycline 100 mg": "2 to 3 hours apart from calcium",
    }


def test_a_medicine_without_hours_of_its_own_is_taken_as_labelled(book: RuleBook) -> None:
    assert hours(book, "INT-02", taken(text="Moxifloxacin 400 mg")) == {
        "Moxifloxacin 400 mg": "apart from calcium as its label says"
    }


def test_a_medicine_that_is_recorded_twice_has_one_line(book: RuleBook) -> None:
    twice = (taken(text="Alendronate 70 mg", identity="a"), request(text="Alendronate 70 mg", identity="b"))
    assert list(hours(book, "INT-03", *twice)) == ["Alendronate 70 mg"]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Alendronate 70 mg", "fasting, at least 30 minutes before calcium and food"),
        ("Ibandronate 150 mg", "fasting, at least 60 minutes before calcium and food"),
        ("Atelvia 35 mg", "after breakfast; calcium at another meal"),
    ],
)
def test_bisphosphonates_differ_in_their_hours(book: RuleBook, text: str, when: str) -> None:
    assert hours(book, "INT-03", taken(text=text)) == {text: when}


def test_a_name_of_the_record_is_harmless_in_a_line_of_hours(book: RuleBook) -> None:
    (name,) = hours(book, "INT-01", taken("RxNorm 10582", text="<b>[x](http://x.example)</b> levothyroxine"))
    assert "<b>" not in name
    assert "](" not in name


def test_the_card_shows_the_hours_of_what_is_on_record(book: RuleBook) -> None:
    cards = {
        card["source"]["topic"]["code"]: card for card in cards_of_rules(evaluated(book, taken(text="Edurant 25 mg")))
    }
    assert "- Edurant 25 mg: 4 hours before or 2 hours after calcium carbonate" in cards["INT11"]["detail"]
    assert "eltrombopag" not in cards["INT11"]["detail"].lower()


def goal(low: float, high: float) -> Any:
    ends = {"low": {"value": low, "code": "{INR}"}, "high": {"value": high, "code": "{INR}"}}
    target = [{"measure": concept(INR), "detailRange": ends}]
    return resource("Goal", "g", lifecycleStatus="active", subject={"reference": "Patient/p"}, target=target)


@pytest.mark.parametrize(
    ("more", "low", "high"),
    [
        ((), (2.0, 2.0), (3.0, 3.0)),
        ((VALVE,), (2.0, 2.5), (3.0, 3.5)),
        ((VALVE, goal(2.5, 3.5)), (2.5, 2.5), (3.5, 3.5)),
        ((goal(2.5, 3.5),), (2.5, 2.5), (3.5, 3.5)),
        ((condition("ICD-10-CM Z95.2", identity="v", verification="provisional"),), (2.0, 2.5), (3.0, 3.5)),
    ],
    ids=["no target", "a valve", "a valve with a target", "a target", "perhaps a valve"],
)
def test_a_target_that_nobody_recorded_is_open_with_a_valve_that_may_be_mechanical(
    book: RuleBook, more: tuple[Any, ...], low: tuple[float, float], high: tuple[float, float]
) -> None:
    chart = evaluated(book, *more).chart
    ends = [chart.value(name) for name in ("lower INR target", "upper INR target")]
    assert [end.value for end in ends if isinstance(end, Fact)] == [Interval(*low), Interval(*high)]


@pytest.mark.parametrize(
    ("days", "indicator"), [(30, "critical"), (31, "warning")], ids=["began 30 days ago", "began 31 days ago"]
)
def test_a_vitamin_k_product_is_urgent_for_its_first_thirty_days(book: RuleBook, days: int, indicator: str) -> None:
    start = AS_OF.fromordinal(AS_OF.toordinal() - days).isoformat()
    product = taken(text=MK7, identity="k", effectivePeriod={"start": start})
    found = evaluated(book, taken(WARFARIN, identity="w"), product, observation(INR, 2.5, "{INR}", identity="inr"))
    assert {said.rule: said.indicator for said in found.decision.said}["INT-09"] == indicator


def test_with_an_open_target_the_product_is_no_matter_of_the_dose(book: RuleBook) -> None:
    chew = taken(text="Viactiv calcium chew", identity="chew")
    inr = observation(INR, 3.2, "{INR}", identity="inr")
    calcium = observation(CALCIUM, 9.4, "mg/dL", identity="ca")
    warfarin = taken(WARFARIN, identity="w")
    codes = {
        valve: {c for s in evaluated(book, chew, warfarin, inr, calcium, *more).decision.said for c in s.codes}
        for valve, more in (("none", ()), ("valve", (VALVE,)))
    }
    assert "change-to-product-without-vitamin-k" in codes["none"]
    assert "change-to-product-without-vitamin-k" not in codes["valve"]
    assert "record-inr-target" in codes["valve"] - codes["none"]


@pytest.mark.parametrize(
    "text",
    [
        "Calcium carbonate 500 mg effervescent tablet", "Calcium Brausetabletten 500 mg",
        "Calciumbrausetabletten 500 mg",
        "calcium 500 mg comprimé effervescent", "碳酸钙泡腾片 500mg", "Fizzy calcium 500 mg",
    ],
)  # fmt: skip
def test_a_product_that_says_it_is_effervescent_is(book: RuleBook, text: str) -> None:
    assert "effervescent calcium product" in said_of(book, taken(text=text))


@pytest.mark.parametrize("text", ["Calcium carbonate 500 mg tablet", "Calcium 500 mg, non-effervescent tablet"])
def test_any_other_product_is_not(book: RuleBook, text: str) -> None:
    assert said_of(book, taken(text=text)) == ()


def said_of(book: RuleBook, *products: Any) -> tuple[str, ...]:
    (product,) = read(book, *products).products
    return product.said_of


def test_the_dose_form_of_a_medication_says_it_too(book: RuleBook) -> None:
    medication = resource("Medication", "med", code=concept("RxNorm 282465"), form={"text": "Effervescent oral tablet"})
    by_reference = taken(medicationCodeableConcept=None, medicationReference={"reference": "Medication/med"})
    assert "effervescent calcium product" in said_of(book, medication, by_reference)


def test_of_a_statement_and_an_order_of_one_product_either_says_it(book: RuleBook) -> None:
    plain = taken("RxNorm 282465", dosage(), identity="a")
    order = request("RxNorm 282465", dosage(), text="calcium carbonate effervescent", identity="b")
    assert "effervescent calcium product" in said_of(book, plain, order)


EFFERVESCENT = taken("", dosage(), text="Calcium carbonate 500 mg effervescent tablet", identity="fizz")
HEART_FAILURE = condition("ICD-10-CM I50.9", identity="heart")


@pytest.mark.parametrize(("calcium", "shown"), [(9.4, True), (12.0, False), (10.9, False), (8.2, False)])
def test_effervescent_calcium_is_no_matter_while_calcium_is_high_or_low(
    book: RuleBook, calcium: float, *, shown: bool
) -> None:
    kidneys = observation("LOINC 98979-8", 80, "mL/min/{1.73_m2}", identity="egfr")
    found = evaluated(book, EFFERVESCENT, HEART_FAILURE, kidneys, observation(CALCIUM, calcium, "mg/dL", identity="ca"))
    assert ("DOSE-08" in {said.rule for said in found.decision.said}) is shown
