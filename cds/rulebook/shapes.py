"""The shape of every kind of rule file: which keys, in which order, with which kind of value.

These models check the form only; names are checked by the modules that link them.
``cds schema`` writes them as JSON Schema for editors.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Lines: TypeAlias = Annotated[list[str], Field(min_length=1)]
OneOrMore: TypeAlias = "str | list[str]"


class Shape(BaseModel):
    """A mapping of a rule file; keys are written with spaces."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, alias_generator=lambda name: name.replace("_", " ")
    )


class MeasurementShape(Shape):
    """A reported result."""

    kind: Literal["measurement"]
    says: str
    codes: Lines
    never_read: list[str] = []
    known_as: list[str] = []
    unit: str
    also_accepted: list[str] = []
    without_a_unit: Literal["accepted", "refused", "accepted when an integer"] = "refused"
    plausible: str
    usual: float
    step: float
    decimals: int | None = None
    choose: Literal["newest", "newest day, first code of the list", "highest of the last 1825 days, else newest",
                    "lowest of the newest day"]  # fmt: skip
    conflict_above: str = ""
    usable_for: list[str] = []
    evidence: list[str] = []


class ConditionShape(Shape):
    """A diagnosis or a status."""

    kind: Literal["condition"]
    says: str
    codes: list[str] = []
    named: list[str] = []
    named_anywhere_in_the_text: bool = False
    asked_as: list[str] = []
    also_when_inactive: bool = False
    forgotten_after: str = ""
    unknown_after: str = ""
    evidence: list[str] = []


class MedicationShape(Shape):
    """A medicine."""

    kind: Literal["medication"]
    says: str
    codes: list[str] = []
    named: list[str] = []
    route: Literal["oral", "any"] = "any"
    an_injection_counts_for: str = ""
    evidence: list[str] = []


class ProductTermShape(Shape):
    """Active products of a kind."""

    kind: Literal["product"]
    says: str
    holds: OneOrMore
    salt: OneOrMore = []
    intent: OneOrMore = []
    evidence: list[str] = []


class DoseShape(Shape):
    """An amount from active products."""

    kind: Literal["dose"]
    says: str
    nutrient: str
    intent: OneOrMore = []
    per: Literal["day", "intake"] = "day"
    only: Literal["all", "not prescribed"] = "all"
    unit: str
    plausible: str
    step: float
    evidence: list[str] = []


class DemographicShape(Shape):
    """Age or sex."""

    kind: Literal["demographic"]
    says: str
    unit: str = ""


class GoalShape(Shape):
    """The target that a Goal records for a measurement."""

    kind: Literal["goal"]
    says: str
    of: str


class ComputedShape(Shape):
    """A value that follows from others."""

    kind: Literal["computed"]
    says: str
    formula: str
    from_: list[str] = Field(default=[], alias="from")
    numbers: dict[str, float] = {}
    table: list[str] = []
    instead: list[str] = []
    unit: str
    step: float = 1
    decimals: int | None = None
    usable_for: list[str] = []
    evidence: list[str] = []


TermShape: TypeAlias = Annotated[
    MeasurementShape | ConditionShape | MedicationShape | ProductTermShape | DoseShape | DemographicShape
    | GoalShape | ComputedShape,
    Field(discriminator="kind"),
]  # fmt: skip


class TermsFile(Shape):
    """rules/terms/*.yaml."""

    terms: dict[str, TermShape]


class SaltShape(Shape):
    """A calcium salt."""

    calcium: float
    known_strengths: str = ""


class ContentsShape(Shape):
    """What a product or a substance holds."""

    nutrient: OneOrMore = []
    salt: str = ""
    strength: str = ""
    calcium: str = ""
    vitamin_D: str = ""
    vitamin_K: str = ""
    vitamin_C: str = ""
    magnesium: str = ""
    glucocorticoid: str = ""
    intent: Literal["supplement", "antacid", "phosphate-binder"] = "supplement"
    measure: str = ""


class ProductsFile(Shape):
    """rules/terms/products.yaml."""

    calcium_without_a_salt_is_the_element_up_to: float
    salts: dict[str, SaltShape]
    products: dict[str, ContentsShape]
    substances: dict[str, ContentsShape]
    brands: dict[str, ContentsShape]
    vitamin_K_words: Lines
    magnesium_words: Lines
    vitamin_C_words: Lines
    vitamin_D_words: Lines
    glucocorticoid_words: Lines
    not_a_calcium_product: Lines
    excluded_codes: Lines
    antacid_words: Lines
    binder_words: Lines


class FindingShape(Shape):
    """A finding: one sentence, or other findings joined."""

    says: str = ""
    when: str = ""
    all: list[str] = []
    any: list[str] = []
    no_record_of_any: list[str] = []
    evidence: list[str] = []


class FindingsFile(Shape):
    """rules/<chapter>/findings.yaml."""

    chapter: str
    owner: str
    findings: dict[str, FindingShape]


class WhenShape(Shape):
    """The findings of a rule, all or any of them."""

    all: list[str] = []
    any: list[str] = []


class VariantShape(Shape):
    """The text of a card in a special situation."""

    when: OneOrMore
    summary: str
    detail: str = ""


class CardShape(Shape):
    """The card of a rule."""

    indicator: OneOrMore
    summary: str
    detail: str
    variants: list[VariantShape] = []


class CaseShape(Shape):
    """An example patient."""

    case: str
    given: dict[str, str] = {}
    expect: str
    says: list[str] = []
    does_not_say: list[str] = []
    summary: str = ""
    indicator: Literal["", "info", "warning", "critical"] = ""


class RuleFile(Shape):
    """rules/<chapter>/<rule>.yaml; the keys stand in this order."""

    rule: Annotated[str, Field(pattern=r"^[A-Z]+-\d\d$")]
    title: str
    says: str
    tier: OneOrMore
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    status: Annotated[str, Field(pattern=r"^(draft|signed)$")]
    owner: str
    authored: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    review_by: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    when: WhenShape
    if_unknown: Literal["ask", "ignore"]
    because: str
    advice: list[str] = []
    card: CardShape
    never: list[str] = []
    evidence: Lines
    strength: str
    source_attributes: dict[str, str] = {}
    cases: list[CaseShape] = []


class RemovalShape(Shape):
    """One entry of silencing.yaml."""

    name: str
    why: str
    when: Lines
    only_if: list[str] = []
    by: OneOrMore
    no_card_of: list[str] = []
    no_card_except_of: list[str] = []
    no_decision_of: list[str] = []
    not_said: list[str] = []


class SilencingFile(Shape):
    """rules/silencing.yaml."""

    by_the_patient: list[RemovalShape]
    by_a_rule: list[RemovalShape]
    by_the_outcome: list[RemovalShape]


class TierShape(Shape):
    """A tier of precedence.yaml."""

    tier: str
    outcome: str = ""
    says: str
    rules: list[str] = []


class PrecedenceFile(Shape):
    """rules/precedence.yaml."""

    outcomes: dict[str, str]
    tiers: list[TierShape]
    default: str


class AdviceShape(Shape):
    """An advice code."""

    says: str
    orders: str = ""
    refers_to: str = ""
    holds: str = ""
    stops: str = ""
    never_together_with: list[str] = []


class NeverShape(Shape):
    """A claim that no card may make."""

    says: str
    phrases: list[str] = []


class AdviceFile(Shape):
    """rules/advice.yaml."""

    advice: dict[str, AdviceShape]
    never: dict[str, NeverShape]


class SourceShape(Shape):
    """A source of evidence."""

    citation: str
    kind: str
    url: str = ""
    read: str


class EvidenceFile(Shape):
    """rules/evidence.yaml."""

    sources: dict[str, SourceShape]


class BookFile(Shape):
    """rules/rulebook.yaml."""

    title: str
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    canonical: str
    source_attributes: dict[str, str]
    case_patient: dict[str, str]


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
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    content: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    reviewer: Annotated[str, Field(min_length=1)]
    role: Annotated[str, Field(min_length=1)]
    date: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]


class SignaturesFile(Shape):
    """rules/signatures.yaml: the signatures of clinicians, written by ``cds sign``."""

    signatures: list[SignatureShape]


KINDS: dict[str, type[Shape]] = {
    "rulebook": BookFile,
    "review": ReviewFile,
    "claims": ClaimsFile,
    "signatures": SignaturesFile,
    "precedence": PrecedenceFile,
    "silencing": SilencingFile,
    "advice": AdviceFile,
    "evidence": EvidenceFile,
    "terms": TermsFile,
    "products": ProductsFile,
    "findings": FindingsFile,
    "rule": RuleFile,
}
