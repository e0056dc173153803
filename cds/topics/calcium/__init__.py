"""Formulas that are medicine: how calcium is corrected and chosen, and what creatinine says about the kidneys.

Everything else that is clinical stands in the rule files. Another topic that needs a formula of its own brings a
package like this one: ``FORMULAS`` here, each with a function that names its source, and in its module ``proofs`` what
the solver knows of them (``TWINS``; one that is not there is a free number). Its name is added to ``PLUG_INS`` in
``cds.facts.formulas``; rule files then name the formula and its inputs like those of the engine.
"""

from __future__ import annotations

from cds.facts.formula import Formula
from cds.rulebook.formula import COMPUTED, MEASUREMENT, RESULTS, Role, Takes
from cds.rulebook.model import BIRTH_DATE, GENDER
from cds.topics.calcium import kidney, serum

FORMULAS = {
    "CKD-EPI 2021": Formula(
        kidney.computed_egfr,
        Takes(
            (
                Role("creatinine", (MEASUREMENT,)),
                Role("age", (BIRTH_DATE,)),
                Role("sex", (GENDER,)),
            ),
            (kidney.ADULT,),
        ),
        kidney.computed_history,
    ),
    "calcium set aside": Formula(
        serum.set_aside,
        Takes(
            (
                Role("ionised", RESULTS),
                Role("corrected by the laboratory", RESULTS),
                Role("corrected here", RESULTS),
                Role("in use", RESULTS),
            ),
            (serum.BEFORE, serum.AFTER),
        ),
    ),
    "newest calcium": Formula(
        serum.newest,
        Takes(
            (
                Role("ionised", RESULTS),
                Role("corrected by the laboratory", RESULTS),
                Role("corrected here", RESULTS),
                Role("calculated", RESULTS),
                Role("corrected for protein", RESULTS),
            ),
            (serum.WITHIN,),
        ),
    ),
    "reported against computed eGFR": Formula(
        kidney.disagreement,
        Takes(
            (
                Role("reported", RESULTS),
                Role("usable as", (COMPUTED,)),
                Role("computed", (COMPUTED,)),
            )
        ),
    ),
    "rise over baseline": Formula(
        kidney.rise,
        Takes((Role("creatinine", (MEASUREMENT,)),), (kidney.RECENT, kidney.BASELINE)),
    ),
    "total calcium corrected for albumin": Formula(
        serum.corrected,
        Takes(
            (Role("total", (MEASUREMENT,)), Role("albumin", (MEASUREMENT,))),
            (serum.FACTOR, serum.NORMAL, serum.ALBUMIN_WITHIN),
        ),
    ),
}
"""The formulas by the names that rule files give them."""
