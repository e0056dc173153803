"""Different calls of 30 KB for ``load.py``: each of another invented patient who takes calcium, as an EHR sends them.

The people are those of ``tests/made_export.py`` (five hospitals with their own units, code systems and elements). They
have several diagnoses and the medicines for them, and came to earlier visits until the prefetch that our discovery asks
for fills 30 KB: everything in it is a resource as an EHR writes it, and nothing is there to fill it up.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from invented.bystanders import the_patient
from invented.diagnoses import conditions, had_by
from invented.measured import gfr_of
from invented.medicines import medicines
from invented.observations import observations
from invented.person import DAY, Person

from cds.client.ehr import ehr_record
from cds.client.request import ehr_request
from cds.commands.options import opened
from cds.hooks.services import discovery

BYTES = 30 * 1024
DIAGNOSED = 3
"""How often each diagnosis is drawn: people in a hospital have more of them than the population."""
DATES = re.compile(rb"\b20\d\d-\d\d-\d\d")
Json = dict[str, Any]


def different_bodies(number: int, seed: int = 0) -> list[bytes]:
    """So many calls of ``patient-view``, each of another patient; the newest results are of the last days."""
    service: Json = discovery(opened(None))["services"][0]
    return [_moved(_body(service, Person(seed, who))) for who in range(number)]


def resources_in(body: bytes) -> Iterator[Json]:
    """The resources that a call brings."""
    for value in orjson.loads(body)["prefetch"].values():
        yield from (entry["resource"] for entry in value["entry"]) if "entry" in value else [value]


def _body(service: Json, person: Person) -> bytes:
    """The call about a person, with the results of as many earlier visits as fill it."""
    person.has = frozenset().union(*(had_by(person) for _ in range(DIAGNOSED)))
    person.gfr, person.on_calcium = gfr_of(person), True
    lines = [the_patient(person)]
    lines += [text for part in (conditions, medicines, observations) for _, text in part(person)]
    body = _sent(service, lines)
    while (missing := BYTES - len(body)) > 0:
        earlier = (text for _, text in observations(person))
        asked_for = [text for text in earlier if len(_sent(service, [lines[0], text])) > len(lines[0]) + len(text)]
        lines += asked_for[: 1 + missing // 900]
        body = _sent(service, lines)
    return body


def _sent(service: Json, lines: list[str]) -> bytes:
    """The call with what of these resources the service asks for."""
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": orjson.loads(x)} for x in lines]}
    return orjson.dumps(ehr_request(service, ehr_record(bundle), ()).body)


def _moved(body: bytes) -> bytes:
    """The call as if it were made today: all dates are as many days later as the people are older than that."""
    later = date.today() - DAY  # noqa: DTZ011 - the day of the service, which asks the same clock

    def move(found: re.Match[bytes]) -> bytes:
        return (date.fromisoformat(found[0].decode()) + later).isoformat().encode()

    return DATES.sub(move, body)
