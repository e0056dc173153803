"""The file of products."""

from __future__ import annotations

from typing import Literal

from cds.rulebook.shapes.shape import Lines, OneOrMore, Shape


class SaltShape(Shape):
    """A calcium salt."""

    calcium: float
    known_strengths: str = ""


class ContentsShape(Shape):
    """What a product or a substance holds."""

    nutrient: OneOrMore = []
    salt: str = ""
    strength: str = ""
    calcium: str = ""
    vitamin_D: str = ""
    vitamin_K: str = ""
    vitamin_C: str = ""
    magnesium: str = ""
    glucocorticoid: str = ""
    intent: Literal["supplement", "antacid", "phosphate-binder"] = "supplement"
    measure: str = ""


class ProductsFile(Shape):
    """rules/terms/products.yaml."""

    calcium_without_a_salt_is_the_element_up_to: float
    salts: dict[str, SaltShape]
    products: dict[str, ContentsShape]
    substances: dict[str, ContentsShape]
    brands: dict[str, ContentsShape]
    names_in_other_languages: dict[str, str] = {}
    vitamin_K_words: Lines
    magnesium_words: Lines
    vitamin_C_words: Lines
    vitamin_D_words: Lines
    glucocorticoid_words: Lines
    not_a_calcium_product: Lines
    stems_of_medicine_names: list[str] = []
    excluded_codes: Lines
    antacid_words: Lines
    binder_words: Lines
