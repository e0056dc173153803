"""Structured logs: JSON lines whose fields are all known here, so that no patient data and no token can get in."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from threading import Lock
from types import MappingProxyType
from typing import TextIO

import orjson

from cds.records.entry import utc_text
from cds.service.observability.request_id import current_id

LONGEST_VALUE = 2000
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", re.ASCII)
_WORDS = re.compile(r"[A-Za-z0-9 _.,:;()/{}<>-]*", re.ASCII)
_PLACE = re.compile(r"[A-Za-z0-9._:/-]*", re.ASCII)
_PSEUDONYM = re.compile(r"(?:[0-9a-f]{32})?", re.ASCII)
_TEXT = re.compile(r"[^\x00-\x1f\x7f]*")
_OF_REQUESTS = "endpoint service hook client tenant"
_OF_DECISIONS = "outcome rule rules left_out off shadow shadowed rulebook version"
_OF_ERRORS = "kind place name until"
FIELDS: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(f"{_OF_REQUESTS} {_OF_DECISIONS} {_OF_ERRORS}".split(), _WORDS),
    **dict.fromkeys("status seconds number cards count requests decisions feedback worker".split(), _NUMBER),
    **dict.fromkeys("address claimed host".split(), _PLACE),
    **dict.fromkeys("patient user".split(), _PSEUDONYM),
    **dict.fromkeys("folder overlay problem".split(), _TEXT),
}
"""The fields of a line, and the form of their values; ``patient`` and ``user`` are pseudonyms or empty.

``folder`` and ``overlay`` are as the operator called them; a ``problem`` speaks of rule files and of the configuration,
never of a request. ``address`` is that of a client, ``claimed`` the issuer that it named and that nobody verified,
``host`` that of a URL of the configuration.
"""


class Journal:
    """Writes one line for each event; a field that is not known, or whose value has another form, is left out.

    What is written while a request is answered carries its id.
    ``count`` is called with the name of each event (``Metrics.event``). ``constant`` are fields of every line, such as
    which of several workers writes it.
    """

    def __init__(
        self,
        stream: TextIO = sys.stderr,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        count: Callable[[str], None] = lambda event: None,
        constant: Mapping[str, str | float] = MappingProxyType({}),
    ) -> None:
        self._stream, self._now, self._count, self._lock = stream, now, count, Lock()
        self._constant = {name: value for name, value in constant.items() if _fits(name, value)}

    def write(self, event: str, **fields: str | float) -> None:
        """Write an event; what was left out is named under ``dropped``, without its value."""
        kept = {name: value for name, value in fields.items() if _fits(name, value)}
        dropped = sorted(name for name in fields if name in FIELDS and name not in kept)
        unknown = sum(name not in FIELDS for name in fields)
        line: dict[str, object] = {
            "time": utc_text(self._now()),
            "event": event if _WORDS.fullmatch(event) else "event",
            **self._constant,
        }
        if request := current_id.get():
            line["request_id"] = request
        line |= kept
        line |= {"dropped": dropped} if dropped else {}
        line |= {"unknownFields": unknown} if unknown else {}
        self._count(event)
        self._put(orjson.dumps(line).decode())

    def _put(self, line: str) -> None:
        """A stream that is closed or full must not fail a call."""
        try:
            with self._lock:
                self._stream.write(f"{line}\n")
                self._stream.flush()
        except (OSError, ValueError):
            return


def _fits(name: str, value: object) -> bool:
    form = FIELDS.get(name)
    text = str(value)
    return form is not None and len(text) <= LONGEST_VALUE and form.fullmatch(text) is not None
