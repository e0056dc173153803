"""Normal text -> tokens of one language, and which language a text is in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cds.intake.sigs.language import Language, Lexicon, Token
from cds.intake.sigs.text import is_scheme, scheme_of
from cds.quantity import Interval, point

WORD, SIGN, BAD = "word", "sign", "bad"
"""What is in no table: a word, a sign; and what was found to mean nothing that is read."""
_IGNORED = frozenset(".:|'\"=*[]{}!?·•、。・「」→\\")
_SIGNS = {
    "-": "dash",
    "/": "per",
    "(": "open",
    ")": "close",
    ",": "separator",
    ";": "separator",
    "+": "and",
    "&": "and",
}
_GROUPED = re.compile(r"\d{1,3}([.,])\d{3}")
_HOURS = ((5, "NIGHT"), (11, "MORN"), (14, "NOON"), (17, "AFT"), (21, "EVE"), (24, "NIGHT"))
"""The part of the day before each hour of the clock."""


def tokens(text: Sequence[str], language: Language, words: Lexicon) -> list[Token]:
    """The tokens of the pieces of a text, as a language has them."""
    found: list[Token] = []
    place = 0
    while place < len(text):
        phrase, token = _phrase_at(text, place, words)
        if token is None:
            found += _other(text[place], language)
        elif token.kind == "hour":
            found += [Token("hour", part) for part in token.value.split()]
        elif token.kind != "said":
            found.append(token)
        place += phrase
    return found


def known_letters(text: Sequence[str], words: Lexicon) -> int:
    """How many letters of a text are in words of a language, less those in words that are not."""
    letters = place = 0
    while place < len(text):
        phrase, token = _phrase_at(text, place, words)
        size = sum(len(piece) for piece in text[place : place + phrase] if piece[0].isalpha())
        letters += size if token is not None else -size
        place += phrase
    return letters


def _phrase_at(text: Sequence[str], place: int, words: Lexicon) -> tuple[int, Token | None]:
    """How many pieces the longest phrase has that begins at a place, and what it means."""
    for phrase, token in words.get(text[place], ()):
        if tuple(text[place : place + len(phrase)]) == phrase:
            return len(phrase), token
    return 1, None


def _other(piece: str, language: Language) -> Iterator[Token]:
    """What a piece that is no word of the language is."""
    if piece[0].isdecimal():
        yield from _digits(piece, language)
    elif piece in _SIGNS:
        yield Token(_SIGNS[piece])
    elif piece not in _IGNORED:
        yield Token(WORD if piece[0].isalpha() else SIGN)


def _digits(piece: str, language: Language) -> Iterator[Token]:
    if is_scheme(piece):
        yield Token("scheme", scheme_of(piece))
    elif ":" in piece:
        hour = int(piece.split(":", maxsplit=1)[0])
        yield Token("hour", next(part for end, part in _HOURS if hour < end)) if hour < 24 else Token(BAD)
    else:
        number = _number(piece, language)
        yield Token(BAD) if number is None else Token("number", number)


def _number(piece: str, language: Language) -> Interval | None:
    """A number with a decimal point or comma, or with separated thousands; both where it may be either."""
    plain = piece.replace(",", ".")
    if (grouped := _GROUPED.fullmatch(piece)) is None or piece[0] == "0":
        return point(float(plain)) if plain.count(".") <= 1 else None
    many, few = float(piece.replace(grouped[1], "")), float(plain)
    if language.comma_parts_thousands:
        return point(many if grouped[1] == "," else few)
    if piece.endswith("000"):
        return point(many)
    return Interval(few, many)
