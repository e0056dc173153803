"""Invented patients as a physician would jot them down, read into bundles: ``tests/patients/*.txt``.

A patient is a block; blocks are parted by an empty line, and ``#`` begins a comment:

    [name] outcome DECIDER +said -not-said =warning
    ! why this answer is the right one, with the amendment
    woman 72; well
    lab egfr 29 20
    takes Calcium carbonate 1250 mg (500 mg calcium) tablet x2

``+`` and ``-`` stand before advice codes and rules, ``=`` before the indicator of the gravest card; the outcome ``any``
is not judged. Then come the reason, and sex, age in years and the blocks taken over, each begun by its ``{name}``: a
test named again replaces those taken over. Numbers at the end are days before the day of the evaluation.

- ``lab TEST VALUE UNIT DAYS | what the laboratory calls it | lower limit-upper limit``
- ``takes``, ``order`` TEXT ``xN`` (so many a day), ``xN meals``, ``since DAYS``, ``{SYSTEM CODE}``
- ``given TEXT DAYS``; ``operation TEXT DAYS {SYSTEM CODE}`` (``?`` for a day that is not recorded)
- ``problem TEXT {SYSTEM CODE} since DAYS inactive``; ``food MG``; ``goal inr LOW HIGH``
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from people import SUBJECT, bundle, concept, condition, dosage, observation, patient, quantity, request, statement
from people import resource as fhir

AS_OF = date(2026, 11, 28)
LOINC = {
    "calcium": "17861-6", "calcium-molar": "2000-8", "ionised": "1995-0", "albumin": "1751-7", "creatinine": "2160-0",
    "creatinine-molar": "14682-9", "egfr": "98979-8", "cystatin-egfr": "50210-4", "vitd": "62292-8", "inr": "6301-6",
    "vitd-molar": "14635-7", "phosphate": "2777-1", "phosphate-molar": "14879-1", "pth": "2731-8", "score": "",
    "pth-molar": "14866-8", "bicarbonate": "1963-8", "125ohd": "62290-2", "urine-calcium": "6874-2",
    "magnesium": "19123-9", "magnesium-molar": "2601-3", "tscore": "38263-0",
}  # fmt: skip
UNITS = {
    "calcium": "mg/dL", "albumin": "g/dL", "creatinine": "mg/dL", "vitd": "ng/mL", "pth": "pg/mL", "125ohd": "pg/mL",
    "phosphate": "mg/dL", "magnesium": "mg/dL", "egfr": "mL/min/{1.73_m2}", "cystatin-egfr": "mL/min/{1.73_m2}",
    "ionised": "mmol/L", "bicarbonate": "mmol/L", "urine-calcium": "mg/(24.h)", "inr": "{INR}", "score": "1",
    "tscore": "{T-score}",
}  # fmt: skip
"""In UCUM, where a line names none."""
_CODE = re.compile(r"\{([\w-]+ [\w.-]+)\}")


class Short(NamedTuple):
    """A patient as written down: the day is ``AS_OF``; ``decider`` is empty where any will do."""

    name: str
    why: str
    outcome: str
    decider: str
    says: set[str]
    silent: set[str]
    gravest: str
    data: dict[str, Any]


def short_patients(folder: Path) -> Iterator[Short]:
    """All patients of a folder, in their order; raises ValueError at a line that nobody understands."""
    for file in sorted(folder.glob("*.txt")):
        text = re.sub(r"^#.*\n", "", file.read_text("utf-8"), flags=re.MULTILINE)
        blocks = [block.strip().splitlines() for block in re.split(r"\n\s*\n", text) if block.strip()]
        bases = {lines[0].strip("{}"): lines[1:] for lines in blocks if lines[0].startswith("{")}
        yield from (_short(lines, bases) for lines in blocks if lines[0].startswith("["))


def _short(lines: list[str], bases: dict[str, list[str]]) -> Short:
    head, why, (who, *taken), own = lines[0].split(), lines[1], lines[2].split("; "), lines[3:]
    replaced = {_kind(line) for line in own}
    has = [line for base in taken for line in bases[base] if _kind(line) not in replaced] + own
    codes = [word for word in head[1:] if word[0] in "+-="]
    outcome, decider, *_ = [*(word for word in head[1:] if word not in codes), ""]
    says, silent, gravest = ({code[1:] for code in codes if code[0] == sign} for sign in "+-=")
    resources = [_resource(line, f"r{number}") for number, line in enumerate(has) if not line.startswith("no ")]
    data = bundle(_who(who), *resources)
    return Short(head[0].strip("[]"), why.strip("! "), outcome, decider, says, silent, "".join(gravest), data)


def _kind(line: str) -> str:
    """What a line is about, so far as another line can replace it."""
    first, second = line.split()[:2]
    return second.removesuffix("-molar") if first in ("lab", "no") else first if first == "food" else line


def _who(said: str) -> dict[str, Any]:
    sex, age = said.split()
    gender = {"woman": "female", "girl": "female", "man": "male", "boy": "male", "person": None}[sex]
    return patient(birth=None if age == "?" else f"{AS_OF.year - int(age)}-07-01", gender=gender)


def _day(days: str) -> str | None:
    """A day so many days ago, an instant as it is written, or none."""
    return None if days == "?" else days if "T" in days else str(AS_OF - timedelta(int(days)))


def _resource(line: str, identity: str) -> dict[str, Any]:
    kind, rest = line.split(" ", 1)
    return _KINDS[kind](rest, identity)


def _lab(rest: str, identity: str) -> dict[str, Any]:
    said, *more = rest.split(" | ")
    test, value, *unit, days = said.split()
    code = concept("SNOMED 450360000" if test == "score" else f"LOINC {LOINC[test]}", more[0] if more else "")
    units = unit[0] if unit else UNITS[test]
    limits = [float(limit) for limit in more[1].split("-")] if len(more) > 1 else []
    ends = dict(zip(("low", "high"), (quantity(limit, units) for limit in limits), strict=False))
    site = {"bodySite": concept("SNOMED 29627003")} if test == "tscore" else {}
    ranges = {"referenceRange": [ends]} if limits else {}
    return observation("", float(value), units, _day(days), identity, **site, **ranges) | {"code": code}


def _medicine(make: Any, started: str, rest: str, identity: str) -> dict[str, Any]:
    code, rest = _code(rest)
    since = re.search(r" since (\d+)", rest)
    often = re.search(r" x([\d/]+)( meals)?", rest)
    text = re.sub(r" (x[\d/]+( meals)?|since \d+)", "", rest)
    count, _, period = (often[1] if often else "1").partition("/")
    unit = "{capsule}" if "capsule" in text.lower() else "{tablet}"
    meals = {"text": f"{count} times a day with meals"} if often and often[2] else {}
    dose = dosage(1, unit, frequency=int(count), period=int(period or 1), **meals)
    begun = _day(since[1] if since else "365")
    day = {"effectivePeriod": {"start": begun}} if started == "effectivePeriod" else {started: begun}
    return make(code, *([dose] if often else []), text=text.strip(), identity=identity, **day)  # type: ignore[no-any-return]


def _code(rest: str) -> tuple[str, str]:
    found = _CODE.search(rest)
    return (found[1], rest.replace(found[0], "").replace("  ", " ").strip()) if found else ("", rest)


def _given(rest: str, identity: str) -> dict[str, Any]:
    code, rest = _code(rest)
    text, _, days = rest.rpartition(" ")
    return fhir("MedicationAdministration", identity, status="completed", subject=SUBJECT,
                medicationCodeableConcept=concept(code, text), effectiveDateTime=_day(days))  # fmt: skip


def _operation(rest: str, identity: str) -> dict[str, Any]:
    code, rest = _code(rest)
    text, _, days = rest.rpartition(" ")
    return fhir("Procedure", identity, status="completed", subject=SUBJECT, code=concept(code, text),
                performedDateTime=_day(days))  # fmt: skip


def _problem(rest: str, identity: str) -> dict[str, Any]:
    code, rest = _code(rest)
    since = re.search(r" since (\d+)", rest)
    clinical = "inactive" if rest.endswith(" inactive") else "active"
    text = re.sub(r" since \d+| inactive$", "", rest)
    onset = {"onsetDateTime": _day(since[1])} if since else {}
    return condition(code, text, identity, clinical, **onset)


def _food(rest: str, identity: str) -> dict[str, Any]:
    return observation("LOINC 35264-1", float(rest), "mg/d", _day("20"), identity)


def _goal(rest: str, identity: str) -> dict[str, Any]:
    _, low, high = rest.split()
    limits = {"low": quantity(float(low), "{INR}"), "high": quantity(float(high), "{INR}")}
    target = [{"measure": concept("LOINC 6301-6"), "detailRange": limits}]
    return fhir("Goal", identity, lifecycleStatus="active", subject=SUBJECT, description={"text": "INR"}, target=target)


_KINDS: dict[str, Any] = {
    "lab": _lab, "takes": partial(_medicine, statement, "effectivePeriod"), "given": _given, "problem": _problem,
    "order": partial(_medicine, request, "authoredOn"), "operation": _operation, "food": _food, "goal": _goal,
}  # fmt: skip
