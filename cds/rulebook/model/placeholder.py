"""Placeholders in the texts of cards: ``{calcium to use, both units}`` stands for what is known of this patient.

The text of a card is written once for everybody; what stands in braces is filled in from the evaluation. A title that
cannot be filled has another one without braces, and a sentence of the detail that cannot be filled is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

WAYS = {
    "": "the value with its unit, or what the record calls it",
    "both units": "the value, and the same in a second unit in brackets",
    "date": "the day of the value or of the record",
    "age": "how many days ago that was",
    "name": "what was measured, or what the record calls it",
}
"""What may stand behind the name in a placeholder, and what it prints."""
_BRACES = re.compile(r"(?<!/)\{([^{}]*)\}")
"""Not what UCUM writes in braces behind a stroke: mL/min/{1.73_m2}."""
_SENTENCE_START = re.compile(r"(?<=[.!?] )(?=[^a-z])|(?<=[。！？])(?=.)")

_UNSPACED = re.compile(r"(?<=[、。，；：？！）]) ")
"""The space that a line break of the file becomes, where a sign stands that has its own."""


class Placeholder(NamedTuple):
    """The name of a term or a finding, and what is printed of it (one of ``WAYS``); ``words`` is all of it."""

    name: str
    way: str
    words: str


@lru_cache(maxsize=4096)
def placeholders(text: str) -> tuple[Placeholder, ...]:
    """The placeholders of a text, in their order."""
    return tuple(_read(match) for match in _BRACES.finditer(text))


def _read(match: re.Match[str]) -> Placeholder:
    name, _, way = " ".join(match[1].split()).partition(", ")
    return Placeholder(name, way, match[0])


def without_placeholders(text: str) -> str:
    """The text with blanks in place of its placeholders: as long as before."""
    return _BRACES.sub(lambda match: " " * len(match[0]), text)


def shortened(text: str) -> str:
    """The text with one letter in place of each placeholder, to count its words."""
    return _BRACES.sub("x", text)


@lru_cache(maxsize=4096)
def without_brackets(text: str) -> str:
    """The text without what stands in round brackets."""
    return re.sub(r"\s*\([^()]*\)|（[^（）]*）", "", text)


@lru_cache(maxsize=4096)
def pieces(text: str) -> tuple[str | Placeholder, ...]:
    """The words between placeholders, and these, in their order."""
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[str | Placeholder]:
    at = 0
    for match in _BRACES.finditer(text):
        yield text[at : match.start()]
        yield _read(match)
        at = match.end()
    yield text[at:]


@lru_cache(maxsize=4096)
def paragraphs(text: str) -> tuple[tuple[str, ...], ...]:
    """The sentences of each paragraph, each with the space behind it, without the line breaks of the file."""
    parts = (_UNSPACED.sub("", " ".join(part.split())) for part in re.split(r"\n\s*\n", text))
    return tuple(tuple(_SENTENCE_START.split(part)) for part in parts if part)


@lru_cache(maxsize=4096)
def as_written(text: str) -> str:
    """The text as it is, without the line breaks inside its paragraphs."""
    return "\n\n".join("".join(sentences) for sentences in paragraphs(text))
