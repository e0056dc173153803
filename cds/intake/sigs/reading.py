"""Directions in words -> what they say; each text is read once and remembered."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from cds.intake.elements import MOST_REMEMBERED
from cds.intake.sigs.grammar import reduced
from cds.intake.sigs.language import Language, Lexicon, Token, lexicon
from cds.intake.sigs.said import NOTHING, Said, as_one
from cds.intake.sigs.tables import LANGUAGES
from cds.intake.sigs.tables.shared import SHARED
from cds.intake.sigs.text import directions
from cds.intake.sigs.together import said_by
from cds.intake.sigs.tokens import WORD, known_letters, tokens
from cds.intake.terminology.spelling import has_unspaced

LONGEST = 400
"""A longer text is more than directions; it is read up to here, and what follows may change it."""
_SWALLOW = frozenset({"to", "purpose", "lasting", "before", "needed", "open", "meals"})
"""Words behind these say what for, with what or before what; or they are a remark in brackets."""
_COUNTS = frozenset({"unit", "form", "times", "length", "per", "to", "dash"})
_JOINED = frozenset({WORD, "or", "and"})
_MEANT = frozenset({"open", "close", "dash", "separator", "word"})


Known: TypeAlias = tuple[Language, Lexicon]


@lru_cache(maxsize=2)
def _lexicons(*, wide: bool) -> tuple[Known, ...]:
    """The lexicons of the languages that have spaces between words, or of those that have none."""
    return tuple((known, lexicon(SHARED, known.table)) for known in LANGUAGES if known.wide is wide)


@lru_cache(maxsize=MOST_REMEMBERED)
def said_in(text: str) -> Said:
    """What a text of directions says, in whichever language it is.

    Where it may be of two languages that read it differently, either may be meant; English counts before the others.
    """
    found = directions(text[:LONGEST])
    if not found:
        return NOTHING
    found_in = list(dict.fromkeys(_read(tokens(found, *pair), pair[0]) for pair in _best(found, text)))
    told = _either([reading for reading in found_in if reading.is_complete] or found_in)
    return told._replace(open=True) if len(text) > LONGEST else told


def _best(found: list[str], text: str) -> list[Known]:
    """The languages that know most of a text; English alone where it is one of them."""
    lexicons = _lexicons(wide=has_unspaced(text))
    known = [known_letters(found, words) for _, words in lexicons]
    best = [pair for pair, letters in zip(lexicons, known, strict=True) if letters == max(known)]
    return best[:1] if best[0][0] is LANGUAGES[0] else best


def _read(found: list[Token], language: Language) -> Said:
    told = _without_remarks(reduced(_without_names(found)))
    return said_by(told, in_a_day=language.amount_of_a_day and not any(token.kind == "each" for token in told))


def _either(readings: list[Said]) -> Said:
    """One of several readings: the first, with the others as what may be meant."""
    first, *rest = readings
    if not rest:
        return first
    others = [as_one(other.parts) for other in rest if other.parts]
    return first._replace(
        others=(*first.others, *others),
        odd=any(one.odd for one in readings),
        open=any(one.open for one in readings),
        needed=any(one.needed for one in readings),
        stopped=any(one.stopped for one in readings),
    )


def _without_names(found: list[Token]) -> list[Token]:
    """Up to three words between a number and the form that it counts are its name: ``1 calcium tablet``."""
    told: list[Token] = []
    for place, token in enumerate(found):
        words = [other.kind for other in found[place : place + 4]]
        named = bool(told) and told[-1].kind == "number" and "form" in words
        if token.kind == WORD and named and set(words[: words.index("form")]) == {WORD}:
            continue
        if not (token.kind == "number" and _in_a_name(found, place)):
            told.append(token)
    return told


def _in_a_name(found: list[Token], place: int) -> bool:
    """Whether a large number behind a word is a strength that belongs to a name: ``Calcium 600``."""
    behind = found[place + 1].kind if place + 1 < len(found) else ""
    return place > 0 and found[place - 1].kind == WORD and found[place].value.low >= 50 and behind not in _COUNTS


def _without_remarks(found: Iterable[Token]) -> list[Token]:
    """The tokens without the words of a name at the beginning, and without those that say what for or with what."""
    told: list[Token] = []
    passing = True
    for token in found:
        if passing and token.kind in _JOINED and (token.kind == WORD or told):
            continue
        passing = token.kind in _SWALLOW or (passing and token.kind in _MEANT and not told)
        told.append(token)
    return told
