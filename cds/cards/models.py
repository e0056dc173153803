"""CDS Hooks 2.0 cards as typed models (https://cds-hooks.hl7.org/2.0/#cds-service-response), to check what is said.

Cards are built as plain data, because that is fast; tests and ``checked`` hold them against these models.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, model_validator

from cds.rulebook.model import Indicator

Text: TypeAlias = Annotated[str, Field(min_length=1)]
Extension: TypeAlias = dict[str, Any]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    extension: Extension | None = None


class Coding(_Strict):
    """A code of a code system; reasons for overriding need all three parts."""

    code: Text
    system: HttpUrl
    display: Text


class Topic(_Strict):
    """The static subject of a card: alphanumeric, at most 100 characters, so that clients can remember it."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,100}$")]
    system: HttpUrl
    display: Text


class Source(_Strict):
    """Where the guidance comes from."""

    label: Text
    url: HttpUrl | None = None
    icon: HttpUrl | None = None
    topic: Topic


class Action(_Strict):
    """A change to the record: create and update carry the resource, delete its reference."""

    type: Literal["create", "update", "delete"]
    description: Text
    resource: dict[str, Any] | None = None
    resourceId: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Action:
        if (self.resource is None) == (self.type in ("create", "update")):
            raise ValueError("create and update carry a resource, delete does not")
        if (self.resourceId is not None) != (self.type == "delete"):
            raise ValueError("delete, and only delete, names a resourceId")
        return self


class Suggestion(_Strict):
    """Actions that belong together."""

    label: Text
    uuid: UUID
    isRecommended: bool | None = None
    actions: Annotated[list[Action], Field(min_length=1)]


class Link(_Strict):
    """A link to the evidence."""

    label: Text
    url: HttpUrl
    type: Literal["absolute"]


class Card(_Strict):
    """A card; the summary is one sentence of fewer than 140 characters."""

    uuid: UUID
    summary: Annotated[str, Field(min_length=1, max_length=139)]
    detail: Text
    indicator: Indicator
    source: Source
    suggestions: Annotated[list[Suggestion], Field(min_length=1)] | None = None
    selectionBehavior: Literal["at-most-one", "any"] | None = None
    overrideReasons: Annotated[list[Coding], Field(min_length=1)]
    links: Annotated[list[Link], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _selectable(self) -> Card:
        if (self.suggestions is None) != (self.selectionBehavior is None):
            raise ValueError("suggestions need a selectionBehavior, and only they do")
        return self


class Response(_Strict):
    """The answer of a service."""

    cards: list[Card]


def checked(cards: list[dict[str, Any]]) -> Response:
    """The cards as models.

    Raises:
        pydantic.ValidationError: a card is not what the standard asks for.

    """
    return Response.model_validate({"cards": cards})
