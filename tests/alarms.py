"""How many patients get a card that says something was not understood: ``python tests/alarms.py``.

Counted are the records of ../shared/data and generated ones, each by itself; "known systems" are those records in which
a Condition or a medicine has a code of RxNorm, SNOMED CT, ICD-10 (any edition) or ATC, or a result one of LOINC. The
last column counts also the records that say themselves that nothing is known of a kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
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


def count(origin: str, cases: Iterable[Case], book: RuleBook) -> Counter[tuple[str, str]]:
    """Patients and alarms, by group and what they are counted for."""
    counts: Counter[tuple[str, str]] = Counter()
    for case in cases:
        try:
            record = read_record(case.data, book, case.day)
        except CdsError:
            continue
        group = case.name.split("/")[0].rstrip("0123456789")
        systems = f"{origin}, {'known systems' if uses_known_systems(record) else 'others'}"
        for row in (group, systems):
            counts[row, "patients"] += 1
            for kind in KINDS:
                counts[row, kind] += bool(what_may_be(record, kind))
            counts[row, "either"] += bool(what_may_be(record, *KINDS))
            counts[row, "open"] += bool(record.not_understood)
    return counts


def main() -> None:
    """Print the table."""
    book = open_rulebook(ROOT / "rules")
    found = count("published", published(SHARED), book) + count("generated", generated(), book)
    print(
        f"{'records':26}{'patients':>9}{'medicines':>10}{'conditions':>11}{'either':>7}{'share':>7}{'or unknown':>14}"
    )
    for row in dict.fromkeys(row for row, _ in found):
        patients, medicines, conditions, either, left_open = (
            found[row, what] for what in ("patients", *KINDS, "either", "open")
        )
        share = f"{either / patients:.1%}"
        print(f"{row:26}{patients:>9}{medicines:>10}{conditions:>11}{either:>7}{share:>7}{left_open:>14}")


if __name__ == "__main__":
    main()
