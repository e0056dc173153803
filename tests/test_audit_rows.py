"""Rows of the audit book that lack nothing: each threshold its source, each rule that fires why it is not shown."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from cds.audit.audit_data import AuditData
from cds.audit.conditions import has_number, number_sources
from cds.audit.patients import Sample, samples_of
from cds.audit.site import Site
from cds.rulebook.model import RuleBook
from cds.screen.patients import evaluation_text

SAMPLES = Path(__file__).resolve().parent.parent / "fhir_samples"
DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def samples(book: RuleBook) -> tuple[Sample, ...]:
    return samples_of(book, SAMPLES)


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_every_threshold_has_a_source_its_own_or_that_of_its_limit(book: RuleBook) -> None:
    assert [
        finding.name for finding in book.findings.values() if has_number(finding) and not number_sources(book, finding)
    ] == []
    assert book.findings["high PTH"].evidence == ()
    assert number_sources(book, book.findings["high PTH"]) == book.terms["upper limit of PTH"].evidence != ()
    own = book.findings["calcium in the last 365 days"]
    assert number_sources(book, own) == own.evidence


def test_the_table_of_thresholds_shows_the_source_of_the_limit(book: RuleBook) -> None:
    page = Site(AuditData(book, DAY, {}, ())).rule(book.rules["PTH-04"]).html
    row = page.partition('id="thresholds"')[2].partition(">high PTH</a>")[2].partition("</tr>")[0]
    assert 'href="sources.html#expert"' in row


def test_a_rule_that_fires_and_is_not_shown_says_by_whom_and_by_which_entry(
    book: RuleBook, samples: tuple[Sample, ...]
) -> None:
    site, told = Site(AuditData(book, DAY, {}, samples)), 0
    for sample in samples:
        page = site.write("patient.html", "patient.html", sample=sample).html
        fire = plain(page.partition('<h2 id="rules">')[2].partition("</ul>")[0])
        for item in sample.evaluation.decision.silenced:
            if item.what == "card":
                assert f"not shown, silenced by {item.by} ( {item.entry} )" in fire, (sample.name, item)
                told += 1
        assert fire.count("not shown") == len(
            {item.rule for item in sample.evaluation.decision.silenced if item.what == "card"}
        )
    assert told > 3


def test_an_evaluation_in_words_names_the_cards_that_are_not_shown(samples: tuple[Sample, ...]) -> None:
    sample = next(item for item in samples if item.evaluation.decision.overruled)
    text = evaluation_text(sample.evaluation, "a.json")
    for rule, by in sample.evaluation.decision.overruled:
        assert f"Not shown: {rule}, silenced by {by} (" in text
    quiet = next((item for item in samples if not item.evaluation.decision.overruled), None)
    assert quiet is None or "Not shown:" not in evaluation_text(quiet.evaluation, "a.json")
