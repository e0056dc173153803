"""What is looked at in resources that are read for no fact: the concepts and the words that may name a term.

Each type says with which statuses its words speak of the patient as she is now or was lately. A plan, an offer, an
entry in error and what ended say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, NamedTuple

from cds.code_systems import LOINC
from cds.intake.conditions.condition_names import speaks_of_others
from cds.intake.conditions.statuses import PAST, WRONG, status_of
from cds.intake.elements import at_path, codings, listed, objects
from cds.intake.results.diagnostic_reports import LONGEST_PROSE, narrative_of
from cds.intake.results.usable import READABLE
from cds.intake.times import Moment, moment
from cds.jsontypes import Json


class Names(Enum):
    """What a resource may name: conditions, treatments that go on, or medicines."""

    CONDITIONS = "conditions"
    TREATMENTS = "treatments"
    MEDICINES = "medicines"


class LookedAt(NamedTuple):
    """A type: what it is called, why it is looked at, for what, its statuses that count, its concepts and texts."""

    called: str
    why: str
    of: tuple[Names, ...]
    statuses: frozenset[str] = frozenset()
    concepts: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


ACTIVE = frozenset({"active"})
UNDER_WAY = frozenset({"arrived", "triaged", "in-progress", "onleave", "on-hold"})
MET = UNDER_WAY | {"finished", "completed", "discharged"}
"""The statuses of an encounter that took place; those of R5 as well."""
JUDGED = frozenset({"in-progress", "completed"})
ANY = (Names.CONDITIONS, Names.TREATMENTS)
LOOKED_AT = {
    "Flag": LookedAt("A flag", "what it warns of", ANY, ACTIVE, ("code",)),
    "Encounter": LookedAt(
        "An encounter", "its reason, while it goes on and for a time after it", (Names.CONDITIONS,), MET,
        ("reasonCode", "reason", "reason.value.concept")),
    "EpisodeOfCare": LookedAt("An episode of care", "its type, while it goes on", ANY, ACTIVE, ("type",)),
    "ClinicalImpression": LookedAt(
        "A clinical impression", "its summary, its description and its findings", ANY, JUDGED,
        ("code", "finding.itemCodeableConcept", "finding.item.concept"), ("summary", "description")),
    "Composition": LookedAt("A document", "its sections that have words and no entries", ANY, READABLE),
    "ServiceRequest": LookedAt(
        "A request", "a treatment that goes on, as what was ordered", (Names.TREATMENTS,), ACTIVE,
        ("code", "code.concept")),
    "CarePlan": LookedAt(
        "A care plan", "a treatment that goes on, in its title, its description and its activities",
        (Names.TREATMENTS,), ACTIVE, ("category", "activity.detail.code"), ("title", "description")),
    "AllergyIntolerance": LookedAt(
        "An allergy or intolerance", "a condition that its words name", (Names.CONDITIONS,),
        concepts=("code", "reaction.manifestation"), texts=("reaction.description",)),
    "Immunization": LookedAt(
        "An immunization", "a medicine that is no vaccine", (Names.MEDICINES,), JUDGED, ("vaccineCode",)),
}  # fmt: skip
"""The types that are looked at; nothing else is read in them, but in AllergyIntolerance."""
NOT_MEANT = frozenset({"proposal", "option"})
NOT_UNDER_WAY = frozenset(
    {"not-started", "scheduled", "on-hold", "completed", "cancelled", "stopped", "entered-in-error"}
)
"""The statuses of an activity of a care plan that is not carried out at present."""
DAYS = ("date", "effectiveDateTime", "occurrenceDateTime")
PERIODS = ("period", "actualPeriod", "effectivePeriod", "occurrencePeriod")
OF_FAMILY = "10157-6"
"""The code of a section about the diseases of the family."""
ANYTHING = "x"
"""Stands for what a section holds, of which its title says whose it is."""


def speaks(resource: Json) -> bool:
    """Whether the status of a resource lets its words count."""
    if resource["resourceType"] == "AllergyIntolerance":
        over = status_of(resource, "clinicalStatus") & PAST or status_of(resource, "verificationStatus") & WRONG
        return not over and resource.get("status") not in WRONG | PAST
    allowed = LOOKED_AT[resource["resourceType"]].statuses
    is_meant = resource.get("intent") not in NOT_MEANT and not resource.get("doNotPerform")
    return is_meant and resource.get("status") in allowed


def last_day(resource: Json) -> Moment | None:
    """The day to which a resource speaks: its end, or its date; None where it goes on, or none can be read."""
    return next(_moments(resource, "end", () if _goes_on(resource) else DAYS), None)


def _goes_on(resource: Json) -> bool:
    """Whether its status says that it goes on: a date of it is that on which it began."""
    return LOOKED_AT[resource["resourceType"]].statuses == ACTIVE


def _moments(resource: Json, of_period: str, days: Iterable[str]) -> Iterator[Moment]:
    """The dates of a resource, and the starts or ends of its periods."""
    periods = (period for key in PERIODS if isinstance(period := resource.get(key), dict))
    stated = [*(resource.get(key) for key in days), *(period.get(of_period) for period in periods)]
    return (when for text in stated if isinstance(text, str) and (when := moment(text)))


def is_of_another_time(resource: Json, when: Moment | None, day: int, within: int | None) -> bool:
    """Whether it speaks of what is still to come or is over: an end before the day, else a date long before it."""
    if any(start.first > day for start in _moments(resource, "start", DAYS)):
        return True
    limit = day if _goes_on(resource) else None if within is None else day - within
    return when is not None and limit is not None and when.last < limit


def concepts_in(resource: Json) -> Iterator[Any]:
    """The concepts that are looked at in a resource; those of an activity, while it is under way."""
    for path in LOOKED_AT[resource["resourceType"]].concepts:
        *above, name = path.split(".")
        for holder in at_path(resource, above):
            if holder is resource or (isinstance(holder, dict) and holder.get("status") not in NOT_UNDER_WAY):
                yield from (found for found in at_path(holder, [name]) if isinstance(found, dict))


def prose_in(resource: Json) -> Iterator[str]:
    """The texts that are looked at in a resource."""
    for path in LOOKED_AT[resource["resourceType"]].texts:
        found = at_path(resource, path.split("."))
        yield from (text[:LONGEST_PROSE] for text in found if isinstance(text, str))
    if resource["resourceType"] == "Composition":
        yield from _of_sections(resource)


def _of_sections(holder: Json) -> Iterator[str]:
    """The words of the sections without entries; what the entries say stands in resources of their own."""
    for section in objects(holder.get("section")):
        if not listed(section.get("entry")) and not _is_of_family(section):
            yield narrative_of(section.get("text"))
        yield from _of_sections(section)


def _is_of_family(section: Json) -> bool:
    coded = ((coding.get("system"), coding.get("code")) for coding in codings(section.get("code")))
    return (LOINC, OF_FAMILY) in coded or speaks_of_others(f"{section.get('title') or ''} {ANYTHING}")
