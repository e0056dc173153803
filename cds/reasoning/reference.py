"""The reference evaluator: the same program in plain Python, independent of the engine, which must agree with it."""

from __future__ import annotations

from cds.reasoning.program import Pattern, Program, Step


class Reference:
    """Works a program out, step by step, with Kleene's three-valued *and* and *or*."""

    def __init__(self, program: Program) -> None:
        self.plan = [
            (step.how == "all", tuple((number, bytes(sense.table)) for number, sense in step.parts))
            for step in _in_order(program)
        ]

    def infer(self, base: Pattern) -> Pattern:
        """The states of everything, given those of the base findings."""
        states = bytearray(base)
        for needs_all, parts in self.plan:
            state = 2 if needs_all else 0
            for number, sense in parts:
                part = sense[states[number]]
                if part < state if needs_all else part > state:
                    state = part
                    if state == (0 if needs_all else 2):
                        break
            states.append(state)
        return bytes(states)


def _in_order(program: Program) -> list[Step]:
    return sorted((step for page in program.pages for step in page.steps), key=lambda step: step.number)
