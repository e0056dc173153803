"""Which release of FHIR the data have the shape of: R4 is read; data of another one as a whole are refused.

Odd resources among others never refuse them, nor does one alone of the shape of R5: they are reported, and what can be
read of them is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache

from cds.errors import RecordError
from cds.jsontypes import Json

R4_TYPES = frozenset(
    """
    Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary
    BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem
    ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest
    CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage CoverageEligibilityRequest
    CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement
    DiagnosticReport DocumentManifest DocumentReference Encounter Endpoint EnrollmentRequest
    EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable ExampleScenario ExplanationOfBenefit
    FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization
    ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List
    Location Measure MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge
    MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization
    MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction
    MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
    MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder
    Observation ObservationDefinition OperationDefinition OperationOutcome Organization OrganizationAffiliation
    Parameters Patient PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole
    Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition
    ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment Schedule
    SearchParameter ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription
    Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
    SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport
    TestScript ValueSet VerificationResult VisionPrescription
    """.split()
)


STU3_ELEMENTS = {
    "Condition": frozenset({"context", "assertedDate"}),
    "Observation": frozenset({"context", "comment"}),
    "MedicationRequest": frozenset({"context"}),
    "MedicationStatement": frozenset({"taken", "reasonNotTaken"}),
}
"""Elements that a resource has in STU3 and not in R4."""
DSTU2_SUBJECT = "patient"
"""The element of DSTU2 for whom a condition or a statement is about; R4 has ``subject``."""
ODD_ELEMENTS = {kind: elements | {"medication", DSTU2_SUBJECT} for kind, elements in STU3_ELEMENTS.items()}
"""Those, and the element that R5 has instead of R4's choice of types; no other type says anything of a release here."""
R4_ELEMENTS = {
    "Condition": frozenset({"encounter", "recordedDate"}),
    "Observation": frozenset({"encounter", "note"}),
    "MedicationRequest": frozenset({"encounter", "reportedBoolean", "reportedReference", "doNotPerform"}),
    "MedicationStatement": frozenset({"statusReason"}),
}
"""Elements that it has in R4 and not in STU3."""

_DECLARED = re.compile(
    r"http://hl7\.org/fhir/(?:(DSTU2|STU3|R4|R5|1\.0|3\.0|4\.0|5\.0)/.*|StructureDefinition/.*\|(1\.0|3\.0|4\.0|5\.0)\b.*)"
)
OURS = frozenset({"R4"})
_NAMES = {"1.0": "DSTU2", "3.0": "STU3", "4.0": "R4", "5.0": "R5"}


class Shape(Enum):
    """What the shape of a resource says, when it is asked about a release that is not R4."""

    R4 = "R4"
    MISTAKE = "R4, with one form of the other release"
    HINT = "a form of the other release, which is often a mistake"
    OTHER = "the other release"
    NEITHER = "nothing"


def odd_resources(resources: Mapping[str, Sequence[Json]]) -> list[Json]:
    """The resources (by their types) that have a form of another release, among data that are R4.

    Raises:
        RecordError: the data as a whole have the shape of another release.

    """
    by_type = {kind: listed for kind, listed in resources.items() if listed and kind in ODD_ELEMENTS}
    if not any(_have_odd_forms(kind, listed) for kind, listed in by_type.items()):
        return []
    telling = [(kind, resource) for kind, listed in by_type.items() for resource in listed]
    odd: dict[int, Json] = {}
    for release, shape_of, whole in RELEASES:
        shapes = [_declared(resource, release) or shape_of(kind, resource) for kind, resource in telling]
        if _are_of(shapes, whole=whole) and (len(shapes) > 1 or not whole):
            raise RecordError("wrong-release", f"The data are FHIR {release}; this program reads FHIR R4.")
        pairs = zip(telling, shapes, strict=True)
        odd |= {id(resource): resource for (_, resource), shape in pairs if shape not in (Shape.R4, Shape.NEITHER)}
    return list(odd.values())


def _declared(resource: Json, release: str) -> Shape | None:
    """What the profiles of a resource declare, by the release in the address, or in the version, of one of HL7's own.

    None where they declare nothing about this release.
    """
    return Shape.OTHER if any(release in _releases_in(profile) for profile in _profiles_of(resource)) else None


def _profiles_of(resource: Json) -> list[str]:
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    if not profiles:
        return []
    return [profile for profile in (profiles if isinstance(profiles, list) else [profiles]) if isinstance(profile, str)]


@lru_cache(maxsize=1024)
def _releases_in(profile: str) -> frozenset[str]:
    match = _DECLARED.fullmatch(profile)
    return frozenset(_NAMES.get(name, name) for name in match.groups() if name) if match else frozenset()


def _have_odd_forms(kind: str, listed: Sequence[Json]) -> bool:
    """Whether a resource could have any other shape than R4 or none."""
    odd = ODD_ELEMENTS[kind]
    for resource in listed:
        meta = resource.get("meta")
        has_profile = type(meta) is dict and "profile" in meta
        if not resource.keys().isdisjoint(odd) or (has_profile and _declares_another(resource)):
            return True
    return kind == "Condition" and any(isinstance(resource.get("clinicalStatus"), str) for resource in listed)


def _declares_another(resource: Json) -> bool:
    return not all(_releases_in(profile) <= OURS for profile in _profiles_of(resource))


def _are_of(shapes: Sequence[Shape], *, whole: bool) -> bool:
    """Whether most (``whole``: all) have a form of the other release, none that of R4, and one more than a mistake."""
    others, silent = sum(shape in (Shape.HINT, Shape.OTHER) for shape in shapes), shapes.count(Shape.NEITHER)
    enough = silent == 0 if whole else silent < others
    return Shape.OTHER in shapes and enough and others + silent == len(shapes)


def _dstu2(kind: str, resource: Json) -> Shape:
    if kind in ("Condition", "MedicationStatement") and "subject" not in resource and DSTU2_SUBJECT in resource:
        return Shape.OTHER
    return Shape.R4 if "subject" in resource and kind != "Observation" else Shape.NEITHER


def _stu3(kind: str, resource: Json) -> Shape:
    status = resource.get("clinicalStatus") if kind == "Condition" else None
    as_code = isinstance(status, str) and status != ""
    if isinstance(status, dict) or resource.keys() & R4_ELEMENTS.get(kind, frozenset()) or _has_rates(resource):
        return Shape.MISTAKE if as_code else Shape.R4
    if resource.keys() & STU3_ELEMENTS.get(kind, frozenset()):
        return Shape.OTHER
    return Shape.HINT if as_code else Shape.NEITHER


def _has_rates(resource: Json) -> bool:
    """Whether a dosage has ``doseAndRate``, which STU3 does not know."""
    listed = resource.get("dosage") or resource.get("dosageInstruction")
    return isinstance(listed, list) and any(isinstance(item, dict) and "doseAndRate" in item for item in listed)


def _r5(kind: str, resource: Json) -> Shape:
    if kind not in ("MedicationStatement", "MedicationRequest"):
        return Shape.NEITHER
    medication = resource.get("medication")
    if isinstance(medication, dict) and ("concept" in medication or "reference" in medication):
        return Shape.OTHER
    return Shape.R4 if any(key.startswith("medication") for key in resource) else Shape.NEITHER


RELEASES: tuple[tuple[str, Callable[[str, Json], Shape], bool], ...] = (
    ("DSTU2", _dstu2, False),
    ("STU3", _stu3, False),
    ("R5", _r5, True),
)
"""The other releases; of R5 only the medicines have a form that R4 has not, and beside what is plain they are read."""
