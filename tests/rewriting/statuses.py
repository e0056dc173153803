"""Statuses in other forms, and small things that are said or left unsaid."""

from __future__ import annotations

from collections.abc import Callable

from rewriting.register import MEDICINES, Json, each

CLINICAL_SYSTEM = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION_SYSTEM = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def _coded(resource: Json, element: str) -> str:
    concept = resource.get(element)
    coding = concept.get("coding") if isinstance(concept, dict) else None
    return str(coding[0].get("code", "")) if isinstance(coding, list) and coding and isinstance(coding[0], dict) else ""


@each("Condition")
def active_unsaid(resource: Json) -> bool:
    """An active condition without a clinical status."""
    if _coded(resource, "clinicalStatus") != "active" or any(key.startswith("abatement") for key in resource):
        return False
    del resource["clinicalStatus"]
    return True


@each("Condition")
def confirmed_unsaid(resource: Json) -> bool:
    """A confirmed condition without a verification status."""
    if _coded(resource, "verificationStatus") != "confirmed":
        return False
    del resource["verificationStatus"]
    return True


def _status_as(element: str, system: str, change: Callable[[str, str], Json]) -> Callable[[Json], bool]:
    def apply(resource: Json) -> bool:
        code = _coded(resource, element)
        if code:
            resource[element] = change(system, code)
        return bool(code)

    return apply


FORMS: dict[str, Callable[[str, str], Json]] = {
    "by_code_and_display": lambda s, c: {"coding": [{"system": s, "code": c, "display": c.title()}], "text": c.title()},
    "without_a_system": lambda _, c: {"coding": [{"code": c}]},
    "in_capitals": lambda s, c: {"coding": [{"system": s, "code": c.upper()}]},
    "by_text": lambda _, c: {"text": c.title()},
    "by_small_text": lambda _, c: {"text": c},
    "by_display": lambda s, c: {"coding": [{"system": s, "display": c.title()}]},
    "of_stu3": lambda s, c: {
        "coding": [{"system": s.replace("terminology.hl7.org/CodeSystem", "hl7.org/fhir"), "code": c}]
    },
    "beside_a_local_code": lambda s, c: {"coding": [{"system": "urn:local", "code": "7"}, {"system": s, "code": c}]},
}
for _element, _system in (("clinicalStatus", CLINICAL_SYSTEM), ("verificationStatus", VERIFICATION_SYSTEM)):
    for _name, _form in FORMS.items():
        _function = _status_as(_element, _system, _form)
        _function.__name__ = f"{_element}_{_name}"
        each("Condition")(_function)


@each("Condition")
def problem_list_category(resource: Json) -> bool:
    """A condition says that it stands on the problem list."""
    system = "http://terminology.hl7.org/CodeSystem/condition-category"
    resource.setdefault("category", [{"coding": [{"system": system, "code": "problem-list-item"}]}])
    return True


@each("Condition")
def recorder_of_a_condition(resource: Json) -> bool:
    """A condition says who recorded it, and in which encounter."""
    resource.setdefault("recorder", {"display": "Dr. A"})
    resource.setdefault("encounter", {"reference": "Encounter/e1"})
    return True


@each("Condition")
def onset_as_a_period(resource: Json) -> bool:
    """The onset as a period without an end."""
    start = resource.pop("onsetDateTime", None)
    if start:
        resource["onsetPeriod"] = {"start": start}
    return bool(start)


@each("Patient")
def patient_in_detail(resource: Json) -> bool:
    """The patient has names, addresses, languages and a marital status."""
    resource.setdefault("name", [{"family": "Muster", "given": ["A."]}])
    resource.setdefault("telecom", [{"system": "phone", "value": "+41 00 000 00 00"}])
    resource.setdefault("address", [{"city": "Calcium Springs", "country": "US"}])
    resource.setdefault("maritalStatus", {"text": "married"})
    resource.setdefault("communication", [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "de"}]}}])
    resource.setdefault("generalPractitioner", [{"display": "Dr. Warfarin"}])
    return True


@each("Patient")
def patient_active_and_alive(resource: Json) -> bool:
    """The patient record says that it is in use, and that she lives."""
    if any(key.startswith("deceased") for key in resource):
        return False
    resource.update(active=True, deceasedBoolean=False)
    return True


@each("MedicationRequest")
def original_order(resource: Json) -> bool:
    """An order is an original order."""
    if resource.get("intent") != "order":
        return False
    resource["intent"] = "original-order"
    return True


@each("MedicationRequest")
def order_in_detail(resource: Json) -> bool:
    """An order with priority, requester, note and dispense request."""
    resource.setdefault("priority", "routine")
    resource.setdefault("requester", {"display": "Dr. B"})
    resource.setdefault("reportedBoolean", False)
    resource.setdefault("doNotPerform", False)
    return True


@each("MedicationStatement")
def statement_in_detail(resource: Json) -> bool:
    """A statement with who said it and a category."""
    resource.setdefault("informationSource", {"reference": resource.get("subject", {}).get("reference", "Patient/p")})
    resource.setdefault("category", {"text": "Patient Specified"})
    return True


@each("MedicationStatement")
def start_with_a_time(resource: Json) -> bool:
    """The beginning of a statement with time and zone."""
    period = resource.get("effectivePeriod", {})
    if len(str(period.get("start"))) != 10:
        return False
    period["start"] += "T08:00:00Z"
    return True


@each(*MEDICINES)
def status_of_medicine_with_extension(resource: Json) -> bool:
    """The status of a medicine has an extension of its own."""
    extension = {"extension": [{"url": "https://hospital.example/why", "valueString": "list"}]}
    return bool(resource.get("status")) and resource.setdefault("_status", extension) is not None
