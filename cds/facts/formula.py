"""A formula: how a computed term gets its fact, and what it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from cds.facts.fact import Fact, Facts
from cds.intake.record import Reading
from cds.rulebook.model import Computed
from cds.rulebook.takes import Takes

Compute: TypeAlias = Callable[[Facts, Computed], Fact | None]


class Formula(NamedTuple):
    """How a computed term gets its fact, what it takes for that, and where the readings behind it are.

    It reads nothing but the terms that stand in its roles. ``tests`` are those that the audit book names. ``divides``:
    by values of its first input. ``falls``: its value is higher where its first input is lower.
    """

    compute: Compute
    takes: Takes
    history: Callable[[Facts, Computed], list[Reading]] | None = None
    tests: tuple[str, ...] = ()
    divides: bool = False
    falls: bool = False
