"""The overlay file that adds codes to a term: text that only says what it is meant to say, whatever it was given."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cds.code_systems import PREFIX_SYSTEMS, SYSTEM_NAMES
from cds.exchange.hospital_codes import HospitalCodes, one_line
from cds.rulebook.lines import code_line
from cds.rulebook.model import Code

LONGEST_DISPLAY = 200
BELOW = "# A code of ICD-10-CM or ATC counts with everything that begins with it."
_MARK = re.compile(r"(?:(?:^| )\(not verified\))+$")
"""What means something at the end of a code line, and may not come from outside."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,()/+%-]*[A-Za-z0-9.)]")


def _display(code: Code) -> str:
    """The display as one line, without a mark that means something in a rule file."""
    return _MARK.sub("", one_line(code.display, LONGEST_DISPLAY))


def _line(code: Code) -> str:
    """``LOINC 17861-6 Calcium SerPl-mCnc``."""
    return f"{SYSTEM_NAMES.get(code.system, code.system)} {code.code} {_display(code)}".rstrip()


def can_be_written(code: Code) -> bool:
    """Whether a rule file can hold the code, and says the same when it is read."""
    line = _line(code)
    return line.isprintable() and code_line(line) == code._replace(display=_display(code))


def overlay_text(name: str, given: HospitalCodes, codes: Sequence[Code]) -> str:
    """The overlay file: the codes under ``add codes`` of the term."""
    known = len(given.codes) - len(codes)
    lines = [
        f"# Codes of the ValueSet {given.name},",
        f"# written by 'cds import-value-set' without those that the rules have already ({known}).",
        "# Check each: a code too many lets something count that must not, and none of them was verified here.",
        *([BELOW] if any(code.system in PREFIX_SYSTEMS for code in codes) else []),
        "terms:",
        f"  {_scalar(name)}:",
        "    add codes:",
        *(f"      - {_scalar(_line(code))}" for code in codes),
    ]
    return "\n".join(lines) + "\n"


def _scalar(text: str) -> str:
    """The text as YAML, in quotes where a character could mean something."""
    return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"
