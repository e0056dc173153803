"""What a person may change in a record: the numbers of the resources that were used, and whether they count at all.

Each number stands with its path in the JSON that was sent, so that the page can change it there and send it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from cds.cards.wording import harmless, unit_text
from cds.intake.bundles.bundle import Resources, gather
from cds.intake.record import Record
from cds.jsontypes import Json

Path: TypeAlias = "tuple[str | int, ...]"
_DOSE = ("doseAndRate", "*", "doseQuantity", "value"), ("timing", "repeat", "frequency"), ("timing", "repeat", "period")
NUMBERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "MedicationStatement": tuple(("dosage", "*", *path) for path in _DOSE),
    "MedicationRequest": tuple(("dosageInstruction", "*", *path) for path in _DOSE),
    "Observation": (
        ("valueQuantity", "value"),
        ("valueInteger",),
        ("component", "*", "valueQuantity", "value"),
    ),
    "Condition": (),
}
"""Where the numbers of a resource stand; ``*`` is any place of a list. The order is that of the page."""


def editable_values(data: object, record: Record) -> list[Json]:
    """The resources that were used: medicines, then results, then conditions, each with the numbers to change.

    ``label`` is the term of a result, else its name in the record (``named``); ``path`` leads to the entry in the data;
    ``numbers`` have their own ``path``, a label, value and unit, and the paths ``elsewhere`` of what says the same in
    other words and goes when the number is changed; what was looked at and set aside does not ``count``.
    """
    used, terms, days = {id(resource) for resource in record.used}, _terms(record), _days(record)
    everything = gather(data)
    lines = []
    for path, resource in _resources(data):
        name = record.name_of(resource)
        if id(resource) in used and resource["resourceType"] in NUMBERS:
            own = _own_name(resource, everything) or name
            term = terms.get(name) if resource["resourceType"] == "Observation" else ""
            about = {"label": harmless(term or own), "named": harmless(own), "date": days.get(name, "")}
            lines.append({**about, "counts": name in terms, **_line(path, resource, name)})
    return sorted(lines, key=lambda line: list(NUMBERS).index(line["type"]))


def _resources(data: Any, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every resource, with the path of the entry (or list element) that holds it."""
    if isinstance(data, list):
        yield from (((*path, number), item) for number, item in enumerate(data) if isinstance(item, dict))
        return
    entries = data.get("entry") if isinstance(data, dict) else None
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        resource, inside = entry.get("resource") if isinstance(entry, dict) else None, (*path, "entry", number)
        if isinstance(resource, dict) and resource.get("resourceType") == "Bundle":
            yield from _resources(resource, (*inside, "resource"))
        elif isinstance(resource, dict):
            yield inside, resource


def _line(path: Path, resource: Json, name: str) -> Json:
    kind = resource["resourceType"]
    inner: Path = path if len(path) == 1 else (*path, "resource")
    spots = (spot for pattern in NUMBERS[kind] for spot in _found(resource, pattern))
    numbers = [
        {
            "path": (*inner, *spot),
            "elsewhere": [(*inner, *other) for other in _elsewhere(spot)],
            **_number(resource, spot),
        }
        for spot in spots
    ]
    return {"path": path, "type": kind, "source": harmless(name), "numbers": numbers}


def _elsewhere(spot: Path) -> Iterator[Path]:
    """Where a dosage says the same as its number in other words, which a changed number would contradict."""
    if spot[0] not in ("dosage", "dosageInstruction"):
        return
    dosage = spot[:2]
    yield from ((*dosage, word) for word in ("text", "patientInstruction"))
    if spot[2] == "timing":
        yield (*dosage, "timing", "code")
        yield from ((*dosage, "timing", "repeat", word) for word in ("when", "timeOfDay"))


def _number(resource: Json, spot: Path) -> Json:
    value, holder = _at(resource, spot)
    return {"label": _label(spot), "value": value, "unit": _unit(holder, spot), "comparator": _comparator(holder)}


def _found(value: Any, pattern: tuple[str, ...], path: Path = ()) -> Iterator[Path]:
    """The paths of a pattern that lead to a number."""
    if not pattern:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield path
    elif pattern[0] == "*":
        for number, item in enumerate(value if isinstance(value, list) else ()):
            yield from _found(item, pattern[1:], (*path, number))
    elif isinstance(value, dict) and pattern[0] in value:
        yield from _found(value[pattern[0]], pattern[1:], (*path, pattern[0]))


def _at(value: Any, path: Path) -> tuple[Any, Any]:
    """The value at a path, and what holds it."""
    holder = value
    for step in path:
        holder, value = value, value[step]
    return value, holder


def _label(path: Path) -> str:
    return {"doseQuantity": "dose", "frequency": "times", "period": "every"}.get(
        str(path[-1] if path[-1] != "value" else path[-2]), "value"
    )


def _unit(holder: Json, path: Path) -> str:
    unit = holder.get("periodUnit" if path[-1] == "period" else "unit") if path[-1] != "frequency" else ""
    if path[-1] == "value" and not isinstance(unit, str):
        unit = holder.get("code")
    return unit_text(harmless(unit)) if isinstance(unit, str) else ""


def _comparator(holder: Json) -> str:
    """``<`` of a result that is no exact number."""
    comparator = holder.get("comparator")
    return harmless(comparator) if isinstance(comparator, str) else ""


def _own_name(resource: Json, everything: Resources) -> str:
    """What the record calls it: the text or display of its code, or of the Medication that it refers to."""
    reference = resource.get("medicationReference")
    if isinstance(reference, dict):
        found = everything.resolve(reference.get("reference"), resource)
        return (found and (_text(found.get("code")) or _ingredients(found))) or _text(reference)
    return _text(resource.get("medicationCodeableConcept") or resource.get("code"))


def _ingredients(medication: Json) -> str:
    listed = medication.get("ingredient")
    items = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    return " / ".join(filter(None, (_text(item.get("itemCodeableConcept")) for item in items)))


def _text(concept: Any) -> str:
    if not isinstance(concept, dict):
        return ""
    coding = concept.get("coding")
    displays = [item.get("display") for item in coding if isinstance(item, dict)] if isinstance(coding, list) else []
    texts = (concept.get("text"), concept.get("display"), *displays)
    return next((text for text in texts if isinstance(text, str) and text), "")


def _terms(record: Record) -> dict[str, str]:
    """By resource that counts, the term of a result or a condition; nothing for a medicine: it keeps its own name."""
    courses = [*record.products, *(course for listed in record.courses.values() for course in listed)]
    results = {reading.source: term for term, listed in record.readings.items() for reading in listed}
    conditions = {mention.source: term for term, listed in record.mentions.items() for mention in listed}
    return {course.source: "" for course in courses} | conditions | results


def _days(record: Record) -> dict[str, str]:
    results = {reading.source: reading.when for listed in record.readings.values() for reading in listed}
    conditions = {mention.source: mention.when for listed in record.mentions.values() for mention in listed}
    return {source: when.text for source, when in (conditions | results).items() if when is not None}
