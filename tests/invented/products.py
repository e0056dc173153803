"""The calcium products that people take: codes of ``rules/terms/products.yaml``, names of labels, and texts."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from invented.person import Person, pick
from invented.templates import RXNORM, Json

PRODUCTS = Path(__file__).resolve().parents[2] / "rules" / "terms" / "products.yaml"
SHARES = {
    "282465": 20, "237420": 14, "359297": 8, "308892": 3, "308915": 4, "428485": 14, "832908": 10, "1310948": 6,
    "809536": 3, "1244925": 2, "198538": 7, "308918": 8, "847121": 3, "318076": 3,
}  # fmt: skip
"""How often the codes are taken."""
BINDERS = ("359296", "197433")
TEXTS = (
    "Caltrate 600 mg", "Os-Cal 500 mg", "Calcium 600 mg + vitamin D 400 IU", "Calcium carbonate 1250 mg tablet",
    "Tums Extra Strength", "Calcium citrate 950 mg tablet", "Citracal", "calcium carbonate 600 mg",
)  # fmt: skip
UNKNOWN = ("Bonavital Forte", "OsteoPlus N", "Kalzan D-aktiv", "Calciomar complex")
"""Names of products that are invented: nobody knows what is in them."""
BY_TEXT = 0.12


@lru_cache(maxsize=1)
def displays() -> dict[str, str]:
    """The products of the rule files by their RxNorm code, as they are called there."""
    lines = (
        PRODUCTS.read_text(encoding="utf-8").partition("\nproducts:\n")[2].partition("\nsubstances:")[0].splitlines()
    )
    named = (line.strip().rstrip(":") for line in lines if line.startswith("  RxNorm "))
    return {code: display for _, code, display in (name.split(" ", 2) for name in named)}


def product_of(person: Person) -> Json:
    """A CodeableConcept of the product that the person takes."""
    chance = person.chance
    if chance.random() < BY_TEXT:
        return {"text": pick(chance, TEXTS)}
    if "CKD stage 4" in person.has and chance.random() < 0.4:
        return product(pick(chance, BINDERS))
    return product(chance.choices(list(SHARES), list(SHARES.values()))[0])


def product(code: str) -> Json:
    """A CodeableConcept of a product.

    Raises:
        KeyError: the rule files have no product of this code.

    """
    name = displays()[code]
    return {"coding": [{"system": RXNORM, "code": code, "display": name}], "text": name}


def takes_calcium(person: Person) -> bool:
    """Whether the person is one of the tenth who take calcium: women and those with thin bones more often."""
    thin = 0.3 if "osteoporosis" in person.has else 0.2 if "low bone mass" in person.has else 0.0
    return person.random() < max(thin, 0.1 if person.female else 0.055)
