"""The account of an answer in words: how many resources were sent, what became of them, which cards were silenced.

The command line and the page say the same, in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cds.cards.wording import harmless
from cds.intake.account import Entry
from cds.reasoning.decision import Decision

STANDINGS = {
    "used": "used",
    "aboutSomethingElse": "about something else",
    "notUnderstood": "not understood",
    "refused": "refused",
}
"""What became of resources (``cds.intake.account``), in words."""


def account_text(counts: Mapping[str, int]) -> str:
    """How many resources were sent, and what became of them, as a sentence."""
    told = ", ".join(f"{number} {STANDINGS[standing]}" for standing, number in counts.items())
    return f"Sent: {sum(counts.values())} resources; {told}."


def entries_text(entries: Sequence[Entry], most: int) -> str:
    """Some entries with their own words, the first ones by name, and how many more there are."""
    told = [entry_text(entry) for entry in entries[:most]]
    more = len(entries) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")


def entry_text(entry: Entry) -> str:
    """A resource with what the record calls it, where it has words: ``Condition/7 (sore hip)``."""
    words = f" ({harmless(entry.words[0])})" if entry.words else ""
    return f"{harmless(entry.source)}{words}"


def not_shown(decision: Decision) -> Iterator[str]:
    """Each rule whose card another one silenced, with that one and the entries of ``silencing.yaml`` that say so."""
    for rule, by in decision.overruled:
        entries = [item.entry for item in decision.silenced if item.rule == rule and item.what == "card"]
        yield f"{rule}, silenced by {by} ({', '.join(entries)})"
