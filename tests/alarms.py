"""How many patients get a card that says something was not understood: ``python tests/alarms.py``.

Counted are the records of ../shared/data and generated ones, each by itself; "known systems" are those records in which
a Condition or a medicine has a code of RxNorm, SNOMED CT, ICD-10 (any edition) or ATC, or a result one of LOINC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from checkout import ROOT
from published import Case, generated, published

from cds.bookshelf import open_rulebook
from cds.code_systems import ATC, ICD_10, ICD_10_CM, LOINC, SNOMED, SYSTEMS
from cds.errors import CdsError
from cds.intake.elements import codings
from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.intake.unrecognised import what_may_be
from cds.rulebook.model import RuleBook

KNOWN = frozenset({LOINC, SNOMED, ICD_10, ICD_10_CM, ATC, SYSTEMS["RxNorm"]})
SHARED = ROOT.parent / "shared"
KINDS = ("medicines", "conditions")


def concepts(element: Any) -> Iterator[Any]:
    """Every CodeableConcept in an element, at any depth."""
    if isinstance(element, dict):
        if isinstance(element.get("coding"), list):
            yield element
        for below in element.values():
            yield from concepts(below)
    elif isinstance(element, list):
        for below in element:
            yield from concepts(below)


def uses_known_systems(record: Record) -> bool:
    """Whether a record has a code of one of the systems."""
    about = ("Observation", "Condition", "Medication", "Procedure")
    resources = (one for one in record.sent if one["resourceType"].startswith(about))
    found = (coding.get("system") for one in resources for concept in concepts(one) for coding in codings(concept))
    return any(isinstance(system, str) and system in KNOWN for system in found)


def count(cases: Iterable[Case], book: RuleBook) -> Counter[tuple[str, str]]:
    """Patients and alarms, by group and what they are counted for."""
    counts: Counter[tuple[str, str]] = Counter()
    for case in cases:
        try:
            record = read_record(case.data, book, case.day)
        except CdsError:
            continue
        group = case.name.split("/")[0].rstrip("0123456789")
        systems = "known systems" if uses_known_systems(record) else "other records"
        for row in (group, systems):
            counts[row, "patients"] += 1
            for kind in KINDS:
                counts[row, kind] += bool(what_may_be(record, kind))
            counts[row, "either"] += bool(what_may_be(record, *KINDS))
    return counts


def main() -> None:
    """Print the table."""
    found = count(chain(published(SHARED), generated()), open_rulebook(ROOT / "rules"))
    print(f"{'records':16}{'patients':>10}{'medicines':>11}{'conditions':>12}{'either':>8}{'share':>8}")
    for row in dict.fromkeys(row for row, _ in found):
        numbers = [found[row, what] for what in ("patients", *KINDS, "either")]
        print(f"{row:16}{numbers[0]:>10}{numbers[1]:>11}{numbers[2]:>12}{numbers[3]:>8}{numbers[3] / numbers[0]:>8.1%}")


if __name__ == "__main__":
    main()
