"""Evaluations in a terminal: outcome, cards, data issues."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from cds.cards.card import EXTENSION
from cds.cards.folding import shown_cards
from cds.cards.wording import harmless
from cds.evaluation import Evaluation

COLOURS = {"info": "cyan", "warning": "yellow", "critical": "bold red"}
_MARKS = re.compile(r"\\([\\`*_{}\[\]()#!|~>])")
console = Console(highlight=False, soft_wrap=False)


def print_evaluation(evaluation: Evaluation, path: Path) -> None:
    """Outcome, cards and data issues of one patient."""
    chart, decision, book = evaluation.chart, evaluation.decision, evaluation.book
    console.print(Text(f"{path}  {harmless(chart.record.patient)}  as of {chart.as_of}", style="bold"))
    meaning = book.outcomes[decision.outcome]
    console.print(
        Text.assemble("Outcome: ", (decision.outcome, "bold"), f" ({meaning}) Decided by {decision.decided_by}.")
    )
    for card in shown_cards(evaluation):
        _print_card(card)
    for issue in chart.record.issues:
        console.print(Text(f"Data: {harmless(issue.source)}: {issue.text} [{issue.code}]", style="dim"))
    console.print()


def _print_card(card: dict[str, Any]) -> None:
    about = card["extension"][EXTENSION]
    rules = ", ".join(part["rule"] for part in about.get("folded", [about]))
    indicator = (f"\n[{card['indicator']}] ", COLOURS[card["indicator"]])
    console.print(Text.assemble(indicator, (card["summary"], "bold"), f"  {rules}"))
    detail = (
        _MARKS.sub(r"\1", card["detail"].replace("**", "").replace("### ", ""))
        .replace("&lt;", "<")
        .replace("&amp;", "&")
    )
    console.print(Padding(Text(detail), (0, 0, 0, 4)))
    for suggestion in card.get("suggestions", ()):
        console.print(Padding(Text(f"> {suggestion['label']}"), (0, 0, 0, 4)))
