"""Details of cards name the medicine on record that explains a result, and say only what is true of the patient."""

from __future__ import annotations

import pytest
from people import ALBUMIN, AS_OF, CALCIUM, VITAMIN_D, Json, condition, observation, read, resource, statement

from cds.evaluation import evaluate
from cds.result import result_of
from cds.rulebook.model import RuleBook

DAILY = {"text": "1 tablet daily"}
TABLET = statement("RxNorm 282465", DAILY, identity="tablet")
NORMAL_ALBUMIN = observation(ALBUMIN, 4.0, "g/dL", identity="albumin")


def calcium(value: float) -> Json:
    return observation(CALCIUM, value, "mg/dL", identity="calcium")


def pth(value: float) -> Json:
    return observation("LOINC 2731-8", value, "pg/mL", identity="pth")


def takes(text: str) -> Json:
    return statement("", DAILY, text=text, identity="medicine")


DIALYSIS = condition("ICD-10-CM Z99.2", identity="dialysis")


def card(book: RuleBook, rule: str, *resources: Json) -> str:
    """Title and detail of the card of a rule."""
    cards = result_of(evaluate(read(book, NORMAL_ALBUMIN, *resources), book, AS_OF))["cards"]
    found = [one for one in cards if f"Rule {rule}" in one["detail"]]
    return f"{found[0]['summary']}\n{found[0]['detail'].split('**Based on**')[0]}"


@pytest.mark.parametrize("name", ["Hidroferol 0,266 mg", "Rocaltrol 0.25 mcg", "Rayaldee 30 mcg"])
@pytest.mark.parametrize("others", [(TABLET,), (), (TABLET, calcium(8.0))], ids=["stops", "no product", "low calcium"])
def test_a_toxic_vitamin_d_names_calcifediol_and_active_vitamin_d(
    book: RuleBook, name: str, others: tuple[Json, ...]
) -> None:
    assert name in card(book, "VD-06", observation(VITAMIN_D, 160, "ng/mL", identity="d"), takes(name), *others)


@pytest.mark.parametrize("products", [(TABLET,), ()], ids=["a product", "none"])
@pytest.mark.parametrize(("rule", "results"), [("CA-01", (calcium(11.0),)), ("PTH-01", (calcium(11.0), pth(90))),
                                               ("PTH-01", (calcium(11.0), pth(40)))])  # fmt: skip
def test_a_high_calcium_names_active_vitamin_d(
    book: RuleBook, rule: str, results: tuple[Json, ...], products: tuple[Json, ...]
) -> None:
    text = card(book, rule, *results, takes("Rocaltrol 0.25 mcg"), *products)
    assert "ble to raise calcium: Rocaltrol" in text.replace("\n", " ")


@pytest.mark.parametrize("value", [11.0, 12.5], ids=["it holds", "another rule stops"])
def test_on_dialysis_a_high_calcium_goes_to_nephrology_without_urine_or_creatinine(
    book: RuleBook, value: float
) -> None:
    patient = (calcium(value), pth(480), DIALYSIS, TABLET)
    text = card(book, "PTH-01", *patient)
    assert "nephrology" in text
    assert "hypocalciuric" not in text
    assert "endocrinology" not in text
    assert "probable" not in text
    if value < 12:
        assert "creatinine" not in card(book, "CA-01", *patient)


@pytest.mark.parametrize("products", [(TABLET,), ()], ids=["a product", "none"])
@pytest.mark.parametrize(("rule", "value"), [("GUARD-01", 7.6), ("CA-05", 7.2)])
@pytest.mark.parametrize("name", ["Cinacalcet 30 mg", "Parsabiv 5 mg"])
def test_a_low_calcium_on_a_calcimimetic_names_it_and_keeps_nothing_unchanged(
    book: RuleBook, name: str, rule: str, value: float, products: tuple[Json, ...]
) -> None:
    text = card(book, rule, calcium(value), takes(name), *products)
    assert name in text.splitlines()[0]
    assert "unchanged" not in text


@pytest.mark.parametrize("products", [(TABLET,), ()], ids=["a product", "none"])
@pytest.mark.parametrize(("rule", "value"), [("GUARD-01", 8.1), ("CA-05", 7.2)])
def test_a_low_calcium_after_denosumab_names_it_with_its_age(
    book: RuleBook, rule: str, value: float, products: tuple[Json, ...]
) -> None:
    given = resource("MedicationAdministration", "given", status="completed", subject={"reference": "Patient/p"},
                     medicationCodeableConcept={"text": "Prolia 60 mg"}, effectiveDateTime="2025-12-26")  # fmt: skip
    text = card(book, rule, calcium(value), given, *products).replace("\n", " ")
    assert "Prolia 60 mg" in text
    assert "20 days ago" in text


def test_a_low_vitamin_d_under_a_high_dose_asks_whether_the_dose_came_first(book: RuleBook) -> None:
    high = statement("", {"text": "1 capsule daily"}, text="Cholecalciferol 10000 IU capsule", identity="high")
    text = card(book, "VD-01", calcium(9.4), observation(VITAMIN_D, 8, "ng/mL", identity="d"), high, TABLET)
    assert "taken since before the test?" in text
