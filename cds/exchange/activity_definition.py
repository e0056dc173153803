"""ActivityDefinitions: one for each thing that an advice code asks for - an order, a referral, a pause, a stop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cds.cards.suggestions import LABORATORY, REFERRAL
from cds.exchange.publication import advice_ids, computable, concept, head
from cds.jsontypes import Json
from cds.rulebook.model import Advice, RuleBook

TASKS = {"hold": ("suspend", "Pause"), "stop": ("abort", "Stop")}
"""What is done with the record of the product (codes of FHIR's task-code), and the word for it."""


def activity_ids(book: RuleBook, code: str) -> list[str]:
    """The ids of what a code asks for: its own, then numbered ones if it asks for more than one thing."""
    found = list(_contents(book.advice[code], book))
    own = advice_ids(book)[code]
    return [own[:62] + f"-{number}" if number else own for number in range(len(found))]


def activity_definitions(book: RuleBook, day: date | None) -> Iterator[Json]:
    """Everything that the advice codes ask for."""
    for code, advice in book.advice.items():
        for identity, content in zip(activity_ids(book, code), _contents(advice, book), strict=True):
            name = computable("Advice", identity)
            resource = head(book, "ActivityDefinition", identity, name=name, title=advice.says, day=day)
            yield resource | {"description": advice.says, **content}


def _contents(advice: Advice, book: RuleBook) -> Iterator[Json]:
    """Priority is missing on purpose: the card sets it, urgent for a critical one."""
    if advice.order is not None:
        order = advice.order
        yield _request(LABORATORY, concept(order.system, order.code, order.display))
    if advice.refer:
        yield _request(REFERRAL, {"text": f"Referral: {advice.refer}"})
    if advice.action:
        code, word = TASKS[advice.action]
        task = concept("http://hl7.org/fhir/CodeSystem/task-code", code)
        stays = [intent.never_paused for intent in book.products.intents.values() if intent.never_paused]
        text = {"text": "; ".join((f"{word} {advice.nutrient} products", *stays))}
        yield {"kind": "Task", "code": task | text, "intent": "proposal"}


def _request(category: Json, code: Json) -> Json:
    return {"topic": [{"coding": [category]}], "kind": "ServiceRequest", "code": code, "intent": "proposal"}
