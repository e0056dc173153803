"""The free variables of a patient, by what they are about."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import z3

from cds.proof.rails import Bool, Number, Rails


class Variables:
    """The free variables of a patient, by what they are about; ``tag`` tells those of a second patient apart."""

    def __init__(self, tag: str = "") -> None:
        self.tag = tag
        self.made: dict[str, dict[str, Any]] = {}

    def _variable(self, kind: Callable[[str], Any], name: str, part: str) -> Any:
        parts = self.made.setdefault(name, {})
        if part not in parts:
            parts[part] = kind(f"{name}|{part}{self.tag}")
        return parts[part]

    def boolean(self, name: str, part: str = "") -> Bool:
        """A free truth value."""
        return self._variable(z3.Bool, name, part)

    def real(self, name: str, part: str = "") -> Number:
        """A free rational number."""
        return self._variable(z3.Real, name, part)

    def integer(self, name: str, part: str = "") -> Number:
        """A free whole number."""
        return self._variable(z3.Int, name, part)

    def rails(self, name: str) -> Rails:
        """A free three-valued statement; its law is the caller's."""
        return Rails(self.boolean(name, "sure"), self.boolean(name, "maybe"))

    def same_but(self, other: Variables, changed: Collection[str]) -> Bool:
        """The formula that says: both patients are the same, but for what is about these things."""
        return z3.And([
            mine == other.made[name][part] for name, parts in self.made.items() if name not in changed
            for part, mine in parts.items() if part in other.made.get(name, {})
        ])  # fmt: skip
