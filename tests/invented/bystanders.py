"""The Patient, and resources of types that hardly matter to the question: visits, claims, vaccines, procedures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from invented.person import DAYS, Person
from invented.sites import Site, head, organization_of
from invented.templates import CVX, HL7, PROFILES, RXNORM, SNOMED, Json, coded, status, template

SHARES = {"Encounter": 0.75, "Claim": 0.25, "Immunization": 0.3, "Procedure": 0.2, "AllergyIntolerance": 0.15}
PROCEDURES = (
    ("73761001", "Colonoscopy"), ("29303009", "Electrocardiographic procedure"), ("40701008", "Echocardiography"),
    ("241615005", "Magnetic resonance imaging"), ("80146002", "Appendectomy"), ("13619001", "Thyroidectomy"),
)  # fmt: skip
VACCINES = (("140", "Influenza, seasonal, injectable, preservative free"), ("133", "Pneumococcal conjugate PCV 13"),
            ("187", "zoster recombinant"), ("113", "Td (adult), 5 Lf tetanus toxoid, preservative free"))  # fmt: skip
ALLERGIES = (
    ("7980", "penicillin G"), ("2670", "codeine"), ("10831", "sulfamethoxazole / trimethoprim"), ("1191", "aspirin"),
)  # fmt: skip
DIED = 0.006


def the_patient(person: Person) -> str:
    """The line of the Patient."""
    more = person.fresh(person.days_ago(200))
    street = f"{1 + int(190 * person.random())} Mill Lane"
    died = f'"deceasedDateTime":"{DAYS[person.days_ago(300)]}",' if person.random() < DIED else ""
    more |= {
        "gender": "female" if person.female else "male",
        "birth": person.birth,
        "family": person.family,
        "given": person.given,
        "street": street,
        "mrn": f"M{person.number:09}",
        "title": "Ms." if person.female else "Mr.",
    }
    return _patient(person.site) % (more | {"rest": died + '"multipleBirthBoolean":false'})


@lru_cache(maxsize=16)
def _patient(site: Site) -> str:
    kind = coded(f"{HL7}/v2-0203", "MR", "Medical Record Number")
    return template({
        "resourceType": "Patient", "id": "«patient»",
        "meta": {"versionId": "«version»", "lastUpdated": "«updated»", "profile": [f"{PROFILES}/us-core-patient"]},
        "identifier": [{"use": "usual", "type": kind, "system": f"{site.host}/mrn", "value": "«mrn»"}], "active": True,
        "name": [{"use": "official", "family": "«family»", "given": ["«given»"], "prefix": ["«title»"]}],
        "telecom": [{"system": "phone", "value": "555-01«number»", "use": "home"}], "gender": "«gender»",
        "birthDate": "«birth»", "address": [{"line": ["«street»"], "city": "Anytown", "country": "XX"}],
        "managingOrganization": {"reference": f"Organization/{organization_of(site)}", "display": site.name},
        "«+rest»": None,
    })  # fmt: skip


def bystanders(person: Person) -> Iterator[tuple[str, str]]:
    """The type and the line of each of these but the Patient."""
    random = person.random
    for kind, share in SHARES.items():
        if random() < share:
            more = person.fresh(person.days_ago(400))
            if kind == "Encounter":
                more["id"] = person.fields["encounter"]
            yield kind, _line(kind, person.site, int(4 * random())) % more


@lru_cache(maxsize=128)
def _line(kind: str, site: Site, number: int) -> str:
    shape = {"Encounter": _encounter, "Claim": _claim, "Immunization": _immunization, "Procedure": _procedure,
             "AllergyIntolerance": _allergy}[kind]  # fmt: skip
    return template(head(site, kind) | shape(number))


WHO = {"reference": "Patient/«patient»", "display": "«display»"}
BY = {"reference": "Practitioner/«practitioner»"}
AT = {"reference": "Encounter/«encounter»"}
WHEN = "«day»T«time»«zone»"


def _encounter(number: int) -> Json:
    kind = ("Encounter for check up", "Encounter for problem", "Telephone encounter", "Follow-up encounter")[number]
    return {
        "status": "finished", "class": {"system": f"{HL7}/v3-ActCode", "code": "AMB", "display": "ambulatory"},
        "type": [coded(SNOMED, ("185349003", "185347001", "185317003", "390906007")[number], kind)], "subject": WHO,
        "participant": [{"individual": BY}], "period": {"start": WHEN, "end": WHEN},
    }  # fmt: skip


def _claim(number: int) -> Json:
    item = {"sequence": 1, "productOrService": {"text": "Office visit"}, "encounter": [AT]}
    return {
        "status": "active", "type": status(f"{HL7}/claim-type", "professional"), "use": "claim",
        "patient": WHO, "created": WHEN, "provider": BY, "priority": status(f"{HL7}/processpriority", "normal"),
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "Invented Mutual"}}], "item": [item],
        "total": {"value": 80 + 15 * number, "currency": "USD"},
    }  # fmt: skip


def _immunization(number: int) -> Json:
    return {
        "status": "completed", "vaccineCode": coded(CVX, *VACCINES[number]), "patient": WHO, "encounter": AT,
        "occurrenceDateTime": WHEN, "primarySource": True, "performer": [{"actor": BY}],
    }  # fmt: skip


def _procedure(number: int) -> Json:
    return {
        "status": "completed", "code": coded(SNOMED, *PROCEDURES[number]), "subject": WHO, "encounter": AT,
        "performedDateTime": WHEN, "performer": [{"actor": BY}],
    }  # fmt: skip


def _allergy(number: int) -> Json:
    return {
        "clinicalStatus": status(f"{HL7}/allergyintolerance-clinical", "active"),
        "verificationStatus": status(f"{HL7}/allergyintolerance-verification", "confirmed"),
        "type": "allergy", "category": ["medication"], "code": coded(RXNORM, *ALLERGIES[number]), "patient": WHO,
        "recordedDate": WHEN, "recorder": BY,
    }  # fmt: skip
