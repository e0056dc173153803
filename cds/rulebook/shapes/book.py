"""The rulebook as a whole, and what it rests on: evidence, claims, accepted changes, signatures."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cds.rulebook.shape import Shape
from cds.rulebook.shapes.shape import Day, Version

Hook = Literal["patient-view", "order-select", "order-sign", "medication-refill", "encounter-discharge"]
"""The hooks of CDS Hooks that a service can be called by."""


class BookFile(Shape):
    """rules/rulebook.yaml."""

    title: str
    version: Version
    canonical: str
    source_attributes: dict[str, str]
    case_patient: dict[str, str]


class ServiceShape(Shape):
    """A CDS Hooks service of the topic."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    says: str


class TopicFile(Shape):
    """rules/topic.yaml."""

    subject: str
    question: str
    extension_key: Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
    nothing_to_say: str = ""
    scales: dict[str, str] = {}
    adults_from: Annotated[int, Field(gt=0)] | None = None
    other_results_are_named: list[str] = []
    codes_never_read: str = ""
    services: dict[Hook, ServiceShape]


class SourceShape(Shape):
    """A source of evidence."""

    citation: str
    kind: str
    url: str = ""
    read: str


class EvidenceFile(Shape):
    """rules/evidence.yaml."""

    sources: dict[str, SourceShape]


class ClaimShape(Shape):
    """A claim of an article: rules carry it, or the reason says why none does."""

    claim: str
    verdict: Literal["yes", "partly", "weak", "no"]
    because: str = ""
    carried_by: list[str] = []


class ClaimsFile(Shape):
    """rules/claims.yaml."""

    claims: list[ClaimShape]


class ReviewFile(Shape):
    """rules/review.yaml: changes that no case notices and that need none, each with the reason."""

    accepted: dict[str, str]


class SignatureShape(Shape):
    """Who signed which version of a rule; ``content`` is what ``cds sign`` writes for the rule as it was reviewed."""

    rule: str
    version: Version
    content: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    reviewer: Annotated[str, Field(min_length=1)]
    role: Annotated[str, Field(min_length=1)]
    date: Day


class SignaturesFile(Shape):
    """rules/signatures.yaml: the signatures of clinicians, written by ``cds sign``."""

    signatures: list[SignatureShape]
