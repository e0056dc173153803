"""What a hospital's overlay has changed in the findings of a rule, said on its cards.

The words of a card may be those of the base; the thresholds that hold here stand beside them.
"""

from __future__ import annotations

from cds.cards.wording import spoken
from cds.rulebook.graph import graph_of
from cds.rulebook.model import Rule, RuleBook


def local_thresholds(book: RuleBook, rule: Rule) -> str:
    """A paragraph with the sentences that the overlay replaced in the findings of a rule; nothing where it has none."""
    overlay = book.overlay
    if overlay is None:
        return ""
    read = set(graph_of(book).made_of(part.finding for part in rule.when.parts))
    changed = (name for name in overlay.replaced if book.findings[name].text != overlay.base.findings[name].text)
    told = "; ".join(spoken(book.findings[name].text) for name in changed if name in read)
    return f"**As set by {overlay.name}:** {told}." if told else ""
