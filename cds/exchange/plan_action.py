"""The action of a rule's PlanDefinition: its event, its condition, its card, its outcome and its advice."""

from __future__ import annotations

from collections.abc import Iterator

from cds.exchange.activity_definition import activity_ids
from cds.exchange.naming import address, reference
from cds.exchange.plan_inputs import inputs_of
from cds.exchange.publication import citations, in_words
from cds.hooks.services import discovery
from cds.jsontypes import Json
from cds.rulebook.model import CardText, Rule, RuleBook, Saying, Vote
from cds.rulebook.printing import conditions_text, definitions_text, lines_text

PRIORITY = {"critical": "urgent", "warning": "routine", "info": "routine"}
"""As the suggestions of a card: urgent for a critical one."""


def action_of(book: RuleBook, rule: Rule) -> Json:
    """The card: its plain text, what sets another text or indicator, and the advice as actions."""
    plain, indicator = rule.card.texts[-1], rule.card.indicators[-1][0]
    findings = [part.finding for part in rule.when.parts]
    action: Json = {
        "title": plain.summary,
        "description": _paragraphs(plain.detail),
        "textEquivalent": rule.says,
        "priority": PRIORITY[indicator],
        "documentation": citations(book, rule.evidence),
        "trigger": [{"type": "named-event", "name": service["hook"]} for service in discovery(book)["services"]],
        "condition": [_condition(in_words(book, str(rule.when), definitions_text(book, findings),
                                          name=rule.id))],
        "input": inputs_of(book, rule),
        "groupingBehavior": "visual-group",
        "selectionBehavior": "any",
        "dynamicValue": [*_texts(book, rule), *_priorities(book, rule)],
        "action": [*(_vote(book, vote) for vote in rule.votes if _outcome(book, vote)), *_advice(book, rule)],
    }  # fmt: skip
    return {key: value for key, value in action.items() if value not in ("", [])}


def _paragraphs(text: str) -> str:
    """As the card shows it: without the line breaks inside its paragraphs."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _condition(expression: Json) -> Json:
    return {"kind": "applicability", "expression": expression}


def _texts(book: RuleBook, rule: Rule) -> Iterator[Json]:
    """The card's texts in special situations, the first that holds."""
    for text in rule.card.texts[:-1]:
        for path, words in (("action.title", text.summary), ("action.description", _paragraphs(text.detail))):
            if words:
                yield _dynamic(book, path, words, text)


def _dynamic(book: RuleBook, path: str, words: str, text: CardText) -> Json:
    return {"path": path, "expression": in_words(book, f"{lines_text(text.when)}: {words}")}


def _priorities(book: RuleBook, rule: Rule) -> Iterator[Json]:
    plain = PRIORITY[rule.card.indicators[-1][0]]
    for indicator, clauses in rule.card.indicators[:-1]:
        if PRIORITY[indicator] != plain:
            words = f"{conditions_text(clauses)}: {PRIORITY[indicator]}"
            yield {"path": "action.priority", "expression": in_words(book, words)}


def _outcome(book: RuleBook, vote: Vote) -> str:
    return next((tier.outcome for tier in book.tiers if tier.name == vote.tier), "")


def _vote(book: RuleBook, vote: Vote) -> Json:
    outcome = _outcome(book, vote)
    action: Json = {
        "title": f"Outcome: {outcome}",
        "description": f"{book.outcomes[outcome]} Tier '{vote.tier}'; a rule of a stronger tier overrules it.",
        "code": [{"coding": [{"system": address(book, "CodeSystem", "outcome"), "code": outcome}]}],
    }
    if vote.finding:
        more = definitions_text(book, [vote.finding])
        action["condition"] = [_condition(in_words(book, f"if {vote.finding}", more))]
    return action


def _advice(book: RuleBook, rule: Rule) -> Iterator[Json]:
    for saying in rule.advice:
        canonicals = [reference(book, "ActivityDefinition", name) for name in activity_ids(book, saying.code)]
        action = _saying(book, saying)
        if len(canonicals) == 1:
            action["definitionCanonical"] = canonicals[0]
        elif canonicals:
            action["action"] = [{"title": action["title"], "definitionCanonical": name} for name in canonicals]
        yield action


def _saying(book: RuleBook, saying: Saying) -> Json:
    action: Json = {
        "title": book.advice[saying.code].says,
        "code": [{"coding": [{"system": address(book, "CodeSystem", "advice"), "code": saying.code}]}],
    }
    if saying.conditions:
        names = [clause.value for clause in saying.conditions if clause.kind == "finding"]
        more = definitions_text(book, names)
        action["condition"] = [_condition(in_words(book, conditions_text(saying.conditions), more))]
    return action
