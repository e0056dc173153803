"""The code systems, by the URLs that FHIR R4 gives them (http://hl7.org/fhir/R4/terminologies-systems.html)."""

from __future__ import annotations

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD_9_CM = "http://hl7.org/fhir/sid/icd-9-cm"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_11 = "http://id.who.int/icd/release/11/mms"
ICD_10_PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
OPCS_4 = "https://fhir.hl7.org.uk/Id/opcs-4"
ICPC_2 = "http://hl7.org/fhir/sid/icpc-2"
ATC = "http://www.whocc.no/atc"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
NPU = "http://npu-terminology.org"
UCUM = "http://unitsofmeasure.org"
SYSTEMS = {
    "LOINC": LOINC,
    "SNOMED": SNOMED,
    "ICD-9-CM": ICD_9_CM,
    "ICD-10": ICD_10,
    "ICD-10-CM": ICD_10_CM,
    "ICD-11": ICD_11,
    "ICPC-2": ICPC_2,
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ATC": ATC,
    "UNII": "http://fdasis.nlm.nih.gov",
    "DCM": DCM,
    "CPT": "http://www.ama-assn.org/go/cpt",
    "HCPCS": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "ICD-10-PCS": ICD_10_PCS,
    "OPCS-4": OPCS_4,
    "NPU": NPU,
    "JLAC10": "urn:oid:1.2.392.200119.4.504",
    "NHG-45": "https://referentiemodel.nhg.org/tabellen/nhg-tabel-45-diagnostische-bepalingen",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "dm+d": "https://dmd.nhs.uk",
    "PZN": "http://fhir.de/CodeSystem/ifa/pzn",
    "UCD": "http://data.esante.gouv.fr/ansm/medicament/UCD",
    "CNK": "https://www.ehealth.fgov.be/standards/fhir/medication/NamingSystem/cnk-codes",
    "NZMT": "http://nzmt.org.nz",
    "PBS": "http://pbs.gov.au/code/item",
    "CCDD": "https://fhir.infoway-inforoute.ca/CodeSystem/canadianclinicaldrugdataset",
    "FEST": "http://dmp.no/fhir/NamingSystem/festLegemiddelMerkevare",
    "SUKL": "https://sukl.cz/terminology/CodeSystem/dlp-lecivepripravky",
    "HIRA": "http://www.hl7korea.or.kr/CodeSystem/hira-edi-medication",
    "YJ": "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code",
    "HOT7": "http://medis.or.jp/CodeSystem/master-HOT7",
    "GTIN": "urn:oid:2.51.1.1",
}
"""Those of the codes in rule files, by their names there."""
SYSTEM_NAMES = {url: name for name, url in SYSTEMS.items()}
CLASSIFICATIONS = frozenset({ICD_9_CM, ICD_10, ICD_10_CM, ICD_11, ICPC_2})
"""Those in which every diagnosis has a place: a code that stands for none of ours stands for something else.

``ICD-10`` is that of the World Health Organization, and what the national editions share with it."""
PREFIX_SYSTEMS = CLASSIFICATIONS | {ICD_10_PCS, OPCS_4, ATC}
"""Those in which a code that begins with another one means a kind of it."""
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
"""HL7's own code systems stand below this URL."""
