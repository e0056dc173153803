"""products.yaml -> what products hold, by code and by name."""

from __future__ import annotations

from typing import Protocol

from cds.errors import nearest
from cds.quantity import Interval, point, unit_key
from cds.rulebook import lines
from cds.rulebook.declared import several
from cds.rulebook.model import UNSTATED, Code, Contents, Frozen, Nutrient, ProductBook, Salt
from cds.rulebook.nutrients import label_lists, link_intents, link_nutrients, lowered
from cds.rulebook.report import Where
from cds.rulebook.shapes.product import ContentsShape, ProductsFile, SaltShape

UNSPECIFIED = "unspecified"
"""The salt of which nothing is known but that there may be one."""
KEYS = tuple(field.alias or name for name, field in ContentsShape.model_fields.items())


class SomeProducts(Protocol):
    """A file that says what products, substances and brands hold."""

    products: dict[str, ContentsShape]
    substances: dict[str, ContentsShape]
    brands: dict[str, ContentsShape]


def link_products(shape: ProductsFile, where: Where) -> ProductBook:
    """The product book; entries that cannot be read are reported."""
    nutrients = link_nutrients(shape, where)
    if shape.nutrients:
        where.at("main nutrient").known(shape.main_nutrient, nutrients, "nutrient name")
    excluded = [_code(line, where.at("excluded codes", index)) for index, line in enumerate(shape.excluded_codes)]
    book = ProductBook(
        main=nutrients.get(shape.main_nutrient, Nutrient("")),
        nutrients=Frozen(nutrients),
        intents=Frozen(link_intents(shape, where)),
        usual_intent=shape.usual_intent,
        salts=Frozen({name: _salt(name, salt, where.at("salts", name)) for name, salt in shape.salts.items()}),
        excluded=frozenset((code.system, code.code) for code in excluded if code),
        other_medicines=lowered(shape.other_medicines),
        no_products=lowered(shape.phrases_that_name_no_product),
        stems=lowered(shape.stems_of_medicine_names),
        atc_groups=tuple(shape.ATC_groups_with_products),
        labels=Frozen(label_lists(shape.label_words)),
        translations=Frozen({name.lower(): english for name, english in shape.names_in_other_languages.items()}),
    )
    return with_contents(book, *link_contents(shape, book, where))


def with_contents(
    book: ProductBook, coded: dict[tuple[str, str], Contents], brands: dict[str, Contents]
) -> ProductBook:
    """The book with these contents, those of brands by the length of their names."""
    return book._replace(coded=Frozen(coded), brands=tuple(sorted(brands.items(), key=lambda item: -len(item[0]))))


def link_contents(
    shape: SomeProducts, book: ProductBook, where: Where
) -> tuple[dict[tuple[str, str], Contents], dict[str, Contents]]:
    """What products, substances and brands hold, by code and by name."""
    coded: dict[tuple[str, str], Contents] = {}
    sections = (("products", shape.products, _product), ("substances", shape.substances, _substance))
    for section, entries, reader in sections:
        for line, entry in entries.items():
            place = where.at(section, line)
            if code := _code(line, place):
                coded[(code.system, code.code)] = reader(code.display, entry, book, place)
    brands = {name: _product(name, entry, book, where.at("brands", name)) for name, entry in shape.brands.items()}
    return coded, brands


def _code(line: str, where: Where) -> Code | None:
    code = lines.code_line(line)
    if code is None:
        where.problem(f"'{line}' is not a code.", "Write it like 'RxNorm 1234 name of the product'.", "bad-code-line")
    return code


def _number(text: str, where: Where) -> float:
    found = lines.amount(text)
    if found is None or found[1] or not found[0].is_point:
        where.problem(f"'{text}' is no number.", "Write it like '500' or '0.4'.", "wrong-value")
        return 0
    return found[0].low


def _salt(name: str, shape: SaltShape, where: Where) -> Salt:
    place = where.at("known strengths")
    strengths = tuple(_number(text, place) for text in several(shape.known_strengths))
    return Salt(name, shape.share, strengths, lowered(several(shape.words) or (name,)))


def _product(name: str, entry: ContentsShape, book: ProductBook, where: Where) -> Contents:
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
    )


def _substance(name: str, entry: ContentsShape, book: ProductBook, where: Where) -> Contents:
    fractions = {nutrient: _number(text, where.at(nutrient)) for nutrient, text in _stated(entry, book, where)}
    for nutrient in several(entry.nutrient):
        where.at("nutrient").known(nutrient, book.nutrients, "nutrient name")
    nutrients = dict.fromkeys((*several(entry.nutrient), *fractions))
    if book.main.name in nutrients and entry.salt in book.salts:
        fractions[book.main.name] = book.salts[entry.salt].fraction
    intent = entry.intent or book.usual_intent
    return Contents(name, tuple(nutrients), entry.salt, intent, fractions=Frozen(fractions))


def _stated(entry: ContentsShape, book: ProductBook, where: Where) -> list[tuple[str, str]]:
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
