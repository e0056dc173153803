"""Directions in words -> what they say; each text is read once and remembered."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from cds.intake.elements import MOST_REMEMBERED
from cds.intake.sigs.grammar import reduced
from cds.intake.sigs.language import Language, Lexicon, Token, lexicon
from cds.intake.sigs.said import NOTHING, Said, as_one, said_by
from cds.intake.sigs.tables import LANGUAGES
from cds.intake.sigs.tables.shared import SHARED
from cds.intake.sigs.text import normal, pieces
from cds.intake.sigs.tokens import WORD, known_letters, tokens

LONGEST = 400
"""A longer text is more than directions; it is read up to here, and what follows may change it."""
_SWALLOW = frozenset({"purpose", "lasting", "before", "needed", "open", "meals"})
"""Words behind these say what for, with what or before what; or they are a remark in brackets."""
_MEANT = frozenset({"open", "close", "dash", "separator", "word"})


@lru_cache(maxsize=1)
def _lexicons() -> tuple[tuple[Language, Lexicon], ...]:
    return tuple((language, lexicon(SHARED, language.table)) for language in LANGUAGES)


@lru_cache(maxsize=MOST_REMEMBERED)
def said_in(text: str) -> Said:
    """What a text of directions says, in whichever language it is.

    Where it may be of two languages that read it differently, either may be meant.
    """
    found = pieces(normal(text[:LONGEST]))
    if not found:
        return NOTHING
    known = [known_letters(found, words) for _, words in _lexicons()]
    best = [pair for pair, letters in zip(_lexicons(), known, strict=True) if letters == max(known)]
    readings = list(dict.fromkeys(_read(tokens(found, *pair)) for pair in best))
    told = _either(readings)
    return told._replace(open=True) if len(text) > LONGEST else told


def _read(found: list[Token]) -> Said:
    return said_by(_without_remarks(reduced(_without_names(found))))


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
        if not (token.kind == WORD and named and set(words[: words.index("form")]) == {WORD}):
            told.append(token)
        else:
            told[-1] = told[-1]
    return told


def _without_remarks(found: Iterable[Token]) -> list[Token]:
    """The tokens without the words of a name at the beginning, and without those that say what for or with what."""
    told: list[Token] = []
    passing = True
    for token in found:
        if token.kind == WORD and passing:
            continue
        passing = token.kind in _SWALLOW or (passing and token.kind in _MEANT and not told)
        told.append(token)
    return told
