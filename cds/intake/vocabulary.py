"""The codes and names of the rulebook, turned round: from a code in the record to the terms it feeds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from cds.intake.record import Json
from cds.rulebook.lines import PREFIX_SYSTEMS, SYSTEMS
from cds.rulebook.model import Code, Condition, Measurement, Medication, RuleBook

Match = tuple[str, int]
"""A term and the rank of the code in it."""


class Codes:
    """Looks codes up; codes of ICD-10-CM and ATC match by their beginning."""

    def __init__(self) -> None:
        self.exact: dict[str, dict[str, list[Match]]] = {}
        self.longest: dict[str, int] = {}

    def add(self, code: Code, term: str) -> None:
        """Let a code lead to a term."""
        matches = self.exact.setdefault(code.system, {}).setdefault(code.code, [])
        matches.append((term, code.rank))
        if code.system in PREFIX_SYSTEMS:
            self.longest[code.system] = max(self.longest.get(code.system, 0), len(code.code))

    def find(self, system: object, code: object) -> Iterable[Match]:
        """The terms that a code leads to."""
        codes = self.exact.get(system) if isinstance(system, str) else None
        if codes is None or not isinstance(code, str):
            return ()
        if system in self.longest:
            beginnings = (code[:length] for length in range(1, min(len(code), self.longest[str(system)]) + 1))
            return [match for beginning in beginnings for match in codes.get(beginning, ())]
        return codes.get(code, ())


class Vocabulary(NamedTuple):
    """Everything that intake needs from the rulebook, indexed once per rulebook."""

    book: RuleBook
    measurements: Codes
    refused: Codes
    result_names: re.Pattern[str]
    result_terms: dict[str, str]
    conditions: Codes
    questions: Codes
    medications: Codes
    condition_names: dict[str, list[str]]
    anywhere: re.Pattern[str]
    anywhere_terms: dict[str, str]
    medication_names: re.Pattern[str]
    medication_terms: dict[str, list[str]]


@lru_cache(maxsize=8)
def vocabulary(book: RuleBook) -> Vocabulary:
    """The vocabulary of a rulebook."""
    measurements, refused, conditions, questions, medications = Codes(), Codes(), Codes(), Codes(), Codes()
    result_terms: dict[str, str] = {}
    condition_names: dict[str, list[str]] = {}
    anywhere: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    for term in book.terms.values():
        match term:
            case Measurement():
                _add(measurements, term.codes, term.name)
                _add(refused, term.refused, term.name)
                result_terms.update((plain(word), term.name) for word in term.known_as)
            case Condition():
                _add(conditions, term.codes, term.name)
                _add(questions, term.questions, term.name)
                for name in term.names:
                    condition_names.setdefault(plain(name), []).append(term.name)
                    if term.anywhere:
                        anywhere[plain(name)] = term.name
            case Medication():
                _add(medications, term.codes, term.name)
                for name in term.names:
                    names.setdefault(plain(name), []).append(term.name)
    return Vocabulary(
        book, measurements, refused, words_pattern(result_terms), result_terms,
        conditions, questions, medications, condition_names,
        words_pattern(anywhere), anywhere, names_pattern(names), names,
    )  # fmt: skip


def _add(codes: Codes, items: Iterable[Code], term: str) -> None:
    for code in items:
        codes.add(code, term)


def words_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the words as whole words, the longest first; spaces and hyphens are one."""
    return re.compile(rf"(?<![\w-])(?:{any_of(words)})(?![\w-])", re.IGNORECASE)


def names_pattern(names: Iterable[str]) -> re.Pattern[str]:
    """As ``words_pattern``, but a hyphen may join a name to others: ``lisinopril-hydrochlorothiazide``."""
    return re.compile(rf"(?<!\w)(?:{any_of(names)})(?!\w)", re.IGNORECASE)


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; spaces and hyphens are one."""
    parts = sorted((re.escape(plain(word)).replace(r"\ ", r"[\s-]+") for word in words), key=len, reverse=True)
    return "|".join(parts) or "(?!)"


def plain(text: str) -> str:
    """The text by which words are looked up: lower case, hyphens and any space are one space."""
    return " ".join(text.lower().replace("-", " ").split())


_OTHER_NAMES = {
    "2.16.840.1.113883.6.1": SYSTEMS["LOINC"],
    "2.16.840.1.113883.6.96": SYSTEMS["SNOMED"],
    "2.16.840.1.113883.6.90": SYSTEMS["ICD-10-CM"],
    "2.16.840.1.113883.6.88": SYSTEMS["RxNorm"],
    "2.16.840.1.113883.6.73": SYSTEMS["ATC"],
    "http://fhir.de/CodeSystem/bfarm/atc": SYSTEMS["ATC"],
    "http://www.loinc.org": SYSTEMS["LOINC"],
    "LN": SYSTEMS["LOINC"],
    "SCT": SYSTEMS["SNOMED"],
}
"""Other names of one code system: HL7 OIDs (with or without ``urn:oid:``), the abbreviations of HL7 table 0396 and
the national copy of ATC."""


def codings(concept: Any) -> Iterable[Json]:
    """The codings of a CodeableConcept, without what is no coding; code systems under their FHIR names."""
    listed = concept.get("coding") if isinstance(concept, dict) else None
    if not isinstance(listed, list):
        return ()
    return [_renamed(coding) for coding in listed if isinstance(coding, dict)]


def _renamed(coding: Json) -> Json:
    """A coding with its code trimmed and its system under the FHIR name, where it is known."""
    system, code = coding.get("system"), coding.get("code")
    if isinstance(code, str) and code != code.strip():
        coding = {**coding, "code": code.strip()}
    if not isinstance(system, str) or system in _FHIR_NAMES:
        return coding
    bare = system.strip().removeprefix("urn:oid:").rstrip("/").replace("https://", "http://", 1)
    known = bare if bare in _FHIR_NAMES else _OTHER_NAMES.get(bare)
    return coding if known is None else {**coding, "system": known}


_FHIR_NAMES = frozenset(SYSTEMS.values())


def texts(concept: Any) -> list[str]:
    """The text of a CodeableConcept and the displays of its codings, at most 200 characters each."""
    if not isinstance(concept, dict):
        return []
    found = [concept.get("text"), *(coding.get("display") for coding in codings(concept))]
    return [text[:200] for text in found if isinstance(text, str) and text.strip()]
