"""The body of a request as JSON: strict where a lenient reader would guess."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from cds.errors import CdsError
from cds.hooks.refusal import RefusedError
from cds.intake.reading import parse_json

_SPACED_KEY = re.compile(rb'"[ \t\r\n]+:')


def read_json(raw: bytes) -> object:
    """The JSON value of a body.

    Raises:
        RefusedError: 400 for what is not JSON, is nested deeper than 64 levels, or has the same key twice in an object:
            which of two patients or values was meant is not ours to guess.

    """
    try:
        data = parse_json(raw)
    except CdsError as error:
        raise RefusedError(400, str(error)) from None
    if _may_repeat_a_key(raw, data):
        _refuse_repeated_keys(raw)
    return data


def _may_repeat_a_key(raw: bytes, data: object) -> bool:
    """Whether the text has more keys than the value; spaces before a colon and escaped quotes make counting doubtful.

    Counting costs a tenth of what a reader that looks at each key does.
    """
    if raw.count(b'":') != orjson.dumps(data).count(b'":') or _SPACED_KEY.search(raw):
        return True
    return b"\\" in raw and b"\\u0022" in raw


def _refuse_repeated_keys(raw: bytes) -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise RefusedError(400, "An object has the same key twice. Send each key once.")
        return found

    json.loads(raw, object_pairs_hook=once)
