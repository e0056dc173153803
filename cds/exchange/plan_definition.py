"""PlanDefinitions: an event-condition-action rule for each rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cds.code_systems import TERMINOLOGY
from cds.exchange.naming import LOGIC, address, computable, reference
from cds.exchange.plan_action import action_of
from cds.exchange.publication import citations, extension, head, use_context
from cds.jsontypes import Json
from cds.rulebook.model import Rule, RuleBook

UNKNOWN = {
    "ask": "When data are missing, the answer says which to get.",
    "ignore": "When data are missing, this rule says nothing.",
}


def plan_definitions(book: RuleBook, day: date | None) -> Iterator[Json]:
    """One for each rule."""
    for rule in book.rules.values():
        yield _of_rule(book, rule, day)


def _of_rule(book: RuleBook, rule: Rule, day: date | None) -> Json:
    resource = head(
        book, "PlanDefinition", rule.id, name=computable("Rule", rule.id), title=f"{rule.id} {rule.title}",
        version=rule.version, status=_status(book, rule), day=day,
    )  # fmt: skip
    return resource | {
        "extension": _extensions(book, rule),
        "type": {"coding": [{"system": f"{TERMINOLOGY}/plan-definition-type", "code": "eca-rule"}]},
        "description": rule.says,
        "useContext": use_context(book),
        "usage": " ".join(_usage(book, rule)),
        "topic": [{"text": rule.chapter}],
        "relatedArtifact": citations(book, rule.evidence),
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
        extension(book, "strength-of-evidence", "valueString", rule.strength),
    ]


def _usage(book: RuleBook, rule: Rule) -> Iterator[str]:
    """What a reader of the rule has to know and no other element of a PlanDefinition can say."""
    if rule.status == "draft":
        yield "A draft that no clinician has signed; not a cleared medical device."
    if rule.id in book.off:
        yield "Switched off: it neither decides nor speaks."
    if rule.id in book.shadow:
        yield "In shadow: it neither decides nor speaks; it is only reported when it would have fired."
    yield f"Owner: {rule.owner}. {UNKNOWN[rule.if_unknown]} {rule.because}"
    if rule.never:
        yield f"Its card must never claim: {' '.join(book.never[name].says for name in rule.never)}"
