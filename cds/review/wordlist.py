"""The words with which the prose of a rulebook is read: its units, the terms they belong to, and its identifiers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from cds.review.periods import base_unit
from cds.review.prose import Wordlist
from cds.rulebook.model import RuleBook
from cds.rulebook.scales import scales_of


@lru_cache(maxsize=8)
def wordlist(book: RuleBook) -> Wordlist:
    """The units and terms of a rulebook, as prose is read with them."""
    scales = [scale for term in book.terms.values() for scale in scales_of(term, book.terms)]
    units = {base_unit(unit)[0] for scale in scales for unit in (scale.unit, *scale.factors)}
    units |= {unit for nutrient in book.products.nutrients.values() for unit in nutrient.units} | {"%"}
    identifiers = frozenset((*book.rules, *book.sources))
    return Wordlist(frozenset(units - {"1", "a", "d"}), tuple(_names_and_units(book)), identifiers)


def _names_and_units(book: RuleBook) -> Iterator[tuple[str, str]]:
    """The names of terms; those without a unit are also called by their last word (``a score of 100``)."""
    for term in book.terms.values():
        if unit := getattr(term, "unit", ""):
            yield term.name, unit
            if unit == "1" or unit.startswith("{"):
                yield term.name.rsplit(" ", 1)[-1], unit
