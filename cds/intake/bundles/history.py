"""The history of resources: which of two versions is the later one, and what was deleted.

What was deleted is not there, and what may have been is not used and not known. An entry with the method DELETE says
that a resource is gone (http://hl7.org/fhir/R4/http.html#history); it holds none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from cds.intake.elements import Placed, name_of
from cds.intake.record import ISSUE_CODES, Issue
from cds.intake.times import instant
from cds.jsontypes import Json

PRELIMINARY, FINAL, CORRECTED = 1, 2, 3
STANDING = {"registered": 0, "preliminary": PRELIMINARY, "final": FINAL, "amended": CORRECTED, "corrected": CORRECTED}
"""The statuses of a laboratory result in the order in which it goes through them (FHIR ObservationStatus)."""


def standing(resource: Json) -> int:
    """How far a result has come; -1 for one that was withdrawn or has no known status."""
    status = resource.get("status")
    return STANDING.get(status, -1) if isinstance(status, str) else -1


def later_version(one: Json, other: Json) -> Json:
    """The later of two resources with one id: by when, or as which version, the server stored them.

    Where the server does not say, of two results the one that has come farther, and else the one that was read last.
    """
    for tell in (stored_at, version_of):
        first, second = tell(one), tell(other)
        if first is not None and second is not None and first != second:
            return one if first > second else other
    return one if standing(one) > standing(other) >= 0 else other


def stored_at(resource: Json) -> float | None:
    """When a server stored a resource, in seconds; None where it does not say."""
    meta = resource.get("meta")
    text = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return instant(text) if isinstance(text, str) else None


def version_of(resource: Json) -> float | None:
    """As which version a server stored a resource; None where that is no number."""
    meta = resource.get("meta")
    return version_number(meta.get("versionId")) if isinstance(meta, dict) else None


def version_number(text: Any) -> float | None:
    """The number of a version id; None where it is none."""
    return float(text) if isinstance(text, str) and text.isascii() and text.isdigit() else None


MAYBE = "A resource was deleted, and whether before or after this version is not known; it was not used."


class Deletion(NamedTuple):
    """What was deleted, by its references, when and as which version; ``newest_first``: it stands in a history."""

    names: frozenset[str]
    when: float | None
    version: float | None
    newest_first: bool


DELETE = "DELETE"
"""The method of an entry that says that a resource was deleted."""


def is_deletion(item: Any) -> bool:
    """Whether an entry says that a resource was deleted."""
    request = item.get("request") if isinstance(item, dict) else None
    return isinstance(request, dict) and request.get("method") == DELETE


def deletion_of(item: Json, bundle: object) -> Deletion:
    """The deletion of an entry; without names where it does not say of which resource."""
    response = item.get("response")
    answer: Json = response if isinstance(response, dict) else {}
    names = frozenset(_references((item.get("fullUrl"), item["request"].get("url"))))
    modified, tag = answer.get("lastModified"), str(answer.get("etag", "")).removeprefix("W/").strip('"')
    is_history = isinstance(bundle, dict) and bundle.get("type") == "history"
    when = instant(modified) if isinstance(modified, str) else None
    return Deletion(names, when, version_number(tag), is_history)


def _references(urls: Iterable[Any]) -> Iterator[str]:
    """Full URLs, and the ``Type/id`` in them; a search that deletes what it finds names nothing."""
    for url in urls:
        if isinstance(url, str) and url and "?" not in url:
            path = url.split("/_history")[0].strip("/")
            yield path
            yield "/".join(path.split("/")[-2:])


Gone: TypeAlias = "tuple[int, Deletion]"
"""A deletion, with how many resources stand before it."""


def kept(resources: list[Placed], gone: list[Gone], issues: list[Issue]) -> list[Placed]:
    """The resources that were not deleted afterwards."""
    found, lost = [], []
    of_name: dict[str, list[Gone]] = {}
    for item in gone:
        for name in item[1].names:
            of_name.setdefault(name, []).append(item)
    deletions = {name: Deletions(listed) for name, listed in of_name.items()}
    for number, placed in enumerate(resources):
        _, _, url, resource = placed
        named = {name_of(resource), *_references([url])} & deletions.keys()
        ends = [deletions[name].after(number, stored_at(resource), version_of(resource)) for name in named]
        if True in ends:
            lost.append(Issue("deleted-resource", name_of(resource), ISSUE_CODES["deleted-resource"]))
        elif None in ends:
            lost.append(Issue("deleted-resource", name_of(resource), MAYBE, not_used=resource["resourceType"]))
        else:
            found.append(placed)
    issues.extend(dict.fromkeys(lost))
    return found


class Deletions:
    """The deletions of one resource: which came after a version of it is told by time, by version, or by place.

    They are kept by what tells, so that a resource that was deleted again and again is looked up once for each version.
    """

    def __init__(self, gone: Sequence[Gone], tells: tuple[str, ...] = ("when", "version")) -> None:
        self.first = min((at for at, deletion in gone if deletion.newest_first), default=math.inf)
        self.told: dict[float | None, Deletions] = {}
        if tells:
            listed: dict[float | None, list[Gone]] = {}
            for item in gone:
                listed.setdefault(getattr(item[1], tells[0]), []).append(item)
            self.told = {said: Deletions(of_it, tells[1:]) for said, of_it in listed.items()}
            self.untold = Deletions(gone, tells[1:])
            self.last = max((said for said in listed if said is not None), default=-math.inf)

    def after(self, number: int, *own: float | None) -> bool | None:
        """Whether one came after the version with these tellings at this place of the data; None: one may have.

        A history lists the newest first. A version below says that it is the older one; one above need not be the newer
        one, as some list the oldest first: then nobody knows.
        """
        if not own:
            return True if self.first <= number else None
        mine, *rest = own
        if mine is None:
            return self.untold.after(number, *rest)
        if self.last > mine:
            return True
        ends = [self.told[said].after(number, *rest) for said in (mine, None) if said in self.told]
        return next((end for end in (True, None) if end in ends), False)
