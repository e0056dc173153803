"""What the texts of the region cn say: numbers of the region, options, and nothing that is not on record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from calls import TODAY
from people import bundle, condition, dosage, observation, patient, statement

from cds.bookshelf import open_rulebook
from cds.cards.card import cards_of
from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook

RULES = Path(__file__).resolve().parent.parent / "rules"
CALCIUM = observation("LOINC 2000-8", 2.35, "mmol/L", day="2026-01-07", identity="ca")
KIDNEY = observation("LOINC 98979-8", 82, "mL/min/{1.73_m2}", day="2026-01-07", identity="gfr")
DIET = observation("LOINC 35264-1", 500, "mg/(24.h)", day="2026-01-10", identity="diet")
LOW_MAGNESIUM = observation("LOINC 19123-9", 1.1, "mg/dL", day="2026-01-07", identity="mg")
TABLET = statement("", dosage(1), text="Calcium carbonate (elemental calcium 500 mg) tablet", identity="tablet")


@pytest.fixture(scope="module")
def cn() -> RuleBook:
    return open_rulebook(RULES, "cn")


def card(book: RuleBook, rule: str, *resources: Any) -> dict[str, Any]:
    """The card of a rule for a woman of 60, with what she has on record."""
    record = read_record(bundle(patient(birth="1965-03-02"), KIDNEY, DIET, *resources), book, TODAY)
    cards = cards_of(evaluate(record, book, TODAY))
    return next(card for card in cards if f"规则{rule}" in card["detail"])


def text(book: RuleBook, rule: str, *resources: Any) -> str:
    """The title and the text of a card, without what it is based on."""
    found = card(book, rule, *resources)
    return f"{found['summary']} {found['detail'].partition('**依据**')[0]}"


def texts(book: RuleBook, *rules: str) -> Iterator[tuple[str, str]]:
    """Every text of the cards of some rules, or of all."""
    for name in rules or book.rules:
        for said in book.rules[name].card.texts:
            yield from ((name, part) for part in (said.summary, said.fallback, said.detail))


def test_a_date_never_runs_into_a_name_that_stands_twice(cn: RuleBook) -> None:
    runs = re.compile(r"date\}\d|(\w\w)\{[^{}]*, date\}\1")
    assert [name for name, said in texts(cn) if runs.search(said)] == []
    result = observation("LOINC 62292-8", 37.4, "nmol/L", day="2026-01-05", identity="vd")
    assert card(cn, "VD-02", TABLET, CALCIUM, result)["summary"].startswith(
        "25-羟维生素D 37.4 nmol/L（14.98 ng/mL）（2026-01-05）："
    )


def test_no_medicine_is_named_that_is_not_on_record(cn: RuleBook) -> None:
    digoxin = statement("", dosage(1), text="地高辛片 0.125mg", identity="dig")
    assert "地高辛" not in text(cn, "CON-01", TABLET, CALCIUM, LOW_MAGNESIUM)
    assert "记录中有：地高辛片 0.125mg。" in text(cn, "CON-01", TABLET, CALCIUM, LOW_MAGNESIUM, digoxin)
    biktarvy = statement("", dosage(1), text="Biktarvy tablet", identity="hiv")
    assert "多替拉韦" not in text(cn, "INT-04", TABLET, CALCIUM, biktarvy)


@pytest.mark.parametrize("more", [[], [statement("", dosage(1), text="碳酸锂片", identity="li")]])
def test_what_needs_emergency_care_is_said_without_digoxin_too(cn: RuleBook, more: list[Any]) -> None:
    high = observation("LOINC 2000-8", 3.2, "mmol/L", day="2026-01-14", identity="ca")
    said = text(cn, "CA-02", TABLET, high, *more)
    assert "急诊" in said
    assert "心电图" not in said


def test_the_diet_that_is_assumed_is_that_of_the_region(cn: RuleBook) -> None:
    for name in ("Calcium acetate 667 mg capsule", "Calcium carbonate (elemental calcium 200 mg) tablet"):
        taken = statement("", dosage(8), text=name, identity="much")
        record = read_record(bundle(patient(birth="1965-03-02"), KIDNEY, CALCIUM, taken), cn, TODAY)
        said = " ".join(card["detail"] for card in cards_of(evaluate(record, cn, TODAY)))
        assert "膳食钙按200至800 mg/天假定" in said
        assert "400至1000" not in said


def test_the_upper_level_of_vitamin_d_is_not_that_of_the_base(cn: RuleBook) -> None:
    drops = statement("", dosage(1), text="Vitamin D3 8000 IU capsule", identity="d")
    said = text(cn, "VD-07", TABLET, CALCIUM, drops)
    assert "高于中国DRIs 2023的最高摄入量" in said
    assert [name for name, part in texts(cn, "VD-07") if "最高摄入量4000" in part] == []


def test_food_calcium_after_a_stone_is_within_the_limit_of_weak_kidneys(cn: RuleBook) -> None:
    assert [part for _, part in texts(cn, "STONE-01") if "1000至1200" in part] == []
    stone = condition(text="肾结石", identity="stone")
    assert "慢性肾脏病者在CKD上限以内" in text(cn, "STONE-01", TABLET, CALCIUM, stone)


def test_that_calcium_may_go_on_is_said_only_where_vitamin_k_decides(cn: RuleBook) -> None:
    cards = cn.rules["INT-09"].card.texts
    said = [item for item in cards if "钙本身可继续" in item.detail]
    assert [item for item in said if not any("decider" in str(line) for line in item.when)] == []


def test_a_card_about_hours_does_not_name_the_calcium_itself(cn: RuleBook) -> None:
    iron = statement("", dosage(1), text="硫酸亚铁片", identity="iron")
    edurant = statement("", dosage(1), text="利匹韦林片", identity="ril")
    title = card(cn, "INT-11", TABLET, CALCIUM, iron, edurant)["summary"]
    assert "硫酸亚铁片" in title
    assert "Calcium carbonate" not in title


@pytest.mark.parametrize(
    ("rule", "order"),
    [("DIS-02", "90天内再查"), ("DIS-02", "请当日联系"), ("GUARD-01", "钙剂保持不变"), ("GUARD-01", "商定该药和钙剂"),
     ("INT-09", "将暂停"), ("CON-01", "降低：查找原因")],
)  # fmt: skip
def test_titles_are_options_and_no_orders(cn: RuleBook, rule: str, order: str) -> None:
    assert [part for _, part in texts(cn, rule) if order in part] == []
