"""Regions that the rules bring along: laid over by name, with their numbers, units, texts and Chinese names."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from people import bundle, condition, observation, patient, statement

from cds.bookshelf import open_rulebook
from cds.cards.card import cards_of
from cds.cli import app
from cds.errors import CdsError, RulebookError
from cds.evaluation import Evaluation, evaluate
from cds.facts.formulas import FORMULAS
from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.quantity import PRESENT, UNKNOWN, point
from cds.review.check import remarks_and_cases
from cds.review.moved_numbers import moved_numbers
from cds.review.mutation import mutants
from cds.rulebook.model import Computed, RuleBook
from cds.rulebook.overlaying import read_overlaid
from cds.rulebook.regions import layers_of, region_needed, regions_of

HERE = Path(__file__).resolve().parent
RULES, HOSPITAL = HERE.parent / "rules", HERE / "hospital"
TODAY = date(2026, 11, 28)
ONCE = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "片"}}], "text": "口服,一次1片,一日1次,餐后"}  # fmt: skip


@pytest.fixture(scope="module")
def eu() -> RuleBook:
    return open_rulebook(RULES, "eu")


@pytest.fixture(scope="module")
def cn() -> RuleBook:
    return open_rulebook(RULES, "cn")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An overlay of a site, on a region or not."""
    folder = tmp_path / "site"
    (folder / "terms").mkdir(parents=True)
    (folder / "overlay.yaml").write_text("name: Site\nowner: pharmacy\nreason: Invented.\n", "utf-8")
    return folder


def read_in(book: RuleBook, *resources: Any) -> Record:
    return read_record(bundle(patient(birth="1958-03-02"), *resources), book, TODAY)


def state_of(book: RuleBook, text: str, term: str) -> Any:
    mentions = read_in(book, condition(text=text)).mentions.get(term, ())
    return max((mention.state for mention in mentions), default=None)


def judged(book: RuleBook, *resources: Any) -> Evaluation:
    return evaluate(read_in(book, *resources), book, TODAY)


# --- by name ---


def test_the_rules_bring_regions_along_and_a_name_leads_to_them() -> None:
    assert sorted(regions_of(RULES)) == ["cn", "eu"]
    assert layers_of(RULES, ["eu"]) == (RULES / "regions" / "eu",)


def test_a_region_is_no_part_of_the_base(book: RuleBook) -> None:
    assert "DRICN2023" not in book.sources


def test_a_region_comes_below_the_overlay_of_a_site_in_whatever_order_they_are_named() -> None:
    region = RULES / "regions" / "eu"
    assert layers_of(RULES, [str(HOSPITAL), "eu"]) == (region, HOSPITAL)
    assert layers_of(RULES, ["eu", str(HOSPITAL)]) == (region, HOSPITAL)


def test_an_overlay_names_its_region(site: Path) -> None:
    with (site / "overlay.yaml").open("a", encoding="utf-8") as file:
        file.write("region: eu\n")
    assert region_needed(site) == "eu"
    assert layers_of(RULES, [site]) == (RULES / "regions" / "eu", site)
    book = open_rulebook(RULES, site)
    assert book.overlay is not None
    assert [layer.name for layer in book.overlay.layers] == ["Region eu (EFSA)", "Site"]


@pytest.mark.parametrize(
    ("named", "said"),
    [(["us"], "no folder of an overlay at 'us', and no region of that name (there are: cn, eu)"),
     (["eu", "cn"], "cn and eu are two regions, and a site has one")],
)  # fmt: skip
def test_what_is_no_region_and_two_of_them_are_refused(named: list[str], said: str) -> None:
    with pytest.raises(CdsError) as caught:
        layers_of(RULES, named)
    assert said in str(caught.value)


def test_a_folder_of_the_same_name_works_when_it_is_given_as_a_path_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(HOSPITAL, tmp_path / "eu")
    monkeypatch.chdir(tmp_path)
    assert layers_of(RULES, ["./eu"]) == (Path("eu"),)
    run = CliRunner().invoke(app, ["claims", "--rules", str(RULES), "--overlay", "eu"])
    assert "with the region eu (not the folder here: that is ./eu)" in run.stderr


def test_a_region_and_a_site_are_read_together() -> None:
    both = read_overlaid(RULES, [RULES / "regions" / "eu", HOSPITAL], FORMULAS)
    assert both.overlay is not None
    assert [layer.place for layer in both.overlay.layers] == ["regions/eu", "hospital"]
    assert both.off == {"LIFE-01"}
    assert value(both, "tolerable upper level", 60) == 2500


# --- numbers ---


def value(book: RuleBook, name: str, age: int) -> float:
    term = book.terms[name]
    assert isinstance(term, Computed)
    return next(row.amount for row in term.rows if row.first <= age <= row.last)


def test_tables_by_age_are_those_of_the_region(book: RuleBook, eu: RuleBook, cn: RuleBook) -> None:
    ages = (24, 25, 60)
    found = {name: [value(rules, "recommended intake", age) for age in ages]
             for name, rules in {"base": book, "eu": eu, "cn": cn}.items()}  # fmt: skip
    assert found == {"base": [1000, 1000, 1200], "eu": [1000, 950, 950], "cn": [800, 800, 800]}
    assert [value(rules, "tolerable upper level", 30) for rules in (book, eu, cn)] == [2500, 2500, 2000]


def test_single_numbers_are_those_of_the_region(book: RuleBook, cn: RuleBook) -> None:
    terms = [rules.terms["dietary calcium intake"] for rules in (book, cn)]
    assert [(term.numbers["lowest"], term.numbers["highest"]) for term in terms if isinstance(term, Computed)] == [
        (400, 1000), (200, 800)]  # fmt: skip


@pytest.mark.parametrize("name", ["eu", "cn"])
def test_the_cases_of_a_region_hold_and_its_texts_say_its_numbers(book: RuleBook, name: str) -> None:
    found, _ = remarks_and_cases(open_rulebook(RULES, name), TODAY)
    of_the_base, _ = remarks_and_cases(book, TODAY)
    assert [str(problem) for problem in found if problem not in of_the_base] == []


def test_both_sides_of_a_replaced_number_are_asked_for(eu: RuleBook) -> None:
    said = [mutant.what for mutant in mutants(eu) if mutant.term == "tolerable upper level"]
    assert said == [
        "'tolerable upper level' is 2499 instead of 2500 from 18 years",
        "'tolerable upper level' is 2501 instead of 2500 from 18 years",
    ]


def test_an_age_at_which_a_table_changes_is_moved_too(eu: RuleBook, book: RuleBook) -> None:
    here, base = eu.terms["recommended intake"], book.terms["recommended intake"]
    assert isinstance(here, Computed)
    assert isinstance(base, Computed)
    assert {"changes at 24 instead of 25 years", "changes at 26 instead of 25 years"} <= {
        what for what, _ in moved_numbers(here, base)
    }
    assert list(moved_numbers(base, base)) == []


WRONG = {
    "a table without a source": ("recommended intake", "table:\n      - 900 for anybody from 18 years", "no source"),
    "a table for a term without one": (
        "newest calcium", "table:\n      - 900 for anybody from 18 years\n    evidence:\n      - IOM2011",
        "'newest calcium' has no table."),
    "an unknown number": (
        "dietary calcium intake", "numbers:\n      smallest: 1\n    evidence:\n      - ODS",
        "'smallest' is not a number"),
    "an unknown source": (
        "recommended intake", "table:\n      - 900 for anybody from 18 years\n    evidence:\n      - IOM2111",
        "'IOM2111' is not an evidence source"),
    "a limit of a guarded rule": (
        "lower limit of calcium", "numbers:\n      default: 8.0\n    evidence:\n      - EXPERT",
        "keeps patients from harm and rests on 'lower limit of calcium'"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_with_a_replaced_number_is_said(kind: str, site: Path) -> None:
    term, entry, said = WRONG[kind]
    (site / "terms" / "own.yaml").write_text(f"terms:\n  {term}:\n    {entry}\n", "utf-8")
    with pytest.raises(RulebookError) as caught:
        read_overlaid(RULES, [site], FORMULAS)
    assert said in "\n".join(caught.value.lines)


# --- units, phrases, texts ---


def test_values_are_printed_in_the_units_of_the_region(book: RuleBook, eu: RuleBook) -> None:
    names = ("Caltrate 600 + D3 tablet", "Osteoporosis", "Coronary artery calcification")
    lines = ["\n".join(card["detail"] for card in cards_of(woman(rules, *names))) for rules in (book, eu)]
    assert "serum calcium: 9.42 mg/dL" in lines[0]
    assert "serum calcium: 2.35 mmol/L" in lines[1]


def test_units_and_phrases_that_nobody_prints_are_refused(site: Path) -> None:
    (site / "wording.yaml").write_text(
        "units shown first:\n  - stone\nphrases:\n  Based in: x\nnames shown:\n  calcum: x\n"
    )
    with pytest.raises(RulebookError) as caught:
        read_overlaid(RULES, [site], FORMULAS)
    said = "\n".join(caught.value.lines)
    assert "no result is accepted in 'stone'" in said
    assert "'Based in' is not a phrase. Did you mean 'Based on'?" in said
    assert "'calcum' is not" in said


def rule_with_words(site: Path, version: str, variant: str = "") -> RuleBook:
    (site / "scope").mkdir()
    more = f"    variants:\n      - when: {variant}\n        summary: Other words.\n" if variant else ""
    text = f"cards:\n  SCOPE-03:\n    version: {version}\n    summary: Nothing here.\n{more}"
    (site / "scope" / "cards.yaml").write_text(text, "utf-8")
    return read_overlaid(RULES, [site], FORMULAS)


def test_a_card_says_the_words_of_the_overlay_and_else_those_of_the_base(site: Path, book: RuleBook) -> None:
    local = rule_with_words(site, book.rules["SCOPE-03"].version)
    card, own = local.rules["SCOPE-03"].card, book.rules["SCOPE-03"].card
    assert (card.summary, card.detail, card.variants) == ("Nothing here.", own.detail, own.variants)


def test_words_for_another_version_or_for_other_conditions_are_not_shown_and_checked(
    site: Path, book: RuleBook, tmp_path: Path
) -> None:
    other = shutil.copytree(site, tmp_path / "other")
    old, lost = rule_with_words(site, "0.0.1"), rule_with_words(other, book.rules["SCOPE-03"].version, "osteoporosis")
    for local, said in ((old, "were made for 0.0.1"), (lost, "conditions that the rule no longer has")):
        assert local.rules["SCOPE-03"].card == book.rules["SCOPE-03"].card
        found, _ = remarks_and_cases(local, TODAY)
        assert [item.code for item in found if said in item.what] == ["texts-outdated"]


# --- Chinese ---


@pytest.mark.parametrize(
    ("text", "state"),
    [("骨质疏松症", PRESENT), ("2型糖尿病、骨质疏松", PRESENT), ("骨质疏松（DXA提示）", PRESENT),
     ("骨质疏松10余年", PRESENT),
     ("无发热,骨质疏松", PRESENT), ("无骨折。骨质疏松", PRESENT), ("无高血压但有骨质疏松", PRESENT),
     ("无骨质疏松", None), ("否认骨质疏松", None), ("排除骨质疏松", None), ("未见骨质疏松", None),
     ("不伴骨质疏松", None),
     ("无高血压、骨质疏松", None), ("否认高血压、糖尿病、骨质疏松史", None), ("骨质疏松家族史", None),
     ("骨质疏松已排除", None),
     ("骨质疏松待排", UNKNOWN), ("骨质疏松?", UNKNOWN), ("骨质疏松？", UNKNOWN), ("可疑骨质疏松", UNKNOWN),
     ("不排除骨质疏松", UNKNOWN), ("骨质疏松不能除外", UNKNOWN), ("需排除骨质疏松", UNKNOWN),
     ("有无骨质疏松", UNKNOWN),
     ("无症状性骨质疏松", UNKNOWN), ("骨质疏松（待DXA证实）", UNKNOWN), ("骨质疏松知识宣教", UNKNOWN)],
)  # fmt: skip
def test_a_chinese_text_says_whether_a_condition_is_there(cn: RuleBook, text: str, state: Any) -> None:
    assert state_of(cn, text, "osteoporosis") is state


def test_a_denial_reaches_over_the_whole_list(cn: RuleBook) -> None:
    assert read_in(cn, condition(text="无高血压、糖尿病")).mentions == {}


def amount(book: RuleBook, text: str) -> Any:
    found = read_in(book, statement("", ONCE, text=text)).products
    return found[0].amounts["calcium"][0] if found and "calcium" in found[0].amounts else None


@pytest.mark.parametrize(
    ("text", "milligrams"),
    [("碳酸钙D3片（钙尔奇）600mg/125IU", 600), ("钙尔奇", 600), ("碳酸钙D3片 600mg", 600),
     ("碳酸钙Ｄ３片６００ｍｇ", 600),
     ("碳酸钙D3片 300mg", 300), ("碳酸钙D3片（朗迪）", 500), ("迪巧维D钙咀嚼片", 300), ("碳酸钙D3颗粒", 500),
     ("醋酸钙胶囊（金丐）0.6g", 152)],
)  # fmt: skip
def test_a_chinese_product_has_the_element_of_its_brand_or_its_label(cn: RuleBook, text: str, milligrams: int) -> None:
    assert amount(cn, text) == point(milligrams)


@pytest.mark.parametrize("text", ["碳酸钙D3片", "高钙片"])
def test_a_generic_name_without_a_strength_is_a_product_of_unknown_dose(cn: RuleBook, text: str) -> None:
    found = amount(cn, text)
    assert found is not None
    assert not found.is_point


@pytest.mark.parametrize(
    "text",
    ["阿托伐他汀钙片", "低分子肝素钙注射液", "钙通道阻滞剂", "高钙血症", "降钙素", "醋酸钙不动杆菌",
     "葡萄糖酸钙注射液",
     "羟苯磺酸钙胶囊", "左亚叶酸钙", "聚卡波非钙片", "卡泊三醇软膏"],
)  # fmt: skip
def test_what_only_sounds_like_calcium_is_no_product(cn: RuleBook, text: str) -> None:
    assert amount(cn, text) is None


def test_the_salt_of_a_longer_chinese_name_stays_a_salt(cn: RuleBook) -> None:
    assert amount(cn, "葡萄糖酸钙片 0.5g") != point(500)


def woman(book: RuleBook, *names: str) -> Evaluation:
    tablet, bones, arteries = names
    return judged(
        book,
        condition(text=bones, identity="b"),
        condition(text=arteries, identity="a"),
        statement("", ONCE, text=tablet),
        observation("LOINC 2000-8", 2.35, "mmol/L", day="2026-11-07", identity="ca"),
        observation("LOINC 14682-9", 62, "umol/L", day="2026-11-07", identity="cr"),
        observation("LOINC 35264-1", 350, "mg/(24.h)", day="2026-11-13", identity="di"),
    )


def test_the_woman_of_the_article_gets_the_same_answer_in_both_languages(book: RuleBook, cn: RuleBook) -> None:
    english = woman(book, "Caltrate 600 + D3 tablet", "Osteoporosis", "Coronary artery calcification")
    chinese = woman(cn, "碳酸钙D3片（钙尔奇）600mg/125IU", "骨质疏松症", "冠状动脉钙化（冠脉CT提示）")
    assert [found.outcome for found in (english, chinese)] == ["continue", "continue"]
    assert english.decision.decided_by == chinese.decision.decided_by == "BONE-01"
    said = {code for told in chinese.decision.said for code in told.codes}
    assert {"continue-calcium", "do-not-stop-for-calcification"} <= said
    assert not said & {"no-calcium-product", "stop-calcium", "hold-calcium", "reduce-dose", "raise-food-calcium"}


def test_its_cards_are_chinese_with_si_units_and_the_draft_notice(cn: RuleBook) -> None:
    first = cards_of(woman(cn, "碳酸钙D3片（钙尔奇）600mg/125IU", "骨质疏松症", "冠状动脉钙化"))[0]
    assert "可继续" in first["summary"]
    assert "**依据**" in first["detail"]
    assert "骨质疏松：有记录" in first["detail"]
    assert "mmol/L" in first["detail"]
    assert "草案" in first["detail"]


def test_outcomes_and_suggestions_are_chinese(cn: RuleBook) -> None:
    assert cn.outcomes["continue"] == "可继续。"
    assert (cn.advice["check-inr"].says, cn.advice["nephrology-review"].refer) == ("查INR。", "肾内科")


def test_the_environment_names_a_region_and_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDS_OVERLAY", f"eu:{HOSPITAL}")
    book = open_rulebook(RULES)
    assert book.overlay is not None
    assert book.overlay.name == "Region eu (EFSA) + Invented Hospital"
