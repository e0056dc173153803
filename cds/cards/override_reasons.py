"""Why a clinician may not follow a card: codes of the HL7 vocabulary for CDS Hooks.

Source: http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes (HL7 International, Clinical Decision Support);
code and display as published.
"""

from __future__ import annotations

from cds.code_systems import TERMINOLOGY

SYSTEM = f"{TERMINOLOGY}/non-adherence-reason-codes"
_DISPLAYS = {
    "patient-ineligible": "Patient does not meet eligibility for recommended action",
    "action-completed": "Recommended action was already completed",
    "need-more-info": (
        "Could not address recommended action due to need for more information/pending results/pending consult"
    ),
    "expert-contradicts": "Advice from expert contradicts the recommended action",
    "risk-benefit-ratio": "Recipient assessment of risk/benefit ratio",
    "patient-contraindication": "Patient has contraindication to recommended action",
    "patient-does-not-want-change": "Patient does not want to change behavior or believes the change is unnecessary",
}
OVERRIDE_REASONS = [{"code": code, "system": SYSTEM, "display": display} for code, display in _DISPLAYS.items()]
"""What every card offers."""
