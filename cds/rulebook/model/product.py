"""Products: which nutrients they are counted in, what they hold, and by which words labels say it."""

from __future__ import annotations

from typing import NamedTuple

from cds.quantity import Interval
from cds.rulebook.model.frozen import Frozen

UNSTATED = Interval(0, float("inf"))
"""An amount that no label states."""


class Nutrient(NamedTuple):
    """What products are counted in: its unit, what one of each other unit is worth in it, and its names on labels.

    ``element`` are names that may also be the salt of a medicine. ``units_a_day`` and ``intakes_a_day`` are what is
    usual where no frequency is stated. ``label_units`` are those besides masses in which labels state it: an amount in
    one of them is never the mass of a salt. Without a salt a mass is the element up to ``element_up_to``; a larger one
    may be that of the salt ``may_be``. ``systemic``: it counts by every route that reaches the body. ``beside_a_code``:
    the text beside the code of a product may add it.
    """

    name: str
    unit: str = ""
    units: Frozen[str, float] = Frozen()
    label_units: tuple[str, ...] = ()
    other_unit: str = ""
    words: tuple[str, ...] = ()
    element: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    other_stems: tuple[str, ...] = ()
    letter: str = ""
    letter_numbers: tuple[str, ...] = ()
    units_a_day: Interval | None = None
    intakes_a_day: Interval | None = None
    element_up_to: float = float("inf")
    may_be: str = ""
    systemic: bool = False
    beside_a_code: bool = False

    @property
    def milligram(self) -> float:
        """What a milligram of it is in its unit."""
        return self.units.get("mg", 1.0)


class Intent(NamedTuple):
    """What a product is taken for: the words that say so, also in a dosage, and why nobody is told to pause it.

    ``units_a_day`` is the most that is taken as needed where nothing is stated.
    """

    name: str
    says: str
    words: tuple[str, ...] = ()
    in_a_dosage: tuple[str, ...] = ()
    never_paused: str = ""
    units_a_day: float | None = None


class Contents(NamedTuple):
    """What one unit of a product holds, or one mass unit of a substance.

    ``amounts`` is per dose form, in the nutrient's unit; ``fractions`` is per mass unit.
    ``strength`` is the labelled mass (mg) of one dose form where that is not the elemental amount.
    """

    name: str
    nutrients: tuple[str, ...]
    salt: str = ""
    intent: str = ""
    amounts: Frozen[str, Interval] = Frozen()
    fractions: Frozen[str, float] = Frozen()
    strength: float | None = None
    measure: str = ""

    def of_nutrients(self, nutrients: tuple[str, ...]) -> Contents:
        """The contents with these nutrients alone."""
        amounts = {nutrient: amount for nutrient, amount in self.amounts.items() if nutrient in nutrients}
        return self._replace(nutrients=nutrients, amounts=Frozen(amounts))


class Salt(NamedTuple):
    """A salt of the main nutrient: its share by mass, the strengths (mg of salt) that labels carry, and its names."""

    name: str
    fraction: float
    strengths: tuple[float, ...]
    words: tuple[str, ...]


class ProductBook(NamedTuple):
    """What products hold, by code and by name, and the words by which labels are read.

    ``main`` is the nutrient whose salts are known; without one its name is empty. ``labels`` are lists of words that
    stand beside it; ``other_medicines`` are names of what is none of its products, and ``no_products`` phrases with it
    that name none. ``translations`` are English names of those in other languages.
    """

    main: Nutrient
    nutrients: Frozen[str, Nutrient]
    intents: Frozen[str, Intent]
    usual_intent: str
    salts: Frozen[str, Salt]
    coded: Frozen[tuple[str, str], Contents] = Frozen()
    excluded: frozenset[tuple[str, str]] = frozenset()
    brands: tuple[tuple[str, Contents], ...] = ()
    other_medicines: tuple[str, ...] = ()
    no_products: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    atc_groups: tuple[str, ...] = ()
    labels: Frozen[str, tuple[str, ...]] = Frozen()
    translations: Frozen[str, str] = Frozen()
