"""Evaluations in a terminal: outcome, cards, data issues."""

from __future__ import annotations

import re
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from cds.cards.card import shown_cards
from cds.cards.frames import data_of
from cds.cards.wording import harmless, issue_text, plain
from cds.evaluation import Evaluation
from cds.result import meaning_of

COLOURS = {"info": "cyan", "warning": "yellow", "critical": "bold red"}
_MARKS = re.compile(r"\\([\\`*_{}\[\]()#!|~>])")
console = Console(highlight=False, soft_wrap=False)


def evaluation_text(evaluation: Evaluation, file: str) -> str:
    """Outcome, cards and data issues of the patient in a file, for this terminal."""
    with console.capture() as text:
        _print_evaluation(evaluation, file)
    return text.get()


def _print_evaluation(evaluation: Evaluation, file: str) -> None:
    chart, decision = evaluation.chart, evaluation.decision
    console.print(Text(f"{plain(file)}  {harmless(chart.record.patient)}  as of {chart.as_of}", style="bold"))
    said = f" ({meaning_of(evaluation)}) Decided by {decision.decided_by}."
    console.print(Text.assemble("Outcome: ", (decision.outcome, "bold"), said))
    for card in shown_cards(evaluation):
        print_card(card)
    for issue in chart.record.issues:
        console.print(Text(f"Data: {harmless(issue.source)}: {issue_text(issue)} [{issue.code}]", style="dim"))
    console.print()


def print_card(card: dict[str, Any]) -> None:
    """One card; it may come from another service, and lack anything but its summary."""
    indicator, about = str(card.get("indicator")), _about(card)
    head = (f"\n[{plain(indicator)}] ", COLOURS.get(indicator, "dim")), (plain(card["summary"]), "bold")
    console.print(Text.assemble(*head, f"  {plain(about)}"))
    detail = _MARKS.sub(r"\1", str(card.get("detail") or "").replace("**", "").replace("### ", ""))
    detail = detail.replace("&lt;", "<").replace("&amp;", "&")
    console.print(Padding(Text(plain(detail, "\n")), (0, 0, 0, 4)))
    for suggestion in card.get("suggestions") or ():
        console.print(Padding(Text(f"> {plain(str(suggestion.get('label')))}"), (0, 0, 0, 4)))


def _about(card: dict[str, Any]) -> str:
    """The rules behind one of our cards; of another card its topic, else its source."""
    own = data_of(card)
    rules = [part["rule"] for part in own.get("folded", [own]) if "rule" in part]
    source = card.get("source") or {}
    return ", ".join(rules) or str((source.get("topic") or {}).get("code") or source.get("label") or "")
