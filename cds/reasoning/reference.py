"""The reference evaluator: the same program in plain Python, independent of the engine, which must agree with it.

What the steps of a page say follows from the states that they read, and hardly any two patients differ in all chapters:
what was worked out for a page is remembered by what it read.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from cds.reasoning.program import Page, Pattern, Program, Reach, Step
from cds.rulebook.model import Joined

MOST_REMEMBERED = 4096


class Reference:
    """Works a program out, step by step, with Kleene's three-valued *and* and *or*."""

    def __init__(self, program: Program) -> None:
        self.reach = Reach(program)
        self.plan = [
            (step.how == "all", tuple((number, bytes(sense.table)) for number, sense in step.parts))
            for step in _in_order(program)
        ]
        self.pages = [_Remembered(page) for page in program.pages]

    def infer(self, base: Pattern, near: Pattern | None = None) -> Pattern:
        """The states of everything, given those of the base findings; near by are the states of a similar patient."""
        if near is not None:
            states = bytearray(base) + near[len(base) :]
            self._work_out(states, self.reach.between(base, near), len(base))
            return bytes(states)
        states = bytearray(base) + bytes(len(self.plan))
        for page in self.pages:
            read = page.reads(states)
            known = page.answers.get(read)
            if known is None:
                self._work_out(states, page.steps, len(base))
                page.remember(read, bytes(states[page.place]))
            else:
                states[page.place] = known
        return bytes(states)

    def state_of(self, joined: Joined, states: Pattern) -> int:
        """The state of a joined definition by the states of everything, whether it stands in the program or not."""
        numbers = self.reach.numbers
        parts = [part.sense.table[states[numbers[part.finding]]] for part in joined.parts]
        return min(parts) if joined.how == "all" else max(parts)

    def supposing(self, states: Pattern, number: int, state: int) -> Pattern:
        """The states of everything when that of one finding or rule is another one than follows from its parts."""
        supposed = bytearray(states)
        supposed[number] = state
        self._work_out(supposed, sorted(self.reach.above[number]), self.reach.base)
        return bytes(supposed)

    def forget(self) -> None:
        """Drop the remembered answers."""
        for page in self.pages:
            page.answers.clear()

    def _work_out(self, states: bytearray, steps: Iterable[int], first: int) -> None:
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


class _Remembered:
    """A page with its answers so far, by the states that it reads."""

    def __init__(self, page: Page) -> None:
        read = dict.fromkeys(number for step in page.steps for number, _ in step.parts)
        self.reads: Any = itemgetter(*read) if read else bytes
        self.steps = range(page.steps[0].number, page.steps[-1].number + 1)
        self.place = slice(self.steps.start, self.steps.stop)
        self.answers: dict[object, bytes] = {}

    def remember(self, read: object, found: bytes) -> None:
        if len(self.answers) >= MOST_REMEMBERED:
            self.answers.clear()
        self.answers[read] = found


def _in_order(program: Program) -> list[Step]:
    return sorted((step for page in program.pages for step in page.steps), key=lambda step: step.number)
