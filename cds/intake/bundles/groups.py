"""Things that belong together, also through others."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeAlias, TypeVar

Thing = TypeVar("Thing", bound=Hashable)
Mark: TypeAlias = Hashable
"""Something that several things can have, or a thing itself."""


def grouped(things: Iterable[Thing], pairs: Iterable[tuple[Mark, Mark]]) -> list[list[Thing]]:
    """The things in groups: two of a pair are in one group, and so is whatever belongs to either; in their order."""
    above: dict[Mark, Mark] = {}
    for one, other in pairs:
        above[_top(above, other)] = _top(above, one)
    found: dict[Mark, list[Thing]] = {}
    for thing in things:
        found.setdefault(_top(above, thing), []).append(thing)
    return list(found.values())


def _top(above: dict[Mark, Mark], thing: Mark) -> Mark:
    """The thing that stands for all of its group; the way to it is half as long the next time."""
    while (up := above.get(thing, thing)) != thing:
        above[thing] = above.get(up, up)
        thing = up
    return thing
