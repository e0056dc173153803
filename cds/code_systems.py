"""The code systems, by the URLs that FHIR R4 gives them (http://hl7.org/fhir/R4/terminologies-systems.html)."""

from __future__ import annotations

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ATC = "http://www.whocc.no/atc"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
UCUM = "http://unitsofmeasure.org"
SYSTEMS = {
    "LOINC": LOINC,
    "SNOMED": SNOMED,
    "ICD-10-CM": ICD_10_CM,
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ATC": ATC,
    "UNII": "http://fdasis.nlm.nih.gov",
    "DCM": DCM,
    "CPT": "http://www.ama-assn.org/go/cpt",
    "HCPCS": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "ICD-10-PCS": "http://www.cms.gov/Medicare/Coding/ICD10",
}
"""Those of the codes in rule files, by their names there."""
SYSTEM_NAMES = {url: name for name, url in SYSTEMS.items()}
PREFIX_SYSTEMS = frozenset({ICD_10_CM, ATC})
"""Those in which a code that begins with another one means a kind of it."""
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
"""HL7's own code systems stand below this URL."""
