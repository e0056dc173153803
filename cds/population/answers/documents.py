"""The people of a document that stands alone: a Bundle of one, or of several."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cds.intake.bundles.bundle import Resources, gathered
from cds.intake.bundles.people import People
from cds.intake.elements import Placed, name_of
from cds.intake.record import Issue
from cds.jsontypes import Json
from cds.population.lines.marks import patients_among


def persons_in_document(
    placed: list[Placed], issues: list[Issue]
) -> Iterator[tuple[str, list[Json], Callable[[], Resources]]]:
    """The people of a document: the name of each, what is about that one, and what gathers it."""
    patients = patients_among(placed)
    if len(patients) == 1:
        yield name_of(patients[0]), [resource for *_, resource in placed], partial(gathered, placed, issues)
        return
    people = People()
    people.note(*issues)
    for item in placed:
        people.add(item)
    for person in people.persons():
        yield person.name, [held.placed()[3] for held in person.held], person.resources
