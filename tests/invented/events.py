"""What happens to the resources of an export from one day to the next."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from random import Random

import orjson

from invented.odd_people import SUBJECTS
from invented.records import records_of
from invented.templates import Json, coded

WHEN = ("effectiveDateTime", "authoredOn", "dateAsserted", "recordedDate", "onsetDateTime", "issued")
MEDICINES = ("MedicationRequest", "MedicationStatement")


class State:
    """The resources on a day. ``seed`` and ``number``: of the next person who comes."""

    def __init__(self, seed: int, people: int, shared: list[Json]) -> None:
        self.chance, self.seed, self.number = Random(f"{seed}/history"), seed, 0
        self.day = date(2026, 6, 1)
        self.resources = shared
        for _ in range(people):
            self.resources += self.person()

    def person(self) -> list[Json]:
        """The resources of a new person, who in two of three cases takes calcium."""
        self.number += 1
        who = "all" if self.number % 3 else "tenth"
        return [orjson.loads(line.text) for line in records_of(self.seed, self.number, who, 0.1).lines]

    def one(self, *kinds: str) -> Json | None:
        """One of the resources of some types; of all but Patient and what is about nobody, if none is named."""
        found = [one for one in self.resources if one["resourceType"] in kinds] if kinds else self.about_somebody()
        return self.chance.choice(found) if found else None

    def about_somebody(self) -> list[Json]:
        """The resources that have a subject."""
        return [one for one in self.resources if any(key in one for key in SUBJECTS)]

    def stored(self, resource: Json) -> None:
        """Count the version of a resource that was changed today."""
        meta = resource.setdefault("meta", {})
        meta["versionId"] = str(int(meta.get("versionId", "0")) + 1)
        meta["lastUpdated"] = f"{self.day}T{self.chance.randint(10, 23)}:00:00.000Z"

    def about(self, resource: Json, patient: Json) -> None:
        """Make a resource one about a patient, of today."""
        for key in SUBJECTS:
            if key in resource:
                resource[key] = {"reference": f"Patient/{patient['id']}"}
        for key in WHEN:
            if key in resource:
                resource[key] = f"{self.day}T08:00:00Z"
        self.stored(resource)


Event = Callable[[State], None]
EVENTS: dict[str, Event] = {}


def event(happens: Event) -> Event:
    """Register an event by the name of its function."""
    EVENTS[happens.__name__.replace("_", " ")] = happens
    return happens


@event
def something_new(state: State) -> None:
    """A result or a medicine of a new person becomes one of a person who is there."""
    patient = state.one("Patient")
    several = [one for one in state.person() if one["resourceType"] in ("Observation", *MEDICINES)]
    for one in state.chance.sample(several, min(2, len(several))) if patient else ():
        state.about(one, patient or {})
        state.resources.append(one)


@event
def another_value(state: State) -> None:
    results = [one for one in state.resources if isinstance(one.get("valueQuantity", {}).get("value"), int | float)]
    for one in state.chance.sample(results, min(2, len(results))):
        one["valueQuantity"]["value"] = round(one["valueQuantity"]["value"] * state.chance.choice((0.7, 1.1, 1.4)), 2)
        state.stored(one)


@event
def another_status(state: State) -> None:
    one = state.one("Observation", *MEDICINES)
    if one:
        one["status"] = "entered-in-error" if one["resourceType"] == "Observation" else "stopped"
        state.stored(one)


@event
def diagnosis_refuted(state: State) -> None:
    if one := state.one("Condition"):
        one["verificationStatus"] = {"coding": [{"code": "refuted"}]}
        state.stored(one)


@event
def resource_deleted(state: State) -> None:
    if one := state.one():
        state.resources.remove(one)


@event
def patient_added(state: State) -> None:
    state.resources += state.person()


@event
def patient_deleted(state: State) -> None:
    """With all that is about the person, or alone: the rest is then about nobody who is there."""
    if patient := state.one("Patient"):
        state.resources.remove(patient)
        if state.chance.random() < 0.7:
            gone = f"Patient/{patient['id']}"
            state.resources = [one for one in state.resources if gone not in orjson.dumps(one).decode()]


@event
def patient_changed(state: State) -> None:
    if patient := state.one("Patient"):
        died = (
            {"deceasedDateTime": state.day.isoformat()} if state.chance.random() < 0.5 else {"birthDate": "2009-01-01"}
        )
        patient.update(died)
        state.stored(patient)


@event
def patients_linked(state: State) -> None:
    """Two people turn out to be one."""
    one, other = state.one("Patient"), state.one("Patient")
    if one and other and one is not other:
        one["link"] = [{"other": {"reference": f"Patient/{other['id']}"}, "type": "seealso"}]
        state.stored(one)


@event
def given_to_another(state: State) -> None:
    """A resource was about the wrong person."""
    one, patient = state.one(), state.one("Patient")
    if one and patient:
        for key in SUBJECTS:
            if key in one:
                one[key] = {"reference": f"Patient/{patient['id']}"}
        state.stored(one)


@event
def shared_medication_changed(state: State) -> None:
    """What several people's medicines refer to becomes another medicine."""
    used = {one["medicationReference"]["reference"] for one in state.resources if "medicationReference" in one}
    several = [one for one in state.resources if f"Medication/{one['id']}" in used]
    if several:
        one = state.chance.choice(several)
        one["code"] = coded("http://www.nlm.nih.gov/research/umls/rxnorm", "5487", "hydrochlorothiazide")
        state.stored(one)


@event
def sent_twice(state: State) -> None:
    if one := state.one():
        state.resources.append(deepcopy(one))


@event
def in_another_order(state: State) -> None:
    """Nothing changes but the places of the lines."""
    state.chance.shuffle(state.resources)


@event
def nothing(_: State) -> None:
    """Only the day moves."""
