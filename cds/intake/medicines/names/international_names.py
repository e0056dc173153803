"""How one international name is spelled in many languages: the letters by which two spellings are the same.

``hydrochlorothiazide``, ``hidroclorotiazida``, ``Idroclorotiazide`` and ``гидрохлоротиазид`` are one name, and so are
``metformin``, ``metformina``, ``metformiini`` and ``Metforminum``. Two names of the rulebook that mean different things
must never fall together: a test compares them all.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cds.intake.terminology.spelling import without_accents

SHORTEST = 5
"""A word of up to so many letters has one spelling alone: what is so short may be a word of another language."""
MARKS = str.maketrans("®™©", "   ")
ALPHABETS = """
аa бb вv гg дd еe ёe жzh зz иi йi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щsh ъ ыi ь эe юiu яia іi їi єe ґg
αa βb γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo
"""
"""The letters of Cyrillic and Greek with those that stand for them in Latin script."""
_LATIN = str.maketrans({pair[0]: pair[1:] for pair in ALPHABETS.split()})
_OTHER_SCRIPT = re.compile("[\u0370-\u03ff\u0400-\u04ff]")
_SAME = (
    ("ph", "f"), ("qu", "k"), ("ch", "k"), ("ck", "k"), ("ts", "s"), ("tz", "s"), ("ae", "e"), ("oe", "e"),
    ("ou", "u"), ("y", "i"), ("ce", "se"), ("ci", "si"), ("cs", "s"),
)  # fmt: skip
"""Letters of one language that another one writes in another way, in the order in which they are replaced."""
_SAME_LETTERS = str.maketrans({"x": "ks", "j": "i", "w": "b", "v": "b", "z": "s", "c": "k", "h": ""})
_DOUBLE = re.compile(r"(.)\1+")
_ENDING = re.compile(r"(?:i?um|i?us|i?as|[aeiou]+)$")


def in_latin(text: str) -> str:
    """The text in lower case and Latin letters without accents; scripts that are no alphabet stay as they are."""
    plain = without_accents(text if text.isascii() else text.translate(MARKS)).lower()
    return plain.replace("ου", "ou").translate(_LATIN) if _OTHER_SCRIPT.search(plain) else plain


@lru_cache(maxsize=16384)
def sound(word: str) -> str:
    """The letters of a folded word as every language has them, its ending kept."""
    for spelled, letters in _SAME:
        word = word.replace(spelled, letters)
    return _DOUBLE.sub(r"\1", word.translate(_SAME_LETTERS))


@lru_cache(maxsize=16384)
def name_key(word: str) -> str:
    """What all spellings of a folded word have in common; of a short one the word itself."""
    if len(word) <= SHORTEST:
        return word
    told = sound(word)
    stem = without_ending(told)
    return stem if len(stem) >= SHORTEST else told


def without_ending(told: str) -> str:
    """A sound without what languages put at the end of a name: -um, -a, -o, -e, -i."""
    return _ENDING.sub("", told)
