"""Products: what calcium, vitamin and mineral products hold."""

from __future__ import annotations

from typing import NamedTuple

from cds.quantity import Interval
from cds.rulebook.model.frozen import Frozen


class Contents(NamedTuple):
    """What one unit of a product holds, or one mass unit of a substance.

    ``amounts`` is per dose form, in the nutrient's unit; ``fractions`` is per mass unit.
    ``strength`` is the labelled mass (mg) of one dose form where that is not the elemental amount.
    """

    name: str
    nutrients: tuple[str, ...]
    salt: str = ""
    intent: str = "supplement"
    amounts: Frozen[str, Interval] = Frozen()
    fractions: Frozen[str, float] = Frozen()
    strength: float | None = None
    measure: str = ""

    def of_nutrients(self, nutrients: tuple[str, ...]) -> Contents:
        """The contents with these nutrients alone."""
        amounts = {nutrient: amount for nutrient, amount in self.amounts.items() if nutrient in nutrients}
        return self._replace(nutrients=nutrients, amounts=Frozen(amounts))


class Salt(NamedTuple):
    """A calcium salt: its share of calcium by mass, and the strengths (mg of salt) that labels carry."""

    name: str
    fraction: float
    strengths: tuple[float, ...]


class ProductBook(NamedTuple):
    """What products hold, by code and by name; ``translations`` are English names of those in other languages."""

    salts: Frozen[str, Salt]
    coded: Frozen[tuple[str, str], Contents]
    excluded: frozenset[tuple[str, str]]
    brands: tuple[tuple[str, Contents], ...]
    words: Frozen[str, tuple[str, ...]]
    element_up_to: float
    translations: Frozen[str, str] = Frozen()
