"""JSON text -> its value, if it is not nested deeper than is good for whoever walks through it."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

import orjson

from cds.errors import RecordError
from cds.intake.formats import not_utf8, other_format

DEEPEST = 64
DEEPEST_WRITTEN = 254
"""How many levels orjson writes at most, by its documentation."""
SHORT = 4096
"""In so many bytes brackets are counted sooner than levels are looked at."""
ABOVE = DEEPEST_WRITTEN - DEEPEST


class Parsed(NamedTuple):
    """The value of a JSON text, and the text as this program writes it: of one form, without spaces."""

    data: object
    written: bytes


class _Tower(threading.local):
    """Lists in lists, as many as orjson writes above ``DEEPEST`` levels; one for each thread, and never made again.

    Lists that are made and dropped for each text would have Python look for cyclic garbage.
    """

    def __init__(self) -> None:
        self.inmost: list[Any] = [None]
        self.whole = self.inmost
        for _ in range(ABOVE - 1):
            self.whole = [self.whole]


_TOWER = _Tower()


def parse_json(raw: bytes) -> object:
    """The JSON value of UTF-8 text, with or without a byte order mark.

    Raises:
        RecordError: with line and column when the text is not JSON, or with what it is instead; or when it is nested
            too deep.

    """
    data = _loaded(raw)
    if _may_be_deep(raw):
        _written(data)
    return data


def parsed(raw: bytes) -> Parsed:
    """The JSON value of UTF-8 text, and its text in one form; raises as ``parse_json`` does."""
    data = _loaded(raw)
    return Parsed(data, _written(data))


def _loaded(raw: bytes) -> object:
    try:
        data: object = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        if other := other_format(raw):
            raise RecordError("other-format", other) from None
        place = not_utf8(raw) or f"{error.msg.split(':')[0]} at line {error.lineno}, column {error.colno}"
        raise RecordError("not-json", f"This is not JSON: {place}.") from None
    return data


def _may_be_deep(raw: bytes) -> bool:
    """Whether text is long, or has more brackets than levels are allowed; most lines of an export are neither."""
    return len(raw) > SHORT or raw.count(b"{") + raw.count(b"[") > DEEPEST


def _written(data: object) -> bytes:
    """A value as text, written below so many levels that one of more than ``DEEPEST`` is too deep for orjson.

    That takes a third of the time that counting the brackets in the text takes.
    """
    _TOWER.inmost[0] = data
    try:
        return orjson.dumps(_TOWER.whole)[ABOVE:-ABOVE]
    except orjson.JSONEncodeError:
        raise RecordError("too-deep", f"The JSON is nested deeper than {DEEPEST} levels.") from None
    finally:
        _TOWER.inmost[0] = None
