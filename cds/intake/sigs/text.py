"""Directions as they are written -> normal text, and the pieces of it.

Normal text has no capitals, no accents, one sort of hyphen, and fractions as decimals. What is no direction and has
digits (dates, telephone numbers) is left out.
"""

from __future__ import annotations

import re

from cds.intake.numbers import written_out
from cds.intake.sigs.short_forms import in_plain_words
from cds.intake.terminology.spelling import UNSPACED, without_accents

_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_FRACTION = re.compile(r"(?:(\d+)\s?)?([½¼¾⅓⅔])|(?<![\d/.,])(?:(\d{1,2})\s)?([123])\s?/\s?([234])(?![\d/.,])")
_LETTERS = str.maketrans({"μ": "u", "×": "x", "_": " ", **dict.fromkeys("–—‐‑−~〜", "-")})
_LETTER = rf"[^\W\d_{UNSPACED}]"
"""A letter of an alphabet; a sign of a script without spaces is a piece of its own."""
_DOTTED = re.compile(rf"(?<!\w)((?:{_LETTER}\.){{2,}}{_LETTER}?)(?!\w)")
_PLURAL = re.compile(rf"(?<={_LETTER})\((?:s|es|n|en|e|er|i|a)\)")
_DATE = re.compile(
    r"(?<![\d./-])(?:(?P<y>\d{4})[-/.](?P<m>\d\d?)[-/.](?P<d>\d\d?)(?:t?\s?\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:z|[+-]\d\d:?\d\d)?)?"
    r"|\d\d?[-/.]\d\d?[-/.](?:\d{4}|\d\d)(?:,?\s\d\d:\d\d)?|(?P<year>\d{4})年\d\d?月\d\d?日)(?![\d/-])"
)
_CLOCK = re.compile(
    r"(?<![\w:.,/-])(?:(?:at|um|om|a las|alle ore|as|kl\.?|@)\s(\d\d?)(?:[:.]\d\d)?\s?"
    r"(am|pm|uhr|uur|h|hs|hrs|(?=$|[,;.)&]|(?:and|und|e|y|og|och|en)\s))|(\d\d?)(am|pm)|([4-9]|1[0-2])\s(am|pm)|(\d\d?)(?:[:.]\d\d)?\s?(uhr))(?![\w:])"
)
"""A time of the clock; between 1 and 3, ``1 am`` is one in the morning."""
_TELEPHONE = re.compile(r"(?<![\d.,/-])(?:\+\d{1,3}[ -]?)?(?:\(\d{3,4}\) ?|\d{3,4}[ -])\d{3,4}[ -]\d{3,4}(?![\d/-])")
_SUPPLY = re.compile(r"#\s?\d+")
_PART = r"(?:\d(?:[.,]\d{1,2})?)"
_SCHEME = re.compile(
    rf"(?<![\d.,/-])(?:{_PART}(?:\s?-{{1,3}}\s?{_PART}){{2,3}}|{_PART}(?:\s?\+\s?{_PART}){{2,3}})(?![\d/-]|[.,]\d)"
)
_SPACED = re.compile(r"(?<!\S)([0-3]) ([0-3]) ([0-3]) ([0-3])(?!\S)")
"""``1 0 1 0``, as German plans have it in columns."""
_AT_NIGHT = re.compile(r"(?<!\w)on$")
"""``1 ON`` (omni nocte), as British prescribers write it."""
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b|(?<=\d)\.(?=\s?[a-z])")
_PIECE = re.compile(
    rf"{_SCHEME.pattern}|\d\d?:\d\d|(?<!\d)(?!(?:q|x|c|dd|tab|tabs|cap|take|max|po)\d){_LETTER}+\d\w*|\d+(?:[.,]\d+)*|"
    rf"[{UNSPACED}]|{_LETTER}+(?:'{_LETTER}+)?|[^\w\s]"
)


def letters_of(text: str) -> str:
    """A text without capitals and accents, with one sort of hyphen, and fractions as decimals."""
    if text.isascii():
        return " ".join(_FRACTION.sub(_decimal, text.lower()).translate(_LETTERS).split())
    told = written_out(without_accents(_FRACTION.sub(_decimal, text)))
    return " ".join(told.casefold().translate(_LETTERS).split())


def phrase_of(text: str) -> str:
    """The normal form of a word or phrase of a table."""
    return _DOTTED.sub(lambda match: match[0].replace(".", ""), letters_of(text))


def normal(text: str) -> str:
    """The normal form of a text."""
    told = letters_of(text)
    told = _SPACED.sub(r"\1-\2-\3-\4", told)
    told = in_plain_words(told)
    told = _DOTTED.sub(lambda match: match[0].replace(".", ""), _PLURAL.sub("", told))
    for odd in (_DATE, _TELEPHONE, _SUPPLY):
        told = odd.sub(" ", told)
    return " ".join(_CLOCK.sub(_hour, _ORDINAL.sub("", told)).replace("\\n", " ").split())


def directions(text: str) -> list[str]:
    """The pieces of a text of directions."""
    return pieces(_AT_NIGHT.sub("nocte", normal(text)))


def _hour(match: re.Match[str]) -> str:
    """A time of the clock as ``8:00``; what is later than 24 is none."""
    hour, half = (next(filter(None, found), "") for found in (match.groups()[::2], match.groups()[1::2]))
    later = 12 if half == "pm" and int(hour) < 12 else 0
    return f" {int(hour) + later}:00 " if int(hour) <= 24 else match[0]


def _decimal(match: re.Match[str]) -> str:
    whole, sign, before, over, under = match.groups()
    part = _FRACTIONS[sign] if sign else int(over) / int(under)
    if not part < 1:
        return match[0]
    return f" {int(whole or before or 0) + part:.4g} "


def pieces(text: str) -> list[str]:
    """The words, numbers, schemes (``1-0-1``) and signs of a normal text, in their order."""
    return _PIECE.findall(text)


def is_scheme(piece: str) -> bool:
    """Whether a piece is an amount for each part of the day: ``1-0-1-0``."""
    return _SCHEME.fullmatch(piece) is not None


def scheme_of(piece: str) -> list[float]:
    """The amounts of a scheme."""
    return [float(part.replace(",", ".")) for part in re.findall(_PART, piece)]
