"""Damage after which a line is no JSON that is read: bytes lost, doubled or mangled; too long a number, too deep."""

from __future__ import annotations

from random import Random

from invented.damages import in_a_text, place_of, replaced, subject_in, way, with_value

PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>"


@way("cut before the subject", attributed=False)
def _(line: bytes, chance: Random) -> bytes:
    return line[: chance.randint(1, max(1, subject_in(line)[0]))]


@way("cut behind the subject")
def _(line: bytes, chance: Random) -> bytes:
    return line[: chance.randint(subject_in(line)[1], len(line) - 1)]


@way("cut at the end")
def _(line: bytes, _: Random) -> bytes:
    return line[:-1]


@way("a byte that is no UTF-8")
def _(line: bytes, chance: Random) -> bytes:
    return in_a_text(line, bytes([chance.choice((0xFF, 0xC0, 0x80, 0xE4))]))


@way("NUL bytes")
def _(line: bytes, chance: Random) -> bytes:
    end = subject_in(line)[1]
    begin = chance.randint(end, max(end, len(line) - 40))
    return line[:begin] + bytes(min(32, len(line) - begin)) + line[begin + 32 :]


@way("NUL bytes only", attributed=False)
def _(line: bytes, _: Random) -> bytes:
    return bytes(len(line))


@way("a brace missing")
def _(line: bytes, chance: Random) -> bytes:
    return replaced(line, place_of(line, chance, b"}"), 1, b"")


@way("a brace too many")
def _(line: bytes, _: Random) -> bytes:
    return line + b"}"


@way("a quote missing")
def _(line: bytes, chance: Random) -> bytes:
    return replaced(line, place_of(line, chance, b'"'), 1, b"")


@way("a comma missing")
def _(line: bytes, chance: Random) -> bytes:
    return replaced(line, place_of(line, chance, b',"'), 1, b"")


@way("a comma doubled")
def _(line: bytes, chance: Random) -> bytes:
    return replaced(line, place_of(line, chance, b',"'), 0, b",")


@way("two lines run together")
def _(line: bytes, _: Random) -> bytes:
    """Two lines stay two if they are given with the newline between them; one is doubled."""
    return line.replace(b"\n", b"") if b"\n" in line else line * 2


@way("split by a newline")
def _(line: bytes, chance: Random) -> bytes:
    place = chance.randint(subject_in(line)[1], len(line) - 1)
    return line[:place] + b"\n" + line[place:]


@way("NaN as a value")
def _(line: bytes, _: Random) -> bytes:
    return with_value(line, b"NaN")


@way("a number of 400 digits")
def _(line: bytes, _: Random) -> bytes:
    return with_value(line, b"9" * 400)


@way("nested 1,000 deep")
def _(line: bytes, _: Random) -> bytes:
    """It is JSON; ``cds`` refuses to read as deep."""
    return b'{"extension":' + b"[" * 1000 + b"]" * 1000 + b"," + line[1:]


@way("a page of HTML", attributed=False)
def _(_: bytes, __: Random) -> bytes:
    return PAGE


@way("half of a surrogate pair")
def _(line: bytes, _: Random) -> bytes:
    return in_a_text(line, rb"\ud83d")


@way("a control character in a text")
def _(line: bytes, chance: Random) -> bytes:
    return in_a_text(line, bytes([chance.choice((1, 8, 9, 27))]))


@way("a wrong escape")
def _(line: bytes, _: Random) -> bytes:
    return in_a_text(line, rb"\x41")


@way("a byte order mark in the middle")
def _(line: bytes, chance: Random) -> bytes:
    return replaced(line, place_of(line, chance, b',"'), 0, b"\xef\xbb\xbf")


@way("in UTF-16", attributed=False)
def _(line: bytes, _: Random) -> bytes:
    return line.decode().encode("utf-16-le").replace(b"\n", b" ")
