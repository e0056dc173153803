"""One thing that was looked at, and what to do where it is not as it should be."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

State: TypeAlias = Literal["ok", "note", "wrong"]
"""``note``: it works, and something is worth knowing; ``wrong``: there are no answers, or wrong ones, until then."""


class Check(NamedTuple):
    """What was looked at, how it is, what was found, and what to do (empty where it is well)."""

    name: str
    state: State
    told: str
    todo: str = ""
