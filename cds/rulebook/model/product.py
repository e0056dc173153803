"""Products: which nutrients they are counted in, what they hold, and by which words labels say it."""

from __future__ import annotations

import math
from typing import Annotated, Any, NamedTuple, TypeAlias

from cds.quantity import Interval, unit_key
from cds.rulebook import lines
from cds.rulebook.declared import (
    LOWER,
    NEEDED,
    NOT_WRITTEN,
    OTHERS,
    Absent,
    Called,
    Key,
    Known,
    Line,
    Made,
    Name,
    Place,
    Words,
    Written,
    read_lines,
    several,
)
from cds.rulebook.model.frozen import Frozen

UNSPECIFIED = "unspecified"
"""The salt of which nothing is known but that there may be one."""
UNSTATED = Interval(0, float("inf"))
"""An amount that no label states."""
Lowered: TypeAlias = Annotated[tuple[str, ...], LOWER]
LoweredWords: TypeAlias = Annotated[Words, LOWER]
UNIT_LINE = Line(lines.unit_line, "Write it like 'g x 1000'.")
NUMBER_LINE = Line(lines.number_line, "Write it like '500' or '0.4'.", what="'{}' is no number.")


class Usual(NamedTuple):
    """How much is usual in a day where no frequency is stated; ``of`` is *units a day* or *intakes a day*."""

    amount: Interval
    of: str


def usual_line(text: str) -> Usual | None:
    """``1 to 4 units a day``, ``0 to 4 intakes a day``."""
    found = lines.amount(text)
    return Usual(*found) if found and found[1] in ("units a day", "intakes a day") else None


def _units(entry: Any, where: Place) -> Frozen[str, float]:
    """What one of each unit is worth in the first."""
    return Frozen({unit_key(entry.unit): 1.0} | dict(read_lines(UNIT_LINE, entry.units, where.at("also accepted"))))


def _element_up_to(entry: Any, where: Place) -> float:
    """Up to which mass a label without a salt names the element; without a statement any mass."""
    text = entry.element_up_to
    found = lines.amount(text) if text else None
    if found is not None and found[1] == entry.unit:
        return found[0].high
    if text:
        place = where.at("without a salt it is the element up to")
        place.problem(f"'{text}' is no amount.", f"Write it like '630 {entry.unit}'.", "wrong-value")
    return math.inf


def _strengths(entry: Any, where: Place) -> tuple[float, ...]:
    """The labelled strengths: ``500, 1000``."""
    place = where.at("known strengths")
    found = (NUMBER_LINE.value(text, place) for text in several(entry.strengths))
    return tuple(number for number in found if number is not None)


class Nutrient(NamedTuple):
    """What products are counted in: its unit, what one of each other unit is worth in it, and its names on labels.

    ``element`` are names that may also be the salt of a medicine. ``usual`` is what is usual where no frequency is
    stated. ``label_units`` are those besides masses in which labels state it: an amount in
    one of them is never the mass of a salt. Without a salt a mass is the element up to ``element_up_to``; a larger one
    may be that of the salt ``may_be``. ``systemic``: it counts by every route that reaches the body. ``beside_a_code``:
    the text beside the code of a product may add it.
    """

    name: Name
    unit: Annotated[str, NEEDED] = ""
    units: Annotated[Frozen[str, float], Key("also accepted"), Made(_units, list[str])] = Frozen()
    label_units: Annotated[LoweredWords, Key("labels state it in")] = ()
    other_unit: Annotated[str, Key("in the other system")] = ""
    words: Lowered = ()
    element: LoweredWords = ()
    symbols: Words = ()
    short_names: LoweredWords = ()
    adjectives: LoweredWords = ()
    stems: LoweredWords = ()
    other_stems: Annotated[LoweredWords, Key("stems of other words")] = ()
    letter: Annotated[str, LOWER] = ""
    letter_numbers: Annotated[Words, Key("numbers at the letter")] = ()
    usual: Annotated[Usual | None, Line(usual_line, "Write it like '1 to 4 units a day'.")] = None
    element_up_to: Annotated[
        float, Key("without a salt it is the element up to"), Made(_element_up_to, str), Absent("")
    ] = math.inf
    may_be: Annotated[str, Key("above that it may be"), Known(("salt name",))] = ""
    systemic: Annotated[bool, Key("counts by every route")] = False
    beside_a_code: Annotated[bool, Key("read beside the code of a product")] = False

    @property
    def units_a_day(self) -> Interval | None:
        """The units that are usual in a day; None where that is not stated."""
        return self.usual.amount if self.usual and self.usual.of == "units a day" else None

    @property
    def intakes_a_day(self) -> Interval | None:
        """The intakes that are usual in a day; None where that is not stated."""
        return self.usual.amount if self.usual and self.usual.of == "intakes a day" else None

    @property
    def milligram(self) -> float:
        """What a milligram of it is in its unit."""
        return self.units.get("mg", 1.0)


class Intent(NamedTuple):
    """What a product is taken for.

    Words say so, also in a dosage; ``never_paused`` is why nobody is told to pause it. ``units_a_day`` is the most that
    is taken, as needed or where no frequency is stated.
    """

    name: Name
    says: str
    words: Lowered = ()
    in_a_dosage: Annotated[Lowered, Key("said in a dosage as")] = ()
    never_paused: str = ""
    units_a_day: Annotated[float | None, Key("units a day as needed")] = None


class Contents(NamedTuple):
    """What a product or a substance holds; every other key is the name of a nutrient, with its amount.

    It is that of one unit of a product, or of one mass unit of a substance: ``amounts`` is per dose form, in the
    nutrient's unit; ``fractions`` is per mass unit. ``strength`` is the labelled mass (mg) of one dose form where that
    is not the elemental amount. ``generic``: the name is that of what many makers sell; a brand beside it counts first.
    """

    name: Annotated[str, NOT_WRITTEN]
    nutrients: Annotated[tuple[str, ...], Written({"nutrient": str | list[str]})]
    salt: str = ""
    intent: str = ""
    amounts: Annotated[Frozen[str, Interval], Written({}), OTHERS] = Frozen()
    fractions: Annotated[Frozen[str, float], NOT_WRITTEN] = Frozen()
    strength: Annotated[float | None, Written({"strength": str})] = None
    measure: str = ""
    generic: bool = False

    def of_nutrients(self, nutrients: tuple[str, ...]) -> Contents:
        """The contents with these nutrients alone."""
        amounts = {nutrient: amount for nutrient, amount in self.amounts.items() if nutrient in nutrients}
        return self._replace(nutrients=nutrients, amounts=Frozen(amounts))


class Salt(NamedTuple):
    """A salt of the main nutrient: its share by mass, the strengths (mg of salt) that labels carry, and its names."""

    name: Name
    fraction: Annotated[float, Key("share"), Called("share by mass")]
    strengths: Annotated[tuple[float, ...], Key("known strengths"), Made(_strengths, str)] = ()
    words: LoweredWords = ()

    def checked(self, _: Place) -> Salt:
        """With its own name where no other is stated."""
        return self if self.words else self._replace(words=(self.name.lower(),))


class LabelWords(NamedTuple):
    """Words that stand on labels beside the names of nutrients."""

    words_of_products: Lowered = ()
    forms_with_a_strength: Lowered = ()
    other_forms: Lowered = ()
    beside_nutrients: Lowered = ()
    holding_it: Lowered = ()
    not_in_it: Lowered = ()
    allergy: Lowered = ()
    advice: Lowered = ()
    sold_together_with_it: Lowered = ()
    in_a_pack_with_it: Lowered = ()
    counted_one_by_one: Lowered = ()


class ProductsFile(NamedTuple):
    """rules/terms/products.yaml."""

    main_nutrient: str
    nutrients: Frozen[str, Nutrient]
    usual_intent: str
    intents: Frozen[str, Intent]
    salts: Frozen[str, Salt] = Frozen()
    products: Frozen[str, Contents] = Frozen()
    substances: Frozen[str, Contents] = Frozen()
    brands: Frozen[str, Contents] = Frozen()
    names_in_other_languages: Frozen[str, str] = Frozen()
    label_words: LabelWords = LabelWords()
    phrases_that_name_no_product: tuple[str, ...] = ()
    other_medicines: tuple[str, ...] = ()
    stems_of_medicine_names: tuple[str, ...] = ()
    ATC_groups_with_products: tuple[str, ...] = ()
    excluded_codes: tuple[str, ...] = ()


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
