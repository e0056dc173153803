"""The PlanDefinition that says which rule decides first: the tiers, with their rules in order."""

from __future__ import annotations

from datetime import date

from cds.code_systems import TERMINOLOGY
from cds.exchange.naming import LOGIC, ORDER, address, reference
from cds.exchange.publication import head, status_of, use_context
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook, Tier


def order_of_decision(book: RuleBook, day: date | None) -> Json:
    """The tiers from the strongest to the weakest, with their rules; what silences what stands in the Library only."""
    resource = head(
        book, "PlanDefinition", ORDER, name="OrderOfDecision", title=f"{book.title}: the order of decision",
        version=book.version, status=status_of(book), day=day,
    )  # fmt: skip
    return resource | {
        "type": {"coding": [{"system": f"{TERMINOLOGY}/plan-definition-type", "code": "workflow-definition"}]},
        "description": "The first tier in which a rule decides gives the outcome, and the first such rule of its list "
        f"is named as decider. Where no rule decides, {book.default} does. All rules that fire may speak; which cards "
        "silence others stands in silencing.yaml of the Library.",
        "useContext": use_context(book),
        "library": [reference(book, "Library", LOGIC)],
        "action": [_tier(book, tier) for tier in book.tiers],
    }


def _tier(book: RuleBook, tier: Tier) -> Json:
    outcome = [{"coding": [{"system": address(book, "CodeSystem", "outcome"), "code": tier.outcome}]}]
    actions = [
        {"title": book.rules[rule].title, "definitionCanonical": reference(book, "PlanDefinition", rule)}
        for rule in (tier.rules if tier.outcome else _without_a_vote(book))
    ]
    action: Json = {"title": tier.name, "description": tier.says, "code": outcome if tier.outcome else [],
                    "groupingBehavior": "logical-group", "action": actions}  # fmt: skip
    return {key: value for key, value in action.items() if value not in ("", [])}


def _without_a_vote(book: RuleBook) -> list[str]:
    """The rules that never decide: they belong to the tier that sets no outcome."""
    return [rule.id for rule in book.rules.values() if not rule.votes]
