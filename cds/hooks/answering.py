"""From a call to its cards: gather, evaluate, say; a pure function of the call, the rulebook and the day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from cds.cards.basis import Basis
from cds.cards.card import cards_of_rules
from cds.cards.drafts import silent_without_a_product
from cds.cards.fitting import fitted
from cds.cards.frames import extension_of
from cds.cards.notices import NOT_CERTAIN, NOT_READ, NOT_UNDERSTOOD, notices_of
from cds.cards.phrased import phrased
from cds.cards.resources_not_used import not_used_data
from cds.cards.unheard import not_heard
from cds.evaluation import Evaluation, evaluate
from cds.hooks.call_record import orders_of, record_of
from cds.hooks.calls import Call, call_of
from cds.hooks.not_sent import guesses_in, with_notice
from cds.hooks.prefetch import keys_with_losses, prefetch_of, unanswered
from cds.hooks.profiles import GENERIC, Profile, shaped
from cds.hooks.services import CdsService
from cds.intake.account import counted
from cds.intake.elements import Names
from cds.intake.record import MEDICINES, Record
from cds.intake.unrecognised import kinds_not_understood
from cds.jsontypes import Json
from cds.rulebook.graph import graph_of
from cds.rulebook.model import RuleBook


class Answered(NamedTuple):
    """The answer to a call: the cards as they are shown, what they rest on, and the keys that got no whole answer.

    ``account`` counts what was sent, by what became of it (``cds.intake.account``).
    """

    cards: list[Json]
    evaluation: Evaluation
    record: Record
    missing: tuple[str, ...] = ()
    account: Mapping[str, int] = MappingProxyType({})

    def without_data(self) -> Answered:
        """The same without the resources that were sent: no answer asks for them once its cards are made.

        While an answer is recorded and remembered they would fill the memory, and the caches of the processor.
        """
        record = replace(self.record, used=[], named_by=[], names=Names(), sent=[], read=[])
        evaluation = self.evaluation._replace(chart=self.evaluation.chart._replace(record=record))
        return self._replace(evaluation=evaluation, record=record)

    def response(self, resting: Collection[str] = ()) -> Json:
        """The body of the answer, without the cards whose topics rest.

        An extension names the keys of the prefetch that got no whole answer, what was not used, the topics that rest,
        and the rules that are not heard, and counts what was used, refused and not understood: whoever gets no card can
        tell that there is nothing to say.
        """
        cards = [card for card in self.cards if card["source"]["topic"]["code"] not in resting]
        told = {"notSent": list(self.missing), "notUsed": not_used_data(self.record), "resting": list(resting)}
        told |= not_heard(self.evaluation)
        told["account"] = self.account
        told = {name: value for name, value in told.items() if value}
        return {"cards": cards, **({"extension": extension_of(self.evaluation.book, told)} if told else {})}


def answer(body: object, service: CdsService, book: RuleBook, today: date, profile: Profile = GENERIC) -> Answered:
    """The answer to the body of a call.

    Raises:
        RefusedError: 400, 412 or 413 with its reason.
        DisagreementError, EngineError: no answer may be given.

    """
    return answered(call_of(body, service), book, today, profile)


def answered(call: Call, book: RuleBook, today: date, profile: Profile = GENERIC) -> Answered:
    """The answer to a checked call; raises as ``answer`` does."""
    asked = prefetch_of(book)
    not_whole = unanswered(call.prefetch, asked)
    orders = orders_of(call, today)
    record = record_of(call, orders, book, today, not_whole)
    lost = keys_with_losses(record)
    missing = tuple(name for name in asked if name in not_whole or name in lost)
    evaluation = evaluate(record, book, today)
    cards = _cards(evaluation, missing) if orders.matter(record) else []
    return Answered(shaped(cards, profile, book.wording), evaluation, record, missing, counted(record, book))


def _cards(evaluation: Evaluation, missing: tuple[str, ...]) -> list[Json]:
    """The cards that are shown; none where all that was sent says that there is nothing to say."""
    if _nothing_to_say(evaluation):
        return []
    cards = cards_of_rules(evaluation)
    withheld = guesses_in(cards, evaluation, missing)
    kept = [card for card in cards if card not in withheld]
    return phrased(with_notice(fitted(kept, evaluation), evaluation, missing, withheld), evaluation.book)


def _nothing_to_say(evaluation: Evaluation) -> bool:
    """Whether only the rule speaks that finds nothing of the topic, and nothing that was not read could add one.

    A condition that may be there counts where a rule could speak because of it although no product was found.
    Each medicine must be understood: it is one that the rulebook knows, or its name and a code of RxNorm, ATC or
    another system that the rulebook uses say that it is something else. And its card would tell nothing else.
    """
    record, codes = evaluation.chart.record, [said.codes for said in evaluation.decision.said]
    if codes != [(evaluation.book.topic.nothing_to_say,)] or record.unread & parts_without_a_product(evaluation.book):
        return False
    notices = {notice.key: notice.data for notice in notices_of(evaluation, Basis(evaluation))}
    doubted = {name for told in notices.pop(NOT_CERTAIN, ()) for name in told["conditions"]}
    if doubted & terms_without_a_product(evaluation.book) or any(item.matters for item in record.passed_over):
        return False
    return notices.keys() <= {NOT_UNDERSTOOD, NOT_READ} and MEDICINES not in kinds_not_understood(record)


@lru_cache(maxsize=8)
def terms_without_a_product(book: RuleBook) -> frozenset[str]:
    """The terms that can make a card for somebody who takes no product of the topic."""
    return frozenset().union(*(graph_of(book).roots[finding] for finding in _findings_without_a_product(book)))


@lru_cache(maxsize=8)
def parts_without_a_product(book: RuleBook) -> frozenset[str]:
    """The parts of a record that can make a card for somebody who takes no product of the topic."""
    return frozenset().union(*(graph_of(book).parts(finding) for finding in _findings_without_a_product(book)))


def _findings_without_a_product(book: RuleBook) -> frozenset[str]:
    """The findings behind the rules that speak although no product of the topic was found, by silencing.yaml."""
    speaking = book.rules.keys() - silent_without_a_product(book)
    return frozenset(part.finding for name in speaking for part in book.rules[name].when.parts)
