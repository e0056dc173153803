"""Two ways to every answer: the rules engine infers, the reference evaluator must agree."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cds.errors import DisagreementError
from cds.reasoning.engine import Engine
from cds.reasoning.program import Pattern, Program, program_of
from cds.reasoning.reference import Reference
from cds.rulebook.model import Joined, RuleBook


class Inferred(NamedTuple):
    """The states of all findings and rule conditions, and what follows for the rules.

    ``shadowed`` are the rules in shadow whose condition is present, ``withheld`` those that are switched off (see
    ``RuleBook.switched_off``); they are not among ``fired``.
    """

    program: Program
    states: Pattern
    fired: frozenset[str]
    asked: frozenset[str]
    shadowed: frozenset[str]
    withheld: frozenset[str]

    def __repr__(self) -> str:
        """How many rules fired, and how many could not be settled."""
        return f"<Inferred: {len(self.fired)} rules fired, {len(self.asked)} ask for data>"

    def state(self, finding: str) -> int:
        """0 absent, 1 unknown, 2 present."""
        return self.states[self.program.numbers[finding]]


class PlainReasoner:
    """Infers by the reference evaluator alone: for the thousand small changes that ``cds check`` tries out."""

    def __init__(self, book: RuleBook) -> None:
        self.program = program_of(book)
        self.reference = Reference(self.program)
        self.shadow, self.heard = book.shadow, book.rules.keys() - book.off - book.shadow
        self.switched_off = book.switched_off
        self.asking = frozenset(name for name in self.heard if book.rules[name].if_unknown == "ask")

    def infer(self, base: Pattern, near: Inferred | None = None) -> Inferred:
        """What the states of the base findings imply; what is known of a similar patient spares most of the work."""
        return self._inferred(self.reference.infer(base, near and near.states))

    def state_of(self, joined: Joined, inferred: Inferred) -> int:
        """The state of a joined definition by what was inferred, whether the rulebook holds it or not."""
        return self.reference.state_of(joined, inferred.states)

    def supposing(self, inferred: Inferred, name: str, state: int) -> Inferred:
        """What is implied when a joined finding or a rule has another state than follows from its parts."""
        return self._inferred(self.reference.supposing(inferred.states, self.program.numbers[name], state))

    def _inferred(self, states: Pattern) -> Inferred:
        first, names = self.program.rules, self.program.names
        rules = states[first:]
        present = frozenset([names[first + place] for place, state in enumerate(rules) if state == 2])
        asked = self.asking.intersection([names[first + place] for place, state in enumerate(rules) if state == 1])
        fired, shadowed, withheld = (present & rules for rules in (self.heard, self.shadow, self.switched_off))
        return Inferred(self.program, states, fired, asked, shadowed, withheld)


class Reasoner(PlainReasoner):
    """Infers by the engine and by the reference evaluator, which must agree; shared by all threads."""

    def __init__(self, book: RuleBook) -> None:
        super().__init__(book)
        self.engine = Engine(self.program)

    def infer(self, base: Pattern, near: Inferred | None = None) -> Inferred:
        """What the states of the base findings imply; what is known of a similar patient spares most of the work.

        Raises:
            DisagreementError: when engine and reference evaluator differ; no answer is given then.
            EngineError: when the engine fails.

        """
        known = near and near.states
        states, expected = self.engine.infer(base, known), self.reference.infer(base, known)
        if states != expected:
            different = [n for n, a, b in zip(self.program.names, states, expected, strict=True) if a != b]
            raise DisagreementError(f"engine and reference evaluator differ about: {', '.join(different)}.")
        return self._inferred(states)


@lru_cache(maxsize=8)
def reasoner_of(book: RuleBook) -> Reasoner:
    """The reasoner of a rulebook."""
    return Reasoner(book)
