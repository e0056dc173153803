"""Pages of a program -> rules of durable-rules, in the safe subset of the engine: equality of short known words.

Two rails carry three values: for a finding, ``s`` is true when it is surely present and ``m`` when it may be
(present or unknown); ``a`` and ``n`` are the same for its negation, ``u`` says that it is unknown.
An attribute is asserted only when it is true.
Each page is a ruleset of its own: the engine's cost follows the size of a ruleset, and its limits are never near.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from cds.errors import EngineError
from cds.quantity import State
from cds.reasoning.program import Page, Step
from cds.rulebook.model import Sense

MOST_BRANCHES = 60
"""Branches of one ruleset that may be true at once; the engine fails silently beyond 64."""
MOST_ATTRIBUTES = 240
TRUE = "y"
ACKNOWLEDGE = "ok"

# The rails that are true in each state; one without a letter is always true.
STATE_RAILS = ("an", "mnu", "sm")


class Sheet(NamedTuple):
    """A part of a page that fits the engine: its rules as JSON, the findings it reads, the steps it works out.

    The steps are numbered one after the other from ``first``.
    ``words`` holds, for each finding read and each of its states, the attributes to assert.
    """

    name: str
    ruleset: str
    reads: tuple[int, ...]
    words: tuple[tuple[dict[str, str], dict[str, str], dict[str, str]], ...]
    steps: tuple[Step, ...]
    first: int


def compile_page(page: Page) -> list[Sheet]:
    """The sheets of a page, each within the engine's limits.

    Raises:
        EngineError: when a single step does not fit.

    """
    sheets: list[list[Step]] = [[]]
    for step in page.steps:
        if _branches([*sheets[-1], step]) > MOST_BRANCHES:
            sheets.append([])
        sheets[-1].append(step)
    return [_sheet(f"{page.title} {index}", steps) for index, steps in enumerate(sheets) if steps]


def _branches(steps: Iterable[Step]) -> int:
    return 1 + sum(2 if step.how == "all" else 2 * len(step.parts) for step in steps)


def _sheet(name: str, steps: list[Step]) -> Sheet:
    if _branches(steps) > MOST_BRANCHES:
        raise EngineError(f"'{steps[0].name}' has too many parts for the rules engine; give some of them a name.")
    ruleset: dict[str, Any] = {ACKNOWLEDGE: {"all": [{"m": {"k": TRUE}}]}}
    for number, step in enumerate(steps):
        for rail, index in (("s", 0), ("m", 1)):
            if test := _test(step, index):
                ruleset[f"{rail}{number}"] = {"all": [{"m": test}]}
    reads = tuple(dict.fromkeys(number for step in steps for number, _ in step.parts))
    used = _attributes(ruleset)
    _check_limits(used)
    words = tuple(
        tuple({f"{rail}{n}": TRUE for rail in rails if f"{rail}{n}" in used} for rails in STATE_RAILS) for n in reads
    )
    first = steps[0].number
    if [step.number for step in steps] != list(range(first, first + len(steps))):
        raise EngineError(f"the steps of '{name}' are not numbered one after the other.")
    return Sheet(name, json.dumps(ruleset), reads, words, tuple(steps), first)  # type: ignore[arg-type]


def _test(step: Step, index: int) -> dict[str, Any]:
    """The condition under which a step is surely (0) or possibly (1) present."""
    rails = ((rails_of(sense)[index], number) for number, sense in step.parts)
    literals = [{f"{rail}{number}": TRUE} for rail, number in rails if rail]
    joined: list[Any] = literals if step.how == "all" else [{"$or": literals}]
    if len(literals) == 1:
        joined = literals
    return {"$and": [{"k": TRUE}, *joined]}


@lru_cache
def rails_of(sense: Sense) -> tuple[str, str]:
    """The rail that makes a part surely true, and the one that makes it possibly true."""
    by_states = {frozenset(s for s in State if rail in STATE_RAILS[s]): rail for rail in ("s", "m", "a", "n", "u", "")}
    return by_states[sense.surely], by_states[sense.possibly]


def _attributes(ruleset: object) -> set[str]:
    if isinstance(ruleset, dict):
        own = {key for key, value in ruleset.items() if value == TRUE}
        return own.union(*(_attributes(value) for value in ruleset.values()))
    return set().union(*(_attributes(item) for item in ruleset)) if isinstance(ruleset, list) else set()


def fnv1a(text: str) -> int:
    """The 32-bit FNV-1a hash by which the engine compares attribute names."""
    value = 2166136261
    for byte in text.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


def _check_limits(attributes: set[str]) -> None:
    """The engine holds 250 properties, and knows them by a hash only: two names with one hash would be one."""
    if len(attributes) > MOST_ATTRIBUTES:
        raise EngineError(f"a sheet of rules reads {len(attributes)} attributes; the rules engine holds 250.")
    if len({fnv1a(name) for name in (*attributes, "id", "sid")}) < len(attributes) + 2:
        raise EngineError("two attribute names have one hash in the rules engine; rename a finding.")
