"""From a call to its cards: gather, evaluate, say; a pure function of the call, the rulebook and the day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, NamedTuple

from cds.cards.card import EXTENSION, cards_of
from cds.cards.folding import folded
from cds.cards.unheard import not_heard
from cds.evaluation import Evaluation, evaluate
from cds.hooks.envelope import Call, call_of
from cds.hooks.gathering import record_of
from cds.hooks.not_sent import guesses_in, with_notice
from cds.hooks.orders import orders_of
from cds.hooks.prefetch import BY_NAME, prefetch_of, unanswered
from cds.hooks.profiles import GENERIC, Profile, shaped
from cds.hooks.services import Offer
from cds.hooks.unnamed import without_names
from cds.intake.record import Issue, Record
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
NOTHING_TO_SAY = "no-calcium-product"
"""The advice code of the rule that finds no calcium product; alone it makes no card in a workflow."""


class Answered(NamedTuple):
    """The answer to a call: the cards as they are shown, what they rest on, and the keys that got no whole answer."""

    cards: list[Json]
    evaluation: Evaluation
    record: Record
    missing: tuple[str, ...] = ()

    def response(self) -> Json:
        """The body of the answer; an extension names the keys that were not answered, and rules that are not heard."""
        told = {"notSent": list(self.missing)} if self.missing else {}
        told |= not_heard(self.evaluation)
        return {"cards": self.cards, **({"extension": {EXTENSION: told}} if told else {})}


def answer(body: object, offer: Offer, book: RuleBook, today: date, profile: Profile = GENERIC) -> Answered:
    """The answer to the body of a call.

    Raises:
        RefusedError: 400, 412 or 413 with its reason.
        DisagreementError, EngineError: no answer may be given.

    """
    return answered(call_of(body, offer), book, today, profile)


def answered(call: Call, book: RuleBook, today: date, profile: Profile = GENERIC) -> Answered:
    """The answer to a checked call; raises as ``answer`` does."""
    issues: list[Issue] = []
    asked = prefetch_of(book)
    not_whole = unanswered(call.prefetch, asked)
    orders = orders_of(call, today, issues)
    record = record_of(call, orders, book, today, not_whole)
    missing = _with_unnamed(call, record, not_whole, asked)
    for issue in issues:
        record.note(*issue)
    evaluation = evaluate(record, book, today)
    cards = _cards(evaluation, missing) if orders.matter(record) else []
    return Answered(shaped(cards, profile), evaluation, record, missing)


def _with_unnamed(call: Call, record: Record, missing: Collection[str], asked: Iterable[str]) -> tuple[str, ...]:
    """The keys without a whole answer, and those with a medicine that has no name: its list was not read in full."""
    unnamed = without_names(call, record)
    record.unread |= {BY_NAME[name].kind for name in unnamed}
    return tuple(name for name in asked if name in missing or name in unnamed)


def _cards(evaluation: Evaluation, missing: tuple[str, ...]) -> list[Json]:
    """The cards that are shown; none where all that was sent says that there is nothing to say."""
    codes = [said.codes for said in evaluation.decision.said]
    whole = "medicines" not in evaluation.chart.record.unread and not not_heard(evaluation)
    if codes == [(NOTHING_TO_SAY,)] and whole:
        return []
    cards = cards_of(evaluation)
    held = guesses_in(cards, evaluation, missing)
    kept = [card for card in cards if card not in held]
    return with_notice(folded(kept, evaluation), evaluation, missing, held)
