"""The rulebooks that one service serves, each of a topic of its own; no two of them share a name that leads to one.

A call is for the rulebook whose topic has the id of its service. Feedback, metrics and the file of switches know rules
by their ids alone, so these belong to one rulebook each as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

from cds.bookshelf import samples_folder
from cds.errors import CdsError
from cds.hooks.services import services_by_hook
from cds.rulebook.model import RuleBook

RENAME = "Two rulebooks of one service need other names: change one of them, or serve it by a service of its own."


class CurrentRulebook:
    """Holds a rulebook that is in use; ``book`` may be replaced at any time, calls under way keep theirs.

    ``samples`` is the folder of the sample patients that stand beside its files: by them the rules are tested.
    """

    def __init__(self, book: RuleBook, samples: Path | None = None) -> None:
        self.book, self.samples = book, samples or samples_folder()


def shared_names(book: RuleBook, others: Iterable[RuleBook]) -> Iterator[str]:
    """The names of services and rules that a rulebook has in common with another one, each as a sentence."""
    for other in others:
        for kind, own, known in (
            ("service id", _service_ids(book), _service_ids(other)),
            ("rule", book.rules.keys(), other.rules.keys()),
        ):
            for name in sorted(own & known):
                yield f"the {kind} '{name}' stands in '{book.title}' and in '{other.title}'."


def refuse_shared_names(books: Iterable[RuleBook]) -> None:
    """Refuse rulebooks that cannot be told apart.

    Raises:
        CdsError: with every name that two of them share.

    """
    if found := [line for one, other in combinations(books, 2) for line in shared_names(one, [other])]:
        raise CdsError("\n".join((*found, RENAME)))


def _service_ids(book: RuleBook) -> set[str]:
    return {service.id for service in services_by_hook(book).values()}
