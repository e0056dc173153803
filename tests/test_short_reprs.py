"""What stands in logs and tracebacks: one short line of each value, with nothing that a record says."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import cds
from cds.files.people import people_of
from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "fhir_samples" / "osteoporosis-and-calcified-arteries" / "bundle.json"
DAY = date(2026, 11, 22)
LONGEST = 160


def test_an_evaluation_says_outcome_rule_cards_day_and_rulebook_in_one_line(book: RuleBook) -> None:
    found = cds.evaluate(SAMPLE, book, DAY)
    told = f"continue, decided by BONE-01; {len(found.decision.said)} rules speak; as of 2026-11-22"
    assert repr(found) == f"<Evaluation: {told}; rulebook {book.version} {book.sha256[:12]}>"


def test_a_rulebook_says_version_hash_and_how_much_stands_in_it(book: RuleBook) -> None:
    counts = f"{len(book.rules)} rules, {len(book.findings)} findings, {len(book.terms)} terms"
    assert repr(book) == f"<RuleBook: {book.version} {book.sha256[:12]}; {counts}>"
    assert repr(cds.open_rulebook(ROOT / "rules", "eu")).endswith(" terms; with Region eu (EFSA)>")


def test_no_value_is_long_or_says_what_a_record_says(book: RuleBook) -> None:
    found = cds.evaluate(SAMPLE, book, DAY)
    chart, results = found.chart, cds.evaluate_all(SAMPLE, book, DAY)
    facts = [fact for fact in chart.facts.values() if fact is not None]
    rule = next(iter(book.rules.values()))
    values = [found, found.answer, found.inferred, chart, chart.record, book, rule, *facts, *people_of(SAMPLE, print)]
    values += [result for fact in facts for result in fact.results]
    values += [results, *results]
    words = {str(value) for value in _values(json.loads(SAMPLE.read_text(encoding="utf-8"))) if len(str(value)) > 3}
    told = [repr(value) for value in values]
    assert len(told) > 30
    assert [text for text in told if len(text) > LONGEST or "\n" in text] == []
    units = {fact.unit for fact in facts}
    alone = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words - units))
    assert [text for text in told if alone.search(text)] == []


def _values(data: object) -> list[object]:
    if isinstance(data, dict):
        return [found for value in data.values() for found in _values(value)]
    if isinstance(data, list):
        return [found for value in data for found in _values(value)]
    return [data]
