"""What must hold whatever happens to a patient, and where a clinician lets it be otherwise."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cds.rulebook.model import Occasion
from cds.rulebook.shape import Shape

Grounds = Annotated[str, Field(min_length=1)]


class AnsweredShape(Shape):
    """Who is never outside the scope, but for these findings."""

    who: str
    unless: list[str] = []
    because: Grounds
    source: Grounds


class PropertyShape(Shape):
    """A change that never makes the answer more permissive; of the ways in which a patient changes there is one."""

    says: str
    one_of_these_is_added: list[str] = []
    lower: str = ""
    higher: str = ""
    and_then: str = ""
    lost: Literal["", "a normal result", "any result"] = ""
    because: Grounds
    source: Grounds


class ConditionShape(Shape):
    """What is true of the answers before and after a change: one statement, or several that are joined."""

    before: str = ""
    after: str = ""
    not_before: str = ""
    not_after: str = ""
    begins: str = ""
    ends: str = ""
    all: list[ConditionShape] = []
    any: list[ConditionShape] = []


class ExceptionShape(Shape):
    """Where the answer may become more permissive."""

    exception: str
    of: Annotated[list[Occasion], Field(min_length=1)]
    when: ConditionShape
    because: Grounds
    source: Grounds


class SafetyFile(Shape):
    """rules/safety.yaml."""

    must_be_answered: AnsweredShape
    properties: dict[Annotated[str, Field(pattern=r"^safe-[a-z]+(-[a-z]+)*$")], PropertyShape]
    normal_results: dict[str, float] = {}
    lost_together: list[str] = []
    products_of_witnesses: list[str] = []
    exceptions: list[ExceptionShape] = []
