"""A compiled rulebook at work: which of its functions have to run for what a record holds, and how they are kept.

The text stands beside the cache file of the rulebook, so that it can be opened and read; it is run only while nobody
but this user can write it. The steps of ``cds.facts.order`` remain the oracle, and work out what is not compiled:
records with parts that were not read, past readings that are supposed, and rulebooks that no folder holds.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from cds.cache import keep, read_own
from cds.facts.checks import checks_of
from cds.facts.order import every_step
from cds.facts.sheets import function_name, function_of, sheets_of, source_of
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval, negated
from cds.rulebook.kept import cache_file_of
from cds.rulebook.model import RuleBook, Sense

Run: TypeAlias = Callable[[Any, frozenset[str], Mapping[str, Any], Mapping[str, Any]], None]
"""A sheet at work."""
Plan: TypeAlias = tuple[tuple[Run, ...], frozenset[str]]
"""The sheets to run, and the names of what they have to work out."""
MOST_PLANS = 4096


class Compiled:
    """The functions of one rulebook; what has to be worked out when something changes is remembered."""

    def __init__(self, book: RuleBook, source: str, place: Path) -> None:
        names = _names(book)
        exec(compile(source, str(place), "exec"), names)  # noqa: S102 - nobody else can have written it: kept_source
        sheets = sheets_of(book)
        self.sheets = [(names[sheet.name], frozenset(step.name for step in sheet.steps)) for sheet in sheets]
        self.rests_on = {step.name: step.rests_on for step in every_step(book, cautious=False)}
        self.plans: dict[tuple[frozenset[str], frozenset[str]], Plan] = {}

    def plan(self, changed: frozenset[str], given: frozenset[str]) -> Plan:
        """What to run when parts of a record, facts or findings change, of which some are given."""
        key = changed, given
        if (plan := self.plans.get(key)) is None:
            if len(self.plans) >= MOST_PLANS:
                self.plans.clear()
            todo = frozenset(
                n for n, rests in self.rests_on.items() if n not in given and not changed.isdisjoint(rests)
            )
            plan = self.plans[key] = tuple(run for run, own in self.sheets if not own.isdisjoint(todo)), todo
        return plan


@lru_cache(maxsize=8)
def compiled_of(book: RuleBook) -> Compiled | None:
    """The functions of a rulebook that was opened from a folder; None for any other."""
    place = cache_file_of(book)
    names = [step.name for step in every_step(book, cautious=False)]
    if place is None or len(set(names)) < len(names):  # one name for a value and a finding: they cannot be told apart
        return None
    readable = place.with_suffix(".py")
    return Compiled(book, kept_source(book, readable), readable)


def kept_source(book: RuleBook, place: Path) -> str:
    """The text that is kept there, if nobody but this user can have written it; else it is made, and kept."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if (text := read_own(place).decode()).endswith(END):
            return text
    text = f"{source_of(book)}{END}"
    keep(place, text.encode())
    return text


END = "\n# That is all.\n"
"""A file that ends otherwise was not written whole."""


def _names(book: RuleBook) -> dict[str, Any]:
    """What the text of a rulebook may use."""
    terms = {step.name: book.terms[step.name] for step in every_step(book, cautious=False) if step.is_fact}
    return {
        "ABSENT": ABSENT,
        "UNKNOWN": UNKNOWN,
        "PRESENT": PRESENT,
        "Interval": Interval,
        "negated": negated,
        "TERMS": terms,
        "CHECKS": checks_of(book),
        **{function_name(function): function for function in map(function_of, terms.values())},
        **{sense.name: sense.table for sense in Sense},
    }
