"""What the product says that it did with each resource, and what the naive reader misses in it.

``said_of`` is the only place that knows how the product says it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from naive_reader import BILLS, Hint, hints, kinds, resources_in

from cds.intake.account import Standing, entries_of
from cds.intake.record import Record
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
SOMETHING_ELSE = Standing.SOMETHING_ELSE.value
"""What is said of a resource that is known to be about nothing of ours: the naive reader asks whether that is true."""
RIGHTLY_IGNORED = Path(__file__).resolve().with_name("rightly_ignored.jsonl")


class Said(NamedTuple):
    """For which terms each resource was used, by its name, and what else was said of it."""

    used: dict[str, set[str]]
    said: dict[str, set[str]]


class Lost(NamedTuple):
    """A resource that may be about something, and what the product said of it instead: nothing, or something else."""

    resource: str
    about: str
    by: str
    where: str
    said: str


def said_of(record: Record, book: RuleBook) -> Said:
    """What the record and its account tell of its resources."""
    used: dict[str, set[str]] = {}
    said: dict[str, set[str]] = {}
    lists: list[dict[Any, Any]] = [record.readings, record.mentions, record.courses, record.targets]
    for term, items in [(t, i) for each in lists for t, i in each.items()]:
        for item in items:
            used.setdefault(item.source, set()).add(term)
    for (term, _), items in record.answers.items():
        for item in items:
            used.setdefault(item.source, set()).add(term)
    for product in record.products:
        used.setdefault(product.source, set()).update(product.holds)
    for entry in entries_of(record, book):
        if entry.standing is Standing.USED:
            used.setdefault(entry.source, set()).update(entry.terms)
        else:
            said.setdefault(entry.source, set()).add(" ".join((entry.standing.value, *entry.why)))
    return Said(used, said)


def _targets(resource: Json, resources: list[Json]) -> list[Json]:
    """The resources inside a resource, and the products to which it points."""
    inside = [item for item in resource.get("contained") or () if isinstance(item, dict)]
    reference = resource.get("medicationReference")
    pointed = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(pointed, str) or pointed.startswith("#"):
        return inside
    ending = pointed.removeprefix("urn:uuid:").rpartition("/")[2]
    return inside + [item for item in resources if item["resourceType"] == "Medication" and item.get("id") == ending]


def lost_in(data: Any, record: Record, book: RuleBook) -> Iterator[Lost]:
    """What may be about a term of the rulebook, and is neither used for it nor said."""
    said, resources = said_of(record, book), list(resources_in(data))
    known = book.terms.keys() | book.products.nutrients.keys()
    for resource in resources:
        kind = resource["resourceType"]
        if kind in BILLS or kind in ("Medication", "Patient", "Bundle", "OperationOutcome"):
            continue
        for part in [resource, *_targets(resource, resources)]:
            for hint in hints(part):
                wanted = known.intersection(hint.kind.terms)
                if wanted and (found := _missed(hint, wanted, record.name_of(resource), part, resource, said)):
                    yield found


def _missed(
    hint: Hint, wanted: frozenset[str] | set[str], name: str, part: Json, whole: Json, said: Said
) -> Lost | None:
    used, others = said.used.get(name, set()), said.said.get(name, set())
    if wanted & used or others - {SOMETHING_ELSE}:
        return None
    if why_ignored(hint, part, whole):
        return None
    told = ", ".join(sorted(others | {f"used: {term}" for term in used})) or "nothing"
    where = f"{part['resourceType']}.{hint.where}"
    return Lost(name, hint.kind.name, f"{hint.by} {hint.said}", where, told)


class Rule(NamedTuple):
    """What is rightly ignored: types, elements, words, statuses (each an expression; an empty one holds always)."""

    type: re.Pattern[str]
    about: re.Pattern[str]
    where: re.Pattern[str]
    said: re.Pattern[str]
    text: re.Pattern[str]
    why: str


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The list of what is rightly ignored."""
    rows = [json.loads(line) for line in RIGHTLY_IGNORED.read_text(encoding="utf-8").splitlines()]
    keys = ("type", "about", "where", "said", "text")
    return tuple(Rule(*(re.compile(row.get(key, "")) for key in keys), row["why"]) for row in rows)


def why_ignored(hint: Hint, part: Json, whole: Json) -> str:
    """Why a hint is rightly ignored; empty where it is not."""
    text = ""
    for rule in rules():
        if rule.type.pattern and not rule.type.fullmatch(whole["resourceType"]):
            continue
        if rule.about.pattern and not rule.about.fullmatch(hint.kind.name):
            continue
        if not rule.where.search(hint.where) or not rule.said.search(hint.said):
            continue
        text = text or json.dumps(
            {key: value for key, value in whole.items() if key != "contained"}, ensure_ascii=False
        )
        if rule.text.search(text) or (part is not whole and rule.text.search(json.dumps(part, ensure_ascii=False))):
            return rule.why
    return ""


ALL_KINDS = tuple(kind.name for kind in kinds())
