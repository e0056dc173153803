"""The kick-off request: what is asked of a server, and the status URL that it answers with.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-kick-off-request
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

import orjson

from cds.bulk.addresses import joined, parts_of, shown
from cds.bulk.outcomes import Said
from cds.bulk.problems import ExportError, TransientError
from cds.bulk.requests import Answer
from cds.bulk.server import FHIR_JSON, BulkServer, Call
from cds.jsontypes import Json

OPERATION = "$export"
LONGEST_URL = 2000
"""Characters; many servers and proxies refuse URLs of somewhat more."""
LEVEL = re.compile(r"(?:/Patient|/Group/[A-Za-z0-9.-]{1,64})?/\$export/?$")
GROUP_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
MOVED = frozenset({301, 302, 303, 307, 308})
Parameter = tuple[str, str]


class ExportRequest(NamedTuple):
    """What is asked for: the URL of the operation, without a query, and the parameters by name."""

    url: str
    parameters: tuple[Parameter, ...] = ()

    @property
    def base(self) -> str:
        """The base URL of the server."""
        return LEVEL.sub("", self.url)

    @property
    def types(self) -> tuple[str, ...]:
        """The resource types that are asked for; none where it is not said."""
        return tuple(filter(None, dict(self.parameters).get("_type", "").split(",")))

    @property
    def get_url(self) -> str:
        """The URL of a GET request with all parameters."""
        return f"{self.url}?{urlencode(self.parameters, quote_via=quote)}" if self.parameters else self.url

    @property
    def body(self) -> Json:
        """The Parameters resource of a POST request."""
        parameters = [
            {"name": name, "valueInstant" if name in ("_since", "_until") else "valueString": value}
            for name, value in self.parameters
        ]
        return {"resourceType": "Parameters", "parameter": parameters}


def export_request(url: str, level: str, parameters: Iterable[Parameter]) -> ExportRequest:
    """The request for a URL, which is that of an operation already, or the base of a server; then ``level`` is added.

    Raises:
        ExportError: the URL cannot be called.

    """
    parts = parts_of(url)
    plain = parts._replace(query="").geturl().rstrip("/").replace("/%24export", f"/{OPERATION}")
    asked = (*parse_qsl(parts.query, keep_blank_values=True), *parameters)
    whole = plain if is_operation(url) else f"{plain}{level}/{OPERATION}"
    return ExportRequest(whole, tuple(_each_once(asked)))


def is_operation(url: str) -> bool:
    """Whether a URL is that of an export operation, and not the base of a server."""
    return LEVEL.search(parts_of(url).path.replace("%24", "$")) is not None


def _each_once(parameters: Sequence[Parameter]) -> Iterable[Parameter]:
    """The types as one parameter, each once; the others as they are, each once."""
    types = dict.fromkeys(kind for name, value in parameters if name == "_type" for kind in value.split(",") if kind)
    if types:
        yield "_type", ",".join(types)
    yield from dict.fromkeys(pair for pair in parameters if pair[0] != "_type")


def begin(server: BulkServer, request: ExportRequest, *, post: bool) -> str:
    """Ask for an export; the status URL.

    Raises:
        ExportError: the server refuses, with its reason; a TransientError where it may accept in a while.

    """
    try:
        return _begun(server, request, server.answer(_call(request, post=post)))
    except TransientError as error:
        # An export may have begun all the same when no answer came: a second one is not asked for.
        raise error if error.code in ("export-refused", "no-token") else ExportError(error.code, str(error)) from None


def _call(request: ExportRequest, *, post: bool) -> Call:
    headers = {"Accept": FHIR_JSON, "Prefer": "respond-async"}
    if post or len(request.get_url) > LONGEST_URL:
        sent = {**headers, "Content-Type": FHIR_JSON}
        return Call("POST", request.url, sent, orjson.dumps(request.body), redirects=0)
    return Call("GET", request.get_url, headers, redirects=0)


def _begun(server: BulkServer, request: ExportRequest, answer: Answer) -> str:
    if answer.status != 202:
        raise _refusal(request, server.said(answer), answer.headers.get("location", ""))
    answer.close()
    if not (place := answer.headers.get("content-location", "")):
        raise ExportError("no-bulk-data", f"{shown(request.url)} begins an export and does not say where it is.")
    return joined(request.url, place)


def _refusal(request: ExportRequest, found: Said, moved: str) -> ExportError:
    what = f"{shown(request.url)} does not begin an export"
    if found.status in MOVED and moved:
        return ExportError("export-refused", f"{what}: it has moved to {shown(joined(request.url, moved))}.")
    if found.status == 200:
        return ExportError("no-bulk-data", f"{what}: it answers at once. Is it a FHIR server with Bulk Data Access?")
    if found.status in (401, 403):
        return found.error("export-refused", what, "Are --client-id, --key and --scope right?")
    # After any other failure of the server, too, an export may have begun.
    error = found.error("export-refused", what)
    return error if found.status in (429, 503) else ExportError(error.code, str(error))
