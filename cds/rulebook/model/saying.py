"""What cards may say and may never say, the sources, and who signed or switched what."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple, TypeAlias

from cds.rulebook import lines
from cds.rulebook.declared import NOT_WRITTEN, Key, Known, Line, Name, Text
from cds.rulebook.model.frozen import Frozen, Spot
from cds.rulebook.model.value import Code

Version: TypeAlias = Annotated[str, Text(pattern=r"^\d+\.\d+\.\d+$")]
Day: TypeAlias = Annotated[str, Text(pattern=r"^\d{4}-\d\d-\d\d$")]
Stated: TypeAlias = Annotated[str, Text(at_least=1)]
ORDER_LINE = Line(
    lines.code_line, "Write it like 'LOINC 1234-5 name of the test'.", what="'{}' is not a code.", code="bad-code-line"
)


class Advice(NamedTuple):
    """An advice code: what it says, what may never stand beside it, and the order or action it suggests."""

    code: Name
    says: str
    spot: Spot
    order: Annotated[Code | None, Key("orders"), ORDER_LINE] = None
    refer: Annotated[str, Key("refers to")] = ""
    holds: Annotated[str, Known(("nutrient name",))] = ""
    stops: Annotated[str, Known(("nutrient name",))] = ""
    contradicts: Annotated[frozenset[str], Key("never together with")] = frozenset()

    @property
    def action(self) -> Literal["", "hold", "stop"]:
        """What it asks to do with products."""
        return "hold" if self.holds else "stop" if self.stops else ""

    @property
    def nutrient(self) -> str:
        """What the products hold with which that is to be done."""
        return self.holds or self.stops


class NeverClaim(NamedTuple):
    """A claim that no card may make, and phrases that would make it."""

    code: Name
    says: str
    spot: Spot
    phrases: tuple[str, ...] = ()


class AdviceFile(NamedTuple):
    """rules/advice.yaml."""

    advice: Frozen[str, Advice]
    never: Frozen[str, NeverClaim]


class Source(NamedTuple):
    """A guideline, label, trial or review."""

    id: Name
    citation: str
    kind: str
    read: str
    spot: Spot
    url: str = ""


class EvidenceFile(NamedTuple):
    """rules/evidence.yaml."""

    sources: Frozen[str, Source]


class Claim(NamedTuple):
    """A claim of an article: its verdict, the reason, and the rules that carry it."""

    claim: str
    verdict: Literal["yes", "partly", "weak", "no"]
    because: str = ""
    rules: Annotated[tuple[str, ...], Key("carried by"), Known(("rule",))] = ()


class ClaimsFile(NamedTuple):
    """rules/claims.yaml."""

    claims: tuple[Claim, ...]


class ReviewFile(NamedTuple):
    """rules/review.yaml: changes that no case notices and that need none, each with the reason."""

    accepted: Frozen[str, str]


class Signature(NamedTuple):
    """A clinician's signature under a version of a rule.

    ``content`` is what ``cds sign`` writes for the rule as it was reviewed: its hash.
    """

    rule: Annotated[str, Known(("rule",))]
    version: Version
    content: Annotated[str, Text(pattern=r"^[0-9a-f]{64}$")]
    reviewer: Stated
    role: Stated
    date: Day
    spot: Spot


class SignaturesFile(NamedTuple):
    """rules/signatures.yaml: the signatures of clinicians, written by ``cds sign``."""

    signatures: tuple[Signature, ...]


class Switch(NamedTuple):
    """A rule that an overlay switches off or puts into shadow, with the reason; if guarded, also the accepted risk."""

    rule: str
    reason: Stated
    spot: Spot
    accepted_risk: str = ""
    how: Annotated[Literal["off", "shadow"], NOT_WRITTEN] = "off"
