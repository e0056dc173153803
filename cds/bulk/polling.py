"""Asking for the status of an export until it is ready, and ending it.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-status-request
"""

from __future__ import annotations

from itertools import count
from typing import Any, NamedTuple

import orjson

from cds.bulk.addresses import shown
from cds.bulk.outcomes import Said
from cds.bulk.pace import Pace, asked_wait
from cds.bulk.problems import ExportError
from cds.bulk.progress import Progress
from cds.bulk.requests import Answer
from cds.bulk.server import FHIR_JSON, BulkServer, Call
from cds.cards.wording import plain
from cds.jsontypes import Json

LONGEST_PROGRESS = 100
"""Characters, as the standard has it."""
ANEW = "Begin anew with --anew."
RIGHT = "Are --client-id, --key and --scope right?"
GONE = frozenset({404, 410})


class Ready(NamedTuple):
    """What a server says of an export that is ready: the manifest, or a page of it, and until when it keeps files."""

    data: Json
    expires: str


def ready(server: BulkServer, url: str, pace: Pace, progress: Progress) -> Ready:
    """The manifest, or the page of it, at a URL, once it is ready.

    Raises:
        ExportError: the export failed, is there no more, or the answer is no manifest.

    """
    for polls in count(1):
        answer = pace.patiently(lambda: _status(server, url))
        if answer.status == 200:
            break
        answer.close()
        seconds = pace.seconds(asked_wait(answer.headers), polls)
        progress.line(f"The server prepares the export{_told(answer)}; asked again in {seconds:g} s.")
        pace.wait(seconds)
    return Ready(_manifest(url, answer.body()), answer.headers.get("expires", ""))


def _status(server: BulkServer, url: str) -> Answer:
    answer = server.get(url)
    if answer.status not in (200, 202):
        raise _failure(url, server.said(answer))
    return answer


def _failure(url: str, found: Said) -> ExportError:
    if found.status in GONE:
        return found.error("export-expired", f"The server has the export at {shown(url)} no more", ANEW)
    if found.status in (401, 403):
        return found.error("no-token", f"{shown(url)} does not tell the status of the export", RIGHT)
    todo = "The same command asks again." if found.passes else ANEW
    return found.error("export-failed", f"The server could not make the export at {shown(url)}", todo)


def _told(answer: Answer) -> str:
    text = plain(answer.headers.get("x-progress", ""))[:LONGEST_PROGRESS].strip()
    return f" ({text})" if text else ""


def _manifest(url: str, body: bytes) -> Json:
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise ExportError("no-bulk-data", f"{shown(url)} answers with something that is no manifest of an export.")
    return found


def end(server: BulkServer, url: str) -> str:
    """Cancel an export, or say that its files were fetched; what the server says against it, else nothing."""
    try:
        answer = server.answer(Call("DELETE", url, {"Accept": FHIR_JSON}, redirects=0))
        if answer.status in GONE or 200 <= answer.status < 300:
            answer.close()
            return ""
        return str(server.said(answer).error("", "The server does not end the export"))
    except ExportError as error:
        return str(error)
