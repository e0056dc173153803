"""Whole answers about records in Chinese: with the region cn, through the service, and without any region."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from calls import REVIEW, TODAY, call, client_of, draft, orders, searchset, service_for
from people import bundle, cds_services, concept, condition, observation, patient, request, statement

from cds.bookshelf import open_rulebook
from cds.cards.card import cards_of
from cds.cards.lost_results import REASONS
from cds.evaluation import Evaluation, evaluate
from cds.hooks.answering import answer
from cds.hooks.profiles import PROFILES, shaped
from cds.intake.reading import read_record
from cds.intake.record import ISSUE_CODES, LOST_RESULTS
from cds.rulebook.model import RuleBook

RULES = Path(__file__).resolve().parent.parent / "rules"
HAN = re.compile("[\u4e00-\u9fff]")
ONCE = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "片"}}], "text": "口服,一次1片,一日1次,餐后"}  # fmt: skip
TABLET = statement("", ONCE, text="碳酸钙D3片(钙尔奇)600mg/125IU", identity="tablet")
CALCIUM = observation("LOINC 2000-8", 2.35, "mmol/L", day="2026-01-07", identity="ca")
CREATININE = observation("LOINC 14682-9", 62, "umol/L", day="2026-01-07", identity="cr")
DIET = observation("LOINC 35264-1", 350, "mg/(24.h)", day="2026-01-10", identity="di")
BONES = condition(text="骨质疏松症", identity="b")
ARTERIES = condition(text="冠状动脉钙化(冠脉CT提示)", identity="a")


@pytest.fixture(scope="module")
def cn(monkeypatch_module: None) -> RuleBook:
    return open_rulebook(RULES)


@pytest.fixture(scope="module")
def monkeypatch_module() -> Any:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CDS_OVERLAY", "cn")
        yield


@pytest.fixture(scope="module")
def eu() -> RuleBook:
    return open_rulebook(RULES, "eu")


def judged(book: RuleBook, *resources: Any) -> Evaluation:
    return evaluate(read_record(bundle(patient(birth="1958-03-02"), *resources), book, TODAY), book, TODAY)


def test_the_woman_of_the_article_recorded_in_chinese_is_answered_in_english_without_a_region(book: RuleBook) -> None:
    """The product, both conditions and the results are recognised; the rules are those of the base."""
    found = judged(book, TABLET, BONES, ARTERIES, CALCIUM, CREATININE, DIET)
    assert (found.outcome, found.decision.decided_by) == ("continue", "BONE-01")
    dose = found.chart.value("calcium supplement dose")
    assert dose is not None
    # Which of its two strengths is taken is settled by the region alone: here the brand has both.
    assert (dose.value.low, dose.value.high) == (300, 600)
    said = {code for told in found.decision.said for code in told.codes}
    assert {"continue-calcium", "do-not-stop-for-calcification"} <= said
    assert not said & {"no-calcium-product", "stop-calcium", "hold-calcium"}
    first = cards_of(found)[0]
    assert "may go on" in first["summary"]
    assert not HAN.search(first["summary"].replace("骨质疏松症", ""))


def test_the_service_answers_in_chinese_where_the_environment_names_the_region(cn: RuleBook) -> None:
    sent = call(patient=patient(birth="1958-03-02"), observations=searchset(CALCIUM, CREATININE, DIET),
                conditions=searchset(BONES, ARTERIES), statements=searchset(TABLET))  # fmt: skip
    answer = client_of(service_for(cn)).post(REVIEW, json=sent)
    assert answer.status_code == 200
    cards = answer.json()["cards"]
    assert "可继续" in cards[0]["summary"]
    assert [card["summary"] for card in cards if not HAN.search(card["summary"])] == []
    assert "**依据**" in cards[0]["detail"]
    assert all("规则" in card["detail"] for card in cards)


def test_every_text_of_every_rule_is_chinese_with_the_placeholders_of_the_base(cn: RuleBook, book: RuleBook) -> None:
    english = [rule.id for rule in cn.rules.values() if not HAN.search(rule.title)]
    for rule in cn.rules.values():
        texts = zip(rule.card.texts, book.rules[rule.id].card.texts, strict=True)
        for own, base in texts:
            only_a_placeholder = re.fullmatch(r"\{[^{}]*\}\W", own.summary)
            told = [own.fallback, own.detail, *([] if only_a_placeholder else [own.summary])]
            english += [rule.id for text in told if text and not HAN.search(text)]
            assert bool(own.fallback) == bool(base.fallback) or not base.fallback, rule.id
        english += [rule.id for _, when in rule.card.hours if not HAN.search(when)]
    assert english == []


def test_a_joined_card_has_a_chinese_title_and_hours(cn: RuleBook) -> None:
    orders = (request("", ONCE, text=text, identity=f"r{at}") for at, text in
              enumerate(("左甲状腺素钠片 50ug", "左氧氟沙星片 0.5g")))  # fmt: skip
    cards = cards_of(judged(cn, TABLET, BONES, CALCIUM, CREATININE, DIET, *orders))
    joined = next(card for card in cards if card["summary"].startswith("钙剂请与以下药物错开服用："))
    assert joined["summary"].endswith("左甲状腺素钠片 50ug。")
    assert "- 左甲状腺素钠片 50ug：与钙剂至少间隔4小时" in joined["detail"]


def test_creatinine_is_printed_in_micromoles_and_calcium_in_millimoles(cn: RuleBook, eu: RuleBook) -> None:
    for region in (cn, eu):
        text = str(cards_of(judged(region, TABLET, CALCIUM, CREATININE, DIET)))
        assert "62 umol/L" in text
        assert "2.35 mmol/L" in text
        assert "0.062 mmol/L" not in text


def test_a_high_calcium_is_said_with_its_day_limit_and_labels_in_chinese(cn: RuleBook) -> None:
    high = observation("LOINC 2000-8", 2.75, "mmol/L", day="2026-01-07", identity="ca")
    first = cards_of(judged(cn, TABLET, high, CREATININE, DIET))[0]
    assert first["summary"] == ("2026-01-07血钙2.75 mmol/L（11.02 mg/dL），上限2.62 mmol/L：可考虑暂停钙剂和维生素D。")
    assert first["suggestions"][0]["label"] == "暂停钙制剂"


@pytest.mark.parametrize(
    ("name", "directions"),
    [
        ("维生素D3软胶囊 5万单位", {}),
        ("维生素D3软胶囊 5万国际单位", {}),
        ("维生素D2软胶囊 5万单位/粒", {}),
        ("维生素D3软胶囊5万IU", {}),
        ("维生素D3软胶囊 1.5万单位", {}),
        ("维生素D3软胶囊", {"text": "每次5万单位,每日1次"}),
        ("维生素D3软胶囊", {"text": "每次五万单位,每日1次"}),
        ("维生素D3软胶囊", {"text": "口服,一次5万IU,一日一次"}),
        (
            "维生素D3软胶囊",
            {"timing": ONCE["timing"], "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "万单位"}}]},
        ),
    ],
)
def test_ten_thousands_are_read_and_a_dose_of_a_week_every_day_pauses(
    cn: RuleBook, name: str, directions: dict[str, Any]
) -> None:
    old = observation("LOINC 2000-8", 2.35, "mmol/L", day="2025-08-07", identity="ca")
    vitamin = statement("", directions or ONCE, text=name, identity="d")
    found = judged(cn, TABLET, old, CREATININE, DIET, vitamin)
    assert (found.outcome, found.decision.decided_by) == ("hold", "VD-07")


@pytest.mark.parametrize(
    "name",
    [
        "葡萄糖酸钙注射液",
        "10%葡萄糖酸钙注射液10ml",
        "氯化钙注射液",
        "钙通道阻滞剂",
        "钙拮抗剂",
        "钙拮抗剂（氨氯地平片）",
    ],
)
def test_what_only_sounds_like_calcium_is_known_and_no_product(cn: RuleBook, name: str) -> None:
    found = judged(cn, statement("", ONCE, text=name), CALCIUM, CREATININE, DIET)
    assert (found.outcome, found.decision.decided_by) == ("not-applicable", "SCOPE-03")


@pytest.mark.parametrize("name", ["钙拮抗剂+钙片", "神奇钙注射液"])
def test_calcium_beside_such_a_name_and_a_name_that_nobody_knows_stay_open(cn: RuleBook, name: str) -> None:
    assert judged(cn, statement("", ONCE, text=name), CALCIUM, CREATININE, DIET).outcome == "insufficient-data"


@pytest.mark.parametrize("name", ["无糖钙片", "无糖型钙咀嚼片"])
def test_a_tablet_without_sugar_is_a_product_whose_dose_is_asked_for(cn: RuleBook, name: str) -> None:
    found = judged(cn, statement("", ONCE, text=name), CALCIUM, CREATININE, DIET)
    assert (found.outcome, found.decision.decided_by) == ("insufficient-data", "DATA-04")


def test_what_a_narrow_client_shortens_keeps_the_chinese_notices(cn: RuleBook) -> None:
    cards = cards_of(judged(cn, TABLET, BONES, ARTERIES, CALCIUM, CREATININE, DIET))
    short = shaped(cards, PROFILES["cerner"]._replace(longest_detail=10), cn.wording)[0]["detail"]
    assert "非获批医疗器械" in short
    assert "规则BONE-01" in short
    assert "**依据**" in short


def test_what_is_ordered_and_its_removal_are_said_in_chinese(cn: RuleBook) -> None:
    high = observation("LOINC 2000-8", 2.95, "mmol/L", day="2026-01-07")
    body = call("order-sign", {"draftOrders": orders(draft())}, observations=searchset(high), statements=searchset())
    first = answer(body, cds_services()["order-sign"], cn, TODAY).cards[0]
    assert first["detail"].startswith("**医嘱：**")
    assert first["suggestions"][0]["label"].startswith("删除医嘱草稿：")


def test_what_was_not_understood_is_said_in_chinese(cn: RuleBook) -> None:
    odd = statement("", ONCE, text="神奇口服液", identity="odd")
    text = cards_of(judged(cn, TABLET, odd, CALCIUM, CREATININE, DIET))[0]["detail"]
    assert "2项用药中有1项未能理解" in text


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({**CALCIUM, "code": concept(text="血清钙")}, "无已知编码"),
        ({**CALCIUM, "dataAbsentReason": concept(text="error")}, "既有数值又写明无数值的原因"),
    ],
)
def test_why_a_result_was_not_used_is_said_in_chinese_alone(result: Any, said: str) -> None:
    region = open_rulebook(RULES, "cn")
    told = " ".join(card["summary"] + card["detail"] for card in cards_of(judged(region, TABLET, BONES, result)))
    assert said in told
    assert "not used" not in told
    assert "notused" not in told
    assert "result without" not in told


def test_no_text_of_a_lost_result_is_half_translated() -> None:
    words = open_rulebook(RULES, "cn").wording
    plain = [ISSUE_CODES[code] for code in sorted(LOST_RESULTS)]
    of_one = [text.replace("A result", "A result of serum calcium", 1) for text in plain]
    names = ("钙", "钙 2.1 mmol/L of 2026-01-07")
    reasons = [f"{name} not used: {reason}" for reason in REASONS.values() for name in names]
    told = [words.remark(text).replace("mmol", "") for text in (*plain, *of_one, *reasons)]
    assert [text for text in told if re.search("[a-z]", text)] == []
    assert not any("无法读取" in words.remark(text) for text in reasons)
