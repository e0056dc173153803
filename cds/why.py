"""Why a rule fired, or did not: the tree of its findings as data, down to the facts and the resources behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.quantity import State
from cds.reasoning.inference import Inferred
from cds.reasoning.program import SENSES
from cds.rulebook.model import Finding, Joined, Part, RuleBook
from cds.rulebook.sentences import NoneRecorded, Recorded, sentence_terms


class Ground(NamedTuple):
    """A finding in the tree of a rule: ``state`` is its own, ``counts_as`` what its sense makes of it.

    ``how`` joins the ``parts`` (all, any); both are empty for a finding that a sentence defines.
    """

    part: Part
    state: State
    counts_as: State
    how: str
    parts: tuple[Ground, ...]


class Leaf(NamedTuple):
    """A finding that rests on a sentence, and carries the state of what stands above it.

    ``terms`` are those whose facts it read; ``recorded`` is the condition, medicine or product that it looked up.
    """

    finding: str
    state: State
    text: str
    terms: tuple[str, ...]
    recorded: str


def tree(book: RuleBook, inferred: Inferred, rule: str) -> Ground:
    """The whole tree under the condition of a rule."""
    when = book.rules[rule].when
    parts = tuple(_ground(book, inferred, part) for part in when.parts)
    state = State(inferred.state(rule))
    return Ground(Part(rule), state, state, when.how, parts)


def _ground(book: RuleBook, inferred: Inferred, part: Part) -> Ground:
    state = State(inferred.state(part.finding))
    counts_as = State(SENSES[part.sense][state])
    definition = book.findings[part.finding].definition
    if not isinstance(definition, Joined):
        return Ground(part, state, counts_as, "", ())
    parts = tuple(_ground(book, inferred, inner) for inner in definition.parts)
    return Ground(part, state, counts_as, definition.how, parts)


def leaves(book: RuleBook, inferred: Inferred, rule: str) -> tuple[Leaf, ...]:
    """The leaves that carry the state of a rule's condition: why it is present, absent or unknown."""
    found: dict[str, Leaf] = {}
    for name in _carriers(book, inferred, book.rules[rule].when, inferred.state(rule)):
        found.setdefault(name, leaf(book.findings[name], State(inferred.state(name))))
    return tuple(found.values())


def _carriers(book: RuleBook, inferred: Inferred, joined: Joined, state: int) -> Iterator[str]:
    """The findings whose states make a joined one what it is: those that count as the same as it."""
    for part in joined.parts:
        own = inferred.state(part.finding)
        if SENSES[part.sense][own] != state:
            continue
        definition = book.findings[part.finding].definition
        if isinstance(definition, Joined):
            yield from _carriers(book, inferred, definition, own)
        else:
            yield part.finding


def leaf(finding: Finding, state: State) -> Leaf:
    """A finding that a sentence defines, as a leaf."""
    definition = finding.definition
    if isinstance(definition, (Joined, NoneRecorded)):
        return Leaf(finding.name, state, finding.text, (), "")
    if isinstance(definition, Recorded):
        return Leaf(finding.name, state, finding.text, (), definition.term)
    return Leaf(finding.name, state, finding.text, sentence_terms(definition), "")
