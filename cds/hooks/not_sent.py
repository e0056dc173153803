"""What the client did not send, said in the cards: silence would look like an answer, and a guess like a fact.

A card that rests on nothing but what was not sent ("no recent serum calcium", while no result was sent at all) is held
back, and one card says instead what was not sent. So is one that doubts a dose which only a list that was not sent
leaves open: the label of the product that was sent is clear. What was sent and could not be used (the results name
another patient) is the same, and a warning: somebody should look why.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from cds.cards.closing import DRAFT
from cds.cards.frames import card_about, data_of, extension_of
from cds.cards.resources_not_used import not_used_data, not_used_text
from cds.evaluation import Evaluation
from cds.forms.results import Missing
from cds.forms.whatif import DependsOn
from cds.hooks.prefetch import KEYS_BY_NAME, keys_for
from cds.jsontypes import Json
from cds.quantity import UNKNOWN
from cds.rulebook.graph import measured_by
from cds.rulebook.model import LONGEST_SUMMARY, Dose, RuleBook
from cds.why import Leaf

TOPIC = "NOTSENT"


def guesses_in(cards: list[Json], evaluation: Evaluation, missing: Collection[str]) -> list[Json]:
    """The cards that must be held back because of the keys that got no whole answer."""
    return [card for card in cards if _is_guess(card, evaluation, missing)] if missing else []


def with_notice(
    cards: list[Json], evaluation: Evaluation, missing: Collection[str], withheld: Collection[Json]
) -> list[Json]:
    """The cards, and what was not sent: in the deciding one, or in a card of its own where some were held back.

    That card comes first when the deciding card is among those held back, and has the disclaimer then. The deciding
    card itself says what was not used (``cds.cards.notices``).
    """
    if not missing:
        return cards
    if cards and not withheld:
        leading = next((card for card in cards if data_of(card).get("decides")), cards[0])
        return [_noticed(card, evaluation.book, missing) if card is leading else card for card in cards]
    rules = [data_of(card)["rule"] for card in withheld]
    notice = _notice(evaluation, missing, rules)
    if cards and evaluation.decision.decided_by not in rules:
        return [*cards, notice]
    return [{**notice, "detail": f"{notice['detail']}\n\n{DRAFT}"}, *cards]


def _is_guess(card: Json, evaluation: Evaluation, missing: Collection[str]) -> bool:
    """Whether a card says that something is missing which was not sent, or rests on nothing that is known."""
    leaves = evaluation.answer.grounds.get(data_of(card).get("rule", ""), ())
    if any(_lacks(evaluation.book, leaf) & set(missing) or _only_unread(evaluation, leaf) for leaf in leaves):
        return True
    return bool(leaves) and all(leaf.state is UNKNOWN and not _has_facts(evaluation, leaf) for leaf in leaves)


def _has_facts(evaluation: Evaluation, leaf: Leaf) -> bool:
    """Whether anything on record is behind a leaf."""
    record = evaluation.chart.record
    recorded = any(name in record.mentions or name in record.courses for name in leaf.recorded)
    return recorded or any(evaluation.chart.value(name) is not None for name in leaf.terms)


def _lacks(book: RuleBook, leaf: Leaf) -> frozenset[str]:
    """The keys that could hold what a leaf says is missing; empty when it says no such thing."""
    finding = book.findings.get(leaf.finding)
    return (
        _sent_by(book, finding.definition.term) if finding and isinstance(finding.definition, Missing) else frozenset()
    )


def _only_unread(evaluation: Evaluation, leaf: Leaf) -> bool:
    """Whether a leaf doubts a dose that is exact in every product on record, and open only for want of the others."""
    book, record = evaluation.book, evaluation.chart.record
    finding = book.findings.get(leaf.finding)
    if not finding or not isinstance(finding.definition, DependsOn) or "medicines" not in record.unread:
        return False
    terms = finding.definition.open_terms
    doses = [evaluation.chart.sent[name] for name in terms if isinstance(book.terms.get(name), Dose)]
    return bool(doses) and all(dose is not None and dose.value.is_point for dose in doses)


@lru_cache(maxsize=4096)
def _sent_by(book: RuleBook, name: str) -> frozenset[str]:
    """The keys that hold a term, or what it is computed from."""
    return frozenset(key for term in measured_by(name, book.terms) for key in keys_for(term))


def _sentence(missing: Collection[str]) -> str:
    words = "; ".join(KEYS_BY_NAME[name].words for name in missing)
    return f"**Not sent, or not in full:** {words}. Nothing that may stand there was taken as absent."


def _noticed(card: Json, book: RuleBook, missing: Collection[str]) -> Json:
    extension = extension_of(book, {**data_of(card), "notSent": list(missing)})
    told = f"{card['detail']}\n\n{_sentence(missing)}"
    return {**card, "detail": told, "extension": {**card["extension"], **extension}}


def _notice(evaluation: Evaluation, missing: Collection[str], withheld: list[str]) -> Json:
    book, record = evaluation.book, evaluation.chart.record
    waiting = f"Rules that wait for these data: {', '.join(withheld)}." if withheld else ""
    told = {"notSent": list(missing), "notUsed": not_used_data(record), "heldBack": withheld}
    summary = _summary(book, [KEYS_BY_NAME[name].words for name in missing])
    detail = "\n\n".join(part for part in (not_used_text(record, book.wording), _sentence(missing), waiting) if part)
    indicator = "warning" if told["notUsed"] else "info"
    data = {name: value for name, value in told.items() if value}
    return card_about(evaluation, TOPIC, "Data not sent, or not used", indicator, summary, detail, data=data)


def _summary(book: RuleBook, words: list[str]) -> str:
    judged = f"{book.topic.subject.capitalize()} was not judged in full"
    text = f"{judged}; not sent, or not usable: {', '.join(words)}."
    short = len(text) <= LONGEST_SUMMARY
    return text if short else f"{judged}: most of the record was not sent, or cannot be used."
