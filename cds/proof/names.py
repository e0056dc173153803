"""What the proofs look for in a rulebook by name, and what of it nobody defines.

A proof that looks for a name which is not there tries nothing, and would hold of any rules. So every name that stands
in this package is a ``Name``, and a property is settled only where all that it needs are found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from cds.errors import nearest
from cds.rulebook.model import RuleBook

KINDS: dict[str, Callable[[RuleBook], Collection[str]]] = {
    "term": lambda book: book.terms,
    "finding": lambda book: book.findings,
    "rule": lambda book: book.rules,
    "outcome": lambda book: book.outcomes,
    "entry of silencing.yaml": lambda book: [entry.name for entry in book.removals],
}
"""The kinds of names that the rule files define."""


class Name(NamedTuple):
    """A name of the rule files: of which kind (a key of ``KINDS``), and the name."""

    kind: str
    name: str

    def is_in(self, book: RuleBook) -> bool:
        """Whether the rulebook defines it."""
        return self.name in KINDS[self.kind](book)


def undefined(book: RuleBook, names: Iterable[Name]) -> list[Name]:
    """The names that a rulebook does not define, each once, by kind and name."""
    return sorted({name for name in names if not name.is_in(book)})


def nearest_to(book: RuleBook, name: Name) -> str:
    """``Did you mean 'blood calcium'?``, with the nearest name of its kind that the rulebook defines."""
    return nearest(name.name, KINDS[name.kind](book))
