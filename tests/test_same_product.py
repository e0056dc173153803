"""One product that is recorded more than once counts once; where that is not certain, no sum is certain."""

from __future__ import annotations

from typing import Any

import pytest
from people import AS_OF, CARBONATE_500, Json, bundle, codes_of, concept, dosage, patient, read, request, statement

from cds.code_systems import SYSTEMS
from cds.evaluation import evaluate
from cds.facts.chart import chart_of
from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.quantity import Interval, point
from cds.result import result_of
from cds.rulebook.model import RuleBook

ORDER: Json = {"reference": "MedicationRequest/r"}
TEXT_600, OTHER_600 = "Calcium carbonate 1500 mg", "calcium carbonate 1500mg tab"


def dose(book: RuleBook, *resources: Json) -> Interval:
    fact = chart_of(read(book, *resources), book, AS_OF).value("calcium supplement dose")
    assert fact is not None
    return fact.value


def displayed(display: str, code: str = "428485") -> Json:
    return {"coding": [{"system": SYSTEMS["RxNorm"], "code": code, "display": display}]}


def stated(text: str = TEXT_600, **more: Any) -> Json:
    return statement("", dosage(1), text=text, **more)


def ordered(text: str = OTHER_600, **more: Any) -> Json:
    return request("", dosage(1), text=text, **more)


def texts_of(record: Record, code: str) -> list[tuple[str, str]]:
    return [(issue.source, issue.text) for issue in record.issues if issue.code == code]


@pytest.mark.parametrize("code", ["428485", "999999"])
def test_a_statement_and_an_order_with_one_product_code_and_two_displays_are_one_product(
    book: RuleBook, code: str
) -> None:
    one = stated(medicationCodeableConcept=displayed("calcium 600 MG (as carbonate) / vitamin D 400 UNT", code))
    other = ordered(medicationCodeableConcept=displayed("Calcium 600 mg-D 400", code))
    assert len(read(book, one, other).products) == 1
    assert dose(book, one, other).high == 600


def test_two_substance_codes_are_no_product_code(book: RuleBook) -> None:
    one = stated(medicationCodeableConcept=concept("RxNorm 1897", "Calcium carbonate 1250 mg"))
    other = ordered(medicationCodeableConcept=concept("RxNorm 1897", "Calcium carbonate 750 mg"))
    assert len(read(book, one, other).products) == 2


@pytest.mark.parametrize("key", ["basedOn", "derivedFrom"])
@pytest.mark.parametrize("turned", [False, True])
def test_a_statement_about_an_order_is_one_product_with_it(book: RuleBook, key: str, *, turned: bool) -> None:
    both = [stated("Caltrate 600", **{key: [ORDER]}), ordered("calcium carbonate 1250 mg")]
    record = read(book, *(reversed(both) if turned else both))
    (product,) = record.products
    assert product.amounts["calcium"][0] == Interval(500.5, 600)
    assert [source for source, _ in texts_of(record, "recorded-twice")] == ["MedicationRequest/r"]


def test_an_order_and_the_one_that_replaces_it_are_one_product(book: RuleBook) -> None:
    old = ordered("Calcium carbonate 1250 mg tablet", identity="r")
    new = ordered("calcium carbonate 1500 mg tablet", identity="new", priorPrescription=ORDER, authoredOn="2025-12-01")
    record = read(book, old, new)
    (product,) = record.products
    assert product.source == "MedicationRequest/new"
    assert product.amounts["calcium"][0] == Interval(500.5, 600.6)
    assert "recorded-twice" in codes_of(record)


def test_two_orders_that_a_third_record_joins_are_one_product(book: RuleBook) -> None:
    stopped = ordered(identity="r", status="stopped")
    records = [stated(basedOn=[ORDER]), stopped, ordered(identity="new", priorPrescription=ORDER)]
    assert len(read(book, *records).products) == 1


def test_a_link_between_products_that_hold_nothing_in_common_joins_nothing(book: RuleBook) -> None:
    other = ordered("Vitamin D3 1000 IU")
    assert len(read(book, stated(basedOn=[ORDER]), other).products) == 2


def test_a_nutrient_that_only_one_of_two_linked_records_names_may_be_none(book: RuleBook) -> None:
    (product,) = read(book, stated(basedOn=[ORDER]), ordered("Calcium 600 mg + vitamin D 400 IU")).products
    assert product.amounts["vitamin D"][0] == Interval(0, 400)


def test_a_reference_that_leads_nowhere_joins_nothing(book: RuleBook) -> None:
    away = {"reference": "MedicationRequest/away"}
    assert len(read(book, stated(basedOn=[away]), ordered("calcium carbonate 1250 mg")).products) == 2


def test_two_spellings_of_what_may_be_one_product_are_never_a_certain_sum(book: RuleBook) -> None:
    record = read(book, stated(), ordered())
    assert dose(book, stated(), ordered()) == Interval(600.6, 1201.2)
    assert texts_of(record, "recorded-twice") == [
        ("MedicationRequest/r", "A product may be recorded twice under two names; it was counted from none to all.")
    ]


def test_two_products_that_differ_are_added_up(book: RuleBook) -> None:
    assert dose(book, stated(), ordered("calcium citrate 950 mg")) == point(600.6 + 200.2600)
    assert dose(book, stated("calcium carbonate 1250 mg"), ordered()) == point(500.5 + 600.6)


def test_two_product_codes_are_two_products(book: RuleBook) -> None:
    assert dose(book, statement(CARBONATE_500, dosage(1)), request("RxNorm 359297", dosage(1))) == point(1000)


@pytest.mark.parametrize("key", ["basedOn", "derivedFrom"])
def test_an_order_that_a_statement_says_is_not_taken_is_not_certain_and_the_card_says_so(
    book: RuleBook, key: str
) -> None:
    denied = stated(status="not-taken", **{key: [ORDER]})
    record = read(book, denied, ordered())
    assert [product.state.word for product in record.products] == ["unknown"]
    assert [source for source, _ in texts_of(record, "said-not-taken")] == ["MedicationRequest/r"]
    whole = evaluate(read_record(bundle(patient(), denied, ordered()), book, AS_OF), book, AS_OF)
    assert "A statement says that an ordered medicine is not taken" in result_of(whole)["cards"][0]["detail"]


def test_a_medicine_class_that_is_ordered_and_said_not_to_be_taken_is_unknown(book: RuleBook) -> None:
    record = read(book, stated("doxycycline", status="not-taken", basedOn=[ORDER]), ordered("doxycycline"))
    assert [course.state.word for course in record.courses["tetracycline"]] == ["unknown"]


@pytest.mark.parametrize("said", [True, "true"])
def test_what_the_oldest_release_says_was_not_taken_is_not_taken(book: RuleBook, said: object) -> None:
    record = read(book, stated(wasNotTaken=said))
    assert record.products == []
    assert "not-taken" in codes_of(record)


def test_a_negation_that_cannot_be_read_makes_the_record_unreadable(book: RuleBook) -> None:
    record = read(book, stated(wasNotTaken="perhaps", basedOn=[ORDER]))
    assert record.products == []
    assert "unreadable-resource" in codes_of(record)
    assert "medicines" in record.unread


def containing(text: str, identity: str, inside: str, **more: Any) -> Json:
    """A statement about an order that it contains."""
    order = ordered(text, identity=inside)
    return stated(text, identity=identity, basedOn=[{"reference": f"#{inside}"}], contained=[order], **more)


def test_two_statements_that_contain_orders_of_one_id_are_two_products(book: RuleBook) -> None:
    both = containing("Calcium 600 mg tablet", "a", "o"), containing("Calcium carbonate 1250 mg", "b", "o")
    assert dose(book, *both) == point(600 + 500.5)


def test_a_contained_order_that_is_not_taken_denies_no_order_of_the_same_id(book: RuleBook) -> None:
    record = read(book, containing("Lisinopril 10 mg", "a", "r", status="not-taken"), ordered())
    assert [product.state.word for product in record.products] == ["present"]
    assert "said-not-taken" not in codes_of(record)


# --- a brand and a generic name, an unnamed salt, and a link to another nutrient


def test_a_brand_and_the_generic_order_of_it_are_from_one_to_the_sum_and_that_is_said(book: RuleBook) -> None:
    brand = statement("", dosage(2), text="Adcal-D3")
    generic = request("", dosage(2), text="Calcium carbonate 1.5g / Colecalciferol 400unit chewable tablets")
    assert dose(book, brand, generic) == Interval(1200, 2401.2)
    assert [source for source, _ in texts_of(read(book, brand, generic), "recorded-twice")] == ["MedicationRequest/r"]


@pytest.mark.parametrize("named", ["Caltrate 600", "Calcium carbonate 1500 mg"])
def test_a_salt_that_is_not_named_may_be_any(book: RuleBook, named: str) -> None:
    both = stated(named), ordered("Calcium 600 mg tablet")
    assert dose(book, *both) == Interval(dose(book, both[0]).low, dose(book, both[0]).low + 600)
    assert "recorded-twice" in codes_of(read(book, *both))


def test_two_known_salts_and_two_amounts_that_are_not_close_are_two_products(book: RuleBook) -> None:
    assert dose(book, stated("calcium citrate 950 mg"), ordered("Calcium 500 mg tablet")) == point(700.26)
    assert dose(book, stated("Caltrate 600"), ordered("Calcium 500 mg tablet")) == point(1100)


@pytest.mark.parametrize("key", ["priorPrescription", "basedOn"])
@pytest.mark.parametrize("turned", [False, True])
def test_a_link_to_an_order_of_vitamin_d_alone_leaves_the_calcium_certain(
    book: RuleBook, key: str, *, turned: bool
) -> None:
    reference: Any = ORDER if key == "priorPrescription" else [ORDER]
    new = ordered("Calcium 600 mg / vitamin D 400 IU", identity="new", **{key: reference})
    both = [new, ordered("Vitamin D3 1000 IU")]
    record = read(book, *(reversed(both) if turned else both))
    amounts = {course.source: {n: daily for n, (daily, _) in course.amounts.items()} for course in record.products}
    assert amounts["MedicationRequest/new"]["calcium"] == point(600)
    assert {"vitamin D": Interval(0, 1000)} in amounts.values()
    assert "recorded-twice" in codes_of(record)
