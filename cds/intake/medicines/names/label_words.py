"""The words of products.yaml as patterns: how labels name the element of the main nutrient, its salts, and the rest.

They are built once per rulebook. A rulebook without a main nutrient, or with one that is no element, finds none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cds.intake.elements import plain
from cds.intake.terminology.word_patterns import any_of, names_pattern
from cds.rulebook.model import ProductBook, RuleBook

NO_MATCH = "(?!)"
OF = r"(?:del?|di|do|da|du)\s+"
"""``of`` in other languages."""


class LabelWords(NamedTuple):
    """The words of a rulebook for what stands on labels.

    ``element`` is the pattern of the names of the element, ``word`` the name that texts are given in English,
    ``not_understood`` what stands for the element of something unknown. ``named`` finds the element, ``symbol`` its
    symbol and ``amount_at_symbol`` one with an amount, ``capitals`` one of a label in capital letters with an amount;
    ``nutrients`` the names of nutrients that are said in words.
    """

    element: str
    word: str
    not_understood: str
    named: re.Pattern[str]
    symbol: re.Pattern[str]
    amount_at_symbol: re.Pattern[str]
    capitals: re.Pattern[str]
    unforeseen: re.Pattern[str]
    nutrients: re.Pattern[str]
    elements: frozenset[str]
    supplements: re.Pattern[str]
    beside: frozenset[str]
    holding: re.Pattern[str]
    not_in_it: re.Pattern[str]
    allergy: re.Pattern[str]
    advice: re.Pattern[str]
    sold_together: re.Pattern[str]
    in_a_pack: re.Pattern[str]
    counted: re.Pattern[str]


@lru_cache(maxsize=8)
def label_words(book: RuleBook) -> LabelWords:
    """The patterns of a rulebook."""
    products = book.products
    main, lists = products.main, products.labels
    element = f"(?:{any_of(main.element)})"
    word = main.element[0] if main.element else ""
    symbol = "|".join(sorted(map(re.escape, main.symbols), key=len, reverse=True)) or NO_MATCH
    plain_symbol = re.escape(main.symbols[0]) if main.symbols else NO_MATCH
    capitals = re.escape(main.symbols[0].upper()) if main.symbols else NO_MATCH
    absent, allergy = any_of(lists.get("not in it", ())), any_of(lists.get("allergy", ()))
    return LabelWords(
        element=element,
        word=word,
        not_understood=f"{word}salt",
        named=re.compile(rf"(?<![^\W_]){element}(?![^\W_])", re.I),
        symbol=re.compile(rf"\b(?:{symbol})(?![\w.])"),
        amount_at_symbol=re.compile(rf"\b(?:{symbol})\s*\d[\d.,]*\s*m?g\b|\d\s*m?g (?:of )?{plain_symbol}(?![\w.])"),
        capitals=re.compile(rf"(?P<amount>\d\s*m?g (?:of )?){capitals}(?![\w.])|\b{capitals}(?=\s*\d[\d.,]*\s*m?g\b)"),
        unforeseen=re.compile(rf"\b(?:{any_of(map(_bare, main.stems))})\w+", re.I),
        nutrients=names_pattern(name for nutrient in products.nutrients.values() for name in nutrient.words),
        elements=frozenset(name for nutrient in products.nutrients.values() for name in nutrient.element),
        supplements=_listed(lists.get("words of products", ())),
        beside=frozenset(lists.get("beside nutrients", ())),
        holding=re.compile(any_of(lists.get("holding it", ())), re.I),
        not_in_it=re.compile(rf"\b(?:{absent}) (?:added )?{element}\b|\b{element}[ -]free\b", re.I),
        allergy=re.compile(rf"\b(?:{allergy}) (?:to|against) {element}\b", re.I),
        advice=_listed(lists.get("advice", ())),
        sold_together=_listed(lists.get("sold together with it", ())),
        in_a_pack=_listed(lists.get("in a pack with it", ())),
        counted=_listed(lists.get("counted one by one", ())),
    )


def _bare(stem: str) -> str:
    return stem.strip("-")


def _listed(words: Iterable[str]) -> re.Pattern[str]:
    """Whole words; ``separate-`` stands for every word that begins so, ``-dronat-`` for every one with it inside."""
    rest = r"\w*"
    parts = [
        f"{rest * word.startswith('-')}{re.escape(_bare(word))}{rest * word.endswith('-')}"
        for word in sorted(words, key=len, reverse=True)
    ]
    return re.compile(rf"\b(?:{'|'.join(parts) or NO_MATCH})\b", re.I)


class SaltNames(NamedTuple):
    """The names of salts without that of the element, each with the salt that it means, and the pattern of all."""

    salts: dict[str, str]
    pattern: str


@lru_cache(maxsize=8)
def salt_names(book: RuleBook) -> SaltNames:
    """The names of the salts of a rulebook: those of the salts and of substances, and some turned round."""
    names = _salt_names(book.products, label_words(book).element)
    return SaltNames(names, any_of(names).replace(r"[\s-]+", r"[\s,-]+"))


def _salt_names(products: ProductBook, element: str) -> dict[str, str]:
    known = {plain(word): salt.name for salt in products.salts.values() for word in salt.words}
    names = dict(known)
    substance = re.compile(rf"(?:(?P<before>[a-z]+) )?{element} (?P<after>[a-z]+(?: [a-z]+)*)")
    for contents in products.coded.values():
        if contents.nutrients[:1] != (products.main.name,) or not (found := substance.fullmatch(plain(contents.name))):
            continue
        if found["before"] or not all(word in known for word in found["after"].split()):
            names.setdefault(" ".join(filter(None, found.group("before", "after"))), contents.salt)
    turned = {" ".join((name.partition(" ")[2], name.partition(" ")[0])): salt for name, salt in names.items()}
    return names | {name: salt for name, salt in turned.items() if name.split()[0] in known and name != salt}
