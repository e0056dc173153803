"""products.yaml -> what products hold, by code and by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from cds.quantity import Interval, point, unit_key
from cds.rulebook import lines
from cds.rulebook.model import Code, Contents, Frozen, ProductBook, Salt
from cds.rulebook.nutrients import NUTRIENTS, UNSTATED
from cds.rulebook.report import Where
from cds.rulebook.shapes.product import ContentsShape, ProductsFile, SaltShape
from cds.rulebook.terms import several


class SomeProducts(Protocol):
    """A file that says what products, substances and brands hold."""

    products: dict[str, ContentsShape]
    substances: dict[str, ContentsShape]
    brands: dict[str, ContentsShape]


def link_products(shape: ProductsFile, where: Where) -> ProductBook:
    """The product book; entries that cannot be read are reported."""
    salts = {name: _salt(name, salt, where.at("salts", name)) for name, salt in shape.salts.items()}
    coded, brands = link_contents(shape, salts, where)
    excluded = [_code(line, where.at("excluded codes", index)) for index, line in enumerate(shape.excluded_codes)]
    return ProductBook(
        salts=Frozen(salts),
        coded=Frozen(coded),
        excluded=frozenset((code.system, code.code) for code in excluded if code),
        brands=tuple(sorted(brands.items(), key=lambda item: -len(item[0]))),
        words=Frozen(_words(shape)),
        element_up_to=shape.calcium_without_a_salt_is_the_element_up_to,
        translations=Frozen({name.lower(): english for name, english in shape.names_in_other_languages.items()}),
    )


def link_contents(
    shape: SomeProducts, salts: Mapping[str, Salt], where: Where
) -> tuple[dict[tuple[str, str], Contents], dict[str, Contents]]:
    """What products, substances and brands hold, by code and by name."""
    coded: dict[tuple[str, str], Contents] = {}
    for section, entries, reader in (
        ("products", shape.products, _product), ("substances", shape.substances, _substance)
    ):  # fmt: skip
        for line, entry in entries.items():
            place = where.at(section, line)
            if code := _code(line, place):
                coded[(code.system, code.code)] = reader(code.display, entry, salts, place)
    brands = {name: _product(name, entry, salts, where.at("brands", name)) for name, entry in shape.brands.items()}
    return coded, brands


def _words(shape: ProductsFile) -> dict[str, tuple[str, ...]]:
    lists = {
        "vitamin D": shape.vitamin_D_words,
        "vitamin K": shape.vitamin_K_words,
        "vitamin C": shape.vitamin_C_words,
        "magnesium": shape.magnesium_words,
        "glucocorticoid": shape.glucocorticoid_words,
        "excluded": shape.not_a_calcium_product,
        "stems": shape.stems_of_medicine_names,
        "antacid": shape.antacid_words,
        "phosphate-binder": shape.binder_words,
    }
    return {name: tuple(word.lower() for word in words) for name, words in lists.items()}


def _code(line: str, where: Where) -> Code | None:
    code = lines.code_line(line)
    if code is None:
        where.problem(f"'{line}' is not a code.", "Write it like 'RxNorm 1897 calcium carbonate'.", "bad-code-line")
    return code


def _number(text: str, where: Where) -> float:
    found = lines.amount(text)
    if found is None or found[1] or not found[0].is_point:
        where.problem(f"'{text}' is no number.", "Write it like '500' or '0.4'.", "wrong-value")
        return 0
    return found[0].low


def _salt(name: str, shape: SaltShape, where: Where) -> Salt:
    place = where.at("known strengths")
    return Salt(name, shape.calcium, tuple(_number(text, place) for text in several(shape.known_strengths)))


def _product(name: str, entry: ContentsShape, salts: Mapping[str, Salt], where: Where) -> Contents:
    _check_salt(entry, salts, where)
    amounts = {nutrient: _amount(nutrient, text, where) for nutrient, text in _stated(entry).items()}
    if entry.salt and "calcium" not in amounts:
        amounts["calcium"] = UNSTATED
    strength = lines.amount(entry.strength) if entry.strength else None
    if entry.strength and (strength is None or strength[1] != "mg"):
        where.at("strength").problem(f"'{entry.strength}' is no strength.", "Write it like '1250 mg'.", "wrong-value")
    return Contents(
        name=name,
        nutrients=tuple(amounts),
        salt=entry.salt,
        intent=entry.intent,
        amounts=Frozen(amounts),
        strength=strength[0].low if strength else None,
        measure=entry.measure,
    )


def _substance(name: str, entry: ContentsShape, salts: Mapping[str, Salt], where: Where) -> Contents:
    _check_salt(entry, salts, where)
    fractions = {nutrient: _number(text, where.at(nutrient)) for nutrient, text in _stated(entry).items()}
    for nutrient in several(entry.nutrient):
        where.at("nutrient").known(nutrient, NUTRIENTS, "nutrient name")
    nutrients = dict.fromkeys((*several(entry.nutrient), *fractions))
    if "calcium" in nutrients and entry.salt in salts:
        fractions["calcium"] = salts[entry.salt].fraction
    return Contents(name, tuple(nutrients), entry.salt, entry.intent, fractions=Frozen(fractions))


def _check_salt(entry: ContentsShape, salts: Mapping[str, Salt], where: Where) -> None:
    if entry.salt and entry.salt != "unspecified":
        where.at("salt").known(entry.salt, salts, "salt name")


def _stated(entry: ContentsShape) -> dict[str, str]:
    texts = {nutrient: str(getattr(entry, nutrient.replace(" ", "_"))) for nutrient in NUTRIENTS}
    return {nutrient: text for nutrient, text in texts.items() if text}


def _amount(nutrient: str, text: str, where: Where) -> Interval:
    if text == "unknown":
        return UNSTATED
    found = lines.amount(text)
    factor = NUTRIENTS[nutrient].get(unit_key(found[1])) if found else None
    if found is None or factor is None:
        where.at(nutrient).problem(f"'{text}' is no amount of {nutrient}.", "Write it like '500 mg'.", "wrong-value")
        return point(0)
    return found[0].times(factor)
