"""Different patients as an EHR sends them, and the right answer to each: what this very program says of it alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from cds.client.ehr import ehr_record
from cds.client.request import ehr_request
from cds.commands.options import opened
from cds.hooks.answering import answer
from cds.hooks.not_recorded import SENTENCE
from cds.hooks.services import discovery, services_of
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
SERVICE = "calcium-review"
PEOPLE = 200
LEFT_TO_FETCH = "goals"
"""The key of the prefetch that a partial call leaves to the service."""


@lru_cache(maxsize=1)
def rulebook() -> RuleBook:
    """The rulebook of this checkout."""
    return opened(ROOT / "rules")


class Patient:
    """One patient's call, whole or without what the service is to fetch; each sending has an instance of its own."""

    def __init__(self, number: int) -> None:
        samples = sorted((ROOT / "fhir_samples").glob("*/bundle.json"))
        service: Any = discovery(rulebook())["services"][0]
        bundle = samples[number % len(samples)].read_bytes()
        self.body: Json = ehr_request(service, ehr_record(_renamed(bundle, f"trial-{number}")), ()).body

    def call(self, base: str = "") -> tuple[str, bytes]:
        """The instance and the body of the next call; with the base of a FHIR server, one part is to be fetched."""
        instance = str(uuid4())
        body = {**self.body, "hookInstance": instance}
        if base:
            kept = {key: value for key, value in body["prefetch"].items() if key != LEFT_TO_FETCH}
            body |= {"prefetch": kept, "fhirServer": base, "fhirAuthorization": AUTHORIZATION}
        return instance, orjson.dumps(body)

    def is_right(self, answered: Json, *, partial: bool) -> bool:
        """Whether an answer is that of the day, or of its neighbour at midnight; of a partial call both are right.

        What the service could not fetch, its cards name as not sent.
        """
        cards = bare(answered["cards"])
        days = {(datetime.now() - timedelta(seconds=back)).date() for back in (0, 60)}  # noqa: DTZ005 - as the service
        return any(cards == self._cards(day, without) for day in days for without in {False, partial})

    @lru_cache(maxsize=4)  # noqa: B019 - two hundred patients, kept as long as the trial
    def _cards(self, day: date, without: bool) -> list[Json]:
        prefetch = {k: v for k, v in self.body["prefetch"].items() if not (without and k == LEFT_TO_FETCH)}
        found = answer({**self.body, "prefetch": prefetch}, services_of(rulebook())[SERVICE], rulebook(), day)
        return bare(orjson.loads(orjson.dumps(found.response()))["cards"])


AUTHORIZATION = {"access_token": "trial", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read",
                 "subject": "trial"}  # fmt: skip


def bare(value: Any) -> Any:
    """Cards without the uuids, which follow from a key of the installation, and without the mark of not recorded ones.

    So an answer that says that it was not recorded is right when its advice is.
    """
    if isinstance(value, dict):
        return {key: bare(part) for key, part in value.items() if key not in ("uuid", "notRecorded")}
    if isinstance(value, str):
        return value.removesuffix(f"\n\n{SENTENCE}")
    return [bare(part) for part in value] if isinstance(value, list) else value


def _renamed(bundle: bytes, name: str) -> Json:
    """The Bundle of a sample with another id of the patient."""
    data: Json = orjson.loads(bundle)
    old = next(e["resource"]["id"] for e in data["entry"] if e["resource"]["resourceType"] == "Patient")
    renamed: Json = orjson.loads(bundle.replace(f"Patient/{old}".encode(), f"Patient/{name}".encode()))
    for entry in renamed["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            entry["resource"]["id"] = name
    return renamed
