"""What every shape has in common."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

Lines: TypeAlias = Annotated[list[str], Field(min_length=1)]
OneOrMore: TypeAlias = "str | list[str]"
Version: TypeAlias = Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
Day: TypeAlias = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
