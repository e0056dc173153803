"""What a notebook shows of a value: the views stand on a higher floor than what they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

VIEWS: dict[type, Callable[[Any], str]] = {}
"""The HTML of the values of a class; the public functions enter those of ``cds.notebook``."""


def html_of(value: object) -> str | None:
    """The HTML of a value; None where there is none: then a notebook shows its ``repr``."""
    view = VIEWS.get(type(value))
    return None if view is None else view(value)
