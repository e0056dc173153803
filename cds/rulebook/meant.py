"""What somebody meant who wrote a text otherwise than it is read: the same text respelled, until it can be read.

Nothing is read that way: a message says what is written, and how it is written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from cds.errors import ODD, odd_character, plain

_SIGNS = {">=": "at least", "=>": "at least", "≥": "at least", "≧": "at least", ">": "above",
          "<=": "at most", "=<": "at most", "≤": "at most", "≦": "at most", "<": "below"}  # fmt: skip
_UP = ("more", "greater", "higher", "over")
_DOWN = ("less", "lower", "under", "smaller")
_COMPARISONS = ("above", "below", "at least", "at most")


class Respelling(NamedTuple):
    """What is written otherwise, what stands there instead, and how that is said (``{}`` is what is written).

    ``also`` is to be known about what stands there instead.
    """

    pattern: re.Pattern[str]
    instead: str | Callable[[re.Match[str]], str]
    says: str
    also: str = ""


def _nearest_comparison(match: re.Match[str]) -> str:
    found = get_close_matches(match[1], _COMPARISONS, n=1, cutoff=0.6)
    return found[0] if found else match[0]


def _more_or_less(match: re.Match[str]) -> str:
    """``is more than``, ``is equal to or less than``."""
    words = ("at least", "at most") if match["equal"] else ("above", "below")
    return f" is {words[match['how'] in _DOWN]} "


def _or_more(match: re.Match[str]) -> str:
    """``is 12 mg/dL or more``."""
    return f" is {'at most' if match['how'] in (*_DOWN, 'below') else 'at least'} {match['amount']}"


_EITHER_WAY = "|".join((*_UP, *_DOWN))
_NO_WORD = "'{}' is not among the words for a comparison"
_COMMA = "'{}' is written with a comma"
RESPELLINGS: tuple[Respelling, ...] = (
    Respelling(re.compile(rf"[{ODD}]"), lambda match: plain(match[0]), "{odd} stands in it"),
    Respelling(re.compile(r"\d{1,3}(?:,\d{3})+(?![\d.])"), lambda match: match[0].replace(",", ""), _COMMA),
    Respelling(re.compile(r"(\d+),(\d+)(?=$|[^\d,])"), r"\1.\2", _COMMA),
    Respelling(
        re.compile(r"(?<![\w.-])(-?\d+(?:\.\d+)?)(?=[^\W\d_][\w/\[]|[\[{%µ])"), r"\1 ", "no space stands behind '{}'"
    ),
    Respelling(
        re.compile(rf"(?: is)? ?({'|'.join(_SIGNS)}) ?"),
        lambda match: f" is {_SIGNS[match[1]]} ",
        "the sign '{}' stands for words",
    ),
    Respelling(
        re.compile(rf" is (?P<equal>equal to or |equal or )?(?P<how>{_EITHER_WAY})(?: than)? (?=\S)"),
        _more_or_less,
        _NO_WORD,
    ),
    Respelling(
        re.compile(rf" is (?P<amount>-?\d.*) or (?P<how>{_EITHER_WAY}|above|below)$"),
        _or_more,
        "the word for the comparison stands behind the number",
    ),
    Respelling(
        re.compile(r" is (?:between|from) (\S+) (?:and|to) "),
        r" is at least \1 and at most ",
        "'{}' does not say whether the limits belong to it",
        "'above' and 'below' leave a limit out.",
    ),
    Respelling(
        re.compile(r"(?<= is )(?!at least |at most |above |below )([a-z]+(?: least| most)?)(?= -?\d)"),
        _nearest_comparison,
        _NO_WORD,
    ),
    Respelling(re.compile(r"(?<!,) (if|unless) "), r", \1 ", "no comma stands before '{}'"),
)
"""In the order in which they are tried, each upon what the ones before it made."""


def respelled(text: str, reads: Callable[[str], object]) -> tuple[str, str] | None:
    """What is written otherwise in a text that cannot be read, and how to write it; None where nobody can tell.

    ``reads`` gives something true, or a value that is not None, for a text that can be read.
    """
    if several := _with_a_comma(text, reads):
        return several
    what, candidate = "", text
    for pattern, instead, says, also in RESPELLINGS:
        match = pattern.search(candidate)
        after = pattern.sub(instead, candidate) if match else candidate
        if match is None or after == candidate:
            continue
        what, candidate = what or says.format(_seen(match), odd=odd_character(text)), after
        if reads(candidate) not in (None, False):
            return f"{what}.", f"Write '{candidate}'. {also}".strip()
    return None


def _with_a_comma(text: str, reads: Callable[[str], object]) -> tuple[str, str] | None:
    """What is said of a number whose comma may stand for a point, or between thousands; None where it is no such."""
    match = _EITHER.search(text)
    both = [text.replace(match[0], match[0].replace(",", sign)) for sign in (".", "")] if match else []
    if match and all(reads(candidate) not in (None, False) for candidate in both):
        return f"'{match[0]}' is written with a comma.", f"Write '{both[0]}' or '{both[1]}', whichever is meant."
    return None


_EITHER = re.compile(r"(?<![\d,.])[1-9]\d{0,2},\d{3}(?![\d,.])")


def _seen(match: re.Match[str]) -> str:
    return match[0].strip().removeprefix("is ")


def respelled_name(name: str, names: Collection[str]) -> str:
    """What to do about a name that stands there with a word too many, or without a comma; empty where it does not."""
    if not name:
        return "Write a name, or take the line out."
    for word in ("unless", "if"):
        if name.partition(f" {word} ")[0] in names and f" {word} " in name:
            return f"Write a comma before '{word}'."
    for joint in (" and ", " or ", ", "):
        if joint in name and all(part in names for part in name.split(joint)):
            return f"Write each on a line of its own: {joint.strip()!r} joins no names."
    if (rest := name.removeprefix("not ")) in names and rest != name:
        return "Write one 'not' only."
    if (rest := name.removeprefix("no ")) in names and rest != name:
        return f"Write 'not {rest}'."
    return ""


def is_spelled_as(name: str, other: str) -> bool:
    """Whether two names have the same letters and digits, but for zeros, case and what stands between."""
    return _bare(name) == _bare(other)


def _bare(name: str) -> str:
    return re.sub(r"[^a-z1-9]", "", name.lower())


_DAYS = (
    re.compile(r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})[/.](?P<m>\d{1,2})[/.](?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})"),
    re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d)-(?P<d>\d{1,2})"),
)


def respelled_day(text: str) -> str:
    """The day that a text names in another form, as it is written here; empty where it can be several, or is none."""
    found = {day for form in _DAYS if (match := form.fullmatch(text)) and (day := _day(match))}
    return found.pop() if len(found) == 1 else ""


def _day(match: re.Match[str]) -> str:
    try:
        return date(int(match["y"]), int(match["m"]), int(match["d"])).isoformat()
    except ValueError:
        return ""


def is_day(text: str) -> bool:
    """Whether a text is a day that exists; an empty one is left to whoever says whether it may be."""
    try:
        return not text or bool(date.fromisoformat(text))
    except ValueError:
        return False


def is_stated(text: str) -> bool:
    """Whether a text says something in words, and not only yes or no."""
    return text.strip().lower() not in ("yes", "no", "true", "false", "null", "~")
