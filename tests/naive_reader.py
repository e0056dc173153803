"""A naive second reader: which terms may a resource be about, by words and codes in any of its texts?

It knows nothing of the engine: no module of ``cds`` is imported, no rule file is read. Its words and codes are its own,
in ``naive_words.jsonl``: words of many languages, and codes copied from the published value sets of the specification.
It errs on the side of "may": a word anywhere in a resource is enough, whatever stands before it.

    python tests/naive_reader.py FILE ...    which terms each resource of these files may be about
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]
HERE = Path(__file__).resolve().parent
NO_WORDS = frozenset(
    """
    id reference url uri system profile fullUrl resourceType status intent div data language version versionId
    lastUpdated source unit implicitRules contentType hash use type_ priority gender recorded authoredOn issued
    effectiveDateTime birthDate onsetDateTime abatementDateTime name address telecom identifier performer requester
    recorder asserter encounter context participant basedOn partOf meta referenceRange specimen
    """.split()
)
"""Elements in which no word says what a resource is about; narratives are looked at apart."""
BILLS = frozenset({"Claim", "ExplanationOfBenefit", "Coverage", "Provenance", "Binary", "AuditEvent"})
MEDICINE_TYPES = frozenset(
    """
    MedicationStatement MedicationRequest MedicationDispense MedicationAdministration Medication NutritionOrder
    """.split()
)
RESULT_TYPES = frozenset({"Observation", "DiagnosticReport"})
SYSTEMS = {
    "LOINC": ("loinc", "1.113883.6.1"),
    "SNOMED": ("snomed", "1.113883.6.96", "SCT"),
    "RxNorm": ("rxnorm", "1.113883.6.88"),
}
"""What the name of a system holds, however it is written."""
SHAPES = {"ICD-10": re.compile(r"[A-Z]\d\d(?:\.?[0-9A-Z]{0,4})?[*†+!]?"), "ATC": re.compile(r"[A-Z]\d\d[A-Z]{2}\d\d")}
"""Codes that are known by their shape, under whatever system."""
NOT_ICD = ("loinc", "snomed", "rxnorm", "atc", "icpc", "unitsofmeasure", "hl7.org/CodeSystem", "icd-9", "whocc")
KANA = re.compile(r"[ァ-ヶー]{1,3}")
LATIN = re.compile(r"[a-zà-ÿœ]")


class Kind(NamedTuple):
    """What the reader looks for: the terms that it may be, the words as one expression, and the codes by system."""

    name: str
    group: str
    terms: tuple[str, ...]
    words: re.Pattern[str]
    codes: dict[str, tuple[str, ...]]


class Hint(NamedTuple):
    """A resource may be about something, by this word or this code, which stands at this element."""

    kind: Kind
    said: str
    by: str
    where: str


def expression(words: list[str]) -> re.Pattern[str]:
    """Words as one expression: those of Latin letters stand alone, or begin a word where they end with a star.

    One with a sign of equality before it is the whole text; a short one in kana stands alone.
    """
    parts = []
    for word in sorted(words, key=len, reverse=True):
        stem, star = word.rstrip("*"), word.endswith("*")
        latin = LATIN.search(stem) is not None
        part = re.escape(stem.lstrip("="))
        if stem.startswith("=") or KANA.fullmatch(stem):
            parts.append(f"^{part}$" if stem.startswith("=") else f"(?<![ァ-ヶー]){part}(?![ァ-ヶー])")
            continue
        parts.append(f"(?<![a-zà-ÿ]){part}" + ("" if star or not latin else r"(?![a-zà-ÿ])") if latin else part)
    return re.compile("|".join(parts))


def names(group: str) -> Iterator[tuple[str, str]]:
    """Each full name of a group, with what it is about."""
    for line in (HERE / "naive_words.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if item["group"] == group:
            yield from ((item["name"], name[:1].upper() + name[1:]) for name in item["names"])


@lru_cache(maxsize=1)
def kinds() -> tuple[Kind, ...]:
    """All that the reader looks for."""
    lines = (HERE / "naive_words.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return tuple(
        Kind(item["name"], item["group"], tuple(item["terms"]), expression(item["words"]),
             {system: tuple(codes) for system, codes in item["codes"].items()})
        for item in found
    )  # fmt: skip


def strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each text of a resource with its element, but for those of resources inside it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            is_code = key == "code" and isinstance(item, str)
            if key not in NO_WORDS and not key.startswith("_") and key != "contained" and not is_code:
                yield from strings(item, f"{path}.{key}".lstrip("."))


def coded(value: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Each code of a resource with its system and its element."""
    if isinstance(value, list):
        for item in value:
            yield from coded(item, path)
    elif isinstance(value, dict):
        code, system = value.get("code"), value.get("system")
        if isinstance(code, str) and not path.endswith("Quantity"):
            yield path, system if isinstance(system, str) else "", code.strip()
        for key, item in value.items():
            if key not in ("contained", "meta", "extension", "identifier", "category", "referenceRange"):
                yield from coded(item, f"{path}.{key}".lstrip("."))


def plain(text: str) -> str:
    """Lower case, one width, one kind of hyphen and space."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().replace("‑", "-").replace("–", "-").split())


@lru_cache(maxsize=200_000)
def by_word(text: str, groups: frozenset[str]) -> tuple[tuple[Kind, str], ...]:
    """The kinds that a text may be about, with the word."""
    said = plain(text)
    return tuple((kind, match[0]) for kind in kinds() if kind.group in groups and (match := kind.words.search(said)))


@lru_cache(maxsize=200_000)
def by_code(system: str, code: str, groups: frozenset[str]) -> tuple[Kind, ...]:
    """The kinds that a code may be about."""
    return tuple(kind for kind in kinds() if kind.group in groups and _is_one_of(kind, system, code))


def _is_one_of(kind: Kind, system: str, code: str) -> bool:
    for name, codes in kind.codes.items():
        if name in SYSTEMS:
            known = any(part.lower() in system.lower() for part in SYSTEMS[name])
            if code in codes and (known or not system or name == "LOINC"):
                return True
        elif SHAPES[name].fullmatch(code) and not (name == "ICD-10" and any(n in system.lower() for n in NOT_ICD)):
            bare = code.replace(".", "").rstrip("*†+!")
            if any(bare.startswith(each.replace(".", "")) for each in codes):
                return True
    return False


MEDICINE, CONDITION, RESULT, STATUS = "medicine", "condition", "result", "status"


def groups_of(kind: str) -> frozenset[str]:
    """The groups of which a resource of a type may speak."""
    if kind in MEDICINE_TYPES:
        return frozenset({MEDICINE})
    if kind in RESULT_TYPES:
        return frozenset({CONDITION, RESULT, STATUS})
    if kind in ("Condition", "Procedure", "FamilyMemberHistory"):
        return frozenset({CONDITION, STATUS})
    if kind == "AllergyIntolerance":
        return frozenset({MEDICINE})
    return frozenset({MEDICINE, CONDITION, RESULT, STATUS})


def hints(resource: Json) -> list[Hint]:
    """What a resource may be about."""
    groups = groups_of(str(resource.get("resourceType")))
    found: dict[str, Hint] = {}
    for path, system, code in coded(resource):
        for kind in by_code(system, code, groups):
            found.setdefault(kind.name, Hint(kind, f"{system} {code}", "code", path))
    for path, text in strings(resource):
        for kind, word in by_word(text[:2000], groups):
            found.setdefault(kind.name, Hint(kind, word, "word", path))
    return list(found.values())


def resources_in(data: Any) -> Iterator[Json]:
    """The resources of parsed JSON, also those of bundles in bundles; not those inside others."""
    if isinstance(data, list):
        for item in data:
            yield from resources_in(item)
    elif isinstance(data, dict) and data.get("resourceType") == "Bundle":
        for entry in data.get("entry") or ():
            if isinstance(entry, dict):
                yield from resources_in(entry.get("resource"))
    elif isinstance(data, dict) and isinstance(data.get("resourceType"), str):
        yield data


def main() -> None:
    """Print what each resource of the files may be about."""
    for name in sys.argv[1:]:
        for resource in resources_in(json.loads(Path(name).read_text(encoding="utf-8-sig"))):
            for hint in hints(resource):
                print(name, resource["resourceType"], resource.get("id"), hint.kind.name, hint.by, hint.said, sep="\t")


if __name__ == "__main__":
    main()
