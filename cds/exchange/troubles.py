"""What can be wrong with a hospital's ValueSet, all of it at once; no code of a patient is ever in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cds.errors import CdsError

VALUE_SET_CODES: dict[str, str] = {
    "not-a-value-set": "The file is not one FHIR ValueSet, nor a Bundle with one.",
    "retired-value-set": "The ValueSet is retired.",
    "incomplete-expansion": "The expansion does not hold all its codes.",
    "cannot-expand": "Only a terminology server can tell which codes are meant.",
    "no-codes": "The ValueSet holds no code.",
    "bad-code": "A code is missing, is no text, or has a form that a rule file cannot hold.",
    "unknown-system": "A code system is neither a known one nor named as the hospital's own.",
    "system-of-another-kind": "Codes of this system do not stand for terms of this kind.",
    "code-of-another-term": "A code belongs to another term already.",
    "code-never-read": "A code is one that the rules refuse to read.",
    "unknown-term": "No term has this name.",
    "term-without-codes": "Terms of this kind have no codes of their own.",
    "too-many-codes": "The codes do not fit into one rule file.",
}


class Trouble(NamedTuple):
    """One thing that is wrong, where in the ValueSet (empty: as a whole), and what to do."""

    place: str
    what: str
    todo: str
    code: str

    def __str__(self) -> str:
        """The one-line message."""
        return f"{self.place + ': ' if self.place else ''}{self.what} {self.todo} [{self.code}]"


class ValueSetError(CdsError):
    """The ValueSet cannot become codes of a term: everything that is wrong with it, in the order of its text."""

    code = "value-set"

    def __init__(self, troubles: Iterable[Trouble]) -> None:
        self.troubles = tuple(dict.fromkeys(troubles))
        super().__init__("\n".join(map(str, self.troubles)))
