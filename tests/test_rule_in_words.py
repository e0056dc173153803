"""``cds rule``: one rule as people read it, all of it there, in lines that fit a terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner

from cds.audit.in_words import WIDTH, rule_in_words
from cds.audit.rule_lines import LONG, SHORT
from cds.commands.rule import rule_command
from cds.review.signatures import content_hash
from cds.rulebook.graph import graph_of
from cds.rulebook.model import RuleBook, Signature

DAY = date(2026, 12, 1)
TWO_SCREENS = 135


def run(*words: str) -> Any:
    return CliRunner().invoke(rule_command, [*words, "--rules", "rules"])


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def long(book: RuleBook) -> dict[str, str]:
    """All of each rule, without line breaks."""
    return {name: flat(rule_in_words(book, rule, DAY, LONG)) for name, rule in book.rules.items()}


def test_each_rule_is_said_with_all_that_it_names(book: RuleBook, long: dict[str, str]) -> None:
    for name, rule in book.rules.items():
        named = [rule.title, *rule.evidence, *rule.never, *(saying.code for saying in rule.advice), *rule.limits]
        named += graph_of(book).made_of(part.finding for part in rule.when.parts)
        named += [grade for _, grade in rule.grade] + [case.expect for case in rule.cases] + [rule.review_by]
        missing = [text for text in named if flat(text) not in long[name]]
        assert missing == [], name


def test_each_text_of_a_card_is_said_as_the_file_has_it(book: RuleBook, long: dict[str, str]) -> None:
    texts = [(name, text) for name, rule in book.rules.items() for text in rule.card.texts]
    said = [(name, flat(words)) for name, text in texts for words in text.words]
    assert [words for name, words in said if words not in long[name]] == []


def test_a_number_stands_with_its_source_and_in_both_units(long: dict[str, str]) -> None:
    assert "calcium to use is below 7.5 mg/dL (ionised: below 1.00 mmol/L); = 1.87 mmol/L" in long["CA-05"]
    assert "ionised: below 1 mmol/L (4 mg/dL) [FDAPROLIA2024, BIRD2024, CTCAE5]" in long["CA-05"]
    assert "usually above 10.5 mg/dL (2.62 mmol/L)" in long["CA-01"]
    assert "adult: at least 18 years [EXPERT]" in long["CA-05"]


def test_a_rule_fits_two_screens_and_no_line_is_longer_than_it_may(book: RuleBook) -> None:
    for rule in book.rules.values():
        lines = rule_in_words(book, rule, DAY).splitlines()
        assert len(lines) <= TWO_SCREENS, rule.id
        assert max(map(len, lines)) <= WIDTH, rule.id


def test_what_is_left_out_is_counted_and_how_to_see_it_is_said(book: RuleBook) -> None:
    rule = book.rules["BONE-03"]
    short, whole = (rule_in_words(book, rule, DAY, most) for most in (SHORT, LONG))
    assert "more: --long)" in short
    assert "--long" not in whole
    assert len(whole.splitlines()) > len(short.splitlines())


def test_what_happens_without_data_and_who_signed_is_said(long: dict[str, str]) -> None:
    assert "Data missing ask: it asks for them. DATA-02 asks for a calcium" in long["CA-05"]
    assert "Signed draft; two clinicians sign: nobody so far" in long["CA-05"]
    assert "Signed draft; one clinician signs: nobody so far" in long["CON-01"]


HOLDS = "one clinician signs: Dr. N, nephrologist, 2026-11-30"
NO_LONGER = "nobody so far - does not hold: Dr. N, 2026-11-30"


@pytest.mark.parametrize(("content", "said"), [("", HOLDS), ("other", NO_LONGER)])
def test_a_signature_is_named_as_long_as_it_holds(content: str, said: str, book: RuleBook) -> None:
    rule = book.rules["CON-01"]
    own = content or content_hash(book, rule.id)
    given = Signature(rule.id, rule.version, own, "Dr. N", "nephrologist", "2026-11-30", rule.spot)
    assert said in flat(rule_in_words(replace(book, signatures=(given,)), rule, DAY))


def test_several_rules_are_printed_one_after_another_whatever_letters_they_are_written_in() -> None:
    done = run("ca-05", "CON-01")
    assert done.exit_code == 0
    assert done.stdout.startswith("CA-05 Severely low calcium\n")
    assert "\n\n\nCON-01 Low magnesium\n" in done.stdout


def test_a_rule_that_is_not_there_is_wrong_use_and_the_nearest_is_named() -> None:
    done = run("CA-5")
    assert done.exit_code == 2
    assert "there is no rule 'CA-5'. Did you mean 'CA-05'? 'cds rule' lists all of them." in done.stderr


def test_without_a_rule_all_are_listed(book: RuleBook) -> None:
    lines = run().stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(book.rules)
    assert "CA-02     emergency" in run().stdout
