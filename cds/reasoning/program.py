"""The rulebook as a program over names: base findings first, then composite findings and rules, layer by layer.

Layers follow from what is made of what; nobody writes them.
Inside a layer a page holds what one chapter says, so that a page reads few findings and its answers repeat.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cds.rulebook.graph import levels_of
from cds.rulebook.model import Frozen, Joined, Part, RuleBook, Sense

MOST_CHANGES = 1024
Pattern = bytes
"""States (0 absent, 1 unknown, 2 present) of findings, in the order of ``Program.names``."""


class Step(NamedTuple):
    """One thing to work out: a composite finding or the condition of a rule, from findings that come before it."""

    name: str
    number: int
    how: str
    parts: tuple[tuple[int, Sense], ...]


class Page(NamedTuple):
    """The steps of one chapter in one layer, and the findings that they read."""

    title: str
    reads: tuple[int, ...]
    steps: tuple[Step, ...]


class Program(NamedTuple):
    """``names`` are base findings, then composite findings, then rules; a place in it is a thing's number.

    ``whatif`` are the base findings that compare whole outcomes.
    """

    names: tuple[str, ...]
    base: int
    rules: int
    whatif: tuple[str, ...]
    numbers: Frozen[str, int]
    pages: tuple[Page, ...]


@lru_cache(maxsize=8)
def program_of(book: RuleBook) -> Program:
    """The program of a rulebook."""
    base = [name for name, f in book.findings.items() if not isinstance(f.definition, Joined)]
    levels = levels_of(book.findings)
    composite = sorted((n for n in book.findings if levels[n]), key=lambda n: (levels[n], book.findings[n].chapter))
    names = (*base, *composite, *book.rules)
    numbers = Frozen({name: number for number, name in enumerate(names)})
    deepest = max(levels.values(), default=0) + 1
    steps: dict[tuple[int, str], list[Step]] = {}
    for name in composite:
        finding = book.findings[name]
        steps.setdefault((levels[name], finding.chapter), []).append(_step(name, finding.definition, numbers))
    for name, rule in book.rules.items():
        steps.setdefault((deepest, rule.chapter), []).append(_step(name, rule.when, numbers))
    pages = tuple(_page(f"{depth} {chapter}", listed) for (depth, chapter), listed in sorted(steps.items()))
    whatif = tuple(name for name in base if book.findings[name].definition.compares_outcomes)
    return Program(names, len(base), len(base) + len(composite), whatif, numbers, pages)


class Reach:
    """What of a program rests on which base findings: of two patterns that hardly differ, little has to be inferred."""

    def __init__(self, program: Program) -> None:
        self.base, self.numbers = program.base, program.numbers
        steps = sorted((step for page in program.pages for step in page.steps), key=lambda step: step.number)
        self.above: list[set[int]] = [set() for _ in program.names]
        for step in reversed(steps):
            for number, _ in step.parts:
                self.above[number] |= {step.number, *self.above[step.number]}
        self.of_changed = lru_cache(maxsize=MOST_CHANGES)(self._of_changed)

    def between(self, base: Pattern, near: Pattern) -> tuple[int, ...]:
        """The numbers of the steps that can have another state than in the states near by, in their order."""
        different = int.from_bytes(base, "little") ^ int.from_bytes(near[: self.base], "little")
        changed = []
        while different:
            number = ((different & -different).bit_length() - 1) // 8
            changed.append(number)
            different &= ~(0xFF << 8 * number)
        return self.of_changed(tuple(changed))

    def _of_changed(self, changed: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set().union(*(self.above[number] for number in changed))))


def _parts_of(definition: object) -> tuple[Part, ...]:
    """The parts of a joined definition; none of a sentence."""
    return definition.parts if isinstance(definition, Joined) else ()


def _step(name: str, definition: object, numbers: Frozen[str, int]) -> Step:
    parts = tuple((numbers[part.finding], part.sense) for part in _parts_of(definition))
    how = definition.how if isinstance(definition, Joined) else "all"
    return Step(name, numbers[name], how, parts)


def _page(title: str, steps: Iterable[Step]) -> Page:
    listed = tuple(steps)
    reads = dict.fromkeys(number for step in listed for number, _ in step.parts)
    return Page(title, tuple(reads), listed)
