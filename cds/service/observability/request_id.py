"""The id of a request: the caller's, where it has the form of one, else made here.

It is in the answer's header, in the journal's lines of the request, in the decision log and in spans, and in no body:
the same call has the same answer, byte for byte, now and when the log answers it again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = b"x-request-id"
LONGEST_ID = 64
_FORM = re.compile(r"(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{16,64}", re.ASCII)
"""UUIDs, ULIDs, those of proxies (nginx: 32 hexadecimal digits). What is shorter may be the number of a patient, what
has no digit a name: an id goes into logs that hold no patient data."""

current_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request under way; empty outside of one."""


@contextmanager
def of_no_request() -> Iterator[None]:
    """While something is told that is not about the request under way, although that gave the occasion."""
    outside = current_id.set("")
    try:
        yield
    finally:
        current_id.reset(outside)


def request_id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The id that the headers of a request carry, where there is one of its form and no second one; else a new one."""
    sent = [value for name, value in headers if name == HEADER]
    if len(sent) == 1 and _FORM.fullmatch(text := sent[0].decode("latin-1")):
        return text
    # No secret: it has to be another one each time, in each process, and to cost next to nothing.
    return f"{random.getrandbits(128):032x}"
