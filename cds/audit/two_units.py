"""Numbers in two systems of units: how a converted one is rounded, and the marks by which a reader changes the order.

Without JavaScript a page shows both, in the order in which they were written.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import Literal, TypeAlias

from cds.cards.wording import unit_text
from cds.quantity import spelled
from cds.rulebook.model import Dose, Measurement, RuleBook

Kind: TypeAlias = Literal["conventional", "si"]
NEAR = 0.0025
"""How far a round number may lie from the converted one, as a share: 50 for 49.92 nmol/L, as everybody writes it."""
_OPEN_RANGE = re.compile(
    r"\d[\d,.]*(?:[–-]|(?: (?:to|and|or|up|from|below|above|under|over|less|than|at|most|least))+ )$"
)
"""What stands before the second half of a range or a list: alone in another unit that half would be misread."""
_TAGS = re.compile(r"(<[^>]*>)")
_SILENT = {"title", "desc", "pre", "script", "style", "svg"}
"""Elements whose text is not marked: a picture holds both orders itself."""


def converted(value: float) -> str:
    """A number from the other system of units as people write it: the roundest one that is as good as equal to it.

    Three significant digits at most, and from 100 on steps of 5; so 49.92 is ``50``, 374.4 is ``375``, and 2.6198 is
    ``2.62``. Whole numbers stay whole.
    """
    if value == round(value):
        return f"{value:.0f}"
    for digits in (1, 2):
        round_one = float(f"{value:.{digits}g}")
        if abs(round_one - value) <= NEAR * abs(value):
            return f"{round_one:g}"
    fives = 5 * round(value / 5)
    if abs(value) >= 100 and abs(fives - value) <= NEAR * abs(value):
        return f"{fives:g}"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def kind_of(unit: str) -> Kind:
    """To which system a unit belongs, as people write it: amounts of substance, and micrograms for units of effect."""
    return "si" if "mol" in unit or unit.startswith(("µg", "ug", "mcg")) else "conventional"


@lru_cache(maxsize=8)
def _pairs(book: RuleBook) -> re.Pattern[str]:
    """Two numbers in units that terms accept, the second in brackets: ``20 ng/mL (50 nmol/L)``."""
    units = {unit_text(unit) for unit in _units(book)}
    units |= {unit.replace("ug", "µg").replace("umol", "µmol") for unit in units}
    names = "|".join(sorted(map(re.escape, units), key=len, reverse=True))
    amount = rf"\d[\d,.]*(?: to \d[\d,.]*)? (?:{names})"
    return re.compile(rf"(?<![\w.])({amount}) \(({amount})\)")


def _units(book: RuleBook) -> set[str]:
    measured = {spelled(key) for term in book.terms.values() if isinstance(term, Measurement) for key in term.units}
    measured |= {term.unit for term in book.terms.values() if isinstance(term, (Measurement, Dose))}
    given = {unit for item in book.products.nutrients.values() for unit in (*item.units, item.other_unit) if unit}
    return {f"{unit}{per}" for unit in (*measured, *given) if unit for per in ("", "/day", "/d")}


def marked(book: RuleBook, html: str) -> str:
    """The page with a mark around every pair of numbers, which holds them in the other order too."""
    pairs, inside, found = _pairs(book), "", list[str]()
    for piece in _TAGS.split(html):
        is_tag = piece.startswith("<")
        inside = _within(inside, piece) if is_tag else inside
        found.append(piece if is_tag or inside or "(" not in piece else pairs.sub(_mark, piece))
    return "".join(found)


def _within(inside: str, tag: str) -> str:
    """The element whose text is left alone and that is open behind a tag; empty where there is none."""
    name = tag.strip("</>").partition(" ")[0]
    if inside:
        return "" if tag == f"</{inside}>" else inside
    if tag.startswith('<span class="both"'):
        return "span"
    return name if name in _SILENT and not tag.startswith("</") else ""


def _mark(pair: re.Match[str]) -> str:
    one, other = pair[1], pair[2]
    first = kind_of(one.rpartition(" ")[2])
    halves = {" to " in one, " to " in other}
    if (
        kind_of(other.rpartition(" ")[2]) == first
        or len(halves) == 2
        or _OPEN_RANGE.search(pair.string[: pair.start()])
    ):
        return pair[0]
    return both_orders(pair[0], f"{other} ({one})", first)


def both_orders(written: str, swapped: str, first: Kind) -> str:
    """Two texts of which the reader sees one: as it was written, and with the other system of units first."""
    return f'<span class="both" data-first="{first}" data-other="{escape(swapped)}">{written}</span>'
