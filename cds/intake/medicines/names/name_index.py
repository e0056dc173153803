"""Finds any of many names in a text: by its first word, so that thousands of names cost no more than a few.

Scripts without spaces have no words: there a name may begin at any letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from cds.intake.elements import plain
from cds.intake.terminology.spelling import UNSPACED, has_unspaced

_WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")


class Found(NamedTuple):
    """A name in a text, and where it stands; ``joined``: letters of an unspaced script that are no name precede it."""

    start: int
    end: int
    name: str
    joined: bool


class NameIndex:
    """The names of a list in a text, the longest first; a hyphen or another word may stand beside one."""

    def __init__(self, patterns: Iterable[tuple[str, str]]) -> None:
        """Names, each with the pattern of its written forms; a pattern begins as the name does."""
        self._listed: dict[str, list[tuple[str, str]]] = {}
        self._compiled: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        for name, pattern in patterns:
            for first in _beginnings(plain(name)):
                self._listed.setdefault(first, []).append((name, pattern))

    def find(self, text: str) -> Iterator[Found]:
        """The names one after another, none inside another."""
        after = 0
        for word in _WORD.finditer(text):
            start = word.start()
            if start < after or (first := word[0].lower()) not in self._listed:
                continue
            for name, pattern in self._of(first):
                if (match := pattern.match(text, start)) and _ends_there(text, match.end()):
                    joined = start > after and has_unspaced(text[start - 1])
                    after = match.end()
                    yield Found(start, after, name, joined)
                    break

    def _of(self, first: str) -> list[tuple[str, re.Pattern[str]]]:
        """The names that begin with a word, the longest first; their patterns are made when first asked for."""
        if first not in self._compiled:
            ordered = sorted(self._listed[first], key=lambda item: len(item[0]), reverse=True)
            self._compiled[first] = [(name, re.compile(pattern, re.I)) for name, pattern in ordered]
        return self._compiled[first]

    def replaced(self, text: str, by: Callable[[Found], str]) -> str:
        """The text with something else for each name; beside an unspaced one a space is put."""
        parts, after = [], 0
        for found in self.find(text):
            parts += [text[after : found.start], _apart(found.name, by(found))]
            after = found.end
        return "".join((*parts, text[after:])) if parts else text


def _apart(name: str, said: str) -> str:
    return f" {said} " if has_unspaced(name) else said


def names(listed: Iterable[str]) -> NameIndex:
    """The index of names as they are; spaces and hyphens are one."""
    return NameIndex((name, spelled(plain(name).split(), r"[\s-]+")) for name in listed)


def spelled(words: Iterable[str], gap: str) -> str:
    """The pattern of words with gaps between them."""
    return gap.join(re.escape(word) for word in words)


def _beginnings(name: str) -> list[str]:
    """The first words by which a text may begin to say a name: ``cal d vita`` may also be ``cald vita``."""
    words = _WORD.findall(name)
    if words and has_unspaced(words[0]):
        return words[:1]
    return ["".join(words[: count + 1]) for count in range(len(words))]


def _ends_there(text: str, end: int) -> bool:
    """Not a part of a longer word; letters of an unspaced script are no words."""
    behind, last = text[end : end + 1], text[end - 1]
    return not behind.isalnum() or has_unspaced(behind) or has_unspaced(last)
