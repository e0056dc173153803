"""One sentence of a rulebook that people read, and whose numbers it may state."""

from __future__ import annotations

from typing import NamedTuple

from cds.rulebook.graph import FINDING, TERM, Node
from cds.rulebook.model import RuleBook, Spot


class Text(NamedTuple):
    """A sentence, what it is (``VD-01 card summary``), where it begins, and whose numbers it has (``VD-01``).

    It may state the numbers of ``rules`` (with those that they declare), of ``nodes`` and all that these are worked out
    from, and those of what it has ``named`` or what a removal reads by which the rule silences another. ``own`` are the
    findings under which it is said, beside those that make its rule fire. A note stands beside a rule and not in it (a
    reason, a strength): no other words can be laid over it. A reason has dates, times and counts of its own (``watched
    for 3 months``, ``nobody of 17 comes here``).
    """

    place: str
    text: str
    spot: Spot
    of: str
    rules: tuple[str, ...] = ()
    nodes: tuple[Node, ...] = ()
    named: tuple[Node, ...] = ()
    own: tuple[Node, ...] = ()
    is_note: bool = False
    has_own_times: bool = False

    @property
    def is_name(self) -> bool:
        """Whether it is the name of a finding, a term or an entry of silencing, to which everything refers."""
        return self.place.endswith("' name")

    @property
    def can_be_reworded(self) -> bool:
        """Whether an overlay can lay other words over it: texts of rules, of advice and of silencing."""
        fixed = self.is_name or self.is_note or self.place.startswith(("never-claim ", "tier "))
        return bool(self.rules) and not fixed


def any_of(rules: tuple[str, ...]) -> str:
    """``CA-01 or CA-02``."""
    return " or ".join(rules) or "any rule"


def everything_in(book: RuleBook) -> tuple[Node, ...]:
    """All findings and terms: what a sentence about the whole rulebook speaks of."""
    return (*((FINDING, name) for name in book.findings), *((TERM, name) for name in book.terms))
