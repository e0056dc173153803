"""The code systems of diagnoses under all their names, and their codes in the form in which rules write them.

ICD-10 has an edition in almost every country, each with a URL or an OID of its own. National editions subdivide the
codes of the World Health Organization by further digits and leave their meaning as it is, so that all of them are read
as ICD-10. The exceptions are the clinical modification of the United States and the editions that are translations of
it (Spain, Belgium, Portugal): ICD-10-CM. ICPC-1 and ICPC-2 share the codes of diagnoses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from cds.code_systems import ICD_9_CM, ICD_10, ICD_10_CM, ICD_11, ICPC_2, SNOMED

DANISH = "1.2.208.176.2.4"
"""The Danish health care classification (SKS): a D stands before the codes of ICD-10."""
NAMES = {
    ICD_10: """
        2.16.840.1.113883.6.3 2.16.840.1.113883.6.3.1 2.16.840.1.113883.6.3.2 2.16.840.1.113883.6.3.3
        2.16.840.1.113883.6.260 1.3.6.1.4.1.12559.11.10.1.3.1.44.2 1.2.276.0.76.5.409
        2.16.578.1.12.4.1.1.7110 1.2.752.116.1.1.1 1.2.752.116.1.1.1.1.1 1.2.752.116.1.1.1.1.3 1.2.752.116.1.1.1.1.8
        1.2.246.537.6.1 1.2.246.537.6.1.1999
        http://smt.esante.gouv.fr/terminologie-cim-10 http://uzis.cz/terminology/CodeSystem/mkn-10
        http://pub.e-tervis.ee/classifications/RHK-10 http://www.saude.gov.br/fhir/r4/CodeSystem/BRCID10
        http://www.hl7korea.or.kr/CodeSystem/kostat-kcd-8 http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full
        http://terminology.hl7.org/CodeSystem/icd10 I10
    """,
    ICD_10_CM: "2.16.840.1.113883.6.90 http://terminology.hl7.org/CodeSystem/icd10CM I10C",
    ICD_9_CM: "2.16.840.1.113883.6.103 2.16.840.1.113883.6.2 http://terminology.hl7.org/CodeSystem/icd9cm I9C I9CDX",
    ICD_11: "http://id.who.int/icd/release/11/mms http://id.who.int/icd11/mms 2.16.840.1.113883.6.347",
    ICPC_2: """
        2.16.840.1.113883.6.139 2.16.578.1.12.4.1.1.7170 http://hl7.org/fhir/sid/icpc-1-nl 2.16.840.1.113883.2.4.4.31.1
        http://www.saude.gov.br/fhir/r4/CodeSystem/BRCIAP2
    """,
    SNOMED: "2.16.840.1.113883.6.96 1.2.752.116.2.1.1 SCT SNM3 http://snomed.info/id http://snomed.info/xsct",
}
"""The URLs, OIDs and abbreviations (HL7 table 0396) of each system, as published guides and records write them."""
_BY_NAME = {name.lower(): system for system, names in NAMES.items() for name in names.split()}
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"icd[-_ ]?(?:9|10)[-_ ]?(?:cm[-_ ]?)?(?:pcs|proc|sg(?![a-z]))|icd[-_ ]?o|procedure"), ""),
    (
        re.compile(
            r"(?<![a-z])ic[dc][-_ ]?10[-_ ]?(?:cm|be|pt)(?![a-z])|cie[-_ ]?10[-_ ]?es|icd[-_ ]?10[-_ ]?es(?![a-z])"
        ),
        ICD_10_CM,
    ),
    (re.compile(r"(?<![a-z])(?:icd|cim|cie|cid|mkn|rhk)[-_ ]?10(?!\d)|(?<![a-z])kcd[-_ ]?\d|gb/?t[-_ ]?14396"), ICD_10),
    (re.compile(r"(?<![a-z])icd[-_ ]?9(?!\d)"), ICD_9_CM),
    (re.compile(r"(?<![a-z])(?:icd|cim)[-_ ]?11|id\.who\.int/icd"), ICD_11),
    (re.compile(r"(?<![a-z])(?:icpc|cisp|ciap)[-_ ]?[12]?(?![0-9a-z])|icpc[-_][12]"), ICPC_2),
    (re.compile(r"snomed\.info/sct|snomed[-_ ]?ct"), SNOMED),
)
"""What the names of a system share, also as text and below the URL of a hospital; the empty name is none of these."""


@lru_cache(maxsize=1024)
def diagnosis_system(name: str) -> str:
    """The FHIR name of a code system by any of its names; empty where it is none of diagnoses that is known.

    A version after the name (``|2024``, ``/version/...``) and the edition of SNOMED CT change nothing.
    """
    plain = name.strip().removeprefix("urn:oid:").split("|")[0].split("/version")[0].rstrip("/")
    plain = plain.replace("https://", "http://", 1).lower()
    if plain in _BY_NAME:
        return _BY_NAME[plain]
    if plain == DANISH or plain.startswith(f"{DANISH}."):
        return ICD_10
    return next((system for pattern, system in _PATTERNS if pattern.search(plain)), "")


_TEN = re.compile(r"([A-TV-Z]\d\d)\.?(?:-|([0-9]{1,3}))?")
_TEN_OF_DENMARK = re.compile(r"D([A-TV-Z]\d\d)([0-9]{0,3})")
_TEN_CM = re.compile(r"([A-Z]\d[0-9A-Z])\.?([0-9A-Z]{1,4})?")
_NINE = re.compile(r"(V\d\d|E\d{3}|\d{3})\.?(\d{1,2})?")
_ELEVEN = re.compile(r"[0-9A-HJ-NP-Z]{2}[0-9A-Z]{2}(?:\.[0-9A-Z]{1,3})?")
_PRIMARY_CARE = re.compile(r"([A-Z]\d\d)(\.\d\d)?")
_BETWEEN_CODES = re.compile(r"[\s+*†!#&/;,]+")


def codes_of(system: str, code: str, named: str = "") -> tuple[str, ...]:
    """The codes of a classification in what stands as a code, as rules write them; none where it has another form.

    A dot that is missing, lower case, marks of daggers and asterisks and what follows the code are as usual; two codes
    in one (``E10.2+ N08.3*``) are both read. ``named`` is the name of the system as it was written.
    """
    form = _FORMS.get(system)
    if form is None:
        return (code,)
    if system == ICD_10 and DANISH in named:
        found = _TEN_OF_DENMARK.match(code.strip().upper())
        return (_dotted(found),) if found else ()
    parts = [form(part) for part in _BETWEEN_CODES.split(code.strip().upper()) if part]
    return tuple(dict.fromkeys(part for part in parts if part))


def _dotted(found: re.Match[str] | None) -> str:
    """The category, a dot, and the rest of it."""
    return "" if found is None else f"{found[1]}.{found[2]}" if found[2] else found[1]


def _eleven(part: str) -> str:
    return part if _ELEVEN.fullmatch(part) and not part.startswith("X") else ""


def _primary_care(part: str) -> str:
    found = _PRIMARY_CARE.fullmatch(part)
    return part if found else ""


_FORMS: dict[str, Callable[[str], str]] = {
    ICD_10: lambda part: _dotted(_TEN.match(part)),
    ICD_10_CM: lambda part: _dotted(_TEN_CM.fullmatch(part)),
    ICD_9_CM: lambda part: _dotted(_NINE.fullmatch(part)),
    ICD_11: _eleven,
    ICPC_2: _primary_care,
}
"""How a code of each classification is written with a dot."""
