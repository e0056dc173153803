"""Term files."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from cds.rulebook.shapes.shape import Lines, OneOrMore, Shape

CHOICE = (
    "^(newest|newest day, first code of the list|lowest of the newest day"
    "|highest of the last [0-9]+ days, else newest)$"
)
"""The ways to choose among several results."""


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
    choose: Annotated[str, Field(pattern=CHOICE)]
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
    codes_for_yes: list[str] = []
    words_for_yes: list[str] = []
    codes_for_no: list[str] = []
    words_for_no: list[str] = []
    patient_element: Literal["", "deceased"] = ""
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
    """Age or sex, by the element of Patient that says it."""

    kind: Literal["demographic"]
    says: str
    element: Literal["birthDate", "gender"]
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
    from_: list[str] | dict[str, OneOrMore] = Field(default=[], alias="from")
    numbers: dict[str, float] = {}
    table: list[str] = []
    instead: list[str] = []
    note: str = ""
    unit: str
    step: float = 1
    decimals: int | None = None
    usable_for: list[str] = []
    evidence: list[str] = []


TermShape: TypeAlias = Annotated[
    MeasurementShape
    | ConditionShape
    | MedicationShape
    | ProductTermShape
    | DoseShape
    | DemographicShape
    | GoalShape
    | ComputedShape,
    Field(discriminator="kind"),
]


class TermsFile(Shape):
    """rules/terms/*.yaml."""

    terms: dict[str, TermShape]
