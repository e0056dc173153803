"""A plan as the request that starts a Bulk Data export (Bulk Data Access IG, STU 2: kick-off request).

Each search is a ``_typeFilter`` of its own, which STU 2 and STU 3 read alike: those of one type are alternatives. In a
URL each is encoded as a whole, its commas too; only a bare comma would end it.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from cds.bulk.plan import Plan
from cds.jsontypes import Json

TYPE, FILTER = "_type", "_typeFilter"
LONGEST_URL = 4000
"""A longer URL is refused by some servers and proxies; the parameters are then posted."""
PATIENTS, GROUP, EXPORT = "Patient", "Group", "$export"


class Parameter(NamedTuple):
    """A parameter of the operation, without an encoding for URLs."""

    name: str
    value: str


class KickOff(NamedTuple):
    """The request: its method, its URL, and the Parameters resource that is posted (empty for GET)."""

    method: str
    url: str
    body: Json


def parameters_of(plan: Plan) -> tuple[Parameter, ...]:
    """The parameters of a plan: the types, then the searches."""
    types = Parameter(TYPE, ",".join(asked.type for asked in plan.asked))
    return (types, *(Parameter(FILTER, str(search)) for asked in plan.asked for search in asked.searches))


def fitting(plan: Plan, base: str) -> KickOff:
    """The request with its parameters in the URL, unless that is too long; then they are posted."""
    found = fetched(plan, base)
    return found if len(found.url) <= LONGEST_URL else posted(plan, base)


def fetched(plan: Plan, base: str) -> KickOff:
    """The request with its parameters in the URL."""
    listed = "&".join(f"{name}={quote(value, safe=',' if name == TYPE else '')}" for name, value in parameters_of(plan))
    return KickOff("GET", f"{_operation(base)}?{listed}", {})


def posted(plan: Plan, base: str) -> KickOff:
    """The request with its parameters in a Parameters resource, which a server of STU 2 may understand."""
    listed = [{"name": name, "valueString": value} for name, value in parameters_of(plan)]
    return KickOff("POST", _operation(base), {"resourceType": "Parameters", "parameter": listed})


def _operation(base: str) -> str:
    """The operation at a server, for all its patients; at a Group, for those of the group."""
    place = base.rstrip("/")
    above = place.split("/")[-2:-1]
    return f"{place}/{EXPORT}" if above == [GROUP] else f"{place}/{PATIENTS}/{EXPORT}"
