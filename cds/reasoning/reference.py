"""The reference evaluator: the same program in plain Python, independent of the engine, which must agree with it."""

from __future__ import annotations

from collections.abc import Iterable

from cds.reasoning.program import Pattern, Program, Reach, Step


class Reference:
    """Works a program out, step by step, with Kleene's three-valued *and* and *or*."""

    def __init__(self, program: Program) -> None:
        self.reach = Reach(program)
        self.plan = [
            (step.how == "all", tuple((number, bytes(sense.table)) for number, sense in step.parts))
            for step in _in_order(program)
        ]

    def infer(self, base: Pattern, near: Pattern | None = None) -> Pattern:
        """The states of everything, given those of the base findings; near by are the states of a similar patient."""
        if near is None:
            states = bytearray(base) + bytes(len(self.plan))
            steps: Iterable[int] = range(len(base), len(states))
        else:
            states = bytearray(base) + near[len(base) :]
            steps = self.reach.between(base, near)
        first = len(base)
        for step in steps:
            needs_all, parts = self.plan[step - first]
            state = 2 if needs_all else 0
            for number, sense in parts:
                part = sense[states[number]]
                if part < state if needs_all else part > state:
                    state = part
                    if state == (0 if needs_all else 2):
                        break
            states[step] = state
        return bytes(states)


def _in_order(program: Program) -> list[Step]:
    return sorted((step for page in program.pages for step in page.steps), key=lambda step: step.number)
