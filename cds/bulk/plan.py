"""The smallest export that a rulebook needs: which types, by which searches, why, and what answers lose by it.

What was not understood is never absent. So no type is filtered by its codes of which one that nobody knows matters:
conditions and medicines; nor one of which the words are read as well as the codes: procedures, allergies, reports.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from cds.bulk.searches import Search, searches_of
from cds.intake.bundles.bundle import READ
from cds.intake.elsewhere import LOOKED_AT
from cds.intake.passed_over import ALWAYS, BY_MEANING
from cds.intake.results.diagnostic_reports import REPORT
from cds.rulebook.model import RuleBook

WHY_READ = {
    "Patient": "the birth date, the sex, and whether the patient has died",
    "Observation": "results, answers, and conditions that stand as a value",
    "MedicationStatement": "any medicine may be one of the rulebook by its name; what nobody knows is not absent",
    "MedicationRequest": "the same; an order that ended says so of what is taken, so those count too",
    "MedicationDispense": "the same; what was handed out may be all that is on record",
    "MedicationAdministration": "injections that act for a time, and what else was given lately",
    "Medication": "the others refer to it; it belongs to no patient, so some servers send it only when asked",
    "Condition": "one that nobody understands is not absent, so no code can filter them",
    "Procedure": "operations are known by their words as well as by codes",
    "AllergyIntolerance": "what is not tolerated is known by its words as well",
    "Goal": "target ranges; no search of FHIR R4 finds goals by what they measure",
    REPORT: "it takes results back, holds some, and its words name what nothing else says",
}
"""What a type that is read is asked for, and why all of it where it is not filtered."""
NOT_STORED = frozenset({"Parameters"})
"""The types of intake that no server keeps."""


class Asked(NamedTuple):
    """A type that is asked for, the searches of which each resource satisfies one (none: all come), and what for."""

    type: str
    searches: tuple[Search, ...]
    why: str


class Plan(NamedTuple):
    """What to ask for, and in sentences what answers lose by it."""

    asked: tuple[Asked, ...]
    gives_up: tuple[str, ...]

    def apart(self) -> Plan:
        """The same with each value in a search of its own, for servers that end a search at every comma."""
        split = (
            each._replace(searches=tuple(s for found in each.searches for s in found.apart())) for each in self.asked
        )
        return self._replace(asked=tuple(split))


OF_OTHER_TYPES = (
    "Resources of other types, and what they contain: nothing of them is read, but a medicine or a result that one "
    "contains would be counted as passed over, and a type that FHIR R4 does not have would be an issue."
)
OF_THE_SEARCHES = (
    "Observations whose code is in no value set: results recognised by name or by a laboratory's own code, questions "
    "asked in words, and conditions that only the words of a value name. Orphan codes are not seen. Codes that an "
    "overlay adds (cds import-value-set) are asked for; where results have names alone, take the wide plan.",
    "Observations with a code or a value below one of the rulebook's in a classification, in an expression, or written "
    "with other signs or blanks: no search finds a code by its beginning.",
    "What a resource that is left out contains: results inside of a panel whose own code is in no value set would be "
    "read, and a medicine would be counted as passed over.",
    "What has no time that a search can find: encounters that are over, immunizations, and administrations of what has "
    "no code of the rulebook.",
    "Issues about what is left out: an administration from before the date, or a form of another release.",
    OF_OTHER_TYPES,
)


def coded_plan(book: RuleBook, day: date) -> Plan:
    """The plan that keeps all that a coded record says, for answers as of the day or later."""
    searches: dict[str, tuple[Search, ...]] = {}
    for search in searches_of(book, day):
        searches[search.type] = (*searches.get(search.type, ()), search)
    return Plan(tuple(Asked(name, searches.get(name, ()), why) for name, why in _types().items()), OF_THE_SEARCHES)


def wide_plan() -> Plan:
    """The plan that filters by type alone: every server can follow it, and nothing of a type that counts is lost."""
    return Plan(tuple(Asked(name, (), why) for name, why in _types().items()), (OF_OTHER_TYPES,))


def _types() -> dict[str, str]:
    """The types that can change an answer, each with what for: those that are read, looked at, or counted."""
    read = {name: WHY_READ[name] for name in (*READ, REPORT)}
    looked_at = {name: found.why for name, found in LOOKED_AT.items()}
    found = {**ALWAYS, **BY_MEANING, **looked_at, **read}
    order = (*read, *looked_at, *ALWAYS, *BY_MEANING)
    return {name: found[name] for name in dict.fromkeys(order) if name not in NOT_STORED}
