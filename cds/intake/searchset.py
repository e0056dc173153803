"""What the answer of a FHIR server says about itself: that it goes on, that it was cut, that something failed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cds.intake.elements import listed
from cds.intake.record import ISSUE_CODES, Issue, Json


def next_page(bundle: Json) -> str:
    """The URL of the next page of a Bundle; empty where there is none."""
    for link in listed(bundle.get("link")):
        if isinstance(link, dict) and link.get("relation") == "next":
            return str(link.get("url") or "unknown")
    return ""


def is_cut(bundle: Json) -> bool:
    """Whether a Bundle says, or shows by a link, that more was found than it holds."""
    total = bundle.get("total")
    return bool(next_page(bundle)) or (isinstance(total, int) and total > len(listed(bundle.get("entry"))))


def is_error(outcome: Json) -> bool:
    """Whether an OperationOutcome reports more than warnings; one without a severity may."""
    severities = [item.get("severity") for item in listed(outcome.get("issue")) if isinstance(item, dict)]
    return not severities or any(severity not in ("warning", "information") for severity in severities)


def is_failure(entry: Any) -> bool:
    """Whether an entry of the answer to a batch says that its part of it failed."""
    response = entry.get("response") if isinstance(entry, dict) else None
    return isinstance(response, dict) and str(response.get("status"))[:1] in ("4", "5")


def messages_of(outcome: Json, name: str) -> Iterator[Issue]:
    """What a server says beside its data, without its words."""
    for item in listed(outcome.get("issue")):
        severity = item.get("severity") if isinstance(item, dict) else None
        known = severity if severity in ("fatal", "error", "warning", "information") else "unknown"
        yield Issue("server-message", name, f"The server added a message to its answer ({known}).")


def incomplete(source: str) -> Issue:
    """The issue about a part of the data that was not sent."""
    return Issue("incomplete-data", source, ISSUE_CODES["incomplete-data"], not_used="Bundle")
