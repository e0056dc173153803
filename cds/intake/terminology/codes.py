"""From a code to the terms of the rulebook that it feeds."""

from __future__ import annotations

from collections.abc import Iterable

from cds.code_systems import PREFIX_SYSTEMS
from cds.rulebook.model import Code

Match = tuple[str, int]
"""A term and the rank of the code in it."""
CATEGORY = 3
"""The letters of a category in a classification; what is shorter is a chapter."""


class Codes:
    """Looks codes up; codes of classifications of diagnoses and of ATC match by their beginning."""

    def __init__(self) -> None:
        self.exact: dict[str, dict[str, list[Match]]] = {}
        self.longest: dict[str, int] = {}
        self.shorter: dict[tuple[str, str], list[str]] = {}

    def add(self, code: Code, term: str) -> None:
        """Let a code lead to a term."""
        matches = self.exact.setdefault(code.system, {}).setdefault(code.code, [])
        matches.append((term, code.rank))
        if code.system in PREFIX_SYSTEMS:
            self.longest[code.system] = max(self.longest.get(code.system, 0), len(code.code))
            for length in range(CATEGORY, len(code.code)):
                self.shorter.setdefault((code.system, code.code[:length].rstrip(".")), []).append(term)

    def below(self, system: object, code: object) -> Iterable[str]:
        """The terms of the codes that begin with a code, and are longer: it may stand for them."""
        if not isinstance(system, str) or not isinstance(code, str):
            return ()
        return self.shorter.get((system, code), ())

    def find(self, system: object, code: object) -> Iterable[Match]:
        """The terms that a code leads to."""
        codes = self.exact.get(system) if isinstance(system, str) else None
        if codes is None or not isinstance(code, str):
            return ()
        if system in self.longest:
            beginnings = (code[:length] for length in range(1, min(len(code), self.longest[str(system)]) + 1))
            return [match for beginning in beginnings for match in codes.get(beginning, ())]
        return codes.get(code, ())


def by_code(listed: Iterable[tuple[Iterable[Code], str]]) -> Codes:
    """The lookup of lists of codes, each with the term to which its codes lead."""
    found = Codes()
    for codes, term in listed:
        for code in codes:
            found.add(code, term)
    return found
