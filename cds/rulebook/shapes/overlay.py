"""The shape of the files of an overlay: what a hospital replaces, adds and switches off, in the words of the base."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import Field

from cds.rulebook.declared import INLINE
from cds.rulebook.model import Case, Contents, Finding, Frozen, Rule
from cds.rulebook.model.saying import EvidenceFile, ReviewFile, SignaturesFile
from cds.rulebook.shape import Shape

Stated = Annotated[str, Field(min_length=1)]


class SwitchShape(Shape):
    """A rule that is switched off or put into shadow; for a guarded rule also the risk that is accepted."""

    rule: str
    reason: Stated
    accepted_risk: str = ""


class OverlayFile(Shape):
    """OVERLAY/overlay.yaml: whose overlay this is, why it is there, and which rules it switches."""

    name: Stated
    owner: Stated
    reason: Stated
    off: list[SwitchShape] = Field(default=[])
    shadow: list[SwitchShape] = Field(default=[])


class Replacement(NamedTuple):
    """A finding that stands instead of one of the base; where a guarded rule rests on it, also the accepted risk."""

    finding: Annotated[Finding, INLINE]
    accepted_risk: str = ""


class AdditionShape(Shape):
    """What an overlay adds to a term; ``usable for`` replaces how long its values stay usable.

    Where a guarded rule rests on the term, another ``usable for`` also needs the accepted risk.
    """

    add_codes: list[str] = Field(default=[])
    add_names: list[str] = Field(default=[])
    add_codes_for_yes: list[str] = Field(default=[])
    add_words_for_yes: list[str] = Field(default=[])
    add_codes_for_no: list[str] = Field(default=[])
    add_words_for_no: list[str] = Field(default=[])
    add_units: list[str] = Field(default=[])
    usable_for: list[str] = Field(default=[])
    accepted_risk: str = ""


class OverlayTermsFile(Shape):
    """OVERLAY/terms/*.yaml: additions to terms of the base."""

    terms: dict[str, AdditionShape]


class OverlayProductsFile(NamedTuple):
    """OVERLAY/terms/products.yaml: products that the base does not know."""

    products: Frozen[str, Contents] = Frozen()
    substances: Frozen[str, Contents] = Frozen()
    brands: Frozen[str, Contents] = Frozen()


class OverlayFindingsFile(NamedTuple):
    """OVERLAY/<chapter>/findings.yaml: findings of the base that are replaced, and new ones."""

    chapter: str = ""
    owner: str = ""
    replaces: Frozen[str, Replacement] = Frozen()
    adds: Frozen[str, Finding] = Frozen()


class OverlayCasesFile(NamedTuple):
    """OVERLAY/cases.yaml: example patients of rules of the base, as they are with the overlay."""

    cases: Frozen[str, tuple[Case, ...]]


class OverlayTextsFile(Shape):
    """OVERLAY/texts.yaml: words of a rule, an advice code or an entry of silencing, and what stands there instead."""

    texts: dict[str, dict[str, Stated]]


OVERLAY_KINDS: dict[str, type] = {
    "overlay": OverlayFile,
    "cases": OverlayCasesFile,
    "texts": OverlayTextsFile,
    "evidence": EvidenceFile,
    "review": ReviewFile,
    "signatures": SignaturesFile,
    "terms": OverlayTermsFile,
    "products": OverlayProductsFile,
    "findings": OverlayFindingsFile,
    "rule": Rule,
}
OVERLAY_FIRST_LEVEL = ("overlay", "cases", "texts", "evidence", "review", "signatures")
"""The files of the first level that an overlay may hold."""
