"""An evaluation as an EHR shows it: the outcome, then the cards, then what is to be known about the data."""

from __future__ import annotations

from typing import Any

from cds.cards.card import cards_of
from cds.cards.closing import disclaimer_of
from cds.cards.frames import data_of
from cds.cards.wording import harmless, issue_text
from cds.evaluation import Evaluation
from cds.intake.account import account_of
from cds.jsontypes import Json
from cds.notebook.markup import (
    BLUE,
    FRAME,
    GREY,
    INDICATORS,
    LINE,
    MUTED,
    ROLES,
    Html,
    boxed,
    element,
    linked,
    opening,
    tag,
)
from cds.result import meaning_of
from cds.rulebook.model import RuleBook

LONGEST = 200
"""The characters of a name that the record gives to something."""


def evaluation_html(evaluation: Evaluation) -> Html:
    """Outcome, cards, data and disclaimer of an evaluation."""
    cards = cards_of(evaluation)
    shown = [_card(card) for card in cards] or element("p", "No card: nothing to say.")
    return element("div", _banner(evaluation), shown, _data(evaluation), _disclaimer(evaluation, cards), style=FRAME)


def outcome_colour(book: RuleBook, outcome: str) -> str:
    """The colour of an outcome, by what it means to the engine."""
    return ROLES.get(book.role_of(outcome) or "", BLUE)


def _banner(evaluation: Evaluation) -> Html:
    book, chart, decision = evaluation.book, evaluation.chart, evaluation.decision
    over = f" with {book.overlay.name}" if book.overlay else ""
    who = f"{harmless(chart.record.patient)} · as of {chart.as_of.isoformat()} · decided by {decision.decided_by}"
    which = f"rulebook {book.version}{over}, {book.sha256[:12]}"
    return boxed(
        outcome_colour(book, decision.outcome),
        element("strong", decision.outcome, style="font-size:1.3em;margin-right:.6em"),
        element("span", meaning_of(evaluation)),
        element("div", f"{who} · {which}", style=MUTED),
    )


def _card(card: Json) -> Html:
    colour, decides = INDICATORS.get(card["indicator"], BLUE), data_of(card).get("decides")
    is_open = bool(decides) or card["indicator"] != "info"
    return boxed(
        colour,
        element("div", tag(card["indicator"], colour), tag("decides", GREY) if decides else ""),
        element("div", card["summary"], style="font-weight:600;font-size:1.05em;margin:.25em 0 .1em"),
        element("div", card["source"]["label"], style=MUTED),
        opening("Detail", _markdown(card["detail"]), is_open=is_open),
        _suggestions(card.get("suggestions", [])),
        _links(card.get("links", [])),
    )


def _markdown(text: str) -> list[Html | str]:
    from cds.cards.markdown import blocks  # noqa: PLC0415 - only who looks at cards needs it

    return list(map(_built, blocks(text)))


def _built(node: str | dict[str, Any]) -> Html | str:
    """An element of harmless Markdown."""
    return node if isinstance(node, str) else element(node["tag"], list(map(_built, node["children"])))


def _suggestions(suggestions: list[Json]) -> Html | str:
    """What the EHR would offer as buttons; here nothing happens when one is clicked."""
    look = f"display:inline-block;border:{LINE};border-radius:6px;padding:.12em .6em;margin:.15em .4em .15em 0"
    shown = [element("span", suggestion["label"], _actions(suggestion), style=look) for suggestion in suggestions]
    return element("div", shown, style="margin:.3em 0") if shown else ""


def _actions(suggestion: Json) -> Html:
    kinds = (f"{action['type']} {_type_of(action)}".rstrip() for action in suggestion["actions"])
    return element("span", f" ({', '.join(dict.fromkeys(kinds))})", style=MUTED)


def _type_of(action: Json) -> str:
    return str((action.get("resource") or {}).get("resourceType") or action.get("resourceId", "").partition("/")[0])


def _links(links: list[Json]) -> Html | str:
    shown = [(" · " if number else "", linked(one["label"], one["url"])) for number, one in enumerate(links)]
    return element("div", "Sources: ", shown, style="font-size:.88em;margin-top:.3em") if shown else ""


def _data(evaluation: Evaluation) -> list[Html]:
    """What was not understood, and what is not as it should be; nothing where all is."""
    record, told = evaluation.chart.record, []
    entries = account_of(record, evaluation.book).not_understood
    if entries:
        names = [harmless(entry.words[0] if entry.words else entry.source, LONGEST) for entry in entries]
        items = element("ul", [element("li", name) for name in names])
        told.append(opening(f"Not understood, and never taken for absent: {len(names)}", items))
    if record.issues:
        said = (f"{harmless(issue.source)}: {issue_text(issue)} [{issue.code}]" for issue in record.issues)
        items = element("ul", [element("li", text) for text in said])
        told.append(opening(f"About the data: {len(record.issues)}", items))
    return told


def _disclaimer(evaluation: Evaluation, cards: list[Json]) -> Html | str:
    """What this is not; nothing where a card says it already."""
    book = evaluation.book
    said = book.wording.phrase(disclaimer_of(book, [said.rule for said in evaluation.decision.said]))
    is_said = any(said in card["detail"] for card in cards)
    return "" if is_said else element("p", said, style=MUTED)
