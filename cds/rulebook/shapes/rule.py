"""Chapters: findings and rules with their cards and cases."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cds.rulebook.shape import Shape
from cds.rulebook.shapes.shape import Day, Lines, OneOrMore, Version


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
    guarded: bool = False
    version: Version
    status: Annotated[str, Field(pattern=r"^(draft|signed)$")]
    owner: str
    authored: Day
    review_by: Day
    when: WhenShape
    if_unknown: Literal["ask", "ignore"]
    because: str
    advice: list[str] = []
    card: CardShape
    never: list[str] = []
    evidence: Lines
    strength: str
    other_numbers: dict[str, str] = {}
    source_attributes: dict[str, str] = {}
    cases: list[CaseShape] = []
