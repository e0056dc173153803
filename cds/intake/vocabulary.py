"""The codes and names of the rulebook, turned round: from a code or a name in the record to the terms it feeds.

A result whose code leads nowhere is never read: a name does not say which of several tests it is, and a number that is
a LOINC code may be a local code as well. It is said, so that nobody takes the test for missing or an older result for
the newest one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from cds.code_systems import LOINC, PREFIX_SYSTEMS
from cds.intake.conditions.condition_names import name_key
from cds.intake.conditions.mentions import longest_of
from cds.intake.elements import codings, plain, texts
from cds.intake.record import CONDITIONS, MEDICINES
from cds.intake.spelling import is_of_ideographs
from cds.rulebook.model import Code, Condition, Measurement, Medication, RuleBook

Match = tuple[str, int]
"""A term and the rank of the code in it."""


CATEGORY = 3
"""The letters of a category in a classification; what is shorter is a chapter."""


class Codes:
    """Looks codes up; codes of ICD-10-CM and ATC match by their beginning."""

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


class Vocabulary(NamedTuple):
    """Everything that intake needs from the rulebook, indexed once per rulebook."""

    book: RuleBook
    measurements: Codes
    refused: Codes
    result_names: re.Pattern[str]
    other_results: re.Pattern[str]
    result_terms: dict[str, str]
    conditions: Codes
    questions: Codes
    medications: Codes
    wider: Codes
    condition_names: dict[str, list[str]]
    searched_conditions: dict[str, None]
    longest_condition: int
    other_conditions: frozenset[str]
    anywhere: re.Pattern[str]
    anywhere_terms: dict[str, str]

    def knows_condition(self, name: str) -> bool:
        """Whether a name is that of a condition, of a term or of another one."""
        return name in self.condition_names or name in self.other_conditions

    def may_mean(self, system: object, code: object) -> Iterable[str]:
        """The conditions of which a code is wider."""
        return (*(term for term, _ in self.wider.find(system, code)), *self.conditions.below(system, code))


@lru_cache(maxsize=8)
def vocabulary(book: RuleBook) -> Vocabulary:
    """The vocabulary of a rulebook."""
    measurements, refused, conditions, questions, medications = Codes(), Codes(), Codes(), Codes(), Codes()
    wider, searched = Codes(), dict[str, None]()
    result_terms: dict[str, str] = {}
    condition_names: dict[str, list[str]] = {}
    anywhere: dict[str, str] = {}
    for term in book.terms.values():
        match term:
            case Measurement():
                _add(measurements, term.codes, term.name)
                _add(refused, term.refused, term.name)
                result_terms.update((plain(word), term.name) for word in term.known_as)
            case Condition():
                _add(conditions, term.codes, term.name)
                _add(wider, term.wider, term.name)
                _add(questions, term.observations, term.name)
                for name in term.names:
                    condition_names.setdefault(name_key(name), []).append(term.name)
                    # The words of a status stand in many texts that do not say it; others count anywhere.
                    if not term.questions and (not term.anywhere or is_of_ideographs(name)):
                        searched[name_key(name)] = None
                    if term.anywhere:
                        anywhere[plain(name)] = term.name
            case Medication():
                _add(medications, term.codes, term.name)
    return Vocabulary(
        book,
        measurements,
        refused,
        words_pattern(result_terms),
        names_of_others(book.topic.other_results),
        result_terms,
        conditions,
        questions,
        medications,
        wider,
        condition_names,
        searched,
        longest_of(searched),
        frozenset(map(name_key, book.other_conditions)),
        words_pattern(anywhere),
        anywhere,
    )


def _add(codes: Codes, items: Iterable[Code], term: str) -> None:
    for code in items:
        codes.add(code, term)


def names_of_others(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the words as whole words; ``*`` stands for any letters."""
    parts = (re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+").replace(",", r",\s*") for word in words)
    return re.compile(rf"\b(?:{'|'.join(parts) or '(?!)'})\b", re.IGNORECASE)


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


_PART_OF = re.compile(r"[a-z]/$", re.IGNORECASE), re.compile(r"/[a-z]|\.[a-z]", re.IGNORECASE)
"""What stands before and after a name that is only one side of a ratio, or one fraction (LOINC: ``Calcium.bound``)."""


def possible(concept: Any, words: Vocabulary) -> str:
    """The measurement that a result without a known code may be; empty where nothing says so."""
    return _by_bare_code(concept, words) or _by_name(texts(concept), words)


def bare_codes(concept: Any) -> list[str]:
    """The codes of a concept that name no code system."""
    stated = (coding.get("code") for coding in codings(concept) if not str(coding.get("system") or "").strip())
    return [code for code in stated if isinstance(code, str)]


def _by_bare_code(concept: Any, words: Vocabulary) -> str:
    return next((term for code in bare_codes(concept) for term, _ in words.measurements.find(LOINC, code)), "")


def _by_name(names: Iterable[str], words: Vocabulary) -> str:
    """The measurement by the first name that is one.

    Where any of the names says that it is something else than a result in blood, only a name that says so itself
    counts: ``24 hour urine calcium``.
    """
    listed = list(names)
    found = [name for text in listed for name in _result_names(text, words)]
    if any(words.other_results.search(text) for text in listed):
        found = [name for name in found if words.other_results.search(name)]
    return words.result_terms[plain(found[0])] if found else ""


def _result_names(text: str, words: Vocabulary) -> Iterator[str]:
    """The names of measurements in a text; no symbol that is only a part of it, and no side of a ratio."""
    before, after = _PART_OF
    text = _IN_BLOOD.sub("", text)
    for found in words.result_names.finditer(text):
        if len(found[0]) <= SYMBOL and not _is_all_of(found[0], text):
            continue
        if not before.search(text[: found.start()]) and not after.match(text[found.end() :]):
            yield found[0]


SYMBOL = 2
"""A name of so few letters is a symbol: it names a result only where the text says nothing else."""
_IN_BLOOD = re.compile(r"^\s*(?:f?[BPS]|[av]B|cB)(?:-|_|\u2014| - | -)\s*(?=\w{2})")
"""The system before a name, as Nordic and Czech laboratories write it: blood, plasma or serum (``S-``, ``fP-``,
``S_``)."""
_BESIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
"""What may stand beside a symbol, in brackets: a specimen, a unit."""


def _is_all_of(symbol: str, text: str) -> bool:
    return _BESIDE.sub("", text.strip()).strip(" .:*") == symbol


@lru_cache(maxsize=8)
def systems_of(book: RuleBook) -> dict[str, frozenset[str]]:
    """The code systems by which the rulebook knows medicines, and conditions.

    Those of products alone are none of them: a hospital that adds its few products by codes of a system of its own, or
    a list of salts, does not say that every other code of that system is something else.
    """
    words = vocabulary(book)
    return {
        MEDICINES: frozenset(words.medications.exact),
        CONDITIONS: frozenset(words.conditions.exact),
    }
