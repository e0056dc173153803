"""Why a rule fired, or did not: the tree of its findings as data, down to the facts and the resources behind them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cds.quantity import State
from cds.reasoning.decision import Decision, Said
from cds.reasoning.inference import Inferred
from cds.reasoning.program import Pattern, program_of
from cds.rulebook.model import RECORDED, Joined, Part, RuleBook


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

    ``terms`` are those whose facts it read; ``recorded`` are the conditions, medicines and products that it looked up.
    """

    finding: str
    state: State
    text: str
    terms: tuple[str, ...]
    recorded: tuple[str, ...]


def tree(book: RuleBook, inferred: Inferred, rule: str) -> Ground:
    """The whole tree under the condition of a rule."""
    when = book.rules[rule].when
    parts = tuple(ground_of(book, inferred, part) for part in when.parts)
    state = State(inferred.state(rule))
    return Ground(Part(rule), state, state, when.how, parts)


def ground_of(book: RuleBook, inferred: Inferred, part: Part) -> Ground:
    """The tree under a finding."""
    state = State(inferred.state(part.finding))
    counts_as = part.sense.table[state]
    definition = book.findings[part.finding].definition
    if not isinstance(definition, Joined):
        return Ground(part, state, counts_as, "", ())
    parts = tuple(ground_of(book, inferred, inner) for inner in definition.parts)
    return Ground(part, state, counts_as, definition.how, parts)


def leaves(book: RuleBook, inferred: Inferred, rule: str) -> tuple[Leaf, ...]:
    """The leaves that carry the state of a rule's condition: why it is present, absent or unknown."""
    found: dict[str, Leaf] = {}
    _carry(_parts(book, rule), inferred.states, found)
    return tuple(found.values())


def grounds(book: RuleBook, inferred: Inferred, said: Said) -> tuple[Leaf, ...]:
    """The leaves behind everything that a rule says: its condition, its vote, its codes, its text and its indicator."""
    found: dict[str, Leaf] = {}
    for joint in _consulted(book, said):
        _carry(joint, inferred.states, found)
    return tuple(found.values())


@lru_cache(maxsize=4096)
def _consulted(book: RuleBook, said: Said) -> tuple[_Joint, ...]:
    """The condition of a rule, and the findings beyond it that made it speak as it does."""
    rule = book.rules[said.rule]
    conditions = [saying.conditions for saying in rule.advice if saying.code in said.codes]
    conditions += [clauses for word, clauses in rule.card.indicators if word == said.indicator]
    conditions += rule.card.texts[said.text].when
    looked_at = (clause.value for clauses in conditions for clause in clauses if clause.kind == "finding")
    names = (said.rule, *(vote.finding for vote in rule.votes if vote.finding), *looked_at)
    return tuple(_parts(book, name) for name in names)


class _Joint(NamedTuple):
    """A rule or a joined finding: its number and its parts; of a finding that a sentence defines, its three leaves."""

    number: int
    parts: tuple[tuple[tuple[State, ...], _Joint], ...]
    leaves: tuple[Leaf, ...] = ()


@lru_cache(maxsize=4096)
def _parts(book: RuleBook, name: str) -> _Joint:
    """What a rule or a finding is joined from, down to the sentences; each part with what its sense makes of it."""
    joined = book.rules[name].when if name in book.rules else book.findings[name].definition
    number = program_of(book).numbers[name]
    if not isinstance(joined, Joined):
        return _Joint(number, (), tuple(leaf(book, name, state) for state in State))
    parts = tuple((part.sense.table, _parts(book, part.finding)) for part in joined.parts)
    return _Joint(number, parts)


def _carry(joint: _Joint, states: Pattern, found: dict[str, Leaf]) -> None:
    """Add the leaves whose states make a joined finding what it is: those that count as the same as it."""
    number, parts, own = joint
    state = states[number]
    if own:
        found.setdefault(own[state].finding, own[state])
    for truth, part in parts:
        number = part.number
        if truth[states[number]] == state:
            if part.leaves:
                one = part.leaves[states[number]]
                found.setdefault(one.finding, one)
            else:
                _carry(part, states, found)


def verdict(book: RuleBook, decision: Decision, rule: str, state: State) -> str:
    """What became of a rule whose condition has this state, in words."""
    by = dict(decision.overruled).get(rule)
    if by is not None:
        return f"fired, and its card was silenced by {by}"
    if rule == decision.decided_by:
        return "fired and decided" if state == 2 else "decided, as no other rule did"
    if rule in book.off | book.shadow:
        how = "is in shadow, so not shown" if rule in book.shadow else "is switched off"
        decides = decision.switched is not None and decision.switched.decided_by == rule
        return f"{how}, and would have decided" if decides else f"{how}; its condition is {state.word}"
    if state == 2:
        return "fired"
    asks = book.rules[rule].if_unknown == "ask"
    return "did not fire" if state == 0 else "could not be settled" + (", and asks for data" if asks else "")


@lru_cache(maxsize=8192)
def leaf(book: RuleBook, name: str, state: State) -> Leaf:
    """A finding that a sentence defines, as a leaf."""
    finding = book.findings[name]
    named = finding.definition.terms
    recorded = tuple(term for term in named if isinstance(book.terms[term], RECORDED))
    return Leaf(name, state, finding.text, tuple(term for term in named if term not in recorded), recorded)
