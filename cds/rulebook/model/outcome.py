"""What an outcome is to the engine: the rule files name the outcomes, and say which of them has which role.

An outcome may have no role (go on, with another dose); it is stricter or more permissive than another by its place.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Role: TypeAlias = Literal["stop now", "pause", "no answer", "go on", "outside the scope"]
"""The roles, but for the last from the strictest to the most permissive; each is that of one outcome at most.

``stop now``: what is asked for is needed today. ``pause``: a vote for it says something only where it becomes the
outcome. ``no answer``: needed data are missing, and asked for; every rulebook has it, as it is also given while a rule
that counts is switched off. ``go on``: nobody looks further. ``outside the scope``: no advice, and no data are asked
for; neither stricter nor more permissive than another.
"""
ORDERED: tuple[Role, ...] = ("stop now", "pause", "no answer", "go on")
"""The roles that are stricter or more permissive than each other, in their order."""


def verb_of(outcome: str) -> str:
    """The verb of an outcome, its first word: a rule that votes for ``adjust-dose`` adjusts."""
    return outcome.replace(" ", "-").partition("-")[0]
