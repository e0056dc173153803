"""A refusal: an HTTP status and an OperationOutcome (https://hl7.org/fhir/R4/operationoutcome.html)."""

from __future__ import annotations

from cds.errors import CdsError
from cds.jsontypes import Json

ISSUE_TYPES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    408: "timeout",
    412: "required",
    413: "too-long",
    415: "not-supported",
    429: "throttled",
    500: "exception",
    503: "transient",
}
"""The code of the issue for each status, from http://hl7.org/fhir/issue-type."""


class RefusedError(CdsError):
    """A call that is answered with an HTTP status of its own; the text holds nothing of the request's values."""

    code = "refused"

    def __init__(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.headers = headers or {}
        super().__init__(text)


def outcome_of(status: int, text: str) -> Json:
    """The body of an answer that is not 2xx."""
    issue = {"severity": "error", "code": ISSUE_TYPES.get(status, "processing"), "diagnostics": text}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
