"""Elements of FHIR JSON of any shape, and what the resources of a record are called in sources and issues.

A resource is called by its id, else by its full URL or its place in the data. That name is for people: it is no
reference, and two resources never have the same one.

FHIR R4, extensibility: an application must not process the content of an element with a modifier extension that it
does not understand. None is understood here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from cds.jsontypes import Json


def listed(value: Any) -> list[Any]:
    """A list as it is; nothing where there is none."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[Json]:
    """The objects of a list; nothing where there is no list."""
    return [item for item in listed(value) if isinstance(item, dict)]


def modified(element: Json) -> bool:
    """Whether a resource or an element of it has a modifier extension; then nothing in it may be relied on."""
    return bool(element.get("modifierExtension"))


Placed: TypeAlias = tuple[str, int, str, Json]
"""Where the bundle of a resource stands (``2.``; nothing at the top), its number there, its full URL, the resource."""
_URN = re.compile(r"urn:(?:uuid|oid):[0-9A-Za-z.-]{1,54}")
_ADDRESS = re.compile(r"(?:.*/)?([A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]+)?", re.DOTALL)


def has_id(resource: Json) -> bool:
    """Whether a resource has an id of its own, and so can be referred to."""
    identity = resource.get("id")
    return isinstance(identity, str) and identity != ""


def name_of(resource: Json) -> str:
    """``Observation/ca1``, or the type alone when there is no id."""
    kind = resource.get("resourceType")
    return f"{kind}/{resource['id']}" if has_id(resource) else str(kind)


class Names:
    """The names of all resources in some data."""

    def __init__(self, placed: Iterable[Placed] = ()) -> None:
        """Name those without an id, in their order; whoever has an id has its name already."""
        items = placed if isinstance(placed, list) else list(placed)
        without = [item for item in items if type(item[3].get("id")) is not str or not item[3]["id"]]
        taken = {name_of(item[3]) for item in items if has_id(item[3])} if without else set()
        self._given: dict[int, tuple[str, Json]] = {}
        for item in without:
            name = _free_name(item, taken)
            taken.add(name)
            # The resource is kept with its name, so that its identity stays its own.
            self._given.setdefault(id(item[3]), (name, item[3]))

    def of(self, resource: Json) -> str:
        """``Observation/ca1``, ``urn:uuid:...`` or ``Observation entry 3``; the type alone outside the data."""
        given = self._given.get(id(resource))
        return name_of(resource) if given is None else given[0]


def _free_name(item: Placed, taken: set[str]) -> str:
    """By the full URL, else by the place; of a patient there is one, who needs no number."""
    above, number, url, resource = item
    kind = resource.get("resourceType")
    name = _name_in(url, kind) or (kind if kind == "Patient" else "")
    return name if name and name not in taken else f"{kind} entry {above}{number}"


def _name_in(url: str, kind: object) -> str:
    """The name that a full URL holds: a URN as it is, ``Type/id`` at the end of an address of this type."""
    if _URN.fullmatch(url):
        return url
    found = _ADDRESS.fullmatch(url)
    return f"{kind}/{found[2]}" if found and found[1] == kind else ""
