"""What a resource is about: by code, by text or by both; code systems under their other names."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from zlib import crc32

from naive_reader import kinds

from rewriting.register import CLINICAL, MEDICINES, Json, codings_of, concept_of, each

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD_10_CM, ATC = "http://hl7.org/fhir/sid/icd-10-cm", "http://www.whocc.no/atc"
NAMES = {LOINC: "LOINC", SNOMED: "SNOMED", RXNORM: "RxNorm", ICD_10_CM: "ICD-10", ATC: "ATC"}


@lru_cache(maxsize=1)
def known_codes() -> dict[str, frozenset[str]]:
    """The codes of the published value sets, by system."""
    found: dict[str, set[str]] = {name: set() for name in NAMES.values()}
    for kind in kinds():
        for name, codes in kind.codes.items():
            found[name].update(codes)
    return {name: frozenset(codes) for name, codes in found.items()}


def is_known(coding: Json) -> bool:
    """Whether a coding is in a published value set."""
    return coding.get("code") in known_codes().get(NAMES.get(str(coding.get("system")), ""), ())


@each(*CLINICAL)
def displays_dropped(resource: Json) -> bool:
    """The displays of the codings are left out where a text says the same."""
    concept = concept_of(resource) or {}
    shown = [coding for coding in codings_of(resource) if "display" in coding]
    if concept.get("text") not in [coding["display"] for coding in shown]:
        return False
    for coding in shown:
        del coding["display"]
    return True


@each(*CLINICAL)
def text_dropped(resource: Json) -> bool:
    """The text of the concept is left out where a display says the same."""
    concept = concept_of(resource) or {}
    same = any(coding.get("display") == concept.get("text") for coding in codings_of(resource))
    return same and concept.pop("text", None) is not None


@each(*CLINICAL)
def display_as_text(resource: Json) -> bool:
    """The display of the only coding becomes the text."""
    concept, found = concept_of(resource) or {}, codings_of(resource)
    if len(found) != 1 or "display" not in found[0] or "text" in concept:
        return False
    concept["text"] = found[0].pop("display")
    return True


@each(*CLINICAL)
def text_as_display(resource: Json) -> bool:
    """The text becomes the display of the only coding."""
    concept, found = concept_of(resource) or {}, codings_of(resource)
    if len(found) != 1 or "display" in found[0] or not concept.get("text"):
        return False
    found[0]["display"] = concept.pop("text")
    return True


@each("Condition", *MEDICINES)
def known_code_alone(resource: Json) -> bool:
    """A code of a published value set, without text and display."""
    concept, found = concept_of(resource) or {}, codings_of(resource)
    if len(found) != 1 or not is_known(found[0]) or _says_more(concept, found[0]):
        return False
    dropped = [concept.pop("text", None), found[0].pop("display", None)]
    return any(dropped)


def _says_more(concept: Json, coding: Json) -> bool:
    """Whether the text of a medicine names an amount, or something else than its code."""
    text, shown = concept.get("text"), coding.get("display")
    return coding.get("system") in (RXNORM, ATC) and text is not None and text != shown


@each("Observation")
def code_of_a_result_alone(resource: Json) -> bool:
    """The code of a result, without text and display."""
    concept, found = concept_of(resource) or {}, codings_of(resource)
    if not found or not is_known(found[0]):
        return False
    dropped = [concept.pop("text", None), *(coding.pop("display", None) for coding in found)]
    return any(dropped)


def _name_alone(resource: Json) -> bool:
    concept, found = concept_of(resource) or {}, codings_of(resource)
    names = [concept.get("text"), *(coding.get("display") for coding in found)]
    if not any(names) or not any(is_known(coding) for coding in found):
        return False
    if any(_says_more(concept, coding) for coding in found) or _say_two_things(found):
        return False
    concept["text"] = next(name for name in names if name)
    del concept["coding"]
    return True


def _say_two_things(found: list[Json]) -> bool:
    """Whether codings of two systems have two names: each may say what the other does not."""
    return len({coding.get("display") for coding in found if coding.get("display")}) > 1


@each("Condition")
def name_of_a_condition_alone(resource: Json) -> bool:
    """A condition of a published value set by its name, without a code."""
    return _name_alone(resource)


@each(*MEDICINES)
def name_of_a_medicine_alone(resource: Json) -> bool:
    """A medicine of a published value set by its name, without a code."""
    return _name_alone(resource)


def _code_of_the_house(concept: Json) -> str:
    """A code of a house's own for a concept, another one for each."""
    return f"A-{crc32(repr(concept).encode())}"


@each(*CLINICAL)
def local_coding_first(resource: Json) -> bool:
    """A coding of the house stands before the others."""
    found = codings_of(resource)
    if found:
        concept = concept_of(resource) or {}
        concept["coding"].insert(0, {"system": "https://hospital.example/codes", "code": _code_of_the_house(concept)})
    return bool(found)


@each(*CLINICAL)
def local_coding_last(resource: Json) -> bool:
    """A coding of the house stands after the others."""
    found = codings_of(resource)
    if found:
        concept = concept_of(resource) or {}
        concept["coding"].append({"system": "urn:oid:1.2.276.0.76.9.1", "code": _code_of_the_house(concept)})
    return bool(found)


@each(*CLINICAL)
def codings_in_reverse(resource: Json) -> bool:
    """Several codings, the last one first."""
    found = (concept_of(resource) or {}).get("coding")
    if not isinstance(found, list) or len(found) < 2:
        return False
    found.reverse()
    return True


@each(*CLINICAL)
def coding_twice(resource: Json) -> bool:
    """Each coding stands there twice."""
    found = codings_of(resource)
    if found:
        (concept_of(resource) or {})["coding"] += [dict(coding) for coding in found]
    return bool(found)


@each(*CLINICAL)
def version_of_the_system(resource: Json) -> bool:
    """Codings say the version of their system and that a person chose them."""
    for coding in codings_of(resource):
        coding.update(version="2026-03", userSelected=True)
    return bool(codings_of(resource))


@each(*CLINICAL)
def space_around_the_code(resource: Json) -> bool:
    """A code stands between spaces, as converters leave it."""
    found = [coding for coding in codings_of(resource) if isinstance(coding.get("code"), str)]
    for coding in found:
        coding["code"] = f" {coding['code']} "
    return bool(found)


SYSTEMS = {
    "systems_by_oid": {
        LOINC: "urn:oid:2.16.840.1.113883.6.1", SNOMED: "urn:oid:2.16.840.1.113883.6.96",
        RXNORM: "urn:oid:2.16.840.1.113883.6.88", ICD_10_CM: "urn:oid:2.16.840.1.113883.6.90",
        ATC: "urn:oid:2.16.840.1.113883.6.73",
    },
    "systems_by_bare_oid": {
        LOINC: "2.16.840.1.113883.6.1", SNOMED: "2.16.840.1.113883.6.96", RXNORM: "2.16.840.1.113883.6.88",
    },
    "systems_by_https": {name: name.replace("http:", "https:") for name in (LOINC, SNOMED, RXNORM, ICD_10_CM, ATC)},
    "systems_with_a_slash": {name: f"{name}/" for name in (LOINC, SNOMED, RXNORM, ICD_10_CM, ATC)},
    "systems_by_hl7_v2_names": {LOINC: "LN", SNOMED: "SCT"},
    "loinc_with_www": {LOINC: "http://www.loinc.org"},
    "snomed_edition": {SNOMED: "http://snomed.info/sct/731000124108"},
    "atc_of_germany": {ATC: "http://fhir.de/CodeSystem/bfarm/atc"},
}  # fmt: skip
"""Code systems under other names, as they are found in published records."""


def _systems(names: dict[str, str]) -> Callable[[Json], bool]:
    def apply(resource: Json) -> bool:
        found = [coding for coding in codings_of(resource) if coding.get("system") in names]
        for coding in found:
            coding["system"] = names[coding["system"]]
        return bool(found)

    return apply


for _name, _what in SYSTEMS.items():
    _function = _systems(_what)
    _function.__name__ = _name
    each(*CLINICAL)(_function)

SHARED_STEMS = frozenset(
    "E83 E20 E21 N18 N20 N17 D86 A15 C90 C79 K90 K50 M80 M81 E55 I25 I35 N25 E11 E10 Z99 Z94 O09 Z33 Z34".split()
)
"""Stems that mean the same in ICD-10 and ICD-10-CM."""
MORE_SHARED = frozenset("M81.0 E83.5 E21.0 E55.9 N20.0 N18.4 N18.5 D86.0 C90.0 I35.0 E11.9 E10.9 K90.0 E20.9".split())
"""Longer codes that mean the same in both."""


def _icd_codes(resource: Json) -> list[Json]:
    return [coding for coding in codings_of(resource) if coding.get("system") == ICD_10_CM and coding.get("code")]


@each("Condition")
def icd_10_cm_without_a_dot(resource: Json) -> bool:
    """ICD-10-CM codes as claims write them."""
    found = [coding for coding in _icd_codes(resource) if "." in coding["code"]]
    for coding in found:
        coding["code"] = coding["code"].replace(".", "")
    return bool(found)


def _icd_of(url: str) -> Callable[[Json], bool]:
    def apply(resource: Json) -> bool:
        found = [item for item in _icd_codes(resource) if item["code"] in SHARED_STEMS | MORE_SHARED]
        for coding in found:
            coding["system"] = url
        return bool(found)

    return apply


for _name, _url in {
    "icd_10_of_who": "http://hl7.org/fhir/sid/icd-10",
    "icd_10_of_germany": "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
    "icd_10_by_oid": "urn:oid:2.16.840.1.113883.6.3",
}.items():
    _function = _icd_of(_url)
    _function.__name__ = _name
    each("Condition")(_function)


@each("Condition", *MEDICINES)
def names_in_capitals(resource: Json) -> bool:
    """Texts and displays in capital letters."""
    return _named_as(resource, str.upper)


@each("Condition", *MEDICINES)
def names_in_small_letters(resource: Json) -> bool:
    """Texts and displays in small letters."""
    return _named_as(resource, str.lower)


@each("Condition", *MEDICINES)
def names_with_more_spaces(resource: Json) -> bool:
    """Texts and displays with the spaces of a printed list."""
    return _named_as(resource, lambda text: "  " + re.sub(" ", "  ", text) + " ")


@each("Condition", *MEDICINES)
def names_with_no_break_spaces(resource: Json) -> bool:
    """Texts and displays with spaces at which no line breaks."""
    return _named_as(resource, lambda text: text.replace(" ", "\u00a0"))


def _named_as(resource: Json, change: Callable[[str], str]) -> bool:
    concept = concept_of(resource) or {}
    for part, key in ((concept, "text"), *((coding, "display") for coding in codings_of(resource))):
        if isinstance(part.get(key), str):
            part[key] = change(part[key])
    return bool(concept)


EQUAL = (
    ("B01AA03", "11289", "warfarin"), ("C01AA05", "3407", "digoxin"), ("H03AA01", "10582", "levothyroxine"),
    ("N05AN01", "6448", "lithium"), ("C03AA03", "5487", "hydrochlorothiazide"), ("C03CA01", "4603", "furosemide"),
    ("M05BX04", "993449", "denosumab"), ("H05BX01", "407990", "cinacalcet"), ("J01MA02", "2551", "ciprofloxacin"),
    ("J01AA02", "3640", "doxycycline"), ("A02BC01", "7646", "omeprazole"), ("C10AA05", "83367", "atorvastatin"),
    ("A11CC04", "1894", "calcitriol"), ("M05BA04", "46041", "alendronate"), ("C03BA04", "2409", "chlorthalidone"),
    ("N03AB02", "8183", "phenytoin"), ("B02BX05", "711942", "eltrombopag"), ("J05AJ03", "1433868", "dolutegravir"),
)  # fmt: skip
"""Medicines by ATC, by RxNorm, and by name."""


def _medicine_as(resource: Json, coding: Callable[[str, str, str], Json]) -> bool:
    concept, found = concept_of(resource) or {}, codings_of(resource)
    if len(found) != 1 or found[0].get("system") not in (RXNORM, ATC):
        return False
    for atc, rxnorm, name in EQUAL:
        if found[0].get("code") in (atc, rxnorm):
            concept.clear()
            concept.update(coding(atc, rxnorm, name))
            return True
    return False


@each(*MEDICINES)
def medicine_by_atc(resource: Json) -> bool:
    """A medicine by its ATC code and name."""
    return _medicine_as(resource, lambda atc, _, name: {"coding": [{"system": ATC, "code": atc, "display": name}]})


@each(*MEDICINES)
def medicine_by_rxnorm(resource: Json) -> bool:
    """A medicine by the RxNorm code of its ingredient."""
    return _medicine_as(resource, lambda _, code, name: {"coding": [{"system": RXNORM, "code": code, "display": name}]})


@each(*MEDICINES)
def medicine_by_name(resource: Json) -> bool:
    """A medicine by its international name."""
    return _medicine_as(resource, lambda _, __, name: {"text": name})


@each(*MEDICINES)
def medicine_by_name_and_strength(resource: Json) -> bool:
    """A medicine by a line of a printed list."""
    return _medicine_as(resource, lambda _, __, name: {"text": f"{name.title()} 5 mg"})
