"""The draft orders that a card is about: named as they were ordered, by reference, and removed where that is an answer.

CDS Hooks has no member of a card for what it is about; a delete action names a draft by ``resourceId``
(https://cds-hooks.hl7.org/2.0/#action). The HL7 guide Da Vinci CRD has an extension of cards for it:
``davinci-crd.associated-resource``, a list of References to the requests that drove the creation of the card
(https://hl7.org/fhir/us/davinci-crd/StructureDefinition-CDSHookServiceResponseExtensionAssociatedResource.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from cds.cards.called import Calls, kind_in_words
from cds.cards.lines import Line
from cds.cards.suggestions import is_changed_by, uuid_in
from cds.cards.wording import escaped, inert
from cds.evaluation import Evaluation
from cds.intake.record import Course
from cds.jsontypes import Json
from cds.quantity import PRESENT
from cds.reasoning.decision import Said
from cds.rulebook.model import RuleBook

ASSOCIATED = "davinci-crd.associated-resource"
ORDERED = "Ordered:"
LEAVES_IT = (None, "pause", "stop now")
"""The roles of outcomes under which not to order is an answer: stop, pause, and another dose or product."""


class Drafts:
    """The draft orders of a call, and what the record of the call calls them."""

    def __init__(self, evaluation: Evaluation, calls: Calls) -> None:
        self.evaluation, self.calls = evaluation, calls
        record = evaluation.chart.record
        self.names = record.drafts
        self.products = [product for product in record.products if product.source in self.names]

    def about(self, said: Said, lines: Iterable[Line], removed: Iterable[str]) -> list[Json]:
        """References to the drafts that drove the creation of a card, each with the name of what is ordered."""
        book = self.evaluation.book
        found = {source for line in lines for source in line.sources if source in self.names} | set(removed)
        if said.rule in silent_without_a_product(book) or said.rule == self.evaluation.decision.decided_by:
            found |= {product.source for product in self.products if book.products.main.name in product.holds}
        return [{"reference": source, "display": self.name(source)} for source in sorted(found)]

    def name(self, source: str) -> str:
        """What is ordered, in the words of the order."""
        taken = next((product.name for product in self.products if product.source == source), "")
        return inert(self.calls.name(source) or taken) or kind_in_words(source)

    def to_remove(self, said: Said, lines: Iterable[Line]) -> list[str]:
        """The drafts for which not to order is a sensible answer to a card; none where its advice is to keep."""
        behind = {source for line in lines for source in line.sources}
        found = (product.source for product in self.products if self._goes(product, said, behind))
        return list(dict.fromkeys(found))

    def _goes(self, product: Course, said: Said, behind: set[str]) -> bool:
        book = self.evaluation.book
        if any(is_changed_by(product, book.advice[code], book) for code in said.codes):
            return True
        intent = book.products.intents.get(product.intent)
        if intent and intent.never_paused:
            return False
        return self._warns_of_all(product, said) or (product.source in behind and self._leaves_it(said.rule))

    def _warns_of_all(self, product: Course, said: Said) -> bool:
        """Whether the topic is to be paused or stopped altogether, and a card says why a product is not to go on."""
        book = self.evaluation.book
        pauses = book.role_of(self.evaluation.outcome) in ("pause", "stop now")
        about = said.rule in silent_without_a_product(book) and book.products.main.name in product.holds
        return pauses and about and said.indicator != "info"

    def _leaves_it(self, rule: str) -> bool:
        """Whether a rule votes for less, and nothing says that what is taken goes on."""
        book, inferred = self.evaluation.book, self.evaluation.inferred
        votes = (v.tier for v in book.rules[rule].votes if not v.finding or inferred.state(v.finding) == PRESENT)
        tier = next(votes, "")
        outcome = next((one.outcome for one in book.tiers if one.name == tier), "")
        kept = (book.go_on, book.outside_scope)
        return bool(outcome) and book.role_of(outcome) in LEAVES_IT and self.evaluation.outcome not in kept

    def removals(self, sources: Iterable[str], card: str) -> Iterator[Json]:
        """A suggestion for each draft, that it is removed."""
        for source in sources:
            label = self.evaluation.book.wording.filled("Remove the draft order: {}", self.name(source))
            action = {"type": "delete", "resourceId": source, "description": label}
            yield {"label": label, "uuid": uuid_in(card, f"remove {source}"), "actions": [action]}


@lru_cache(maxsize=8)
def silent_without_a_product(book: RuleBook) -> frozenset[str]:
    """The rules whose cards are not shown where no product of the topic is found, by silencing.yaml."""
    code = book.topic.nothing_to_say
    finds_none = {rule.id for rule in book.rules.values() if code in {said.code for said in rule.advice}}
    silent = (entry.cards for entry in book.removals if {clause.value for clause in entry.when} & finds_none)
    return frozenset().union(*silent)


def associated(cards: Iterable[Json]) -> Json:
    """The extension that names the drafts of several cards, each once; empty where they are about none."""
    found = {one["reference"]: one for card in cards for one in card["extension"].get(ASSOCIATED, ())}
    return {ASSOCIATED: list(found.values())} if found else {}


def with_orders_named(cards: list[Json], book: RuleBook) -> list[Json]:
    """The cards, each of which begins with the orders that it is about."""
    return [_named(card, book) for card in cards]


def _named(card: Json, book: RuleBook) -> Json:
    orders = card["extension"].get(ASSOCIATED)
    if not orders:
        return card
    told = book.wording.series("{}; {}", (escaped(one["display"]) for one in orders))
    return {**card, "detail": f"**{book.wording.phrase(ORDERED)}** {told}\n\n{card['detail']}"}
