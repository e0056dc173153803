"""The nutrients that products are counted in, and their units."""

from __future__ import annotations

from cds.quantity import Interval

# The unit of each nutrient, and what one of another unit is worth in it (1 ug vitamin D = 40 IU; Ca 40.08 g/mol).
NUTRIENTS: dict[str, dict[str, float]] = {
    "calcium": {"mg": 1, "g": 1000, "ug": 0.001, "mmol": 40.08, "meq": 20.04},
    "vitamin D": {"[iu]": 1, "ug": 40, "mg": 40000},
    "vitamin K": {"ug": 1, "mg": 1000},
    "vitamin C": {"mg": 1, "g": 1000},
    "magnesium": {"mg": 1, "g": 1000, "mmol": 24.305, "meq": 12.15},
    "glucocorticoid": {"mg": 1, "g": 1000, "ug": 0.001},
}
UNSTATED = Interval(0, float("inf"))
"""An amount that no label states."""
