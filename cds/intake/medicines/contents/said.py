"""What the name or the dose form of a product says besides what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from cds.rulebook.model import ProductTerm, RuleBook

_DENIED = r"(?<!\bnon-)(?<!\bnon )(?<!\bnot )"
"""What stands before a word that the product is not."""


def said_in(texts: Iterable[str], book: RuleBook) -> tuple[str, ...]:
    """The product terms of which a text says a word, anywhere in it: many languages join words to one."""
    said = list(texts)
    return tuple(name for name, words in _by_words(book) if any(map(words.search, said)))


@lru_cache(maxsize=8)
def _by_words(book: RuleBook) -> tuple[tuple[str, re.Pattern[str]], ...]:
    terms = (term for term in book.terms.values() if isinstance(term, ProductTerm) and term.words)
    return tuple((term.name, _any_of(term.words)) for term in terms)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"{_DENIED}(?:{'|'.join(map(re.escape, words))})", re.IGNORECASE)
