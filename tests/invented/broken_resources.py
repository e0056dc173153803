"""Damage after which a line is JSON still, and no resource, or none about the patient it was about."""

from __future__ import annotations

import re
from random import Random

import orjson

from invented.damages import REFERENCE, way

TYPE = re.compile(rb'"resourceType":"[A-Za-z]+",?')


@way("no resourceType", readable=True)
def _(line: bytes, _: Random) -> bytes:
    return TYPE.sub(b"", line, count=1)


@way("resourceType a number", readable=True)
def _(line: bytes, _: Random) -> bytes:
    return TYPE.sub(b'"resourceType":7,', line, count=1)


@way("resourceType unknown", readable=True)
def _(line: bytes, _: Random) -> bytes:
    return TYPE.sub(b'"resourceType":"Observatoin",', line, count=1)


@way("resourceType twice", readable=True)
def _(line: bytes, _: Random) -> bytes:
    """Readers differ in which of the two they take."""
    return b'{"resourceType":"Basic",' + line[1:]


@way("an array", readable=True)
def _(line: bytes, _: Random) -> bytes:
    return b"[" + line + b"]"


@way("a text with the line in it", readable=True, attributed=False)
def _(line: bytes, _: Random) -> bytes:
    return orjson.dumps(line.decode())


@way("subject missing", readable=True, attributed=False)
def _(line: bytes, _: Random) -> bytes:
    return REFERENCE.sub(b'"note":[]', line)


@way("subject a text", readable=True, attributed=False)
def _(line: bytes, _: Random) -> bytes:
    return REFERENCE.sub(rb'"subject":"\1"', line)


@way("an empty object", readable=True, attributed=False)
def _(_: bytes, __: Random) -> bytes:
    return b"{}"


@way("null", readable=True, attributed=False)
def _(_: bytes, __: Random) -> bytes:
    return b"null"
