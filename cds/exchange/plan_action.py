"""The action of a rule's PlanDefinition: event, condition, card, outcome, advice, and the data that it reads."""

from __future__ import annotations

from collections.abc import Iterator

from cds.exchange.activity_definition import activity_ids
from cds.exchange.publication import citations, coding, own_concept, reference, term_ids, words_only
from cds.exchange.value_set import has_value_set
from cds.hooks.services import discovery
from cds.jsontypes import Json
from cds.rulebook.graph import TERM, graph_of
from cds.rulebook.model import AnyTerm, CardText, Condition, Measurement, Rule, RuleBook, Saying, Vote
from cds.rulebook.printing import conditions_text, definitions_text, lines_text

PRIORITY = {"critical": "urgent", "warning": "routine", "info": "routine"}
"""As the suggestions of a card: urgent for a critical one."""


def action_of(book: RuleBook, rule: Rule) -> Json:
    """The card: its plain text, what sets another text or indicator, and the advice as actions."""
    plain, indicator = rule.card.texts[-1], rule.card.indicators[-1][0]
    meaning = definitions_text(book, [part.finding for part in rule.when.parts])
    action: Json = {
        "title": plain.title,
        "description": "\n".join([_paragraphs(plain.detail), *(f"- {name}: {when}" for name, when in rule.card.hours)]),
        "textEquivalent": rule.says,
        "priority": PRIORITY[indicator],
        "documentation": citations(book, rule.evidence, rule.id),
        "trigger": [{"type": "named-event", "name": service["hook"]} for service in discovery(book)["services"]],
        "condition": [_condition(words_only(book, str(rule.when), meaning, name=rule.id))],
        "input": plan_inputs(book, rule),
        "groupingBehavior": "visual-group",
        "selectionBehavior": "any",
        "dynamicValue": [*_texts(book, rule), *_priorities(book, rule)],
        "action": [*(_vote(book, vote) for vote in rule.votes if _outcome(book, vote)), *_advice(book, rule)],
    }
    return {key: value for key, value in action.items() if value not in ("", [])}


def _paragraphs(text: str) -> str:
    """As the card shows it: without the line breaks inside its paragraphs."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _condition(expression: Json) -> Json:
    return {"kind": "applicability", "expression": expression}


def _texts(book: RuleBook, rule: Rule) -> Iterator[Json]:
    """The card's texts in special situations, the first that holds."""
    for text in rule.card.texts[:-1]:
        for path, words in (("action.title", text.title), ("action.description", _paragraphs(text.detail))):
            if words:
                yield _dynamic(book, path, words, text)


def _dynamic(book: RuleBook, path: str, words: str, text: CardText) -> Json:
    return {"path": path, "expression": words_only(book, f"{lines_text(text.when)}: {words}")}


def _priorities(book: RuleBook, rule: Rule) -> Iterator[Json]:
    plain = PRIORITY[rule.card.indicators[-1][0]]
    for indicator, clauses in rule.card.indicators[:-1]:
        if PRIORITY[indicator] != plain:
            words = f"{conditions_text(clauses)}: {PRIORITY[indicator]}"
            yield {"path": "action.priority", "expression": words_only(book, words)}


def _outcome(book: RuleBook, vote: Vote) -> str:
    return next((tier.outcome for tier in book.tiers if tier.name == vote.tier), "")


def _vote(book: RuleBook, vote: Vote) -> Json:
    outcome = _outcome(book, vote)
    action: Json = {
        "title": f"Outcome: {outcome}",
        "description": f"{book.outcomes[outcome]} Tier '{vote.tier}'; a rule of a stronger tier overrules it.",
        "code": [own_concept(book, "outcome", outcome)],
    }
    if vote.finding:
        more = definitions_text(book, [vote.finding])
        action["condition"] = [_condition(words_only(book, f"if {vote.finding}", more))]
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
        "code": [own_concept(book, "advice", saying.code)],
    }
    if saying.conditions:
        names = [clause.value for clause in saying.conditions if clause.kind == "finding"]
        more = definitions_text(book, names)
        action["condition"] = [_condition(words_only(book, conditions_text(saying.conditions), more))]
    return action


MEDICINE_PATHS = (("MedicationStatement", "medication"), ("MedicationRequest", "medication"))


def plan_inputs(book: RuleBook, rule: Rule) -> list[Json]:
    """The coded data that can change what the rule does, through everything that it is worked out from."""
    terms = sorted(name for kind, name in graph_of(book).behind_rule(rule) if kind == TERM)
    return [data for name in terms for data in _data(book, name)]


def _data(book: RuleBook, name: str) -> Iterator[Json]:
    """Where a record holds a term: by its ValueSet, and as the answer to a question."""
    term = book.terms[name]
    if has_value_set(book, name):
        canonical = reference(book, "ValueSet", term_ids(book)[name])
        for kind, path in _places(term):
            yield {"type": kind, "codeFilter": [{"path": path, "valueSet": canonical}]}
    if element := getattr(term, "patient_element", ""):
        yield {"type": "Patient", "mustSupport": [element]}
    if questions := getattr(term, "questions", ()):
        codings = [coding(code.system, code.code) for code in questions]
        yield {"type": "Observation", "codeFilter": [{"path": "code", "code": codings}]}


def _places(term: AnyTerm) -> tuple[tuple[str, str], ...]:
    if isinstance(term, Measurement):
        return (("Observation", "code"),)
    return (("Condition", "code"),) if isinstance(term, Condition) else MEDICINE_PATHS
