"""A card about draft orders says which: in words, by reference, with the removal of each where that is an answer."""

from __future__ import annotations

from typing import Any

import pytest
from calls import CALCIUM_AND_D, SIGN, TODAY, call, client_of, draft, orders, rules_in, searchset, service_for
from people import CALCIUM, EXTENSION, bundle, cds_services, condition, observation, patient, statement

from cds.cards.card import cards_of
from cds.cards.drafts import ASSOCIATED
from cds.cards.models import checked
from cds.evaluation import evaluate
from cds.hooks.answering import answer
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
HIGH, LOW, NORMAL = (observation(CALCIUM, value, "mg/dL") for value in (11.8, 7.0, 9.4))
KIDNEYS = observation("LOINC 98979-8", 80, "mL/min/{1.73_m2}", identity="egfr")
DIET = observation("LOINC 35264-1", 500, "mg/(24.h)", identity="diet")
DIGOXIN, LEVOTHYROXINE = (
    statement("", text=text, identity=text[:3].lower()) for text in ("Digoxin 0.125 mg", "Levothyroxine 75 mcg tablet")
)
OSTEOPOROSIS = condition("SNOMED 64859006", "Osteoporosis")


def tablets(text: str, a_day: int, identity: str, **more: Any) -> Json:
    """The draft order of so many tablets a day, once each."""
    repeat = {"frequency": a_day, "period": 1, "periodUnit": "d"}
    dose = {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}
    return draft("", identity, medicationCodeableConcept={"text": text}, dosageInstruction=[dose], **more)


CITRATE = tablets("Calcium citrate (elemental calcium 200 mg) tablet", 2, "citrate")
MUCH = tablets("Calcium carbonate (elemental calcium 500 mg) tablet", 4, "much")


def signed(book: RuleBook, *drafts: Json, results: tuple[Json, ...] = (NORMAL,), **prefetch: Any) -> list[Json]:
    """The cards for signing some orders, of somebody who takes nothing else unless the prefetch says so."""
    more = {"statements": searchset(), "observations": searchset(*results), **prefetch}
    body = call("order-sign", {"draftOrders": orders(*drafts)}, **more)
    cards = answer(body, cds_services()["order-sign"], book, TODAY).cards
    assert checked(cards)
    return cards


def about(card: Json) -> dict[str, str]:
    """The references of a card to drafts, with their names."""
    return {one["reference"]: one["display"] for one in card["extension"].get(ASSOCIATED, ())}


def removed(card: Json) -> list[str]:
    """The drafts of which a card offers the removal, one suggestion each."""
    actions = [one["actions"] for one in card.get("suggestions", ())]
    return [first["resourceId"] for first, *more in actions if first["type"] == "delete" and not more]


def test_every_card_names_each_draft_as_it_was_ordered_and_refers_to_it(book: RuleBook) -> None:
    cards = signed(book, draft(), CITRATE, results=(HIGH,), statements=searchset(DIGOXIN))
    assert len(cards) >= 3
    citrate = "Calcium citrate (elemental calcium 200 mg) tablet"
    for card in cards:
        assert about(card) == {"MedicationRequest/citrate": citrate, "MedicationRequest/r": CALCIUM_AND_D}
        first = card["detail"].split("\n\n")[0]
        assert first == f"**Ordered:** Calcium citrate \\(elemental calcium 200 mg\\) tablet; {CALCIUM_AND_D}"


def test_where_calcium_is_high_each_draft_can_be_removed_on_each_card_that_warns(book: RuleBook) -> None:
    cards = signed(book, draft(), CITRATE, results=(HIGH,), statements=searchset(DIGOXIN))
    warning = [card for card in cards if card["indicator"] != "info"]
    assert {rule for card in warning for rule in rules_in([card])} >= {"INT-07", "CA-01"}
    for card in warning:
        assert removed(card) == ["MedicationRequest/r", "MedicationRequest/citrate"]
        labels = [one["label"] for one in card["suggestions"]][:2]
        assert labels[0] == f"Remove the draft order: {CALCIUM_AND_D}"
        assert labels[1].startswith("Remove the draft order: Calcium citrate")
    uuids = [one["uuid"] for card in cards for one in card.get("suggestions", ())]
    assert len(set(uuids)) == len(uuids)
    assert [removed(card) for card in cards if card["indicator"] == "info"] == [[]]


def test_a_dose_that_is_too_high_with_the_draft_lets_it_be_removed(book: RuleBook) -> None:
    cards = signed(book, MUCH, results=(NORMAL, KIDNEYS, DIET), statements=searchset())
    over = next(card for card in cards if rules_in([card]) & {"DOSE-01", "DOSE-03"})
    assert removed(over) == ["MedicationRequest/much"]
    assert [removed(card) for card in cards if card is not over] == [[]] * (len(cards) - 1)


@pytest.mark.parametrize(
    ("drafts", "results"),
    [((draft(),), (LOW, KIDNEYS)), ((MUCH,), (LOW, KIDNEYS)), ((CITRATE,), (NORMAL, KIDNEYS, DIET))],
    ids=["low calcium", "low calcium and a high dose", "osteoporosis, may go on"],
)
def test_where_calcium_is_to_go_on_no_removal_is_offered(
    book: RuleBook, drafts: tuple[Json, ...], results: tuple[Json, ...]
) -> None:
    cards = signed(book, *drafts, results=results, conditions=searchset(OSTEOPOROSIS))
    assert about(cards[0])
    assert [removed(card) for card in cards] == [[] for _ in cards]


def test_a_phosphate_binder_is_left_to_nephrology(book: RuleBook) -> None:
    binder = tablets("Calcium acetate 667 mg capsule", 6, "binder")
    dialysis = condition("SNOMED 105502003", "Dependence on renal dialysis", identity="dialysis")
    cards = signed(book, binder, results=(HIGH,), conditions=searchset(dialysis))
    assert any(about(card) == {"MedicationRequest/binder": "Calcium acetate 667 mg capsule"} for card in cards)
    assert [removed(card) for card in cards] == [[] for _ in cards]


def test_what_is_ordered_beside_calcium_on_record_is_named_on_the_card_about_both(book: RuleBook) -> None:
    ordered = draft("", "levo", medicationCodeableConcept={"text": "Levothyroxine 75 mcg tablet"})
    taken = statement("", text="Calcium carbonate 1250 mg tablet", identity="own")
    cards = signed(book, ordered, results=(NORMAL, KIDNEYS, DIET), statements=searchset(taken))
    named = [card for card in cards if about(card)]
    assert [about(card) for card in named] == [{"MedicationRequest/levo": "Levothyroxine 75 mcg tablet"}]
    assert "INT-01" in rules_in(named)


def test_folded_points_name_the_orders_once_and_offer_each_removal_once(book: RuleBook) -> None:
    cards = signed(book, draft(), CITRATE, conditions=searchset(OSTEOPOROSIS), statements=searchset(LEVOTHYROXINE))
    (folded,) = [card for card in cards if "folded" in card["extension"][EXTENSION]]
    assert folded["detail"].count("**Ordered:**") == 1
    assert set(about(folded)) == {"MedicationRequest/r", "MedicationRequest/citrate"}
    assert len(removed(folded)) == len(set(removed(folded)))


def test_a_name_in_an_order_has_no_power(book: RuleBook) -> None:
    name = "Calcium carbonate 1250 mg <script>alert(1)</script> [x](http://evil.example)\u202e"
    (first, *_) = signed(book, tablets(name, 1, "r"), results=(HIGH,))
    assert not any(sign in first["detail"] for sign in ("<script", "](http", "\u202e"))
    assert not any(sign in first["suggestions"][0]["label"] for sign in ("<script", "](http", "\u202e"))


def test_an_order_without_a_name_is_called_by_its_product_and_never_by_its_id(book: RuleBook) -> None:
    (first, *_) = signed(book, draft("308867", "nameless"), draft(), results=(HIGH,))
    assert "nameless" not in first["detail"] + str([one["label"] for one in first["suggestions"]])
    assert all(about(first).values())


def test_what_was_not_sent_is_said_on_a_card_that_still_refers_to_its_order(book: RuleBook) -> None:
    (first, *_) = signed(book, draft(), results=(HIGH,), goals="left out")
    assert "**Not sent" in first["detail"]
    assert set(about(first)) == {"MedicationRequest/r"}


def test_a_client_that_takes_one_action_a_suggestion_has_it_too(book: RuleBook) -> None:
    body = call("order-sign", {"draftOrders": orders(draft())}, observations=searchset(HIGH), statements=searchset())
    epic = client_of(service_for(book, profile="epic")).post(SIGN, json=body).json()["cards"][0]
    assert (set(about(epic)), removed(epic)) == ({"MedicationRequest/r"}, ["MedicationRequest/r"])


def test_without_drafts_no_card_speaks_of_an_order(book: RuleBook) -> None:
    record = read_record(bundle(patient(), statement(), HIGH), book, TODAY)
    for card in cards_of(evaluate(record, book, TODAY)):
        assert ASSOCIATED not in card["extension"]
        assert "**Ordered:**" not in card["detail"]
