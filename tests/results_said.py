"""What is said about written results, in one line: the values that were read, and the issues with their terms."""

from __future__ import annotations

from typing import Any

from people import AS_OF, SUBJECT, bundle, patient

from cds.intake.reading import read_record
from cds.quantity import Interval
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
OF_NO_ACCOUNT = {"matched-by-name", "subject-unclear", "not-r4-valid", "conditions-not-known", "range-not-read"}
"""Issues that say nothing about whether the result was read."""


def said(resources: list[Json], book: RuleBook) -> str:
    """``serum calcium = 11.8; number-as-text``; ``nothing`` where a record is silent."""
    record = read_record(bundle(patient(), *map(_completed, resources)), book, AS_OF)
    read = {name: sorted({_shown(one.value) for one in found}) for name, found in record.readings.items() if found}
    values = [f"{name} {', '.join(shown)}" for name, shown in sorted(read.items())]
    issues = sorted({_issue(issue.code, issue.term, issue.text) for issue in record.issues} - {""})
    return "; ".join([*values, *issues]) or "nothing"


def _completed(resource: Json) -> Json:
    """The resource with what each of them has: an id, a subject, a status, a day."""
    return {"id": "o", "subject": SUBJECT, "status": "final", "effectiveDateTime": "2026-01-10", **resource}


def _shown(value: Interval) -> str:
    if value.is_point:
        return f"= {value.low:g}"
    return f"{'(' if value.low_open else '['}{value.low:g}, {value.high:g}{')' if value.high_open else ']'}"


def _issue(code: str, term: str, text: str) -> str:
    named = text.removeprefix("A report names ").split(".")[0] if code == "report-names" else term
    return "" if code in OF_NO_ACCOUNT else f"{code} ({named})" if named else code
