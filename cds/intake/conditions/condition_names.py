"""The name of a condition in a text with all that stands around it: marks, sides, ``history of``, ``rule out``.

What stands around the name is taken off piece by piece until a name is left that somebody knows. A text in which a
known name is only one word among others says that there is a question, never a fact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from cds.intake.conditions.chinese import LASTED, SEEN_BY, Named, is_chinese, named_in_chinese
from cds.intake.conditions.contexts import AFTER, BEFORE, CONNECTED, NO_CHANGE, RELATIVES, Context, by_cue, cues
from cds.intake.conditions.weeks import WEEKS
from cds.intake.terminology.spelling import folded, is_of_ideographs

Knows: TypeAlias = Callable[[str], bool]
"""Whether a name is one that is known."""
BEFORE_NAMES, _AFTER, _NO_CHANGE, _CONNECTED = by_cue(BEFORE), by_cue(AFTER), cues(NO_CHANGE), cues(CONNECTED)
"""What stands before a name, behind it, on either side, and between it and more; as texts are compared."""
_RELATIVES = cues(RELATIVES)
_JOINED = ("伴", "合并", "合併", "を伴う", "による")
"""What joins names where no space stands between words."""
_MOST_STEPS = 16
LONGEST_CUE = 7
TURNED_PARTS = 2
_ELIDED = re.compile(r"\b([dl])'(?=\w)")
_BULLET = re.compile(r"^(?:[\s*#•·>=+.,;:)\]-]+|\(?\d{1,2}[.)]\s+)+|[\s*#.,;:=+(-]+$")
_CODE = r"\(?\[?[a-z]\d[0-9a-z](?:\.[0-9a-z]{1,4})?\]?\)?"
_CODED = re.compile(rf"^{_CODE}\s*[:-]?\s+(?=\D)|[\s:,-]+{_CODE}$")
_DATED = re.compile(r"[\s,]+(?:\d{1,2}[/.])?(?:19|20)\d\d$")
_BRACKETS = re.compile(r"\s*[(\[（【「]([^()\[\]（）【】「」]*)[)\]）】」]\s*")
_PARTS = re.compile(r"\s*[;,、，；\n|]\s*|\s+(?:/|\+|&|and|und|et|og|och|ja)\s+")
CLAUSES = re.compile(r"[.;:\n。；]|\bbut\b")


def name_key(text: str) -> str:
    """The text by which the name of a condition is looked up."""
    return _ELIDED.sub(r"\1' ", folded(text))


def named_in(text: str, knows: Knows) -> list[Named]:
    """The known names that the whole of a text is made of, each with its context; none where something is left over.

    Names in a list count where each of them is known. What stands behind a question or a denial in a list may be part
    of it: that is a question.
    """
    if single := _whole(name_key(text), knows):
        return [single]
    if is_chinese(key := name_key(text)):
        return named_in_chinese(key, lambda part: _whole(part, knows))
    parts = [part for part in _PARTS.split(name_key(text)) if part]
    found = [_whole(part, knows) for part in parts] if 1 < len(parts) <= _MOST_STEPS else []
    if not found or None in found:
        return []
    return list(_in_a_list([named for named in found if named is not None]))


def _in_a_list(found: list[Named]) -> Iterator[Named]:
    doubted = False
    for named in found:
        is_stated = named.context is Context.STATED
        yield named._replace(context=Context.POSSIBLE) if doubted and is_stated else named
        doubted = doubted or not is_stated


def _whole(text: str, knows: Knows) -> Named | None:
    """The known name in a text, after taking off what stands around it."""
    contexts: set[Context] = set()
    aside: list[str] = []
    for _ in range(_MOST_STEPS):
        for name in (text, text.replace(",", ""), _turned(text)):
            if name and knows(name):
                return Named(name, _first(contexts), " ".join(aside))
        shorter, context = _without_a_name(text, knows, aside)
        if shorter == text:
            shorter, context = _less(text)
        if shorter == text:
            shorter, context = _without_a_year(text, contexts)
        if shorter == text:
            return _head(text, contexts, knows)
        text = shorter
        if context is not None:
            contexts.add(context)
    return None


def _without_a_year(text: str, contexts: set[Context]) -> tuple[str, Context | None]:
    """Without a year at the end, in which it began, ended, or was done; what is past may just have ended in it."""
    found = _DATED.search(text) if contexts.isdisjoint((Context.OVER, Context.HISTORICAL)) else None
    return (text[: found.start()], Context.LISTED) if found else (text, None)


def _turned(text: str) -> str:
    """A name as an index lists it, in the order of speech: ``sleep apnea, obstructive``; empty for any other text."""
    parts = text.split(", ")
    return f"{parts[1]} {parts[0]}" if len(parts) == TURNED_PARTS and all(parts) else ""


def speaks_of_others(text: str) -> bool:
    """Whether a text of one clause begins or ends by saying that it is about the family, a risk or a screening."""
    rest = name_key(text)
    if CLAUSES.search(rest.rstrip(".")):
        return False
    for _ in range(_MOST_STEPS):
        shorter, context = _less(rest)
        if context is Context.NOT_HERS or shorter == rest:
            return context is Context.NOT_HERS
        rest = shorter
    return False


def _first(contexts: set[Context]) -> Context:
    return next((context for context in Context if context in contexts), Context.STATED)


def _head(text: str, contexts: set[Context], knows: Knows) -> Named | None:
    """The known name before what is joined to it: ``... without ...``, ``... due to ...``."""
    words = text.split()
    for place in range(1, len(words) - 1):
        if _joins(words, place):
            head = _BULLET.sub("", " ".join(words[:place]))
            if knows(head.replace(",", "")):
                whose = {Context.POSSIBLE} if _names_a_relative(words[place:]) else set()
                return Named(head.replace(",", ""), _first(contexts | whose), " ".join(words[place:]))
    for mark in _JOINED:
        head, joined, rest = text.partition(mark)
        if joined and rest and knows(head):
            return Named(head, _first(contexts), rest)
    return None


def _names_a_relative(words: Iterable[str]) -> bool:
    return not _RELATIVES.isdisjoint(word.strip("().,;").removesuffix("'s") for word in words)


def _less(text: str) -> tuple[str, Context | None]:
    """The text without one piece that stands around the name, and what that piece says; the same where none does."""
    shorter = _BULLET.sub("", text)
    if shorter != text:
        return shorter, None
    if text.strip("?？¿ ") != text:
        return text.strip("?？¿ "), Context.POSSIBLE
    if (lasted := WEEKS.sub("", LASTED.sub("", text))) != text:
        return lasted, None
    for take in (_without_brackets, _without_code, _without_words, _without_letters, _without_qualifier):
        shorter, context = take(text)
        if shorter != text:
            return shorter.strip(), context
    return text, None


def _said(piece: str) -> Context | None:
    """What a piece says about the name beside it; KeyError where nobody knows.

    Raises:
        KeyError: it is no cue.

    """
    if piece in _NO_CHANGE:
        return None
    return _AFTER[piece] if piece in _AFTER else BEFORE_NAMES[piece]


def _without_a_name(text: str, knows: Knows, aside: list[str]) -> tuple[str, Context | None]:
    """Without a known name in brackets, which is put aside: an abbreviation spelled out, or another one."""
    for found in _BRACKETS.finditer(text):
        if knows(found[1]) and text != found[0]:
            aside.append(found[1])
            return f"{text[: found.start()]} {text[found.end() :]}".strip(), None
    return text, None


def _without_brackets(text: str) -> tuple[str, Context | None]:
    for found in _BRACKETS.finditer(text):
        inner = _BULLET.sub("", found[1])
        rest = f"{text[: found.start()]} {text[found.end() :]}".strip()
        if not inner or inner.startswith("unspecified") or re.fullmatch(_CODE, inner):
            return rest, None
        if inner.strip("?") == "":
            return rest, Context.POSSIBLE
        if inner in _NO_CHANGE or inner in _AFTER or inner in BEFORE_NAMES:
            return rest, _said(inner)
        if SEEN_BY.fullmatch(inner):
            return rest, None
    return text, None


def _without_code(text: str) -> tuple[str, Context | None]:
    return _CODED.sub("", text), None


def _without_words(text: str) -> tuple[str, Context | None]:
    """Without the longest cue at the end, else at the beginning."""
    words = text.split()
    for size in range(min(LONGEST_CUE, len(words) - 1), 0, -1):
        last, first = " ".join(words[-size:]), " ".join(words[:size])
        for cue in (last, _BULLET.sub("", last)):
            if cue in _AFTER or cue in _NO_CHANGE:
                return " ".join(words[:-size]), _AFTER.get(cue)
        for cue in (first, _BULLET.sub("", first)):
            if cue in BEFORE_NAMES or cue in _NO_CHANGE:
                return " ".join(words[size:]), BEFORE_NAMES.get(cue)
    return text, None


_ENDINGS = sorted((cue for cue in (*_AFTER, *_NO_CHANGE) if is_of_ideographs(cue)), key=len, reverse=True)
_BEGINNINGS = sorted((cue for cue in (*BEFORE_NAMES, *_NO_CHANGE) if is_of_ideographs(cue)), key=len, reverse=True)


def _without_letters(text: str) -> tuple[str, Context | None]:
    """The same where no space stands between words."""
    if not is_of_ideographs(text):
        return text, None
    for cue in _ENDINGS:
        if text.endswith(cue) and text != cue:
            return text.removesuffix(cue), _AFTER.get(cue)
    for cue in _BEGINNINGS:
        if text.startswith(cue) and text != cue:
            return text.removeprefix(cue), BEFORE_NAMES.get(cue)
    return text, None


def _without_qualifier(text: str) -> tuple[str, Context | None]:
    """Without what a comma adds, where it says only that something is not specified, or is not there."""
    head, comma, tail = text.rpartition(",")
    words = tail.split()
    if comma and words and (words[0] == "unspecified" or words[0] in _CONNECTED):
        return head, None
    return text, None


def behind(text: str) -> str:
    """What a text says behind the first word that joins more to it; empty where none does."""
    words = name_key(text).split()
    joined = (place for place in range(1, len(words)) if _joins(words, place))
    return " ".join(words[next(joined, len(words)) :])


def _joins(words: list[str], place: int) -> bool:
    return any(" ".join(words[place : place + size]).lstrip("(") in _CONNECTED for size in (3, 2, 1))
