"""What the cards have in common: their head and their extension, and what a rule's card says of every patient."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL

from cds.cards.closing import MOST_SOURCES, closing_of, source_name
from cds.cards.override_reasons import USUAL, offered
from cds.cards.suggestions import uuid_text
from cds.cards.wording import spoken
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.reasoning.decision import Said
from cds.rulebook.graph import graph_of
from cds.rulebook.model import CardText, Rule, RuleBook

OVERRIDE_REASONS = offered(USUAL)
"""What every card offers, unless a client's profile says otherwise."""
LONGEST_TOPIC = 100
"""The characters of a topic that clients can remember (CDS Hooks)."""
LONGEST_LABEL = 200
"""The characters of a link's label."""


def source_of(book: RuleBook, code: str, display: str, rule: str = "") -> Json:
    """The source of a card: the rulebook, perhaps one rule of it, and the topic by which clients remember the card."""
    label = f"{book.title} {book.version}" + (f", rule {rule}" if rule else "")
    return {"label": label, "topic": {"system": f"{book.canonical}/topics", "code": code, "display": display}}


def card_head(source: Json, indicator: str, summary: str, detail: str = "", **identity: str) -> Json:
    """What every card begins with; the frame of a rule's card has neither detail nor ``uuid`` yet."""
    return {
        "summary": summary,
        "detail": detail,
        "indicator": indicator,
        "source": source,
        **identity,
        "overrideReasons": OVERRIDE_REASONS,
    }


def uuid_of(evaluation: Evaluation, topic: str) -> str:
    """The uuid of the card about a topic: the same for the same patient, so that a repeated call updates the card."""
    return uuid_text(NAMESPACE_URL.bytes, f"{evaluation.book.canonical}/{evaluation.chart.record.patient}/{topic}")


def card_about(
    evaluation: Evaluation,
    code: str,
    display: str,
    indicator: str,
    summary: str,
    detail: str,
    *,
    data: Json,
    **more: Any,
) -> Json:
    """A card about no single rule but about the topic with this code; ``more`` are its links and suggestions."""
    source = source_of(evaluation.book, code, display)
    head = card_head(source, indicator, summary, detail, uuid=uuid_of(evaluation, code))
    return {**head, **more, "extension": extension_of(evaluation.book, data)}


def extension_of(book: RuleBook, data: Json) -> Json:
    """The member ``extension`` of a card or an answer."""
    return {book.topic.extension: data}


def data_of(card: Json) -> Json:
    """What a card carries as data, under whatever key; empty where it carries none."""
    extension = card.get("extension")
    for part in extension.values() if isinstance(extension, dict) else ():
        if isinstance(part, dict):
            return part
    return {}


def rules_in(card: Json) -> list[Json]:
    """What a card carries as data of each rule: of one, or of those that were folded or joined in it."""
    own = data_of(card)
    listed: list[Json] = own.get("folded") or own.get("joined") or [own]
    return listed


class Frame(NamedTuple):
    """What is the same for every patient about whom a rule says this: the card, its text, how its detail ends.

    It is never changed after it was built. ``local`` is what an overlay sets; ``card`` has the summary that is shown
    where a placeholder of the text is not known.
    """

    card: Json
    text: CardText
    local: str
    closing: str


@lru_cache(maxsize=4096)
def frame_of(book: RuleBook, said: Said) -> Frame:
    """The frame of a card."""
    rule = book.rules[said.rule]
    text = rule.card.texts[said.text]
    links = [
        {"label": source_name(book, name)[:LONGEST_LABEL], "url": url, "type": "absolute"}
        for name in rule.evidence
        if (url := book.sources[name].url)
    ][:MOST_SOURCES]
    source = source_of(book, rule.id.replace("-", ""), rule.title, rule.id)
    if links:
        source["url"] = links[0]["url"]
    card = card_head(source, said.indicator, text.title) | ({"links": links} if links else {})
    return Frame(card, text, local_thresholds(book, rule), closing_of(book, [rule.id]))


def local_thresholds(book: RuleBook, rule: Rule) -> str:
    """A paragraph with the sentences that the overlay replaced in the findings of a rule; nothing where it has none."""
    overlay = book.overlay
    if overlay is None:
        return ""
    read = set(graph_of(book).made_of(part.finding for part in rule.when.parts))
    changed = (name for name in overlay.replaced if book.findings[name].text != overlay.base.findings[name].text)
    told = "; ".join(spoken(book.findings[name].text) for name in changed if name in read)
    return f"**As set by {overlay.name}:** {told}." if told else ""
