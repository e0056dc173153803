"""What a hospital replaces, adds and switches off: the files of an overlay, in the words of the base."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from cds.rulebook import lines
from cds.rulebook.declared import INLINE, ONE_OR_MORE, Key, Line
from cds.rulebook.model.finding import Finding
from cds.rulebook.model.frozen import Frozen
from cds.rulebook.model.other_medicine import OtherMedicines
from cds.rulebook.model.product import Contents
from cds.rulebook.model.rule import Case, Rule
from cds.rulebook.model.saying import EvidenceFile, ReviewFile, SignaturesFile, Stated, Switch, Version
from cds.rulebook.model.term import Codes, InsteadList, Rows, Windows
from cds.rulebook.model.wording import Wording


class OverlayFile(NamedTuple):
    """OVERLAY/overlay.yaml: whose overlay this is, why it is there, and which rules it switches.

    ``region`` is the name of the region over which it is laid (see ``cds.rulebook.regions``).
    """

    name: Stated
    owner: Stated
    reason: Stated
    region: str = ""
    off: tuple[Switch, ...] = ()
    shadow: tuple[Switch, ...] = ()


class Replacement(NamedTuple):
    """A finding that stands instead of one of the base; where a guarded rule rests on it, also the accepted risk."""

    finding: Annotated[Finding, INLINE]
    accepted_risk: str = ""


class Addition(NamedTuple):
    """What an overlay adds to a term: codes, names and units; and what it replaces.

    Every field but the last is named as that of the term to which it adds. ``REPLACED`` stand in place of what the term
    has, single numbers in place of those of the same name. Where a guarded rule rests on the term, what is replaced
    also needs the accepted risk.
    """

    says: str = ""

    codes: Annotated[Codes, Key("add codes")] = ()
    wider: Annotated[Codes, Key("add codes that may mean it")] = ()
    names: Annotated[tuple[str, ...], Key("add names")] = ()
    procedures: Annotated[tuple[str, ...], Key("add names in procedures")] = ()
    other_procedures: Annotated[tuple[str, ...], Key("add names of other procedures")] = ()
    questions: Annotated[Codes, Key("add codes that ask")] = ()
    question_words: Annotated[tuple[str, ...], Key("add words that ask")] = ()
    yes: Annotated[Codes, Key("add codes for yes")] = ()
    yes_words: Annotated[tuple[str, ...], Key("add words for yes")] = ()
    no: Annotated[Codes, Key("add codes for no")] = ()
    no_words: Annotated[tuple[str, ...], Key("add words for no")] = ()
    units: Annotated[
        tuple[tuple[str, float], ...], Key("add units"), Line(lines.unit_line, "Write it like 'g/L / 10'.")
    ] = ()
    windows: Windows = ()
    rows: Rows = ()
    instead: InsteadList = ()
    numbers: Frozen[str, float] = Frozen()
    note: str = ""
    evidence: tuple[str, ...] = ()
    accepted_risk: str = ""


REPLACED = ("windows", "rows", "instead", "says", "note", "evidence")
"""The fields of an addition that stand in place of those of the term."""
WITH_A_SOURCE = ("rows", "instead", "numbers")
"""Those that are numbers of medicine: they come with the evidence on which they rest."""


class OverlayTermsFile(NamedTuple):
    """OVERLAY/terms/*.yaml: additions to terms of the base, and names of conditions that no term is, by language."""

    terms: Frozen[str, Addition] = Frozen()
    other_conditions: Annotated[Frozen[str, tuple[str, ...]], Key("other conditions are named")] = Frozen()


class OverlayProductsFile(NamedTuple):
    """OVERLAY/terms/products.yaml: products that the base does not know, and brands that hold something else here."""

    products: Frozen[str, Contents] = Frozen()
    substances: Frozen[str, Contents] = Frozen()
    brands: Frozen[str, Contents] = Frozen()
    replaces_brands: Frozen[str, Contents] = Frozen()


class OverlayFindingsFile(NamedTuple):
    """OVERLAY/<chapter>/findings.yaml: findings of the base that are replaced, and new ones."""

    chapter: str = ""
    owner: str = ""
    replaces: Frozen[str, Replacement] = Frozen()
    adds: Frozen[str, Finding] = Frozen()


class OverlayCasesFile(NamedTuple):
    """OVERLAY/cases.yaml: example patients of rules of the base, as they are with the overlay."""

    cases: Frozen[str, tuple[Case, ...]]


class CardWords(NamedTuple):
    """Another text of a card of the base, or of its variant with these conditions; what is left out stays."""

    summary: str = ""
    fallback: str = ""
    detail: str = ""
    when: Annotated[tuple[str, ...], ONE_OR_MORE] = ()


class RuleWords(NamedTuple):
    """The texts of a rule of the base in other words, made for one version of it; what is left out stays."""

    version: Version
    title: str = ""
    summary: str = ""
    fallback: str = ""
    detail: str = ""
    hours: Frozen[str, str] = Frozen()
    variants: tuple[CardWords, ...] = ()


class OverlayCardsFile(NamedTuple):
    """OVERLAY/<chapter>/cards.yaml: the texts of cards of the base in another language, or in other words."""

    cards: Frozen[str, RuleWords]


class OverlayTextsFile(NamedTuple):
    """OVERLAY/texts.yaml: words of a rule, an advice code or an entry of silencing, and what stands there instead."""

    texts: Frozen[str, Frozen[str, Stated]]


OVERLAY_KINDS: dict[str, type] = {
    "overlay": OverlayFile,
    "cases": OverlayCasesFile,
    "texts": OverlayTextsFile,
    "cards": OverlayCardsFile,
    "wording": Wording,
    "evidence": EvidenceFile,
    "review": ReviewFile,
    "signatures": SignaturesFile,
    "terms": OverlayTermsFile,
    "products": OverlayProductsFile,
    "other_medicines": OtherMedicines,
    "findings": OverlayFindingsFile,
    "rule": Rule,
}
OVERLAY_FIRST_LEVEL = ("overlay", "cases", "texts", "wording", "evidence", "review", "signatures")
"""The files of the first level that an overlay may hold."""
