"""Every card is a valid CDS Hooks 2.0 card whose suggestions hold valid FHIR R4, and no record text in it has power."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from people import (
    CALCIUM,
    CARBONATE_500,
    CREATININE,
    EXTENSION,
    bundle,
    condition,
    dosage,
    observation,
    patient,
    statement,
)

from cds.cards.card import cards_of_rules
from cds.cards.closing import DRAFT
from cds.cards.models import checked
from cds.cards.wording import escaped, harmless
from cds.evaluation import evaluate
from cds.facts.formulas import FORMULAS
from cds.hooks.openapi import openapi_of
from cds.hooks.services import discovery
from cds.intake.reading import read_record
from cds.intake.validation import r4_problem
from cds.one_file import evaluate_file
from cds.result import result_of
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import RuleBook

SAMPLES = Path(__file__).resolve().parent.parent / "fhir_samples"
PATIENTS = sorted(path.parent.name for path in SAMPLES.glob("*/bundle.json"))
DAY = date(2026, 11, 22)
Json = dict[str, Any]


def result(name: str, book: RuleBook) -> Json:
    return result_of(evaluate_file(SAMPLES / name / "bundle.json", book, DAY))


@pytest.mark.parametrize("name", PATIENTS)
def test_the_cards_of_a_sample_are_valid_cds_hooks_cards(name: str, book: RuleBook) -> None:
    assert checked(result(name, book)["cards"]).cards


def by_openapi(book: RuleBook) -> Draft202012Validator:
    """What the OpenAPI document says of the answers of a service."""
    document = openapi_of((book,), ("patient-view",))
    answers = document["paths"]["/cds-services/calcium-review"]["post"]["responses"]
    return Draft202012Validator({**document, **answers["200"]["content"]["application/json"]["schema"]})


@pytest.mark.parametrize("name", PATIENTS)
def test_the_cards_of_a_sample_are_what_the_openapi_document_says(name: str, book: RuleBook) -> None:
    assert [error.message for error in by_openapi(book).iter_errors({"cards": result(name, book)["cards"]})] == []


@pytest.mark.parametrize(
    "wrong",
    [{"summary": "x" * 140}, {"indicator": "red"}, {"links": None}, {"suggestions": [{"label": "x"}]}, {"more": 1}],
    ids=str,
)
def test_the_openapi_document_allows_no_other_cards(wrong: Json, book: RuleBook) -> None:
    first = result(PATIENTS[0], book)["cards"][0]
    assert by_openapi(book).is_valid({"cards": [first]})
    assert not by_openapi(book).is_valid({"cards": [first | wrong]})


@pytest.mark.parametrize("name", PATIENTS)
def test_the_resources_that_a_card_suggests_are_valid_r4(name: str, book: RuleBook) -> None:
    suggestions = [s for card in result(name, book)["cards"] for s in card.get("suggestions", ())]
    resources = [action["resource"] for suggestion in suggestions for action in suggestion["actions"]]
    assert [r4_problem(resource) for resource in resources] == [None] * len(resources)


@pytest.mark.parametrize("name", PATIENTS)
def test_the_same_patient_gets_the_same_cards_byte_for_byte(name: str, book: RuleBook) -> None:
    assert json.dumps(result(name, book)) == json.dumps(result(name, book))


@pytest.mark.parametrize("name", PATIENTS)
def test_the_deciding_card_says_so_and_comes_first_but_for_critical_ones(name: str, book: RuleBook) -> None:
    answer = result(name, book)
    told = [card["extension"][EXTENSION] for card in answer["cards"]]
    deciders = [number for number, own in enumerate(told) if own.get("decides")]
    if answer["decidedBy"] in answer["fired"]:
        (place,) = deciders
        assert told[place]["rule"] == answer["decidedBy"]
        before = {card["indicator"] for card in answer["cards"][:place]}
        assert before <= {"critical"} or answer["decidedBy"] in book.cards.stands_last


@pytest.mark.parametrize("name", PATIENTS)
def test_the_codes_of_the_cards_are_the_advice_of_the_result(name: str, book: RuleBook) -> None:
    answer = result(name, book)
    extensions = [card["extension"][EXTENSION] for card in answer["cards"]]
    parts = [part for extension in extensions for part in rules_of(extension)]
    assert sorted({code for part in parts for code in part.get("advice", ())}) == answer["advice"]
    assert sorted(part["rule"] for part in parts) == answer["fired"]


def rules_of(extension: Json) -> list[Json]:
    """The data of each rule of a card."""
    listed: list[Json] = extension.get("folded") or extension.get("joined") or [extension]
    return listed


@pytest.mark.parametrize("name", PATIENTS)
def test_only_information_is_folded_and_at_most_three_such_cards_stand_beside_the_deciding_one(
    name: str, book: RuleBook
) -> None:
    told = [(card["indicator"], card["extension"][EXTENSION]) for card in result(name, book)["cards"]]
    folded = [indicator for indicator, own in told if "folded" in own]
    whole = [indicator for indicator, own in told if "folded" not in own and not own.get("decides")]
    assert folded in ([], ["info"])
    assert not folded or whole.count("warning") > 3 or len(whole) - whole.count("critical") == 3
    assert whole.count("info") <= 4


@pytest.mark.parametrize("name", PATIENTS)
def test_an_answer_ends_its_deciding_card_with_the_disclaimer_and_every_card_names_its_rule(
    name: str, book: RuleBook
) -> None:
    cards = result(name, book)["cards"]
    assert "".join(card["detail"] for card in cards).count(DRAFT) == 1
    for card in cards:
        for part in rules_of(card["extension"][EXTENSION]):
            assert f"Rule {part['rule']}, draft. " in card["detail"]


@pytest.mark.parametrize("name", PATIENTS)
def test_a_card_says_in_at_most_five_lines_what_it_is_based_on(name: str, book: RuleBook) -> None:
    for card in result(name, book)["cards"]:
        for block in re.findall(r"\*\*Based on\*\*\n((?:- .*\n?)*)", card["detail"]):
            assert 1 <= len(block.strip().split("\n")) <= 5


def test_the_service_says_for_whom_it_is_and_what_it_is_not(book: RuleBook) -> None:
    for service in discovery(book)["services"]:
        for text in (service["description"], service["usageRequirements"]):
            assert book.topic.intended_user in text
            assert "Not a cleared medical device" in text


def test_the_deciding_card_says_which_result_on_record_was_not_used_and_why(book: RuleBook) -> None:
    no_unit = observation(CALCIUM, 9.4, "")
    record = read_record(bundle(patient(), statement(CARBONATE_500, dosage()), no_unit), book, DAY)
    first = result_of(evaluate(record, book, DAY))["cards"][0]

    assert first["extension"][EXTENSION]["rule"] == "DATA-02"
    assert "A result of serum calcium has no unit" in first["detail"]


@pytest.mark.slow
@pytest.mark.parametrize(("days", "corrected"), [(2, False), (3, True), (7, True)])
def test_an_uncorrected_calcium_says_within_how_many_days_albumin_was_looked_for(
    days: int, corrected: bool, tmp_path: Path
) -> None:
    """The days are those of the rule file; an albumin of three days before counts from three days on."""
    copy = Path(shutil.copytree(SAMPLES.parent / "rules", tmp_path / "rules"))
    path = copy / "terms" / "derived.yaml"
    text = path.read_text("utf-8")
    assert "albumin within days: 7" in text
    path.write_text(text.replace("albumin within days: 7", f"albumin within days: {days}"), "utf-8")
    rules = read_rulebook(copy, FORMULAS)
    albumin = observation("LOINC 1751-7", 4.6, "g/dL", day="2026-01-07", identity="albumin")
    results = observation(CALCIUM, 10.6, "mg/dL"), albumin, observation(CREATININE, 0.8, "mg/dL", identity="creatinine")
    osteoporosis = condition("SNOMED 64859006", "Osteoporosis")
    record = read_record(bundle(patient(), statement(CARBONATE_500, dosage()), osteoporosis, *results), rules, DAY)
    text = "\n".join(card["detail"] for card in cards_of_rules(evaluate(record, rules, DAY)))
    assert ("total 10.6 mg/dL, albumin 4.6 g/dL" in text) is corrected
    assert (f"not corrected: no albumin within {days} days" in text) is not corrected


def test_a_corrected_calcium_names_the_total_and_the_albumin(book: RuleBook) -> None:
    albumin = observation("LOINC 1751-7", 4.6, "g/dL", identity="albumin")
    results = observation(CALCIUM, 10.6, "mg/dL"), albumin, observation(CREATININE, 0.8, "mg/dL", identity="creatinine")
    osteoporosis = condition("SNOMED 64859006", "Osteoporosis")
    record = read_record(bundle(patient(), statement(CARBONATE_500, dosage()), osteoporosis, *results), book, DAY)
    details = [card["detail"] for card in result_of(evaluate(record, book, DAY))["cards"]]

    assert any("10.12 mg/dL (2026-01-10, total 10.6 mg/dL, albumin 4.6 g/dL" in detail for detail in details)


def test_a_fact_in_a_trail_names_value_unit_date_and_resource(book: RuleBook) -> None:
    trail = result("high-calcium", book)["cards"][0]["extension"][EXTENSION]["trail"]
    facts = [fact for ground in trail for fact in ground.get("facts", ())]
    assert any({"term", "low", "high", "unit", "date", "source"} <= fact.keys() for fact in facts)


@pytest.mark.slow
def test_no_sentence_of_a_rule_file_makes_a_claim_that_no_card_may_make(book: RuleBook) -> None:
    phrases = [phrase for claim in book.never.values() for phrase in claim.phrases]
    texts = [(r.id, f"{text.summary} {text.detail}") for r in book.rules.values() for text in r.card.texts]
    said = [
        (rule, phrase)
        for rule, text in texts
        for phrase in phrases
        if re.search(rf"\b{re.escape(phrase)}\b", text, re.I)
    ]
    assert said == []


HOSTILE = [
    "<script>alert(1)</script>", "[click](javascript:alert(1))", "![x](http://evil.example/x.png)", "**bold**",
    "`code`", "# heading", "> quote", "| a | b |", "line\nbreak", "tab\tstop", "nul\x00byte", "rtl\u202eoverride",
    "zero\u200bwidth", "&lt;b&gt;", "a" * 500, "{calcium to use}", "~~gone~~", "\\escaped\\",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_record_text_is_inert_in_markdown(text: str) -> None:
    shown = escaped(text)
    assert not re.search(r"(?<!\\)[`*_\[\]<>|#~]", shown)
    assert all(char.isprintable() for char in shown)
    assert len(harmless(text)) <= 64


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_ids_never_reach_a_card_with_power(text: str, book: RuleBook) -> None:
    bundle = json.loads((SAMPLES / PATIENTS[0] / "bundle.json").read_text(encoding="utf-8"))
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] != "Patient":
            entry["resource"]["id"] = text
    cards = result_of(evaluate(read_record(bundle, book, DAY), book, DAY))["cards"]
    details = "".join(card["detail"] for card in cards)
    assert not any(char in details for char in ("<script", "\u202e", "\u200b", "\x00", "](javascript", "](http://evil"))
