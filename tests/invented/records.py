"""All lines about one invented person."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import orjson

from invented.bystanders import bystanders, the_patient
from invented.diagnoses import conditions, had_by
from invented.measured import gfr_of
from invented.medicines import medicines
from invented.observations import observations
from invented.odd_people import SHAPES
from invented.person import Person
from invented.products import takes_calcium

ON_CALCIUM: dict[str, Callable[[Person], bool]] = {"tenth": takes_calcium, "all": lambda _: True}


class Line(NamedTuple):
    """A type and a resource as JSON text. ``late``: it goes into another file of its type than the others."""

    kind: str
    text: str
    late: bool = False


class Records(NamedTuple):
    """The lines of a person, of which the first is the Patient; and the name of the odd shape, if any."""

    person: Person
    lines: list[Line]
    shape: str = ""


def records_of(seed: int, number: int, on_calcium: str = "tenth", odd: float = 0.02) -> Records:
    """The records of the person of a number.

    Args:
        seed: the same seed gives the same people.
        number: of the person, from 0.
        on_calcium: who takes a calcium product, a name in ``ON_CALCIUM``.
        odd: the share of people with an odd shape.

    """
    person = Person(seed, number)
    person.has = had_by(person)
    person.gfr = gfr_of(person)
    person.on_calcium = ON_CALCIUM[on_calcium](person)
    lines = [Line("Patient", the_patient(person))]
    for part in (observations, conditions, medicines, bystanders):
        lines += [Line(kind, text) for kind, text in part(person)]
    chance = Random(f"{seed}/{number}/shape")
    return odd_records(person, lines, chance.choice(list(SHAPES))) if chance.random() < odd else Records(person, lines)


def odd_records(person: Person, lines: list[Line], name: str) -> Records:
    """The records of a person in an odd shape."""
    resources = [orjson.loads(line.text) for line in lines]
    late = SHAPES[name](resources, Random(f"{person.id}/{name}"))
    return Records(person, [*map(line_of, resources), *(line_of(one)._replace(late=True) for one in late)], name)


def line_of(resource: dict[str, object]) -> Line:
    """A resource as a line."""
    return Line(str(resource["resourceType"]), orjson.dumps(resource).decode())
