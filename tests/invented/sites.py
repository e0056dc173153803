"""The hospitals of the people, each with its habits: host, zone, units, code system of diagnoses, form of medicines."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from invented.templates import HL7, Json, coded


class Site(NamedTuple):
    """``moles``: results in mmol/L. ``diagnoses``: ``SNOMED`` or ``ICD``. ``referred``: medicines are Medications.

    ``omits``: elements that the site leaves out of its resources (``display``: that of subjects). Its ids are UUIDs, or
    numbers where ``numbered``.
    """

    number: int
    host: str
    name: str
    zone: str
    moles: bool
    diagnoses: str
    referred: bool
    omits: tuple[str, ...]
    numbered: bool = False


SITES = (
    Site(0, "https://ehr.north.example.org/fhir", "Northfield General Hospital", "-05:00", False, "SNOMED", False,
         ("performer", "issued")),
    Site(1, "https://fhir.lake.example.org/r4", "Lakeside Clinics", "-06:00", False, "ICD", True,
         ("profile", "identifier", "display")),
    Site(2, "https://sea.example.org/fhir", "Harbour City Hospital", "+00:00", True, "SNOMED", False,
         ("profile", "identifier", "issued"), numbered=True),
    Site(3, "https://anna.example.org/R4", "Klinik Sankt Anna", "+01:00", True, "ICD", False,
         ("profile", "encounter", "display")),
    Site(4, "https://west.example.org/fhir", "Westhill Family Practice", "-08:00", False, "SNOMED", True,
         ("profile", "identifier", "issued", "display"), numbered=True),
)  # fmt: skip
WEIGHTS = (5, 4, 3, 2, 2)
PRACTITIONERS = 12
FAMILY = (
    "Abel", "Barros", "Castell", "Dorn", "Eklund", "Farrow", "Gallo", "Haines", "Ibsen", "Jovic", "Keller", "Lindqvist",
    "Moreau", "Novak", "Okafor", "Perrin", "Quist", "Rossi", "Salas", "Tanner", "Ueda", "Varga", "Weber", "Yilmaz",
)  # fmt: skip
WOMEN = ("Alma", "Berta", "Clara", "Dora", "Edith", "Frida", "Greta", "Hilda", "Ines", "Jutta", "Karin", "Lydia")
MEN = ("Anton", "Bruno", "Carl", "David", "Emil", "Felix", "Georg", "Hugo", "Ivan", "Jonas", "Kurt", "Leo")


def practitioner_of(site: Site, number: int) -> str:
    """The id of a practitioner of a site."""
    return f"practitioner-{site.number}-{number:02}"


def organization_of(site: Site) -> str:
    """The id of the organization of a site."""
    return f"organization-{site.number}"


def head(site: Site, kind: str, profile: str = "") -> Json:
    """The members with which a resource of a site begins: type, id, meta and identifier."""
    meta: Json = {"versionId": "«version»", "lastUpdated": "«updated»"}
    if profile and "profile" not in site.omits:
        meta["profile"] = [profile]
    identifier = [{"system": f"{site.host}/{kind.lower()}s", "value": "«number»"}]
    return kept(site, {"resourceType": kind, "id": "«id»", "meta": meta, "identifier": identifier})


def subject(site: Site) -> Json:
    """A reference to the person."""
    return kept(site, {"reference": "Patient/«patient»", "display": "«display»"})


def kept(site: Site, members: Json) -> Json:
    """The members but for those that the site omits."""
    return {key: value for key, value in members.items() if key not in site.omits}


def staff() -> list[Json]:
    """The Organizations and Practitioners to whom the others refer."""
    return [*map(_organization, SITES), *(_practitioner(site, n) for site in SITES for n in range(PRACTITIONERS))]


def _organization(site: Site) -> Json:
    kind = coded(f"{HL7}/organization-type", "prov", "Healthcare Provider")
    meta = {"versionId": "1", "lastUpdated": "2024-01-08T09:00:00.000Z"}
    return {
        "resourceType": "Organization", "id": organization_of(site), "meta": meta, "active": True, "type": [kind],
        "identifier": [{"system": f"{site.host}/organizations", "value": f"{site.number}"}], "name": site.name,
    }  # fmt: skip


def _practitioner(site: Site, number: int) -> Json:
    name = [{"family": FAMILY[number], "given": [(WOMEN, MEN)[number % 2][number]], "prefix": ["Dr."]}]
    return {
        "resourceType": "Practitioner", "id": practitioner_of(site, number),
        "meta": {"versionId": "1", "lastUpdated": "2024-01-08T09:00:00.000Z"}, "active": True, "name": name,
        "identifier": [{"system": f"{site.host}/practitioners", "value": f"{number:05}"}],
    }  # fmt: skip


def site_for(chance: Random) -> Site:
    """One of the sites; larger ones have more people."""
    return chance.choices(SITES, WEIGHTS)[0]
