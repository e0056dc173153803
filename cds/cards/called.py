"""What the record itself calls an entry, for whoever reads a card: its name or code, and the value of a result."""

from __future__ import annotations

from typing import Any

from cds.cards.resources_not_used import TYPES_IN_WORDS
from cds.cards.wording import escaped
from cds.intake.elements import codings, texts
from cds.intake.medicines.medicine_of import stated_medicine
from cds.intake.record import PARTS, Record
from cds.jsontypes import Json

LARGEST = 1e15
"""A larger number is no value of anything, and too long to show."""
MEDICATIONS = frozenset(kind for kind, part in PARTS.items() if part == "medicines" and kind != "Medication")
"""The types of resources that name their medicine as ``stated_medicine`` reads it."""


class Calls:
    """The words of the resources of one record, as Markdown; what was not sent has none."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.resources: dict[str, Json] | None = None
        self.names: dict[str, str] = {}

    def called(self, source: str) -> str:
        """``Calcium 12.6 mg/dL``, as Markdown; what kind of resource it is, in words, where it has no name."""
        resource = self._resource(source)
        name = self.name(source) or self._understood(source) or _code(resource) or kind_in_words(source)
        return escaped(" ".join(filter(None, (name, _written(resource)))))

    def _understood(self, source: str) -> str:
        """What an entry with a code alone was understood to be; empty for what is no medicine."""
        courses = self.record.courses.items()
        named = {course.source: course.name or term for term, found in courses for course in found}
        named |= {product.source: product.name for product in self.record.products if product.name}
        return named.get(source, "")

    def name(self, source: str) -> str:
        """The name that the record gives to a condition or a medicine; empty where it gives a code only, or none."""
        if (found := self.names.get(source)) is None:
            found = self.names[source] = self._name(source)
        return found

    def _name(self, source: str) -> str:
        resource = self._resource(source)
        concept, reference = stated_medicine(resource)
        if resource.get("resourceType") not in MEDICATIONS:
            concept = resource.get("code")
        display = reference.get("display") if isinstance(reference, dict) else None
        return next((text.strip() for text in (*texts(concept), display) if isinstance(text, str) and text.strip()), "")

    def written(self, source: str) -> str:
        """The value of a result as it is written; empty for none."""
        return _written(self._resource(source))

    def unit(self, source: str) -> str:
        """The unit of a result as it is written; empty for none."""
        quantity = self._resource(source).get("valueQuantity")
        return str(quantity.get("unit") or quantity.get("code") or "") if isinstance(quantity, dict) else ""

    def dated(self, source: str) -> str:
        """The date and time of a result as they are written; empty for none."""
        when = self._resource(source).get("effectiveDateTime")
        return when if isinstance(when, str) else ""

    def _resource(self, source: str) -> Json:
        if self.resources is None:
            self.resources = {self.record.name_of(resource): resource for resource in self.record.read}
        return self.resources.get(source, {})


def kind_in_words(source: str) -> str:
    """What kind of resource a source is: ``test result`` for ``Observation/1`` and for ``Observation entry 3``."""
    kind = source.partition("/")[0].partition(" ")[0]
    return TYPES_IN_WORDS.get(kind, TYPES_IN_WORDS["Resource"])[0]


def _code(resource: Json) -> str:
    """The code of a diagnosis, which has no name."""
    coded = (str(coding.get("code")) for coding in codings(resource.get("code")))
    return next(coded, "") if resource.get("resourceType") == "Condition" else ""


def _written(resource: Json) -> str:
    """The value of a result as it is written."""
    quantity: Any = resource.get("valueQuantity")
    if isinstance(quantity, dict):
        parts = (quantity.get("comparator"), quantity.get("value"), quantity.get("unit") or quantity.get("code"))
        return " ".join(map(str, filter(_can_be_shown, parts)))
    text = resource.get("valueString")
    return text.strip() if isinstance(text, str) else ""


def _can_be_shown(part: Any) -> bool:
    return isinstance(part, str) or (isinstance(part, (int, float)) and abs(part) < LARGEST)
