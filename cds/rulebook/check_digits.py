"""Whether a code can be one of its system at all: the form, and the check digit where the system has one.

A code that no system has is found in no record, and nothing says so: whoever wrote it believes that it counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from cds.code_systems import ATC, ICD_10, ICD_10_CM, LOINC, SNOMED, SYSTEMS

_SNOMED = re.compile(r"[1-9]\d{5,17}")
_LOINC = re.compile(r"(?:L[A-Z])?[1-9]\d{0,6}-\d")
_ATC = re.compile(r"[ABCDGHJLMNPRSV](?:\d\d(?:[A-Z](?:[A-Z](?:\d\d)?)?)?)?")
_ICD_10 = re.compile(r"[A-Z](?:\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?)?")
_RXNORM = re.compile(r"[1-9]\d{0,7}")
_CONCEPT, _LONG_CONCEPT = "00", "10"
"""What stands before the check digit of a concept of SNOMED CT: of its core, and of an extension."""
_EXPRESSION = re.compile(r"[:+=|]")
"""What only an expression of SNOMED CT has, which is no single code."""
_CHECK = "its last digit does not fit the others, so one of them is mistyped"


def fault_of(system: str, code: str) -> str:
    """Why a code cannot be one of its system (a URL); empty where it can, and for systems that are not looked at."""
    return _FAULTS[system](code) if system in _FAULTS else ""


def _snomed(code: str) -> str:
    if _EXPRESSION.search(code):
        return ""
    if not _SNOMED.fullmatch(code):
        return "one has 6 to 18 digits"
    if not _fits_verhoeff(code):
        return _CHECK
    if code[-3:-1] == _CONCEPT or (code[-3:-1] == _LONG_CONCEPT and len(code) > 10):
        return ""
    return "it names a description or a relation there, and no concept" if code[-2] in "12" else "no concept ends so"


def _loinc(code: str) -> str:
    if not _LOINC.fullmatch(code):
        return "one has up to 7 digits, a hyphen and one more"
    return "" if _mod_10(code[:-2]) == int(code[-1]) else _CHECK


def _like(form: re.Pattern[str], says: str) -> Callable[[str], str]:
    return lambda code: "" if form.fullmatch(code) else says


_FAULTS: Mapping[str, Callable[[str], str]] = {
    SNOMED: _snomed,
    LOINC: _loinc,
    SYSTEMS["RxNorm"]: _like(_RXNORM, "one has up to 8 digits, the first no 0"),
    ATC: _like(_ATC, "one is a letter, two digits, two letters and two digits, or the beginning of that"),
    ICD_10: _like(_ICD_10, "one is a letter, a digit, a digit or letter, and up to 4 more behind a point"),
    ICD_10_CM: _like(_ICD_10, "one is a letter, a digit, a digit or letter, and up to 4 more behind a point"),
}


def _mod_10(body: str) -> int:
    """The check digit of LOINC; letters of answers and parts count as what stands 48 places before them in ASCII."""
    total = 0
    for place, char in enumerate(reversed(body)):
        digit = ord(char) - ord("0")
        total += digit if place % 2 else 2 * digit - digit // 5 * 9
    return -total % 10


def _fits_verhoeff(digits: str) -> bool:
    """Whether the last digit is the one that the dihedral group of ten elements gives to the others."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _joined(check, _PERMUTED[place % 8][int(digit)])
    return check == 0


def _joined(one: int, other: int) -> int:
    """The product of two elements: turns 0 to 4, and mirrored turns 5 to 9."""
    turn, mirrored = one % 5, one >= 5
    turned = turn - other % 5 if mirrored else turn + other % 5
    return turned % 5 + 5 * (mirrored != (other >= 5))


def _permutations() -> list[list[int]]:
    found = [list(range(10))]
    for _ in range(7):
        found.append([found[-1][digit] for digit in (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)])
    return found


_PERMUTED = _permutations()
