"""Which names a rule file defines, read from its text alone: also of a file that has not its shape.

While such a file cannot be used its names are still known, so that nobody who uses them is told that they are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from cds.rulebook.yaml_text import Data, Page, Place

NOUNS: Mapping[str, str] = {
    "terms": "term",
    "findings": "finding",
    "adds": "finding",
    "advice": "advice code",
    "never": "advice code",
    "sources": "evidence source",
    "outcomes": "outcome",
    "salts": "salt name",
    "nutrients": "nutrient name",
    "intents": "intent name",
    "tiers": "tier",
    "rule": "rule",
    "by the patient": "entry of silencing.yaml",
    "by a rule": "entry of silencing.yaml",
    "by the outcome": "entry of silencing.yaml",
    "scales": "scale",
}
"""What the parts of rule files define."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "terms": ("terms",),
    "findings": ("findings",),
    "rule": ("rule",),
    "advice": ("advice", "never"),
    "evidence": ("sources",),
    "precedence": ("outcomes", "tiers"),
    "products": ("salts", "nutrients", "intents"),
    "silencing": ("by the patient", "by a rule", "by the outcome"),
    "topic": ("scales",),
}
"""The parts with definitions of each kind of file."""
LISTED = {"tiers": "tier", "by the patient": "name", "by a rule": "name", "by the outcome": "name"}
"""The parts that are lists, and the key of the name in each entry."""
_ID = re.compile(r"[A-Z]+-\d\d")
_FILE = re.compile(r"([a-z]+-\d\d)(?:-.*)?")


class Definition(NamedTuple):
    """A name, what it is the name of, and where it stands."""

    noun: str
    name: str
    place: Place


def definitions(page: Page) -> Iterator[Definition]:
    """The names that a page defines; each place begins with the part in which it stands."""
    data = page.data if isinstance(page.data, dict) else {}
    for part, noun in NOUNS.items():
        entries = data.get(part)
        for name in entries if isinstance(entries, dict) else ():
            yield Definition(noun, name, (part, name))
    for part, key in LISTED.items():
        yield from _listed(part, key, data.get(part))
    rule = data.get("rule")
    if isinstance(rule, str) and _ID.fullmatch(rule):
        yield Definition("rule", rule, ("rule",))


def _listed(part: str, key: str, entries: Data | None) -> Iterator[Definition]:
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict) and isinstance(name := entry.get(key), str):
            yield Definition(NOUNS[part], name, (part, index, key))


def id_in_name(file: str) -> str:
    """The rule that the name of a file speaks of (``ca-01-high-calcium.yaml``: CA-01); empty where it names none."""
    match = _FILE.fullmatch(Path(file).stem)
    return match[1].upper() if match else ""
