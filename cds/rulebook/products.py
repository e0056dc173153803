"""products.yaml -> what products hold, by code and by name."""

from __future__ import annotations

from cds.quantity import Interval, point, unit_key
from cds.rulebook import lines
from cds.rulebook.model import Contents, Frozen, ProductBook, Salt
from cds.rulebook.nutrients import NUTRIENTS, UNSTATED
from cds.rulebook.report import Where
from cds.rulebook.shapes import ContentsShape, ProductsFile
from cds.rulebook.terms import several


def link_products(shape: ProductsFile, where: Where) -> ProductBook:
    """The product book; entries that cannot be read are reported."""
    salts = {name: _salt(name, salt.calcium, salt.known_strengths) for name, salt in shape.salts.items()}
    coded: dict[tuple[str, str], Contents] = {}
    for section in ("products", "substances"):
        entries: dict[str, ContentsShape] = getattr(shape, section)
        for line, entry in entries.items():
            place = where.at(section, line)
            if (code := lines.code_line(line)) is None:
                place.problem(f"'{line}' is not a code.", "Write it like 'RxNorm 1897 calcium carbonate'.",
                              "bad-code-line")  # fmt: skip
                continue
            reader = _product if section == "products" else _substance
            coded[(code.system, code.code)] = reader(code.display, entry, salts, place)
    brands = {name: _product(name, entry, salts, where.at("brands", name)) for name, entry in shape.brands.items()}
    excluded = [lines.code_line(line) for line in shape.excluded_codes]
    return ProductBook(
        salts=Frozen(salts),
        coded=Frozen(coded),
        excluded=frozenset((code.system, code.code) for code in excluded if code),
        brands=tuple(sorted(brands.items(), key=lambda item: -len(item[0]))),
        words=Frozen(_words(shape)),
        element_up_to=shape.calcium_without_a_salt_is_the_element_up_to,
    )


def _words(shape: ProductsFile) -> dict[str, tuple[str, ...]]:
    lists = {
        "vitamin D": shape.vitamin_D_words,
        "vitamin K": shape.vitamin_K_words,
        "vitamin C": shape.vitamin_C_words,
        "magnesium": shape.magnesium_words,
        "glucocorticoid": shape.glucocorticoid_words,
        "excluded": shape.not_a_calcium_product,
        "antacid": shape.antacid_words,
        "phosphate-binder": shape.binder_words,
    }
    return {name: tuple(word.lower() for word in words) for name, words in lists.items()}


def _salt(name: str, fraction: float, strengths: str) -> Salt:
    return Salt(name, fraction, tuple(float(number) for number in several(strengths)))


def _product(name: str, entry: ContentsShape, salts: dict[str, Salt], where: Where) -> Contents:
    _check_salt(entry, salts, where)
    amounts = {nutrient: _amount(nutrient, text, where) for nutrient, text in _stated(entry).items()}
    if entry.salt and "calcium" not in amounts:
        amounts["calcium"] = UNSTATED
    strength = lines.amount(entry.strength) if entry.strength else None
    return Contents(
        name=name,
        nutrients=tuple(amounts),
        salt=entry.salt,
        intent=entry.intent,
        amounts=Frozen(amounts),
        strength=strength[0].low if strength else None,
        measure=entry.measure,
    )


def _substance(name: str, entry: ContentsShape, salts: dict[str, Salt], where: Where) -> Contents:
    _check_salt(entry, salts, where)
    fractions = {nutrient: float(text) for nutrient, text in _stated(entry).items()}
    nutrients = dict.fromkeys((*several(entry.nutrient), *fractions))
    if "calcium" in nutrients and entry.salt in salts:
        fractions["calcium"] = salts[entry.salt].fraction
    return Contents(name, tuple(nutrients), entry.salt, entry.intent, fractions=Frozen(fractions))


def _check_salt(entry: ContentsShape, salts: dict[str, Salt], where: Where) -> None:
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
