"""All names that rule files may use."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cds.rulebook.model import Advice, AnyTerm, Finding, Frozen, NeverClaim, Source, Tier


@dataclass(frozen=True)
class Names:
    """Every name that is defined somewhere, with what it stands for."""

    terms: Frozen[str, AnyTerm]
    findings: Mapping[str, Finding]
    advice: Mapping[str, Advice]
    never: Mapping[str, NeverClaim]
    sources: Mapping[str, Source]
    tiers: Mapping[str, Tier]
    outcomes: Collection[str]
    rules: Collection[str]
