"""The claims of the articles behind the project, as a Markdown table."""

from __future__ import annotations

from cds.rulebook.model import RuleBook


def claim_table(book: RuleBook) -> str:
    """Claim, verdict, what became of it, and the rules that carry it; a sentence where there are none."""
    if not book.claims:
        return "The rule files list no claims (claims.yaml)."
    lines = ["| # | claim | verdict | here | rules |", "|---|---|---|---|---|"]
    for number, claim in enumerate(book.claims, 1):
        rules = ", ".join(claim.rules) or "none"
        here = claim.because or "carried as it is"
        lines.append(f"| {number} | {claim.claim} | {claim.verdict} | {here} | {rules} |")
    return "\n".join(lines)
