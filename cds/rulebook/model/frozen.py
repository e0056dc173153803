"""What never changes: a mapping that is filled once, and a place in a file."""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Frozen(dict[K, V]):
    """A mapping that is filled once and never changes."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Frozen, (dict(self),)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("the rulebook does not change")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        """By identity: two mappings of one rulebook are the same when they are one object."""
        return id(self)


class Spot(NamedTuple):
    """Where something stands in the rule files."""

    file: str
    line: int
