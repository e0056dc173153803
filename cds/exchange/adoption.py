"""A hospital's codes -> an overlay file that adds them to a term, or everything that speaks against it.

The text of the file only says what it is meant to say, whatever it was given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from cds.cards.wording import harmless
from cds.code_systems import PREFIX_SYSTEMS, SYSTEM_NAMES, SYSTEMS
from cds.errors import nearest
from cds.exchange.hospital_codes import HospitalCodes, Trouble, ValueSetError, one_line
from cds.intake.terminology.codes import Codes
from cds.intake.vocabulary import vocabulary
from cds.rulebook.lines import code_line
from cds.rulebook.model import AnyTerm, Code, Condition, Measurement, Medication, RuleBook
from cds.rulebook.yaml_text import LARGEST_FILE

SYSTEMS_OF: dict[type[AnyTerm], tuple[str, ...]] = {
    Measurement: ("LOINC", "SNOMED", "DCM"),
    Condition: ("SNOMED", "ICD-10-CM"),
    Medication: ("RxNorm", "ATC", "UNII", "SNOMED"),
}
"""The code systems by which records name results, diagnoses and medicines."""


class Adoption(NamedTuple):
    """The text of the overlay file (empty: nothing to add), and how many codes are new and were there already."""

    text: str
    new: int
    known: int


def adopt(book: RuleBook, name: str, given: HospitalCodes, own_systems: Collection[str]) -> Adoption:
    """The overlay that adds the codes to a term; ``own_systems`` are code systems of the hospital itself.

    Raises:
        ValueSetError: with everything that is wrong.

    """
    troubles = [*_of_term(book, name), *given.troubles]
    if name not in book.terms or not isinstance(book.terms[name], tuple(SYSTEMS_OF)):
        raise ValueSetError(troubles)
    desk = _Desk(book, book.terms[name], own_systems)
    fresh = [code for code in given.codes if not desk.has(code)]
    text = overlay_text(name, given, fresh) if fresh else ""
    troubles += [*desk.of_systems(fresh), *desk.of_codes(fresh), *_of_size(text, len(fresh))]
    if troubles:
        raise ValueSetError(troubles)
    return Adoption(text, len(fresh), len(given.codes) - len(fresh))


def _of_term(book: RuleBook, name: str) -> Iterator[Trouble]:
    """What is wrong with the name of a term."""
    if name not in book.terms:
        yield Trouble("--term", f"there is no term '{harmless(name)}'.", nearest(name, book.terms), "unknown-term")
    elif not isinstance(book.terms[name], tuple(SYSTEMS_OF)):
        todo = "Name a measurement, a condition or a medication; products stand in products.yaml with their contents."
        yield Trouble("--term", f"'{name}' has no codes of its own.", todo, "term-without-codes")


def _of_size(text: str, count: int) -> Iterator[Trouble]:
    if len(text.encode()) > LARGEST_FILE:
        what = f"{count} codes do not fit into one rule file of {LARGEST_FILE // 1024} KB."
        yield Trouble("", what, "Split the ValueSet.", "too-many-codes")


class _Desk:
    """Compares codes with everything that the rulebook knows."""

    def __init__(self, book: RuleBook, term: AnyTerm, own_systems: Collection[str]) -> None:
        words = vocabulary(book)
        self.term, self.own_systems = term, own_systems
        self.indexes = (words.measurements, words.conditions, words.questions, words.medications)
        self.refused = words.refused
        self.products = {*book.products.coded, *book.products.excluded}
        self.allowed = next(names for kind, names in SYSTEMS_OF.items() if isinstance(term, kind))

    def has(self, code: Code) -> bool:
        """Whether the term has the code already, or one that stands for it."""
        return self.term.name in {name for index in self.indexes for name, _ in index.find(code.system, code.code)}

    def of_systems(self, codes: list[Code]) -> Iterator[Trouble]:
        """One trouble for each code system that may not be used here."""
        for system in dict.fromkeys(code.system for code in codes):
            count = sum(code.system == system for code in codes)
            name = SYSTEM_NAMES.get(system)
            if name is None and system not in self.own_systems:
                yield _unknown(system, count)
            elif name is not None and name not in self.allowed:
                what = f"{name} does not name {_plural(self.term)} ({count} of the codes)."
                todo = f"'{self.term.name}' has codes of {', '.join(self.allowed)}."
                yield Trouble("", what, todo, "system-of-another-kind")

    def of_codes(self, codes: list[Code]) -> Iterator[Trouble]:
        """One trouble for each code that cannot be written, or that means something else already."""
        for code in codes:
            spoken = harmless(f"{SYSTEM_NAMES.get(code.system, code.system)} {code.code}")
            if not can_be_written(code):
                todo = "A rule file holds printable codes without spaces, and systems that are URLs."
                yield Trouble(spoken, "this cannot be written as a code line.", todo, "bad-code")
            elif refused := _owners(self.refused, code):
                what = f"'{refused[0]}' refuses this code; it is never read."
                yield Trouble(spoken, what, "Take it out of the ValueSet.", "code-never-read")
            elif owners := self.owners(code):
                todo = "Take it out, or write it by hand if it is meant to count for both."
                yield Trouble(spoken, f"this belongs to {owners}.", todo, "code-of-another-term")

    def owners(self, code: Code) -> str:
        """The other terms, and the product, to which a code belongs."""
        terms = dict.fromkeys(name for index in self.indexes for name in _owners(index, code))
        if any(_meet(code, system, other) for system, other in self.products):
            terms["products.yaml"] = None
        return ", ".join(f"'{name}'" for name in terms if name != self.term.name)


def _owners(index: Codes, code: Code) -> list[str]:
    """The terms that a code leads to, and those that a code which it stands for leads to."""
    found = [name for name, _ in index.find(code.system, code.code)]
    if code.system in PREFIX_SYSTEMS:
        below = index.exact.get(code.system, {})
        found += [name for own, terms in below.items() if own.startswith(code.code) for name, _ in terms]
    return list(dict.fromkeys(found))


def _meet(code: Code, system: str, other: str) -> bool:
    """Whether two codes are the same, or one stands for the other."""
    if code.system != system or system not in PREFIX_SYSTEMS:
        return (code.system, code.code) == (system, other)
    return code.code.startswith(other) or other.startswith(code.code)


def _unknown(system: str, count: int) -> Trouble:
    what = f"'{harmless(system)}' is an unknown code system ({count} of the codes)."
    near = nearest(system, SYSTEMS.values())
    known = near if near.startswith("Did") else f"Known are {', '.join(SYSTEMS)}."
    return Trouble("", what, f"{known} Name a system of the hospital itself with --own-system.", "unknown-system")


def _plural(term: AnyTerm) -> str:
    return {"Measurement": "results", "Condition": "diagnoses", "Medication": "medicines"}[type(term).__name__]


LONGEST_DISPLAY = 200
BELOW = "# A code of ICD-10-CM or ATC counts with everything that begins with it."
_MARK = re.compile(r"(?:(?:^| )\(not verified\))+$")
"""What means something at the end of a code line, and may not come from outside."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,()/+%-]*[A-Za-z0-9.)]")


def _display(code: Code) -> str:
    """The display as one line, without a mark that means something in a rule file."""
    return _MARK.sub("", one_line(code.display, LONGEST_DISPLAY))


def line_of(code: Code) -> str:
    """``LOINC 17861-6 Calcium SerPl-mCnc``."""
    return f"{SYSTEM_NAMES.get(code.system, code.system)} {code.code} {_display(code)}".rstrip()


def can_be_written(code: Code) -> bool:
    """Whether a rule file can hold the code, and says the same when it is read."""
    line = line_of(code)
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
        f"  {scalar(name)}:",
        "    add codes:",
        *(f"      - {scalar(line_of(code))}" for code in codes),
    ]
    return "\n".join(lines) + "\n"


def scalar(text: str) -> str:
    """The text as YAML, in quotes where a character could mean something."""
    return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"
