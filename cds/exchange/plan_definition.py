"""PlanDefinitions: an event-condition-action rule for each rule, and one that says which rule decides first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cds.code_systems import TERMINOLOGY
from cds.exchange.plan_action import action_of
from cds.exchange.publication import (
    LOGIC,
    ORDER,
    address,
    citations,
    computable,
    concept,
    extension,
    head,
    in_state,
    own_concept,
    reference,
    use_context,
)
from cds.jsontypes import Json
from cds.rulebook.model import Rule, RuleBook, Tier

PLAN_TYPE = f"{TERMINOLOGY}/plan-definition-type"
IF_UNKNOWN = {
    "ask": "When data are missing, the answer says which to get.",
    "ignore": "When data are missing, this rule says nothing.",
}


def plan_definitions(book: RuleBook, day: date | None) -> Iterator[Json]:
    """One for each rule."""
    for rule in book.rules.values():
        yield _of_rule(book, rule, day)


def _of_rule(book: RuleBook, rule: Rule, day: date | None) -> Json:
    title = f"{rule.id} {rule.title}"
    resource = head(book, "PlanDefinition", rule.id, name=computable("Rule", rule.id), title=title, day=day)
    return resource | {
        "version": rule.version,
        **in_state(_status(book, rule)),
        "extension": _extensions(book, rule),
        "type": concept(PLAN_TYPE, "eca-rule"),
        "description": rule.says,
        "useContext": use_context(book),
        "usage": " ".join(_usage(book, rule)),
        "topic": [{"text": rule.chapter}],
        "relatedArtifact": citations(book, rule.evidence, rule.id),
        "library": [reference(book, "Library", LOGIC)],
        "action": [action_of(book, rule)],
    }


def _status(book: RuleBook, rule: Rule) -> str:
    """``retired`` for a rule that is switched off; a rule in shadow is not in use yet, and stays a draft."""
    if rule.id in book.off:
        return "retired"
    return "active" if rule.status == "signed" and rule.id not in book.shadow else "draft"


def _extensions(book: RuleBook, rule: Rule) -> list[Json]:
    attributes = [
        {
            "url": address(book, "StructureDefinition", "source-attribute"),
            "extension": [{"url": "attribute", "valueString": name}, {"url": "text", "valueString": text}],
        }
        for name, text in rule.attributes.items()
    ]
    return [
        *attributes,
        extension(book, "authored", "valueDate", rule.authored),
        extension(book, "review-by", "valueDate", rule.review_by),
        *(_grade(book, source, grade) for source, grade in rule.grade),
    ]


def _grade(book: RuleBook, source: str, grade: str) -> Json:
    parts = [{"url": "source", "valueString": source}, {"url": "grade", "valueString": grade}]
    return {"url": address(book, "StructureDefinition", "grade-as-printed"), "extension": parts}


def _usage(book: RuleBook, rule: Rule) -> Iterator[str]:
    """What a reader of the rule has to know and no other element of a PlanDefinition can say."""
    if rule.status == "draft":
        yield "A draft that no clinician has signed; not a cleared medical device."
    if rule.id in book.off:
        yield "Switched off: it neither decides nor speaks."
    if rule.id in book.shadow:
        yield "In shadow: it neither decides nor speaks; it is only reported when it would have fired."
    yield f"Owner: {rule.owner}. {IF_UNKNOWN[rule.if_unknown]} {rule.because}"
    if rule.never:
        yield f"Its card must never claim: {' '.join(book.never[name].says for name in rule.never)}"


def order_of_decision(book: RuleBook, day: date | None) -> Json:
    """The tiers from the strongest to the weakest, with their rules; what silences what stands in the Library only."""
    title = f"{book.title}: the order of decision"
    resource = head(book, "PlanDefinition", ORDER, name="OrderOfDecision", title=title, day=day)
    return resource | {
        "type": concept(PLAN_TYPE, "workflow-definition"),
        "description": "The first tier in which a rule decides gives the outcome, and the first such rule of its list "
        f"is named as decider. Where no rule decides, {book.default} does. All rules that fire may speak; which cards "
        "silence others stands in silencing.yaml of the Library.",
        "useContext": use_context(book),
        "library": [reference(book, "Library", LOGIC)],
        "action": [_tier(book, tier) for tier in book.tiers],
    }


def _tier(book: RuleBook, tier: Tier) -> Json:
    actions = [
        {"title": book.rules[rule].title, "definitionCanonical": reference(book, "PlanDefinition", rule)}
        for rule in (tier.rules if tier.outcome else _without_a_vote(book))
    ]
    action: Json = {
        "title": tier.name,
        "description": tier.says,
        "code": [own_concept(book, "outcome", tier.outcome)] if tier.outcome else [],
        "groupingBehavior": "logical-group",
        "action": actions,
    }
    return {key: value for key, value in action.items() if value not in ("", [])}


def _without_a_vote(book: RuleBook) -> list[str]:
    """The rules that never decide: they belong to the tier that sets no outcome."""
    return [rule.id for rule in book.rules.values() if not rule.votes]
