"""What must not matter does not: order, company, repetition and units of the resources of generated patients."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from people import AS_OF, MANY, SUBJECT, Json, bundle, condition, dosage, observation, patient, quantity
from people import request, statement

from cds.evaluation import evaluate
from cds.facts.chart import Chart
from cds.intake.reading import read_record
from cds.intake.record import Reading, Record
from cds.quantity import ABSENT, PRESENT, Interval
from cds.rulebook.model import Condition, Measurement, Medication, RuleBook
from cds.rulebook.sentences import Compared

# Results around the thresholds of the rules: the lowest and highest value, and the step between values.
LABS = {
    "serum calcium": (7, 13, 0.1), "albumin": (2, 5.5, 0.1), "ionised calcium": (0.9, 1.6, 0.02),
    "albumin-corrected calcium": (8, 12.5, 0.1), "creatinine": (0.4, 6, 0.1), "reported eGFR": (5, 120, 1),
    "total 25-OH vitamin D": (4, 180, 1), "25-OH vitamin D3": (4, 60, 1), "25-OH vitamin D2": (0, 40, 1),
    "intact PTH": (2, 200, 1), "phosphate": (1, 8, 0.1), "magnesium": (0.8, 4, 0.1), "INR": (1, 5, 0.1),
    "24-hour urine calcium": (50, 500, 10), "coronary calcium score": (0, 1500, 50), "DXA T-score": (-4, 2, 0.1),
    "recorded dietary calcium": (100, 3000, 50),
}  # fmt: skip
AGES = (0, 1, 2, 6, 7, 8, 20, 89, 90, 91, 150, 179, 181, 364, 366, 800)
PRODUCTS = (
    ("RxNorm 282465", ""), ("RxNorm 198538", ""), ("RxNorm 308889", ""), ("RxNorm 1244925", ""), ("RxNorm 359296", ""),
    ("RxNorm 1897", "calcium carbonate 600 mg"), ("RxNorm 801663", ""), ("RxNorm 901040", ""), ("RxNorm 198741", ""),
    ("", "Calcium 600 mg + vitamin D 400 IU"), ("", "Tums"), ("", "vitamin K2 100 mcg"), ("RxNorm 8640", "prednisone"),
)  # fmt: skip


def day_before(days: int, clock: str = "") -> str:
    return (AS_OF - timedelta(days=days)).isoformat() + clock


@st.composite
def results(draw: st.DrawFn, book: RuleBook) -> Json:
    name = draw(st.sampled_from(sorted(LABS)))
    term, (low, high, step) = book.terms[name], LABS[name]
    assert isinstance(term, Measurement)
    value = round(low + step * draw(st.integers(0, round((high - low) / step))), 3)
    code = draw(st.sampled_from(term.codes))
    system = next(key for key in ("LOINC", "SNOMED", "DCM") if key.lower() in code.system or key == "DCM")
    more: Json = {}
    if draw(st.integers(0, 4)) == 0:
        more["referenceRange"] = [{"low": quantity(low, term.unit), "high": quantity(high, term.unit)}]
    day = day_before(draw(st.sampled_from(AGES)), draw(st.sampled_from(["", "", "T08:00:00Z", "T20:30:00Z"])))
    comparator = draw(st.sampled_from(["", "", "", "", "<", "<=", ">", ">="]))
    return observation(f"{system} {code.code}", value, term.unit, day, "", comparator, **more)
