"""A bounded memory of what was worked out before: by what a thing says, never by whose it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")
MOST_REMEMBERED = 4096


class Memory(Generic[Value]):
    """Values by keys; when it is full, it is emptied and begins anew."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        """Remember at most so many."""
        self.most = most
        self.kept: dict[Hashable, Value] = {}

    def get(self, key: Hashable, work_out: Callable[[], Value]) -> Value:
        """The value of a key, worked out when it is first asked for.

        Raises:
            TypeError: the key holds something that cannot be remembered.

        """
        try:
            return self.kept[key]
        except KeyError:
            value = work_out()
        if len(self.kept) >= self.most:
            self.kept.clear()
        self.kept[key] = value
        return value
