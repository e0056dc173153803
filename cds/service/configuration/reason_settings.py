"""The reasons for overriding a card that a hospital offers in place of the usual ones, each in a category of HL7."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from cds.cards.override_reasons import CATEGORIES, SYSTEM, Reason, category_of
from cds.errors import Problem
from cds.rulebook.shape import Shape
from cds.rulebook.yaml_text import Page

MOST_REASONS = 20
"""Nobody reads a longer list."""
CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""What the records keep as a code; anything else may be a text about the patient."""
Category = Literal[
    "cds-not-applicable",
    "cds-suboptimal-context",
    "recipient-disagrees-evidence",
    "recipient-concerns-outcomes",
    "does-not-align-preferences",
    "not-convenient-feasible",
]


class OverrideReason(Shape):
    """A reason: ``display`` is what the user reads; a code of HL7 stands in the category that HL7 gives it."""

    code: Annotated[str, Field(pattern=CODE)]
    display: Annotated[str, Field(min_length=1, max_length=120)]
    category: Category | None = None


Reasons = Annotated[tuple[OverrideReason, ...], Field(max_length=MOST_REASONS)]


def reasons_of(listed: Sequence[OverrideReason], base_url: str) -> tuple[Reason, ...]:
    """The reasons as cards offer them; own codes are those of a code system below the URL of the service."""
    return tuple(_reason(one, base_url) for one in listed)


def _reason(one: OverrideReason, base_url: str) -> Reason:
    category = category_of(one.code)
    if category:
        return Reason(one.code, one.display, category, SYSTEM)
    return Reason(one.code, one.display, one.category or "", f"{base_url}/override-reasons")


def reason_problems(listed: Sequence[OverrideReason], page: Page) -> Iterator[Problem]:
    """Codes that stand twice, and codes of which nobody can say in which category of HL7 they are."""
    codes = [one.code.lower() for one in listed]
    for number, one in enumerate(listed):
        place, own = ("override reasons", number), category_of(one.code)
        if codes.index(codes[number]) < number:
            yield page.problem((*place, "code"), "this code stands twice.", "Keep one of the two.", "wrong-value")
        if not own and one.category is None:
            todo = f"Name one of HL7's: {', '.join(CATEGORIES)}."
            yield page.problem(place, f"'{one.code}' is no code of HL7, and has no 'category'.", todo, "missing-key")
        if own and one.category not in (None, own):
            todo = f"Leave 'category' out, or write {own}."
            yield page.problem((*place, "category"), f"HL7 has '{one.code}' in another one.", todo, "wrong-value")
