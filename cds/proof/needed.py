"""The names without which a property tries nothing: what gets worse, what is normal, who must be answered.

They are names of the rule files, written here; a property says which of them the rulebook does not define.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cds.proof.names import Name, nearest_to, undefined
from cds.proof.verdict import Verdict
from cds.rulebook.model import NOT_APPLICABLE, RuleBook

CONTRAINDICATIONS = (
    "calciphylaxis", "granulomatous disease", "malignancy with calcium risk", "acute kidney injury diagnosis",
    "dialysis on record", "active vitamin D",
)  # fmt: skip
KIDNEYS = "reported eGFR"
CALCIUM, HIGH_CALCIUM = "serum calcium", "high serum calcium"
NORMAL = {
    CALCIUM: 9.4, KIDNEYS: 90, "total 25-OH vitamin D": 40, "intact PTH": 40, "phosphate": 3.5,
    "magnesium": 2, "24-hour urine calcium": 150, "coronary calcium score": 0, "DXA T-score": 0,
    "recorded dietary calcium": 700,
}  # fmt: skip
"""A value inside every reference range of the rule files, in the unit of its term (what INR is normal, a Goal says)."""
ADULT = "adult with a calcium product"
OUTSIDE = ("pregnancy or breastfeeding", "deceased")
"""Why an adult with a calcium product may be outside the scope."""
SCOPE = (*(Name("finding", name) for name in (ADULT, *OUTSIDE)), Name("outcome", NOT_APPLICABLE))


def terms(names: Iterable[str]) -> tuple[Name, ...]:
    """The names of terms."""
    return tuple(Name("term", name) for name in names)


def not_tried(book: RuleBook, names: Iterable[Name]) -> Iterator[Verdict]:
    """For each name that the rulebook does not define: that nothing was tried with it, and the nearest name."""
    for name in undefined(book, names):
        what = f"No {name.kind} is called '{name.name}', so nothing was tried with it."
        todo = "Give it this name again, or rename it in cds/proof/needed.py too."
        yield Verdict(None, f"{what} {nearest_to(book, name)} {todo}")
