"""The searches by which an export is kept small, of the types in which nothing that is coded is lost by them.

Codes stand without their systems: data name one system in several ways, and a token without a system is found in any of
them (FHIR R4, token search). No search has a modifier (``:missing``, ``:text``): many servers know none.

Results have no date limit, though many count for some time only: a card names one that is too old, and an old one that
cannot be used is said as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import chain
from typing import NamedTuple

from cds.intake.elsewhere import ACTIVE, JUDGED, UNDER_WAY
from cds.intake.vocabulary import vocabulary
from cds.rulebook.model import Condition, Medication, RuleBook

SEPARATORS = ("\\", ",", "|", "$")
"""What stands for itself in a value of a search only behind a backslash (FHIR R4, search, escaping)."""
MARGIN = 1
"""So many days more are asked for: a server compares days in a time zone of its own."""


class Search(NamedTuple):
    """A FHIR search of one type by one parameter, of which any of the values is enough."""

    type: str
    parameter: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        """As FHIR R4 writes it, without an encoding for URLs."""
        return f"{self.type}?{self.parameter}={','.join(map(_escaped, self.values))}"

    def apart(self) -> tuple[Search, ...]:
        """A search for each value, which together find the same."""
        return tuple(self._replace(values=(value,)) for value in self.values)


def _escaped(value: str) -> str:
    for char in SEPARATORS:
        value = value.replace(char, f"\\{char}")
    return value


def searches_of(book: RuleBook, day: date) -> tuple[Search, ...]:
    """The searches for answers as of the day or later; of one type any of them is enough."""
    found = (
        Search("Observation", "combo-code", _result_codes(book)),
        Search("Observation", "combo-value-concept", _condition_codes(book)),
        Search("EpisodeOfCare", "status", _sorted(ACTIVE)),
        Search("ServiceRequest", "status", _sorted(ACTIVE)),
        Search("CarePlan", "status", _sorted(ACTIVE)),
        Search("ClinicalImpression", "status", _sorted(JUDGED)),
        *_of_late(book, day),
    )
    return tuple(search for search in found if search.values)


def _of_late(book: RuleBook, day: date) -> tuple[Search, ...]:
    """The searches for what counts for some time only; none where the rulebook does not say for how long.

    What acts for long counts without a date as well, and is found by its codes.
    """
    within = book.topic.handed_out_within
    if within is None:
        return ()
    given = [term for term in book.terms.values() if isinstance(term, Medication) and term.given_for is not None]
    longest = max([within, *(term.given_for or 0 for term in given)])
    since, given_since = (f"ge{day - timedelta(days + MARGIN)}" for days in (within, longest))
    return (
        Search("Encounter", "date", (since,)),
        Search("Encounter", "status", _sorted(UNDER_WAY)),
        Search("Composition", "date", (since,)),
        Search("Immunization", "date", (since,)),
        Search("MedicationAdministration", "effective-time", (given_since,)),
        Search("MedicationAdministration", "code", _sorted(code.code for term in given for code in term.codes)),
    )


def _result_codes(book: RuleBook) -> tuple[str, ...]:
    """The codes of measurements, also those by which one is never read, of questions, and of statuses themselves."""
    words = vocabulary(book)
    statuses = [term for term in book.terms.values() if isinstance(term, Condition) and term.questions]
    looked_up = (words.measurements, words.refused, words.questions)
    by_system = (codes for found in looked_up for codes in found.exact.values())
    return _sorted([*chain(*by_system), *(code.code for term in statuses for code in term.codes)])


def _condition_codes(book: RuleBook) -> tuple[str, ...]:
    """The codes of conditions, those of which one is a meaning among several, and those above them."""
    words = vocabulary(book)
    by_system = (codes for found in (words.conditions, words.wider) for codes in found.exact.values())
    above = (code for found in (words.conditions, words.wider) for _, code in found.shorter)
    return _sorted([*chain(*by_system), *above])


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
