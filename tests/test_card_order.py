"""In which order cards stand, which rules join in one card, and which cards are folded: as precedence.yaml says it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from people import AS_OF, EXTENSION, Json, bundle, patient

from cds.cards.folding import MOST_WHOLE, folded
from cds.errors import RulebookError
from cds.evaluation import Evaluation, evaluate
from cds.facts.formulas import FORMULAS
from cds.intake.reading import read_record
from cds.reasoning.decision import Said, _Floor
from cds.review.remarks import remarks
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import CardOrder, Frozen, JoinedCard, RuleBook

GOOD = Path(__file__).resolve().parent / "good_rules"


def acting(book: RuleBook, acts: dict[str, str], order: CardOrder) -> RuleBook:
    """The rulebook with other times at which somebody can act, and another order of cards."""
    rules: dict[str, Any] = dict(book.rules)
    for name, act in acts.items():
        rules[name] = rules[name]._replace(card=rules[name].card._replace(act=act))
    return replace(book, rules=Frozen(rules), cards=order)


def in_order(book: RuleBook, said: dict[str, str], decides: str) -> list[str]:
    """The rules of cards with these indicators, in the order in which they stand."""
    inferred = evaluate(read_record(bundle(patient()), book, AS_OF), book, AS_OF).inferred
    floor = _Floor(book, inferred, frozenset(), frozenset())
    floor.decided_by = decides
    cards = [Said(rule, (), 0, indicator) for rule, indicator in said.items()]
    return [card.rule for card in sorted(cards, key=floor.place_of)]


SAID = {
    "CON-06": "info",
    "INT-01": "info",
    "VD-02": "info",
    "INT-06": "warning",
    "CA-02": "critical",
    "BONE-01": "info",
}


def test_critical_cards_stand_first_then_the_deciding_one_then_warnings_then_information(book: RuleBook) -> None:
    known = acting(book, {"INT-01": "today", "VD-02": "visit", "CON-06": "later"}, CardOrder())
    assert in_order(known, SAID, "BONE-01") == ["CA-02", "BONE-01", "INT-06", "INT-01", "VD-02", "CON-06"]


def test_the_deciding_card_stands_first_among_critical_ones(book: RuleBook) -> None:
    said = {"CA-02": "critical", "VD-06": "critical", "PTH-02": "critical"}
    for decides in said:
        assert in_order(acting(book, {}, CardOrder()), said, decides)[0] == decides


@pytest.mark.parametrize("act", ["today", "visit", "later", ""])
def test_what_can_be_done_sooner_stands_before_what_waits_and_a_rule_that_says_nothing_waits_for_a_visit(
    book: RuleBook, act: str
) -> None:
    known = acting(book, {"CON-04": act, "VD-02": "visit", "VD-03": "later"}, CardOrder())
    order = in_order(known, dict.fromkeys(("VD-03", "VD-02", "CON-04"), "info"), "CA-01")
    assert order.index("CON-04") == {"today": 0, "visit": 0, "later": 1, "": 0}[act]


def test_a_rule_that_stands_last_does_so_even_where_it_decides(book: RuleBook) -> None:
    last = acting(book, {}, CardOrder(stands_last=("BONE-01",)))
    assert in_order(last, SAID, "BONE-01")[-1] == "BONE-01"


def card(rule: str, indicator: str = "info", **more: Any) -> Json:
    return {
        "uuid": rule, "summary": f"{rule} speaks.", "indicator": indicator,
        "detail": f"What it says.\nMore.\n\n**Based on**\n- a fact\n\nRule {rule}, draft. S; strong.",
        "source": {"topic": {"display": rule}},
        "extension": {EXTENSION: {"rule": rule, "advice": [f"c-{rule}"], **more}},
    }  # fmt: skip


def shown(book: RuleBook, cards: list[Json], order: CardOrder) -> list[Json]:
    known = replace(book, cards=order)
    evaluation: Evaluation = evaluate(read_record(bundle(patient()), known, AS_OF), known, AS_OF)
    return folded(cards, evaluation)


def rules_in(cards: list[Json]) -> list[str]:
    told = [one["extension"][EXTENSION] for one in cards]
    return ["+".join(part["rule"] for part in own.get("folded", own.get("joined", [own]))) for own in told]


INFO = ("VD-02", "CON-04", "CON-06", "CAC-02", "LIFE-01")


def test_beside_the_deciding_card_three_stand_whole_and_the_last_are_folded(book: RuleBook) -> None:
    cards = [card("BONE-01", decides=True), *map(card, INFO)]
    assert rules_in(shown(book, cards, CardOrder())) == ["BONE-01", *INFO[:MOST_WHOLE], "CAC-02+LIFE-01"]


def test_a_single_card_too_many_stays_whole(book: RuleBook) -> None:
    cards = [card("BONE-01", decides=True), *map(card, INFO[:4])]
    assert shown(book, cards, CardOrder()) == cards


def test_what_the_rule_files_name_is_folded_first_in_their_order(book: RuleBook) -> None:
    cards = [card("BONE-01", decides=True), *map(card, INFO)]
    order = CardOrder(folded_first=("CON-04", "VD-02"))
    assert rules_in(shown(book, cards, order)) == ["BONE-01", "CON-06", "CAC-02", "LIFE-01", "VD-02+CON-04"]


def test_warnings_and_critical_cards_are_never_folded(book: RuleBook) -> None:
    serious = [card("CA-02", "critical"), *(card(rule, "warning") for rule in ("INT-06", "INT-07", "CA-03", "CA-04"))]
    cards = [card("BONE-01", decides=True), *serious, *map(card, INFO)]
    order = CardOrder(folded_first=("INT-06", "CA-02"))
    found = rules_in(shown(book, cards, order))
    assert found == ["BONE-01", "CA-02", "INT-06", "INT-07", "CA-03", "CA-04", "+".join(INFO)]


def test_folded_cards_keep_their_codes_and_a_card_that_stands_last_stays_last(book: RuleBook) -> None:
    cards = [*map(card, INFO), card("SCOPE-03", decides=True)]
    found = shown(book, cards, CardOrder(stands_last=("SCOPE-03",)))
    assert rules_in(found)[-2:] == ["CAC-02+LIFE-01", "SCOPE-03"]
    assert [part["advice"] for part in found[-2]["extension"][EXTENSION]["folded"]] == [["c-CAC-02"], ["c-LIFE-01"]]


JOINED = CardOrder(joined=(JoinedCard("Apart", "Keep apart", ("INT-01", "INT-02", "INT-03")),))


def test_rules_join_in_one_card_with_a_line_each_and_the_highest_indicator(book: RuleBook) -> None:
    cards = [card("BONE-01", decides=True), card("INT-01", "info"), card("VD-02"), card("INT-02", "warning")]
    found = shown(book, cards, JOINED)
    assert rules_in(found) == ["BONE-01", "INT-01+INT-02", "VD-02"]
    joined = found[1]
    assert joined["indicator"] == "warning"
    assert joined["detail"].split("\n\n")[:2] == ["- INT-01 speaks.\n- INT-02 speaks.", "What it says. More."]
    assert "Rule INT-01, draft. " in joined["detail"]
    assert "Rule INT-02, draft. " in joined["detail"]


def test_one_rule_alone_and_the_deciding_one_join_nothing(book: RuleBook) -> None:
    for cards in (
        [card("BONE-01", decides=True), card("INT-01")],
        [card("INT-02", decides=True), card("INT-01"), card("VD-02")],
    ):
        assert shown(book, cards, JOINED) == cards


def test_a_joined_card_is_never_folded(book: RuleBook) -> None:
    cards = [card("BONE-01", decides=True), *map(card, INFO), card("INT-01"), card("INT-02")]
    assert "INT-01+INT-02" in rules_in(shown(book, cards, JOINED))


@pytest.mark.parametrize(
    ("cards", "says"),
    [
        ("  stands last:\n    - CA-09\n", "'CA-09' is not a rule."),
        ("  folded first:\n    - CA-3\n", "'CA-3' is not a rule."),
        ("  joined:\n    - card: A\n      title: B\n      rules:\n        - CA-09\n", "'CA-09' is not a rule."),
        (
            "  joined:\n" + "    - card: A\n      title: B\n      rules:\n        - CA-01\n" * 2,
            "CA-01 is joined twice.",
        ),
    ],
)
def test_an_order_that_names_no_rule_or_joins_one_twice_is_refused(tmp_path: Path, cards: str, says: str) -> None:
    folder = Path(shutil.copytree(GOOD, tmp_path / "rules"))
    with (folder / "precedence.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\ncards:\n{cards}")
    with pytest.raises(RulebookError) as refused:
        read_rulebook(folder, FORMULAS)
    (problem,) = refused.value.problems
    assert str(problem).startswith("precedence.yaml:")
    assert says in str(problem)


@pytest.mark.parametrize(("words", "named"), [(60, 0), (61, 1)])
def test_a_detail_of_more_than_sixty_words_is_a_problem_and_a_placeholder_is_one_word(
    book: RuleBook, words: int, named: int
) -> None:
    rule = book.rules["CA-01"]
    detail = f"{'word ' * (words - 1)}{{calcium to use, both units}}."
    changed = rule._replace(card=rule.card._replace(detail=detail, variants=()))
    known = replace(book, rules=Frozen({**book.rules, "CA-01": changed}))
    found = [item for item in remarks(known, AS_OF) if item.code == "card-too-long" and "CA-01" in item.place]
    assert len(found) == named
