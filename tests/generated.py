"""Strategies that make patients whose results lie around the thresholds of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from hypothesis import strategies as st
from people import (
    AS_OF,
    CALCIUM,
    CREATININE,
    UCUM,
    Json,
    condition,
    dosage,
    observation,
    patient,
    quantity,
    request,
    statement,
)

from cds.bookshelf import open_rulebook
from cds.code_systems import SYSTEM_NAMES
from cds.rulebook.model import AnyTerm, Code, Condition, Measurement, Medication, RuleBook

# The lowest and highest value, and the step between values.
LABS = {
    "serum calcium": (7, 13, 0.1), "albumin": (2, 5.5, 0.1), "ionised calcium": (0.9, 1.6, 0.02),
    "albumin-corrected calcium": (8, 12.5, 0.1), "creatinine": (0.4, 6, 0.1), "reported eGFR": (5, 120, 1),
    "total 25-OH vitamin D": (4, 180, 1), "25-OH vitamin D3": (4, 60, 1), "25-OH vitamin D2": (0, 40, 1),
    "intact PTH": (2, 200, 1), "phosphate": (1, 8, 0.1), "magnesium": (0.8, 4, 0.1), "INR": (1, 5, 0.1),
    "24-hour urine calcium": (50, 500, 10), "coronary calcium score": (0, 1500, 50), "DXA T-score": (-4, 2, 0.1),
    "recorded dietary calcium": (100, 3000, 50),
}  # fmt: skip
DAYS = (0, 1, 2, 6, 7, 8, 20, 89, 90, 91, 150, 179, 181, 364, 366, 800)
PRODUCTS = (
    ("RxNorm 282465", ""), ("RxNorm 198538", ""), ("RxNorm 308889", ""), ("RxNorm 1244925", ""), ("RxNorm 359296", ""),
    ("RxNorm 1897", "calcium carbonate 600 mg"), ("RxNorm 801663", ""), ("RxNorm 901040", ""), ("RxNorm 198741", ""),
    ("", "Calcium 600 mg + vitamin D 400 IU"), ("", "Tums"), ("", "vitamin K2 100 mcg"), ("RxNorm 8640", "prednisone"),
)  # fmt: skip


@lru_cache(maxsize=1)
def the_book() -> RuleBook:
    """The rulebook of this checkout, opened when a test first asks for it: a broken file fails tests, not pytest."""
    return open_rulebook(Path(__file__).resolve().parent.parent / "rules")


def switchable() -> list[str]:
    """The rules that a hospital can switch off."""
    return sorted(the_book().rules.keys() - {the_book().default})


def code_of(code: Code) -> str:
    """``LOINC 17861-6``."""
    return f"{SYSTEM_NAMES[code.system]} {code.code}"


def terms(kind: type[AnyTerm]) -> list[AnyTerm]:  # type: ignore[valid-type]
    """The terms of a kind that have codes."""
    return [term for term in the_book().terms.values() if isinstance(term, kind) and term.codes]


@lru_cache(maxsize=1)
def medicine_names() -> tuple[tuple[str, str], ...]:
    """The products, and a code of every medicine that the rules know."""
    return (*PRODUCTS, *PRODUCTS, *((code_of(term.codes[0]), "") for term in terms(Medication)))


def day_before(days: int, clock: str = "") -> str:
    """A date so many days before the evaluation."""
    return (AS_OF - timedelta(days=days)).isoformat() + clock


@st.composite
def results(draw: st.DrawFn, names: tuple[str, ...] = tuple(LABS), days: tuple[int, ...] = DAYS) -> Json:
    """A result, in the unit of its term."""
    name = draw(st.sampled_from(names))
    term, (low, high, step) = the_book().terms[name], LABS[name]
    assert isinstance(term, Measurement)
    value = round(low + step * draw(st.integers(0, round((high - low) / step))), 3)
    day = day_before(draw(st.sampled_from(days)), draw(st.sampled_from(["", "", "T08:00:00Z", "T20:30:00Z"])))
    found = observation(code_of(draw(st.sampled_from(term.codes))), value, term.unit, day,
                        comparator=draw(st.sampled_from(["", "", "", "", "<", "<=", ">", ">="])))  # fmt: skip
    if draw(st.integers(0, 4)) == 0:
        end = round(low + step * draw(st.integers(0, round((high - low) / step))), 3)
        found["referenceRange"] = [{"low": quantity(end, term.unit), "high": quantity(end + 2, term.unit)}]
    return found


@st.composite
def medicines(draw: st.DrawFn, names: tuple[tuple[str, str], ...] = ()) -> Json:
    """A medicine or a product, as a statement or as an order."""
    code, text = draw(st.sampled_from(names or medicine_names()))
    build = draw(st.sampled_from([statement, statement, request]))
    dose = dosage(draw(st.sampled_from([1, 2])), frequency=draw(st.sampled_from([1, 2, 3, 5, None])))
    found = build(code, dose, text=text, status=draw(st.sampled_from(["active", "active", "active", "unknown"])))
    start = day_before(draw(st.sampled_from(DAYS)))
    if build is statement:
        found["effectivePeriod"] = {"start": start, **draw(st.sampled_from([{}, {}, {"end": day_before(-30)}]))}
    else:
        found["authoredOn"] = start
    reason = draw(st.sampled_from(["", "", "", "heartburn", "phosphate binder"]))
    return {**found, **({"reasonCode": [{"text": reason}]} if reason else {})}


@st.composite
def conditions(draw: st.DrawFn) -> Json:
    """A diagnosis."""
    term = draw(st.sampled_from(terms(Condition)))
    clinical = draw(st.sampled_from(["active", "active", "active", "resolved"]))
    verification = draw(st.sampled_from(["confirmed", "confirmed", "provisional", "refuted"]))
    onset = day_before(draw(st.sampled_from(DAYS)))
    return condition(code_of(draw(st.sampled_from(term.codes))), clinical=clinical, verification=verification,
                     onsetDateTime=draw(st.sampled_from([None, onset])))  # fmt: skip


@st.composite
def people(draw: st.DrawFn, most: int = 5) -> list[Json]:
    """The resources of a patient, who comes first; no two of them meet."""
    adult = draw(st.sampled_from(["1940-03-01", "1940-03-01", "1955", "1966-01-15", "1975-06"]))
    birth = draw(st.sampled_from([adult, adult, adult, adult, "1990-09-09", "2010-01-01", None]))
    who = patient(birth=birth, gender=draw(st.sampled_from(["female", "male", "female", "male", "other", None])))
    usual = [observation(CALCIUM, 9.4, "mg/dL"), observation(CREATININE, 0.8, "mg/dL")] * draw(st.integers(0, 1))
    product = draw(st.sampled_from([(), *[PRODUCTS[:6]] * 5]))
    found = [*usual, *([draw(medicines(product))] if product else []), *draw(st.lists(results(), max_size=most)),
             *draw(st.lists(medicines(), max_size=most - 2)), *draw(st.lists(conditions(), max_size=2))]  # fmt: skip
    return [who, *named({_thing(item): item for item in found}.values())]


def _thing(item: Json) -> tuple[str, ...]:
    """Two resources with the same of this meet: results of one term on one day, records of one medicine."""
    if item["resourceType"] == "Observation":
        return term_of(item).name, item["effectiveDateTime"][:10]
    if item["resourceType"] == "Condition":
        return (repr(item),)
    return (repr(item["medicationCodeableConcept"]),)


def named(resources: Iterable[Json]) -> list[Json]:
    """The resources, each with its own id."""
    return [{**item, "id": f"n{number}"} for number, item in enumerate(resources)]


@st.composite
def crowds(draw: st.DrawFn) -> list[Json]:
    """A patient with many results of one kind on two days, and one product in several records."""
    name, product = draw(st.sampled_from(tuple(LABS))), draw(st.sampled_from(PRODUCTS[:7]))
    found = [*draw(st.lists(results((name,), (1, 2)), max_size=4)), *draw(st.lists(results(), max_size=2)),
             *draw(st.lists(medicines((product,)), min_size=1, max_size=4))]  # fmt: skip
    return [patient(), *named(found)]


def term_of(result: Json) -> Measurement:
    """The term of a result in the term's unit."""
    code, unit = result["code"]["coding"][0]["code"], result["valueQuantity"]["code"]
    return next(
        term for term in terms(Measurement)
        if isinstance(term, Measurement) and term.unit == unit and any(one.code == code for one in term.codes)
    )  # fmt: skip


def in_unit(result: Json, number: int) -> Json:
    """The same result in another unit that its term accepts; the number is converted exactly."""
    amount, term = result["valueQuantity"], term_of(result)
    unit = sorted(term.units)[number % len(term.units)]
    factor = Fraction(term.units[unit])

    def converted(one: Json) -> Json:
        return {**one, "value": float(Fraction(str(one["value"])) / factor), "unit": unit, "code": unit, "system": UCUM}

    ranges = [{end: converted(limit) for end, limit in item.items()} for item in result.get("referenceRange", [])]
    return {**result, "valueQuantity": converted(amount), **({"referenceRange": ranges} if ranges else {})}
