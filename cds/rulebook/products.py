"""products.yaml -> what products hold, by code and by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cds.errors import nearest
from cds.quantity import Interval, point, unit_key
from cds.rulebook import lines
from cds.rulebook.declared import fields_of, several
from cds.rulebook.model import UNSPECIFIED, UNSTATED, Code, Contents, Frozen, Nutrient, ProductBook
from cds.rulebook.model.product import NUMBER_LINE, LabelWords
from cds.rulebook.reading import check_names, read_entry
from cds.rulebook.report import Where
from cds.rulebook.shape import Shape, shape_of

KEYS = tuple(field.alias or name for name, field in shape_of(Contents).model_fields.items())


def link_products(shape: Any, where: Where) -> ProductBook:
    """The product book; entries that cannot be read are reported."""
    nutrients = _nutrients(shape, where)
    if shape.nutrients:
        where.at("main nutrient").known(shape.main_nutrient, nutrients, "nutrient name")
    if shape.intents:
        where.at("usual intent").known(shape.usual_intent, shape.intents, "intent name")
    excluded = [_code(line, where.at("excluded codes", index)) for index, line in enumerate(shape.excluded_codes)]
    book = ProductBook(
        main=nutrients.get(shape.main_nutrient, Nutrient("")),
        nutrients=nutrients,
        intents=_entries(shape.intents, where.at("intents")),
        usual_intent=shape.usual_intent,
        salts=_entries(shape.salts, where.at("salts")),
        excluded=frozenset((code.system, code.code) for code in excluded if code),
        other_medicines=lowered(shape.other_medicines),
        no_products=lowered(shape.phrases_that_name_no_product),
        stems=lowered(shape.stems_of_medicine_names),
        atc_groups=tuple(shape.ATC_groups_with_products),
        labels=_label_lists(shape.label_words),
        translations=Frozen({name.lower(): english for name, english in shape.names_in_other_languages.items()}),
    )
    return with_contents(book, *link_contents(shape, book, where))


def _entries(entries: Mapping[str, Shape], where: Where) -> Frozen[str, Any]:
    return Frozen({name: read_entry(entry, where.at(name)) for name, entry in entries.items()})


def _nutrients(shape: Any, where: Where) -> Frozen[str, Nutrient]:
    """The nutrients by their names, in the order of the file."""
    found: Frozen[str, Nutrient] = _entries(shape.nutrients, where.at("nutrients"))
    for name, nutrient in found.items():
        place, entry = where.at("nutrients", name), shape.nutrients[name]
        check_names(nutrient, place, {"salt name": shape.salts})
        stated = [("in the other system", unit) for unit in filter(None, [entry.other_unit])]
        stated += [("labels state it in", unit) for unit in several(entry.label_units)]
        for key, unit in stated:
            if unit_key(unit) not in nutrient.units:
                what = f"'{unit}' is not one of the units of {name}."
                place.at(key).problem(what, "Add it under 'also accepted'.", "unknown-unit")
    main = found.get(shape.main_nutrient)
    if main and main.element:
        for unit in {"mg", "g", "ug"} - main.units.keys():
            what = f"labels state {main.name} in {unit}, which it does not accept."
            where.at("nutrients", main.name).problem(what, "Add it under 'also accepted'.", "unknown-unit")
    return found


def _label_lists(shape: Any) -> Frozen[str, tuple[str, ...]]:
    """The lists of words that stand beside nutrients, by their names in the file."""
    return Frozen({field.key: lowered(getattr(shape, field.name)) for field in fields_of(LabelWords)})


def lowered(words: Iterable[str]) -> tuple[str, ...]:
    """Words as they are looked for."""
    return tuple(word.lower() for word in words)


def with_contents(
    book: ProductBook, coded: dict[tuple[str, str], Contents], brands: dict[str, Contents]
) -> ProductBook:
    """The book with these contents, those of brands by the length of their names."""
    return book._replace(coded=Frozen(coded), brands=tuple(sorted(brands.items(), key=lambda item: -len(item[0]))))


def link_contents(
    shape: Any, book: ProductBook, where: Where
) -> tuple[dict[tuple[str, str], Contents], dict[str, Contents]]:
    """What products, substances and brands hold, by code and by name."""
    coded: dict[tuple[str, str], Contents] = {}
    sections = (("products", shape.products, _product), ("substances", shape.substances, _substance))
    for section, entries, reader in sections:
        for line, entry in entries.items():
            place = where.at(section, line)
            if code := _code(line, place):
                coded[(code.system, code.code)] = reader(code.display, entry, book, place)
    return coded, link_brands(shape.brands, book, where.at("brands"))


def link_brands(entries: Mapping[str, Any], book: ProductBook, where: Where) -> dict[str, Contents]:
    """What brands hold, by their names."""
    return {name: _product(name, entry, book, where.at(name)) for name, entry in entries.items()}


def _code(line: str, where: Where) -> Code | None:
    code = lines.code_line(line)
    if code is None:
        where.problem(f"'{line}' is not a code.", "Write it like 'RxNorm 1234 name of the product'.", "bad-code-line")
    return code


def _product(name: str, entry: Any, book: ProductBook, where: Where) -> Contents:
    amounts = {
        nutrient: _amount(book.nutrients[nutrient], text, where) for nutrient, text in _stated(entry, book, where)
    }
    if entry.salt and book.main.name and book.main.name not in amounts:
        amounts[book.main.name] = UNSTATED
    strength = lines.amount(entry.strength) if entry.strength else None
    if entry.strength and (strength is None or strength[1] != "mg"):
        where.at("strength").problem(f"'{entry.strength}' is no strength.", "Write it like '1250 mg'.", "wrong-value")
    return Contents(
        name=name,
        nutrients=tuple(amounts),
        salt=entry.salt,
        intent=entry.intent or book.usual_intent,
        amounts=Frozen(amounts),
        strength=strength[0].low if strength else None,
        measure=entry.measure,
        generic=entry.generic,
    )


def _substance(name: str, entry: Any, book: ProductBook, where: Where) -> Contents:
    fractions = {
        nutrient: NUMBER_LINE.value(text, where.at(nutrient)) or 0 for nutrient, text in _stated(entry, book, where)
    }
    for nutrient in several(entry.nutrient):
        where.at("nutrient").known(nutrient, book.nutrients, "nutrient name")
    nutrients = dict.fromkeys((*several(entry.nutrient), *fractions))
    if book.main.name in nutrients and entry.salt in book.salts:
        fractions[book.main.name] = book.salts[entry.salt].fraction
    intent = entry.intent or book.usual_intent
    return Contents(name, tuple(nutrients), entry.salt, intent, fractions=Frozen(fractions))


def _stated(entry: Any, book: ProductBook, where: Where) -> list[tuple[str, str]]:
    """The texts of an entry by nutrient, in the order of the nutrients; names in it that nobody defines are noted."""
    if entry.salt and entry.salt != UNSPECIFIED:
        where.at("salt").known(entry.salt, book.salts, "salt name")
    if entry.intent:
        where.at("intent").known(entry.intent, book.intents, "intent name")
    texts = entry.model_extra or {}
    for key in texts.keys() - book.nutrients.keys():
        todo = nearest(key, (*KEYS, *book.nutrients))
        where.at(key).undefined(key, f"'{key}' has no meaning here.", todo, "unknown-key", "nutrient name")
    return [(nutrient, texts[nutrient]) for nutrient in book.nutrients if texts.get(nutrient)]


def _amount(nutrient: Nutrient, text: str, where: Where) -> Interval:
    if text == "unknown":
        return UNSTATED
    found = lines.amount(text)
    factor = nutrient.units.get(unit_key(found[1])) if found else None
    if found is None or factor is None:
        todo = f"Write it like '500 {nutrient.unit}'."
        where.at(nutrient.name).problem(f"'{text}' is no amount of {nutrient.name}.", todo, "wrong-value")
        return point(0)
    return found[0].times(factor)
