"""How much of the element a mass of its salts holds; a mass that could be of salt or element becomes an interval."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from cds.quantity import Interval, point, tidy
from cds.rulebook.model import Nutrient, ProductBook, Salt

ROUNDING = 0.02
"""Labels round the element: 600 mg of calcium are 1500 mg of calcium carbonate, or 600.6 mg."""


def together(salts: Iterable[str]) -> str:
    """Several salts as the rule files name them: each once, with commas between them."""
    names = {name for salt in salts for name in salt.split(", ") if name}
    return ", ".join(sorted(names))


def salts_of(salt: str, products: ProductBook) -> list[Salt]:
    """The known salts among those that a product is said to have."""
    return [products.salts[name] for name in salt.split(", ") if name in products.salts]


def salts_or_element(amount: float, salts: Iterable[str], products: ProductBook) -> Interval:
    """Elemental mg of a mass of these salts: of each share that it may have; of an unknown salt any share."""
    known = [products.salts[name] for name in salts if name in products.salts]
    return reduce(
        Interval.hull, (salt_or_element(amount, salt, products.main) for salt in known or products.salts.values())
    )


def salt_or_element(amount: float, salt: Salt, main: Nutrient) -> Interval:
    """Elemental mg of a mass that is the salt's (a known strength), or else could be salt or element."""
    low = tidy(amount * salt.fraction)
    return point(low) if tidy(amount / main.milligram) in salt.strengths else Interval(low, amount)


def element(amount: float, products: ProductBook) -> Interval:
    """The element in 'calcium N mg' without a salt: N up to the usual strength of labels, else perhaps the salt's."""
    main = products.main
    if amount <= main.element_up_to or main.may_be not in products.salts:
        return point(amount)
    return Interval(tidy(amount * products.salts[main.may_be].fraction), amount)
