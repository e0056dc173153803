"""Records that say less than before: an answer may then only say less, or say what it did not understand."""

from __future__ import annotations

import re

from rewriting.register import CLINICAL, MEDICINES, Json, codings_of, concept_of, each, without


@each(*MEDICINES, loses=True)
def medicine_without_code_and_name(resource: Json) -> bool:
    """A medicine that nothing names."""
    return resource.pop("medicationCodeableConcept", None) is not None


@each(*MEDICINES, loses=True)
def medicine_by_an_unknown_code(resource: Json) -> bool:
    """A medicine by a code of a system that nobody knows, without a text."""
    return _unknown(resource)


@each("Condition", loses=True)
def condition_by_an_unknown_code(resource: Json) -> bool:
    """A condition by a code of a system that nobody knows, without a text."""
    return _unknown(resource)


def _unknown(resource: Json) -> bool:
    concept = concept_of(resource)
    if concept is not None:
        concept.clear()
        concept["coding"] = [{"system": "urn:oid:1.2.3.4.5", "code": "K-77"}]
    return concept is not None


@each(*MEDICINES, loses=True)
def medicine_by_an_unreadable_name(resource: Json) -> bool:
    """A medicine by the words of a person in a hurry."""
    concept = concept_of(resource)
    if concept is not None:
        concept.clear()
        concept["text"] = "wie besprochen"
    return concept is not None


@each("Condition", loses=True)
def condition_by_an_unreadable_name(resource: Json) -> bool:
    """A condition by words that say nothing."""
    concept = concept_of(resource)
    if concept is not None:
        concept.clear()
        concept["text"] = "siehe Brief"
    return concept is not None


@each("Condition", loses=True)
def condition_without_a_code(resource: Json) -> bool:
    """A condition without code and text."""
    return resource.pop("code", None) is not None


@each("Observation", loses=True)
def results_without_a_unit(resource: Json) -> bool:
    """Numbers alone."""
    amount = resource.get("valueQuantity")
    if not isinstance(amount, dict):
        return False
    return without(amount, "unit", "code", "system")


@each("Observation", loses=True)
def results_in_an_unknown_unit(resource: Json) -> bool:
    """Numbers in a unit that nobody knows."""
    amount = resource.get("valueQuantity")
    if not isinstance(amount, dict) or not amount.get("code"):
        return False
    amount.pop("system", None)
    amount.pop("code")
    amount["unit"] = "glug"
    return True


@each("Observation", loses=True)
def results_as_prose(resource: Json) -> bool:
    """Results as a sentence."""
    if resource.pop("valueQuantity", None) is None:
        return False
    resource["valueString"] = "see attached report"
    return True


@each("Observation", loses=True)
def results_as_a_word(resource: Json) -> bool:
    """Results as a word."""
    if resource.pop("valueQuantity", None) is None:
        return False
    resource["valueCodeableConcept"] = {"text": "abnormal"}
    return True


@each("Observation", loses=True)
def results_without_a_value(resource: Json) -> bool:
    """Results that say why they have no value."""
    if resource.pop("valueQuantity", None) is None:
        return False
    resource["dataAbsentReason"] = {"coding": [{"code": "unknown"}]}
    return True


@each("Observation", loses=True)
def results_without_a_date(resource: Json) -> bool:
    """Results without a date."""
    return without(resource, "effectiveDateTime", "effectivePeriod", "issued")


@each("Observation", loses=True)
def results_without_a_status(resource: Json) -> bool:
    """Results without a status."""
    return resource.pop("status", None) is not None


@each("Observation", loses=True)
def results_with_an_unknown_status(resource: Json) -> bool:
    """Results whose status is unknown."""
    resource["status"] = "unknown"
    return True


@each("Observation", loses=True)
def results_by_an_unknown_code(resource: Json) -> bool:
    """Results by a code of the house, with their names."""
    concept = concept_of(resource) or {}
    names = [concept.get("text"), *(coding.get("display") for coding in codings_of(resource))]
    if not any(names):
        return False
    concept.clear()
    concept.update(text=next(name for name in names if name), coding=[{"system": "urn:lab", "code": "417"}])
    return True


@each(*MEDICINES, loses=True)
def medicines_without_a_status(resource: Json) -> bool:
    """Medicines without a status."""
    return resource.pop("status", None) is not None


@each(*MEDICINES, loses=True)
def medicines_with_an_unknown_status(resource: Json) -> bool:
    """Medicines whose status is unknown."""
    if resource.get("status") != "active":
        return False
    resource["status"] = "unknown"
    return True


@each(*MEDICINES, loses=True)
def medicines_without_a_dose(resource: Json) -> bool:
    """Medicines without a dosage."""
    return without(resource, "dosage", "dosageInstruction")


@each(*MEDICINES, loses=True)
def medicines_dosed_in_prose(resource: Json) -> bool:
    """Medicines with a dosage that nobody can read."""
    for key in ("dosage", "dosageInstruction"):
        if resource.get(key):
            resource[key] = [{"text": "gemäss Plan"}]
            return True
    return False


@each(*MEDICINES, loses=True)
def dose_in_an_unknown_unit(resource: Json) -> bool:
    """Doses in a unit that nobody knows."""
    found = [part for dosage in resource.get("dosage", resource.get("dosageInstruction", []))
             for part in dosage.get("doseAndRate", []) if isinstance(part.get("doseQuantity"), dict)]  # fmt: skip
    for part in found:
        part["doseQuantity"].pop("system", None)
        part["doseQuantity"].pop("code", None)
        part["doseQuantity"]["unit"] = "Schluck"
    return bool(found)


@each("Condition", loses=True)
def conditions_unconfirmed(resource: Json) -> bool:
    """Conditions that nobody has confirmed."""
    resource["verificationStatus"] = {"coding": [{"code": "unconfirmed"}]}
    return True


@each("Condition", loses=True)
def conditions_with_an_unknown_status(resource: Json) -> bool:
    """Conditions with a clinical status that nobody knows."""
    resource["clinicalStatus"] = {"coding": [{"system": "urn:x", "code": "so-so"}]}
    return True


@each("Patient", loses=True)
def patient_without_a_birth_date(resource: Json) -> bool:
    """A patient of unknown age."""
    return resource.pop("birthDate", None) is not None


@each("Patient", loses=True)
def patient_without_a_sex(resource: Json) -> bool:
    """A patient of unknown sex."""
    return resource.pop("gender", None) is not None


@each("Patient", loses=True)
def patient_born_in_some_year(resource: Json) -> bool:
    """A patient with a year of birth only."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(resource.get("birthDate"))):
        return False
    resource["birthDate"] = resource["birthDate"][:4]
    return True


@each("Observation", loses=True)
def answers_in_words(resource: Json) -> bool:
    """The answer to a question as words that nobody knows."""
    if resource.pop("valueCodeableConcept", None) is None:
        return False
    resource["valueCodeableConcept"] = {"text": "siehe Anamnese"}
    return True


@each(*CLINICAL, loses=True)
def subjects_by_identifier(resource: Json) -> bool:
    """Resources that name the patient by a number only."""
    if not isinstance(resource.get("subject"), dict):
        return False
    resource["subject"] = {"identifier": {"value": "4711"}}
    return True


@each(*CLINICAL, loses=True)
def systems_in_capitals(resource: Json) -> bool:
    """Code systems by names in capitals: to FHIR those are others."""
    for coding in codings_of(resource):
        coding["system"] = str(coding.get("system")).upper()
    return bool(codings_of(resource))


@each(*CLINICAL, loses=True)
def codes_without_a_system(resource: Json) -> bool:
    """Codes alone, without their systems."""
    return [coding for coding in codings_of(resource) if without(coding, "system")] != []
