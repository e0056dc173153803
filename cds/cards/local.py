"""What a hospital's overlay has changed in the findings of a rule, said on its cards.

The words of a card may be those of the base; the thresholds that hold here stand beside them.
"""

from __future__ import annotations

from cds.cards.wording import spoken
from cds.facts.roots import FINDING, Node, needs_of
from cds.rulebook.model import Rule, RuleBook


def local_thresholds(book: RuleBook, rule: Rule) -> str:
    """A paragraph with the sentences that the overlay replaced in the findings of a rule; nothing where it has none."""
    overlay = book.overlay
    if overlay is None:
        return ""
    read = _defined_by(book, {(FINDING, part.finding) for part in rule.when.parts})
    changed = (name for name in overlay.replaced if book.findings[name].text != overlay.base.findings[name].text)
    told = "; ".join(spoken(book.findings[name].text) for name in changed if (FINDING, name) in read)
    return f"**As set by {overlay.name}:** {told}." if told else ""


def _defined_by(book: RuleBook, nodes: set[Node]) -> set[Node]:
    """These findings, and those that they are made of."""
    needs, found, todo = needs_of(book), set[Node](), list(nodes)
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += (need for need in needs.get(node, ()) if need[0] == FINDING)
    return found
