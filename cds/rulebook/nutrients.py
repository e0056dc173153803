"""Nutrients, what they are taken for, and the words of labels: the parts of products.yaml that all products use."""

from __future__ import annotations

import math
from collections.abc import Iterable

from cds.quantity import Interval, unit_key
from cds.rulebook import lines
from cds.rulebook.declared import Line, read_lines, several
from cds.rulebook.model import Frozen, Intent, Nutrient
from cds.rulebook.report import Where
from cds.rulebook.shapes.product import IntentShape, LabelWordsShape, NutrientShape, ProductsFile

UNIT_LINE = Line(lines.unit_line, "Write it like 'g x 1000'.")


def link_nutrients(shape: ProductsFile, where: Where) -> dict[str, Nutrient]:
    """The nutrients by their names, in the order of the file."""
    found = {name: _nutrient(name, entry, where.at("nutrients", name)) for name, entry in shape.nutrients.items()}
    for name, entry in shape.nutrients.items():
        if entry.above_that_it_may_be:
            where.at("nutrients", name, "above that it may be").known(
                entry.above_that_it_may_be, shape.salts, "salt name"
            )
    main = found.get(shape.main_nutrient)
    if main and main.element:
        for unit in {"mg", "g", "ug"} - main.units.keys():
            what = f"labels state {main.name} in {unit}, which it does not accept."
            where.at("nutrients", main.name).problem(what, "Add it under 'also accepted'.", "unknown-unit")
    return found


def link_intents(shape: ProductsFile, where: Where) -> dict[str, Intent]:
    """What products are taken for, by name; where words of several stand in a text, the first of them counts."""
    if shape.intents:
        where.at("usual intent").known(shape.usual_intent, shape.intents, "intent name")
    return {name: _intent(name, entry) for name, entry in shape.intents.items()}


def label_lists(shape: LabelWordsShape) -> dict[str, tuple[str, ...]]:
    """The lists of words that stand beside nutrients, by their names in the file."""
    entries: dict[str, list[str]] = shape.model_dump(by_alias=True)
    return {name: lowered(listed) for name, listed in entries.items()}


def lowered(words: Iterable[str]) -> tuple[str, ...]:
    """Words as they are looked for."""
    return tuple(word.lower() for word in words)


def _nutrient(name: str, shape: NutrientShape, where: Where) -> Nutrient:
    others = read_lines(UNIT_LINE, shape.also_accepted, where.at("also accepted"))
    units = {unit_key(shape.unit): 1.0} | dict(others)
    if shape.in_the_other_system and unit_key(shape.in_the_other_system) not in units:
        what = f"'{shape.in_the_other_system}' is not one of the units of {name}."
        where.at("in the other system").problem(what, "Add it under 'also accepted'.", "unknown-unit")
    labelled = several(shape.labels_state_it_in)
    for unit in labelled:
        if unit_key(unit) not in units:
            what = f"'{unit}' is not one of the units of {name}."
            where.at("labels state it in").problem(what, "Add it under 'also accepted'.", "unknown-unit")
    usual, per = _usual(shape.usual, where.at("usual"))
    return Nutrient(
        name=name,
        unit=shape.unit,
        units=Frozen(units),
        label_units=lowered(labelled),
        other_unit=shape.in_the_other_system,
        words=lowered(shape.words),
        element=lowered(several(shape.element)),
        symbols=several(shape.symbols),
        short_names=lowered(several(shape.short_names)),
        adjectives=lowered(several(shape.adjectives)),
        stems=lowered(several(shape.stems)),
        other_stems=lowered(several(shape.stems_of_other_words)),
        letter=shape.letter.lower(),
        letter_numbers=several(shape.numbers_at_the_letter),
        units_a_day=usual if per == "units a day" else None,
        intakes_a_day=usual if per == "intakes a day" else None,
        element_up_to=_element_up_to(shape, where),
        may_be=shape.above_that_it_may_be,
        systemic=shape.counts_by_every_route,
        beside_a_code=shape.read_beside_the_code_of_a_product,
    )


def _usual(text: str, where: Where) -> tuple[Interval | None, str]:
    """How much is usual in a day where no frequency is stated: ``1 to 4 units a day``, ``0 to 4 intakes a day``."""
    found = lines.amount(text) if text else None
    if found is not None and found[1] in ("units a day", "intakes a day"):
        return found
    if text:
        where.problem(f"'{text}' cannot be read.", "Write it like '1 to 4 units a day'.", "wrong-value")
    return None, ""


def _element_up_to(shape: NutrientShape, where: Where) -> float:
    """Up to which mass a label without a salt names the element; without a statement any mass."""
    text = shape.without_a_salt_it_is_the_element_up_to
    found = lines.amount(text) if text else None
    if found is not None and found[1] == shape.unit:
        return found[0].high
    if text:
        place = where.at("without a salt it is the element up to")
        place.problem(f"'{text}' is no amount.", f"Write it like '630 {shape.unit}'.", "wrong-value")
    return math.inf


def _intent(name: str, shape: IntentShape) -> Intent:
    return Intent(
        name=name,
        says=shape.says,
        words=lowered(shape.words),
        in_a_dosage=lowered(shape.said_in_a_dosage_as),
        never_paused=shape.never_paused,
        units_a_day=shape.units_a_day_as_needed,
    )
