"""What authors write beside the rules: strengths, reasons, claims. It is read by people, so its numbers are checked.

Not here: citations of sources (pages, years and results of others), labels of products, names of cases (their values
are those of an invented patient).
"""

from __future__ import annotations

from collections.abc import Iterator

from cds.review.sentence import Text, any_of, everything_in
from cds.rulebook.model import Rule, RuleBook, Spot


def notes_of(book: RuleBook) -> Iterator[Text]:
    """Texts of rules that are no sentence of theirs, verdicts on claims, reasons of review.yaml and of an overlay."""
    for rule in book.rules.values():
        for place, text, spot in _of_rule(rule, book):
            yield Text(f"{rule.id} {place}", text, spot, rule.id, (rule.id,), is_note=True)
    for claim in book.claims:
        spot, rules = Spot("claims.yaml", 1), claim.rules or tuple(book.rules)
        yield Text(f"claim '{claim.claim}'", claim.because, spot, any_of(claim.rules), rules, is_note=True)
    for change, reason in book.accepted.items():
        nodes = everything_in(book)
        called, spot = f"accepted '{change}'", Spot("review.yaml", 1)
        yield Text(called, reason, spot, "the rulebook", nodes=nodes, is_note=True, has_own_times=True)
    yield from _of_overlay(book)


def _of_rule(rule: Rule, book: RuleBook) -> Iterator[tuple[str, str, Spot]]:
    """The strength, the chapter, what declared numbers are, and the source attributes that the rule has for itself."""
    yield from (("strength", rule.strength, rule.spot), ("chapter", rule.chapter, rule.spot))
    for item in rule.other_numbers:
        if not item.of:
            yield f"other numbers '{item.amount}'", item.what, item.spot
    for name, text in rule.attributes.items():
        if book.attributes.get(name) != text:
            yield f"source attribute '{name}'", text, rule.spot


def _of_overlay(book: RuleBook) -> Iterator[Text]:
    """Why an overlay is there, and why it switches rules; cards say the latter to whoever treats the patient."""
    if book.overlay is None:
        return
    for item in book.overlay.switches:
        for place, text in (("reason", item.reason), ("accepted risk", item.accepted_risk)):
            called = f"{item.how} {item.rule} {place}"
            yield Text(called, text, item.spot, item.rule, (item.rule,), is_note=True, has_own_times=True)
    spot, nodes = Spot(f"{book.overlay.place}/overlay.yaml", 1), everything_in(book)
    yield Text("reason", book.overlay.reason, spot, "the rulebook", nodes=nodes, is_note=True, has_own_times=True)
