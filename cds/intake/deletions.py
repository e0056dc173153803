"""Deletions in a history: what was deleted is not there, and what may have been is not used and not known.

An entry with the method DELETE says that a resource is gone (http://hl7.org/fhir/R4/http.html#history); it holds none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from cds.intake.dates import instant
from cds.intake.names import Placed, name_of
from cds.intake.record import ISSUE_CODES, Issue, Json
from cds.intake.versions import number_of, stored_at, version_of

MAYBE = "A resource was deleted, and whether before or after this version is not known; it was not used."


class Deletion(NamedTuple):
    """What was deleted, by its references, when and as which version; ``newest_first``: it stands in a history."""

    names: frozenset[str]
    when: float | None
    version: float | None
    newest_first: bool


def is_deletion(item: Any) -> bool:
    """Whether an entry says that a resource was deleted."""
    request = item.get("request") if isinstance(item, dict) else None
    return isinstance(request, dict) and request.get("method") == "DELETE"


def deletion_of(item: Json, bundle: object) -> Deletion:
    """The deletion of an entry; without names where it does not say of which resource."""
    response = item.get("response")
    answer: Json = response if isinstance(response, dict) else {}
    names = frozenset(_references((item.get("fullUrl"), item["request"].get("url"))))
    modified, tag = answer.get("lastModified"), str(answer.get("etag", "")).removeprefix("W/").strip('"')
    is_history = isinstance(bundle, dict) and bundle.get("type") == "history"
    when = instant(modified) if isinstance(modified, str) else None
    return Deletion(names, when, number_of(tag), is_history)


def _references(urls: Iterable[Any]) -> Iterator[str]:
    """Full URLs, and the ``Type/id`` in them; a search that deletes what it finds names nothing."""
    for url in urls:
        if isinstance(url, str) and url and "?" not in url:
            path = url.split("/_history")[0].strip("/")
            yield path
            yield "/".join(path.split("/")[-2:])


def kept(resources: list[tuple[int, Placed]], gone: list[tuple[int, Deletion]], issues: list[Issue]) -> list[Placed]:
    """The resources that were not deleted afterwards, each with its number among all entries."""
    found, lost = [], []
    for number, item in resources:
        _, _, url, resource = item
        names = {name_of(resource), *_references([url])}
        ends = [_is_after(one, at, number, resource) for at, one in gone if names & one.names]
        if not ends or all(end is False for end in ends):
            found.append(item)
        elif True in ends:
            lost.append(Issue("deleted-resource", name_of(resource), ISSUE_CODES["deleted-resource"]))
        else:
            lost.append(Issue("deleted-resource", name_of(resource), MAYBE, not_used=resource["resourceType"]))
    issues.extend(dict.fromkeys(lost))
    return found


def _is_after(deletion: Deletion, at: int, number: int, resource: Json) -> bool | None:
    """Whether a deletion came after a version of a resource, by time, by version, or by its place in a history.

    A history lists the newest first. A version below says that it is the older one; one above need not be the newer
    one, as some list the oldest first: then nobody knows.
    """
    for own, other in ((stored_at(resource), deletion.when), (version_of(resource), deletion.version)):
        if own is not None and other is not None and own != other:
            return other > own
    return True if deletion.newest_first and at < number else None
