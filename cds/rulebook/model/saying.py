"""What cards may say and may never say, the sources, and who signed or switched what."""

from __future__ import annotations

from typing import Literal, NamedTuple

from cds.rulebook.model.frozen import Spot
from cds.rulebook.model.value import Code


class Advice(NamedTuple):
    """An advice code: what it says, what may never stand beside it, and the order or action it suggests."""

    code: str
    says: str
    contradicts: frozenset[str]
    spot: Spot
    order: Code | None = None
    refer: str = ""
    action: Literal["", "hold", "stop"] = ""
    nutrient: str = ""


class NeverClaim(NamedTuple):
    """A claim that no card may make, and phrases that would make it."""

    code: str
    says: str
    phrases: tuple[str, ...]
    spot: Spot


class Source(NamedTuple):
    """A guideline, label, trial or review."""

    id: str
    citation: str
    url: str
    kind: str
    read: str
    spot: Spot


class Claim(NamedTuple):
    """A claim of an article about calcium: its verdict, the reason, and the rules that carry it."""

    claim: str
    verdict: str
    because: str
    rules: tuple[str, ...]


class Signature(NamedTuple):
    """A clinician's signature under a version of a rule; ``content`` is the hash of the rule as it was reviewed."""

    rule: str
    version: str
    content: str
    reviewer: str
    role: str
    date: str
    spot: Spot


class Switch(NamedTuple):
    """A rule that an overlay switches off or puts into shadow, with the reason; if guarded, also the accepted risk."""

    rule: str
    how: Literal["off", "shadow"]
    reason: str
    accepted_risk: str
    spot: Spot
