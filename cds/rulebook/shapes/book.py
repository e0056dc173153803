"""The rulebook as a whole."""

from __future__ import annotations

from cds.rulebook.shape import Shape
from cds.rulebook.shapes.shape import Version


class BookFile(Shape):
    """rules/rulebook.yaml."""

    title: str
    version: Version
    canonical: str
    source_attributes: dict[str, str]
    case_patient: dict[str, str]
