"""rules/README.md says all that an author needs, in two pages, and what it names is there."""

from __future__ import annotations

import re

from checkout import ROOT

from cds.cli import COMMANDS
from cds.rulebook.model import ASKED, RuleBook

HOME = ROOT / "rules"
PAGE = (HOME / "README.md").read_text(encoding="utf-8")
TWO_PAGES = 120
FOR_AUTHORS = {"check", "claims", "diff", "evaluate", "explain", "forms", "new", "prove", "rule", "schema",
               "second-reading", "sign", "what-if", "audit"}  # fmt: skip


def test_it_fits_two_pages() -> None:
    lines = PAGE.splitlines()
    assert len(lines) <= TWO_PAGES
    assert max(map(len, lines)) <= 120
    assert len(PAGE.encode()) <= 9_500


def test_its_links_lead_to_files() -> None:
    links = re.findall(r"\]\(([^)\s:#]+)\)", PAGE)
    assert links
    assert [link for link in links if not (HOME / link).exists()] == []


def test_it_names_the_commands_of_authors_and_none_that_is_not_there() -> None:
    named = set(re.findall(r"\bcds ([a-z][a-z-]*)", PAGE))
    assert named - {"check"} <= COMMANDS.keys()
    assert named >= FOR_AUTHORS


def test_it_names_each_tier_with_its_outcome_every_word_before_a_finding_and_only_what_the_rules_define(
    book: RuleBook,
) -> None:
    told = re.findall(r"([a-z-]+): ([a-z -]+?)(?: >|$)", PAGE.split("```")[1], re.MULTILINE)
    assert told == [(tier.name, tier.outcome or "cards only") for tier in book.tiers]
    assert [str(word) for word in ASKED if f"`{word}`" not in PAGE] == []
    example = " ".join(PAGE.partition("`cds new rule ")[2].partition("`")[0].split())
    assert set(re.findall(r'--when "([^"]+)"', example)) <= book.findings.keys()
    assert set(re.findall(r"--advice (\S+)", example)) <= book.advice.keys()
    assert set(re.findall(r"--source (\S+)", example)) <= book.sources.keys()
