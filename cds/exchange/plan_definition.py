"""PlanDefinitions: an event-condition-action rule for each rule, and one for the order in which the rules decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cds.exchange.activity_definition import activity_ids
from cds.exchange.naming import LOGIC, ORDER, address, computable, reference
from cds.exchange.plan_inputs import inputs_of
from cds.exchange.publication import TERMINOLOGY, Json, citations, extension, head, in_words, status_of, use_context
from cds.exchange.words import conditions_text, definitions, joined_text, lines_text
from cds.hooks.services import discovery
from cds.rulebook.model import CardText, Rule, RuleBook, Saying, Tier, Vote

PRIORITY = {"critical": "urgent", "warning": "routine", "info": "routine"}
"""As the suggestions of a card: urgent for a critical one."""
UNKNOWN = {
    "ask": "When data are missing, the answer says which to get.",
    "ignore": "When data are missing, this rule says nothing.",
}


def plan_definitions(book: RuleBook, day: date | None) -> Iterator[Json]:
    """One for each rule, and the order of decision."""
    for rule in book.rules.values():
        yield _of_rule(book, rule, day)
    yield _order(book, day)


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
        "action": [_action(book, rule)],
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


def _action(book: RuleBook, rule: Rule) -> Json:
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
        "condition": [_condition(in_words(book, joined_text(rule.when), "\n".join(definitions(book, findings)),
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
        more = "\n".join(definitions(book, [vote.finding]))
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
        more = "\n".join(definitions(book, names))
        action["condition"] = [_condition(in_words(book, conditions_text(saying.conditions), more))]
    return action


def _order(book: RuleBook, day: date | None) -> Json:
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
