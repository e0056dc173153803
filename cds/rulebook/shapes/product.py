"""The file of products."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from cds.rulebook.shape import Shape
from cds.rulebook.shapes.shape import OneOrMore


class NutrientShape(Shape):
    """What products are counted in, and by which names labels say it."""

    unit: str
    also_accepted: list[str] = []
    labels_state_it_in: OneOrMore = []
    in_the_other_system: str = ""
    words: list[str] = []
    element: OneOrMore = []
    symbols: OneOrMore = []
    short_names: OneOrMore = []
    adjectives: OneOrMore = []
    stems: OneOrMore = []
    stems_of_other_words: OneOrMore = []
    letter: str = ""
    numbers_at_the_letter: OneOrMore = []
    usual: str = ""
    without_a_salt_it_is_the_element_up_to: str = ""
    above_that_it_may_be: str = ""
    counts_by_every_route: bool = False
    read_beside_the_code_of_a_product: bool = False


class IntentShape(Shape):
    """What products are taken for."""

    says: str
    words: list[str] = []
    said_in_a_dosage_as: list[str] = []
    never_paused: str = ""
    units_a_day_as_needed: float | None = None


class SaltShape(Shape):
    """A salt of the main nutrient."""

    share: float
    known_strengths: str = ""
    words: OneOrMore = []


class ContentsShape(Shape):
    """What a product or a substance holds; every other key is the name of a nutrient, with its amount."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str] = Field(init=False)

    nutrient: OneOrMore = []
    salt: str = ""
    strength: str = ""
    intent: str = ""
    measure: str = ""


class LabelWordsShape(Shape):
    """Words that stand on labels beside the names of nutrients."""

    words_of_products: list[str] = []
    forms_with_a_strength: list[str] = []
    other_forms: list[str] = []
    beside_nutrients: list[str] = []
    holding_it: list[str] = []
    not_in_it: list[str] = []
    allergy: list[str] = []
    advice: list[str] = []
    sold_together_with_it: list[str] = []


class ProductsFile(Shape):
    """rules/terms/products.yaml."""

    main_nutrient: str
    nutrients: dict[str, NutrientShape]
    usual_intent: str
    intents: dict[str, IntentShape]
    salts: dict[str, SaltShape] = {}
    products: dict[str, ContentsShape] = {}
    substances: dict[str, ContentsShape] = {}
    brands: dict[str, ContentsShape] = {}
    names_in_other_languages: dict[str, str] = {}
    label_words: LabelWordsShape = LabelWordsShape()
    phrases_that_name_no_product: list[str] = []
    other_medicines: list[str] = []
    stems_of_medicine_names: list[str] = []
    ATC_groups_with_products: list[str] = []
    excluded_codes: list[str] = []
