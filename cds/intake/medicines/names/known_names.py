"""The names of medicines in a text: those of the terms, and those of medicines that are known to be something else.

Thousands of names are looked up word by word in tables; the longest name counts, and what it covers names nothing else:
``lithium heparin`` is no lithium. Names of scripts without spaces are looked for at every sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from cds.intake.medicines.names.international_names import in_latin, name_key, sound, without_ending
from cds.intake.terminology import spelling
from cds.rulebook.model import Medication, OtherMedicines, RuleBook

LONGEST_NAME = 6
"""So many words are compared with the names at most."""
LONGEST_SIGNS = 24
_WORD = re.compile(r"[^\W\d_]+|\d+")
_ACID = re.compile(r"(.*?)(\w{3,}?)(o?ic) acid")
SIGNS = re.compile(f"[{spelling.SIGNS}]+")
"""Signs of scripts without spaces."""
_KATAKANA = re.compile(f"[{spelling.KATAKANA}]")


class Name(NamedTuple):
    """What a name means: the terms that it feeds (none: a medicine that is something else).

    ``substance``: it is that of one substance. A brand may hold several.
    """

    terms: tuple[str, ...]
    substance: bool


class NameFound(NamedTuple):
    """A name in a in_latin text, from ``start`` to ``end``."""

    start: int
    end: int
    name: Name


class KnownNames(NamedTuple):
    """The names of a rulebook by their words, by the stems of acids, and in scripts without spaces by their signs."""

    words: dict[tuple[str, ...], Name]
    acids: dict[str, Name]
    signs: dict[str, Name]
    salts: tuple[str, ...]
    acid_endings: tuple[str, ...]
    stems: re.Pattern[str]


OTHER_SUBSTANCE, OTHER_BRAND = Name((), substance=True), Name((), substance=False)


@lru_cache(maxsize=8)
def known_names(book: RuleBook) -> KnownNames:
    """The names of a rulebook; one that is a term's is never that of something else."""
    other = book.other_medicines
    words: dict[tuple[str, ...], Name] = {}
    acids: dict[str, Name] = {}
    signs: dict[str, Name] = {}
    for names, meaning in _groups(book):
        for text in names:
            told = in_latin(text)
            if SIGNS.search(told):
                signs[told] = _both(signs.get(told), meaning)
            else:
                key = _key(told)
                words[key] = _both(words.get(key), meaning)
            if acid := _ACID.fullmatch(told):
                for stem in (sound(acid[2]), sound(acid[2] + acid[3][:-2])):
                    acids[stem] = _both(acids.get(stem), meaning)
                key = _key(f"{acid[1]}{acid[2]}{acid[3]}")
                words[key] = _both(words.get(key), meaning)
    salts = (sound(in_latin(salt)) for salt in _all(other.salts) if len(salt) > 4)
    endings = sorted((sound(in_latin(ending)) for ending in other.acid_endings), key=len, reverse=True)
    return KnownNames(words, acids, signs, tuple(salts), tuple(endings), _stems(book, other))


def _both(known: Name | None, more: Name) -> Name:
    """A name of several terms feeds all of them."""
    if known is None or not known.terms or not more.terms:
        return more if known is None or more.terms else known
    return Name(tuple(dict.fromkeys((*known.terms, *more.terms))), known.substance and more.substance)


def _groups(book: RuleBook) -> Iterator[tuple[Iterable[str], Name]]:
    """The lists of names with what each means."""
    other = book.other_medicines
    yield chain(_all(other.international), book.products.other_medicines), OTHER_SUBSTANCE
    yield chain(_all(other.brands), _all(other.unspaced)), OTHER_BRAND
    for term in book.terms.values():
        if isinstance(term, Medication):
            yield term.names, Name((term.name,), substance=True)
            yield _all(term.also_named), Name((term.name,), substance=False)


def _all(groups: dict[str, tuple[str, ...]]) -> Iterator[str]:
    return chain.from_iterable(groups.values())


def _key(text: str) -> tuple[str, ...]:
    return tuple(name_key(word) for word in _WORD.findall(text))


def _stems(book: RuleBook, other: OtherMedicines) -> re.Pattern[str]:
    """Words that end as international names of one kind do: a kind of which no medicine of a term is."""
    of_terms = {sound(in_latin(word)) for name in _names_of_terms(book) for word in name.split()}
    kinds = (stem for stem in book.products.stems if not _has_such(of_terms, stem))
    listed = (*_all(other.stems), *kinds)
    parts = (rf"\w{{3,}}{without_ending(sound(stem[1:]))}" for stem in listed if stem.startswith("-"))
    return re.compile("|".join(parts) or "(?!)")


def _names_of_terms(book: RuleBook) -> Iterator[str]:
    for term in book.terms.values():
        if isinstance(term, Medication):
            yield from chain(term.names, _all(term.also_named))


def _has_such(words: Iterable[str], stem: str) -> bool:
    """Whether one of these words is a name of the kind: an unlisted one may be of the same term."""
    ending = without_ending(sound(stem[1:]))
    return any(without_ending(word).endswith(ending) for word in words)


def names_in(text: str, book: RuleBook) -> list[NameFound]:
    """The names of medicines in a in_latin text, from its beginning on; none lies inside another one."""
    known = known_names(book)
    return sorted([*_names_of_words(text, known), *_names_of_signs(text, known)])


def _names_of_words(text: str, known: KnownNames) -> Iterator[NameFound]:
    words = list(_WORD.finditer(SIGNS.sub(lambda run: " " * len(run[0]), text)))
    keys = [name_key(match[0]) for match in words]
    at = 0
    while at < len(words):
        length, name = _longest(keys, at, words[at][0], known)
        if name is not None:
            yield NameFound(words[at].start(), words[at + length - 1].end(), name)
        at += length


def _longest(keys: list[str], at: int, word: str, known: KnownNames) -> tuple[int, Name | None]:
    """How many words from one on make the longest name, and the name; one word that is none where they make none."""
    for length in range(min(LONGEST_NAME, len(keys) - at), 0, -1):
        if name := known.words.get(tuple(keys[at : at + length])):
            return length, name
    return 1, _joined(word, keys[at], known)


def _joined(word: str, key: str, known: KnownNames) -> Name | None:
    """A name in one word with that of its salt or its acid, in Cyrillic with another first letter, or with a stem."""
    told = sound(word)
    if told.endswith(known.salts):
        bare = (told.removesuffix(salt) for salt in known.salts if told.endswith(salt))
        return next((name for word in bare if (name := known.words.get((name_key(word),)))), None)
    if told.endswith(known.acid_endings):
        bare = (told.removesuffix(ending) for ending in known.acid_endings if told.endswith(ending))
        if found := next((name for word in bare if (name := known.acids.get(word))), None):
            return found
    if word.startswith("g") and (name := known.words.get((name_key(word[1:]),))):
        return name
    return OTHER_SUBSTANCE if known.stems.fullmatch(key) else None


def _names_of_signs(text: str, known: KnownNames) -> Iterator[NameFound]:
    """Names in scripts without spaces; in Katakana none begins inside a word."""
    for run in SIGNS.finditer(text):
        at, last = run.start(), run.start()
        while at < run.end():
            inside = at > last and _KATAKANA.match(text[at]) and _KATAKANA.match(text[at - 1])
            found = "" if inside else _longest_signs(text[at : at + LONGEST_SIGNS], known)
            if found:
                yield NameFound(at, at + len(found), known.signs[found])
                last = at + len(found)
            at = last if found else at + 1


def _longest_signs(text: str, known: KnownNames) -> str:
    lengths = range(len(text), 1, -1)
    return next((text[:length] for length in lengths if text[:length] in known.signs), "")


def terms_named(text: str, book: RuleBook) -> list[str]:
    """The terms of medicines that a text names."""
    return [term for found in names_in(in_latin(text), book) for term in found.name.terms]
