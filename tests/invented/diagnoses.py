"""What people have, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from invented.person import Person
from invented.sites import Site, head, subject
from invented.templates import HL7, ICD, SNOMED, coded, status, template

# Name; SNOMED CT; ICD-10-CM; the share below 65 and from 65; how often women have it for each man.
TABLE = """
hypertension | 59621000 Essential hypertension | I10 Essential (primary) hypertension | 0.18 0.45 1
hyperlipidaemia | 55822004 Hyperlipidemia | E78.5 Hyperlipidemia, unspecified | 0.16 0.28 1
osteoarthritis | 239873007 Osteoarthritis of knee | M17.9 Osteoarthritis of knee, unspecified | 0.07 0.20 1.4
diabetes | 44054006 Diabetes mellitus type 2 | E11.9 Type 2 diabetes mellitus without complications | 0.08 0.17 0.9
osteoporosis | 64859006 Osteoporosis | M81.0 Age-related osteoporosis w/o current pathological fracture | 0.01 0.09 5
low bone mass | 312894000 Osteopenia | M85.80 Oth disrd of bone density and structure, unsp site | 0.02 0.07 3
CKD stage 3 | 433144002 Chronic kidney disease stage 3 | N18.30 Chronic kidney disease, stage 3 unsp | 0.03 0.16 1
CKD stage 4 | 431857002 Chronic kidney disease stage 4 | N18.4 Chronic kidney disease, stage 4 | 0.002 0.01 1
hypothyroidism | 40930008 Hypothyroidism | E03.9 Hypothyroidism, unspecified | 0.04 0.06 3
reflux | 235595009 Gastroesophageal reflux disease | K21.9 Gastro-esophageal reflux disease w/o esophagitis | 0.1 0.14 1
depression | 35489007 Depressive disorder | F32.A Depression, unspecified | 0.08 0.06 1.5
asthma | 195967001 Asthma | J45.909 Unspecified asthma, uncomplicated | 0.07 0.05 1
atrial fibrillation | 49436004 Atrial fibrillation | I48.91 Unspecified atrial fibrillation | 0.01 0.09 0.8
coronary disease | 53741008 Coronary arteriosclerosis | I25.10 Athscl heart disease of native coronary | 0.03 0.14 0.6
heart failure | 84114007 Heart failure | I50.9 Heart failure, unspecified | 0.005 0.05 1
cataract | 193570009 Cataract | H26.9 Unspecified cataract | 0.01 0.12 1
kidney stone | 95570007 Kidney stone | N20.0 Calculus of kidney | 0.02 0.025 0.6
hip fracture | 5913000 Fracture of neck of femur | S72.009A Fracture of unsp part of neck of femur | 0.001 0.01 2
breast cancer | 254837009 Malignant neoplasm of breast | C50.919 Malignant neoplasm of female breast | 0.004 0.01 20
lactose intolerance | 782415009 Intolerance to lactose | E73.9 Lactose intolerance, unspecified | 0.02 0.02 1
primary hyperparathyroidism | 36348003 Primary hyperparathyroidism | E21.0 Primary hyperparathyroidism | 0.001 0.004 3
sarcoidosis | 31541009 Sarcoidosis | D86.9 Sarcoidosis, unspecified | 0.0015 0.001 1
"""


class Diagnosis(NamedTuple):
    """A code with its display in each system, and the share of everybody below 65 and from 65 who has it."""

    snomed: tuple[str, str]
    icd: tuple[str, str]
    young: float
    old: float
    women: float

    def share(self, *, old: bool, female: bool) -> float:
        """How many of an age and a sex have it."""
        return (self.old if old else self.young) * 2 * (self.women if female else 1) / (self.women + 1)


def _diagnosis(snomed: str, icd: str, numbers: str) -> Diagnosis:
    (one, _, named), (other, _, called) = snomed.partition(" "), icd.partition(" ")
    return Diagnosis((one, named), (other, called), *map(float, numbers.split()))


DIAGNOSES = {name: _diagnosis(*cells) for name, *cells in (row.split(" | ") for row in TABLE.strip().splitlines())}
SHARES = {
    (old, female): [(name, one.share(old=old, female=female)) for name, one in DIAGNOSES.items()]
    for old in (False, True)
    for female in (False, True)
}


def had_by(person: Person) -> frozenset[str]:
    """What the person has, by name."""
    random = person.random
    found = {name for name, share in SHARES[person.age >= 65, person.female] if random() < share}
    return frozenset(found - {"low bone mass"} if "osteoporosis" in found else found)


def conditions(person: Person) -> Iterator[tuple[str, str]]:
    """The type and the line of each Condition of the person."""
    for name in sorted(person.has):
        yield "Condition", _line(name, person.site) % person.fresh(person.days_ago(1500))


@lru_cache(maxsize=256)
def _line(name: str, site: Site) -> str:
    one = DIAGNOSES[name]
    return template({
        **head(site, "Condition"),
        "clinicalStatus": status(f"{HL7}/condition-clinical", "active"),
        "verificationStatus": status(f"{HL7}/condition-ver-status", "confirmed"),
        "category": [status(f"{HL7}/condition-category", "problem-list-item")],
        "code": coded(SNOMED, *one.snomed) if site.diagnoses == "SNOMED" else coded(ICD, *one.icd),
        "subject": subject(site),
        "encounter": {"reference": "Encounter/«encounter»"}, "onsetDateTime": "«day»",
        "recordedDate": "«day»", "recorder": {"reference": "Practitioner/«practitioner»"},
    })  # fmt: skip
