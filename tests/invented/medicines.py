"""What people take: medicines for what they have, some without a reason on record, and calcium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from invented.person import Person
from invented.prescriptions import Taken, medication_of, prescribed
from invented.products import BINDERS, SHARES, product, product_of
from invented.sites import SITES
from invented.templates import RXNORM, Json, coded

# RxNorm and name; times a day; the share of everybody; the shares of those who have something.
TABLE = """
310798 hydrochlorothiazide 25 MG Oral Tablet | 1 | 0.01 | hypertension 0.22
314076 lisinopril 10 MG Oral Tablet | 1 | 0.01 | hypertension 0.4, heart failure 0.6
197361 amlodipine 5 MG Oral Tablet | 1 | 0.01 | hypertension 0.25
617310 atorvastatin 20 MG Oral Tablet | 1 | 0.03 | hyperlipidaemia 0.5, coronary disease 0.7
312961 simvastatin 20 MG Oral Tablet | 1 | 0.01 | hyperlipidaemia 0.15
860975 24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet | 2 | 0.005 | diabetes 0.7
966222 levothyroxine sodium 0.075 MG Oral Tablet | 1 | 0.01 | hypothyroidism 0.9
855332 warfarin sodium 5 MG Oral Tablet | 1 | 0.003 | atrial fibrillation 0.3
1364445 apixaban 5 MG Oral Tablet | 2 | 0.002 | atrial fibrillation 0.5
197604 digoxin 0.125 MG Oral Tablet | 1 | 0 | atrial fibrillation 0.06, heart failure 0.06
313988 furosemide 40 MG Oral Tablet | 1 | 0.005 | heart failure 0.6, CKD stage 4 0.4
46041 alendronic acid 70 MG Oral Tablet | 0 | 0 | osteoporosis 0.4
198051 omeprazole 20 MG Delayed Release Oral Capsule | 1 | 0.05 | reflux 0.6
36437 sertraline 50 MG Oral Tablet | 1 | 0.02 | depression 0.5
8640 prednisone 5 MG Oral Tablet | 1 | 0.008 | sarcoidosis 0.4, asthma 0.05
199362 cholecalciferol 1000 UNT tablet | 1 | 0.05 | osteoporosis 0.35, low bone mass 0.3
309309 ciprofloxacin 500 MG Oral Tablet | 2 | 0.004 |
"""


class Medicine(NamedTuple):
    """A medicine with a code, how often a day it is taken (0: once a week), and by how many."""

    concept: Json
    times: int
    share: float
    reasons: dict[str, float]


def _medicine(called: str, times: str, share: str, reasons: str) -> Medicine:
    code, _, name = called.partition(" ")
    pairs = (reason.rpartition(" ") for reason in reasons.strip().split(", ") if reason)
    often = {reason: float(share) for reason, _, share in pairs}
    return Medicine(coded(RXNORM, code, name), int(times), float(share), often)


MEDICINES = [_medicine(*row.split(" |")) for row in TABLE.strip().splitlines()]


def medicines(person: Person) -> Iterator[tuple[str, str]]:
    """The type and the line of each medicine of the person, and of what was dispensed of it."""
    has, random = person.has, person.random
    for one in MEDICINES:
        share = max([one.share, *(often for name, often in one.reasons.items() if name in has)])
        if random() < share:
            yield from prescribed(person, Taken(one.concept, one.times, "1", 0.22))
    if person.on_calcium:
        tablets = "1" if random() < 0.85 else "2"
        yield from prescribed(person, Taken(product_of(person), 1 + int(2.2 * random()), tablets, 0.5))


def formulary() -> Iterator[Json]:
    """The Medications to which some sites refer."""
    concepts = [one.concept for one in MEDICINES] + [product(code) for code in (*SHARES, *BINDERS)]
    for site in SITES:
        for concept in concepts if site.referred else ():
            yield {
                "resourceType": "Medication", "id": medication_of(site, concept), "status": "active", "code": concept,
                "meta": {"versionId": "1", "lastUpdated": "2024-01-08T09:00:00.000Z"},
                "identifier": [{"system": f"{site.host}/formulary", "value": concept["coding"][0]["code"]}],
            }  # fmt: skip
