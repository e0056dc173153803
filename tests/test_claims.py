"""The table of claims: every claim is carried by rules that exist, or says why none carries it."""

from __future__ import annotations

from pathlib import Path

from cds.facts.formulas import FORMULAS
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import RuleBook
from cds.screen.rules import claim_table


def test_every_claim_is_carried_by_existing_rules_or_says_why_not(book: RuleBook) -> None:
    assert book.claims
    assert [claim.claim for claim in book.claims if not claim.rules and not claim.because] == []
    assert {rule for claim in book.claims for rule in claim.rules} <= book.rules.keys()


def test_of_rules_without_claims_that_is_said() -> None:
    small = read_rulebook(Path(__file__).resolve().parent / "good_rules", FORMULAS)
    assert claim_table(small) == "The rule files list no claims (claims.yaml)."


def test_the_table_has_a_line_for_each_claim(book: RuleBook) -> None:
    lines = claim_table(book).splitlines()
    assert len(lines) == len(book.claims) + 2
    assert all(line.count("|") == 6 for line in lines)
