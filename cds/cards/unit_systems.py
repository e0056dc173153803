"""Units of the SI or conventional ones first, for whoever reads an answer: another wording of the same rulebook.

Rules, thresholds and answers stay as they are; only the unit that is printed first is another one, as if an overlay
named it (``units of terms`` of its ``wording.yaml``). The audit book, the page and the command line ask here.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from functools import lru_cache

from cds.cards.units import CHEMICAL, is_other_kind
from cds.quantity import spelled, unit_key
from cds.rulebook.model import Frozen, Measurement, RuleBook


class UnitSystem(str, Enum):
    """What people call it; the value is its name in options and addresses."""

    __hash__ = str.__hash__

    SI = "si"
    CONVENTIONAL = "conventional"


@lru_cache(maxsize=16)
def in_units(book: RuleBook, system: UnitSystem) -> RuleBook:
    """The rulebook that prints results in units of a system first; the same object when it is asked for again.

    A result that is accepted in no unit of the system keeps the unit of the rules. Doses and amounts of a day keep it
    too: they are written in grams everywhere. Version and hash are those of the rulebook as it was read.
    """
    results = [term for term in book.terms.values() if isinstance(term, Measurement)]
    chosen = {term.name: _unit(term, system) for term in results}
    named = Frozen({name: unit for name, unit in chosen.items() if unit})
    return replace(book, wording=book.wording._replace(units=(), units_of_terms=named))


def _unit(term: Measurement, system: UnitSystem) -> str:
    """The first accepted unit that is of the system where that of the rules is not; else nothing."""
    own = unit_key(term.unit)
    wanted = _is_si if system == UnitSystem.SI else _is_conventional
    return next((spelled(key) for key in term.units if wanted(own, key)), "")


def _is_si(own: str, key: str) -> bool:
    """Whether results held in a conventional unit may be written in this one of the SI: an amount in a litre."""
    return CHEMICAL not in own and key.endswith("/l") and is_other_kind(own, key)


def _is_conventional(own: str, key: str) -> bool:
    """Whether results held in a unit of the SI may be written in this conventional one."""
    if CHEMICAL in own:
        return is_other_kind(own, key)
    return CHEMICAL not in key and is_other_kind(key, own)
