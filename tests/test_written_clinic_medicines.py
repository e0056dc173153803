"""Patients with one medicine, as systems of many countries print them: tests/written/clinic_medicines.jsonl.

``label`` is what a careful physician said of each before the program read it; ``now`` is what the program says:
whether calcium is taken, elemental mg and IU a day (supplements and binders), the terms, what was not understood, and
the outcome. What a label is certain of, no answer may be certain to be otherwise.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import orjson
import pytest
from people import AS_OF, SUBJECT, Json, bundle, observation, resource

from cds.cards.basis import fact_data
from cds.evaluation import Evaluation, evaluate
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook

TABLE = Path(__file__).parent / "written" / "clinic_medicines.jsonl"
ROWS = [orjson.loads(line) for line in TABLE.read_bytes().splitlines()]
MG_IN_MMOL = 4.008
FINER = {
    "alendronate or risedronate": "oral bisphosphonate",
    "ibandronate": "oral bisphosphonate",
    "ciprofloxacin or delafloxacin": "quinolone",
    "levofloxacin or ofloxacin": "quinolone",
    "doxycycline or tetracycline": "tetracycline",
    "omadacycline": "tetracycline",
    "bictegravir": "integrase inhibitor",
    "dolutegravir": "integrase inhibitor",
    "rilpivirine": "other calcium-bound drug",
    "acid-dependent drug": "other calcium-bound drug",
    "calcifediol": "active vitamin D",
    "active vitamin D other than calcifediol": "active vitamin D",
}
"""Terms of single medicines that have hours of their own, each with the group that a physician named."""
BY_ROW = pytest.mark.parametrize("number", range(len(ROWS)), ids=[row["row"] for row in ROWS])
Range = tuple[float, float] | None


class Answer(NamedTuple):
    """What is said of one row: amounts a day from the least to the most, None where they are not known."""

    takes: str
    calcium: Range
    vitamin_d: Range
    glucocorticoid: Range
    terms: tuple[str, ...]
    not_understood: bool
    outcome: str


def result(identity: str, code: str, value: float, unit: str) -> Json:
    return observation(f"LOINC {code}", value, unit, identity=identity)


def resources_of(row: Json) -> list[Json]:
    who = row["patient"]
    in_mmol = who["in"] == "mmol/L"
    calcium = ("2000-8", round(who["calcium"] / MG_IN_MMOL, 2)) if in_mmol else ("17861-6", who["calcium"])
    return [
        resource("Patient", "p", birthDate=who["birth"], gender=who["sex"]),
        result("ca", *calcium, who["in"]),
        result("egfr", "62238-1", who["eGFR"], "mL/min/{1.73_m2}"),
        *({"id": f"m{number}", **_of_patient(one)} for number, one in enumerate(row["resources"])),
    ]


def _of_patient(one: Json) -> Json:
    return one if one["resourceType"] == "Medication" else {"subject": SUBJECT, **one}


@lru_cache(maxsize=1024)
def answer(number: int, book: RuleBook) -> Answer:
    record = read_record(bundle(*resources_of(ROWS[number])), book, AS_OF)
    found = evaluate(record, book, AS_OF)
    lost = "medicines" in record.not_understood
    words = {one.state.word for one in record.products if "calcium" in one.holds}
    unknown = "unknown" if lost or words else "no"
    return Answer(
        "yes" if "present" in words else unknown,
        amount_of(found, "calcium supplement dose", "calcium binder dose"),
        amount_of(found, "vitamin D dose"),
        amount_of(found, "glucocorticoid dose"),
        tuple(sorted(t for t, listed in record.courses.items() if any(c.state.word != "absent" for c in listed))),
        lost,
        found.outcome,
    )


def amount_of(found: Evaluation, *terms: str) -> Range:
    """The sum of what is known of doses a day; None where one of them is not known."""
    told = [fact_data(found.book.terms[term], fact) for term in terms if (fact := found.chart.value(term)) is not None]
    if len(told) < len(terms):
        return None
    return sum(one.get("low", 0.0) for one in told), sum(one.get("high", math.inf) for one in told)


def written(amount: Range) -> str:
    if amount is None:
        return "?"
    low, high = (f"{round(end, 1):g}" for end in amount)
    return low if low == high else f"{low}..{high}"


def said(found: Answer) -> str:
    parts = [
        f"calcium {found.takes} {written(found.calcium)}",
        f"D {written(found.vitamin_d)}",
        ", ".join(found.terms),
        "not understood" * found.not_understood,
        found.outcome,
    ]
    return " | ".join(filter(None, parts))


@BY_ROW
def test_a_medicine_is_read_as_its_country_prints_it(number: int, book: RuleBook) -> None:
    assert said(answer(number, book)) == ROWS[number]["now"]


def bounds(text: str) -> tuple[float, float]:
    low, _, high = text.partition("-")
    return float(low) * 0.98 - 1, float(high or low) * 1.02 + 1


def may_be(label: str | None, amount: Range) -> bool:
    """Whether an amount that was read may be that of a label: wider is caution, apart is wrong."""
    if label is None or amount is None:
        return True
    low, high = bounds(label)
    return amount[0] <= high and amount[1] >= low


@BY_ROW
def test_no_answer_is_certain_of_what_a_physician_would_not_say(number: int, book: RuleBook) -> None:
    found, label = answer(number, book), ROWS[number]["label"]
    assert {label["takes calcium"], found.takes} != {"yes", "no"}
    assert label["takes calcium"] != "unknown" or found.takes == "unknown"
    assert may_be(label.get("calcium mg/d"), found.calcium)
    assert may_be(label.get("vitamin D IU/d"), found.vitamin_d)
    assert may_be(label.get("glucocorticoid mg/d"), found.glucocorticoid)
    groups = {FINER.get(term, term) for term in found.terms}
    assert found.not_understood or set(label.get("terms", ())) <= {*found.terms, *groups}
    assert groups <= {*label.get("terms", ()), "other calcium-bound drug"}
    assert found.outcome != label.get("must not be")
    assert found.outcome in label.get("outcome", [found.outcome])


def test_the_table_is_broad_and_mostly_understood() -> None:
    assert len(ROWS) > 550
    assert len({row["printed by"] for row in ROWS}) > 40
    assert sum("not understood" in row["now"] for row in ROWS) < 60
