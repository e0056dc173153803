"""Why a clinician may not follow a card: the vocabulary of HL7, and the reasons of a hospital within it.

Codes and displays of the categories and reasons are those of HL7 International, CDS Hooks (github.com/HL7/cds-hooks,
``input/vocabulary``, Apache-2.0; concepts from AHRQ CDSiC publication 25-0073), unchanged.
"""

from __future__ import annotations

from typing import NamedTuple

from cds.code_systems import TERMINOLOGY
from cds.jsontypes import Json

SYSTEM = f"{TERMINOLOGY}/non-adherence-reason-codes"
CATEGORIES: dict[str, tuple[str, dict[str, str]]] = {
    "cds-not-applicable": (
        "PC CDS does not apply to patient",
        {
            "patient-ineligible": "Patient does not meet eligibility for recommended action",
            "indication-order-exists": "Patient has indication/order for intended action",
            "action-completed": "Recommended action was already completed",
            "action-unsuccessful": "Recommended action was previously unsuccessful",
            "action-performed-no-adverse-effect": "Intended action was performed previously without adverse effect",
            "action-not-priority": "Recommended action is not relevant or a priority in current state of health",
        },
    ),
    "cds-suboptimal-context": (
        "PC CDS delivered in suboptimal context",
        {
            "limited-time": "Could not address recommended action due to limited time",
            "wrong-time-workflow": "PC CDS delivered at wrong time in workflow or patient lifecycle",
            "inappropriate-recipient": "PC CDS delivered to inappropriate recipient/role",
            "need-more-info": (
                "Could not address recommended action due to need for more information/pending results/pending consult"
            ),
        },
    ),
    "recipient-disagrees-evidence": (
        "Recipient disagrees with recommendation because of issues with the evidence",
        {
            "does-not-align-latest-evidence": "Recommended action does not align with the latest evidence",
            "expert-contradicts": "Advice from expert contradicts the recommended action",
            "policy-contradicts": "Institutional policy/guideline contradicts the recommended action",
            "recipient-does-not-trust": "Recipient does not agree with or trust the recommended action",
        },
    ),
    "recipient-concerns-outcomes": (
        "Recipient has concerns regarding potential health outcomes",
        {
            "risk-benefit-ratio": "Recipient assessment of risk/benefit ratio",
            "mitigate-risk-negative-outcome": "Action taken to mitigate risk of negative outcome",
            "likely-negative-health-outcomes": "Recommended action likely to have negative health outcomes",
            "patient-contraindication": "Patient has contraindication to recommended action",
        },
    ),
    "does-not-align-preferences": (
        "Recommendation does not align with patient preferences or values",
        {
            "patient-fears-discomfort": "Patient fears discomfort from complying with recommended action",
            "patient-does-not-want-change": (
                "Patient does not want to change behavior or believes the change is unnecessary"
            ),
            "cultural-religious-reason": (
                "Patient has a cultural or religious reason for not following recommended action"
            ),
            "prefers-alternative": "Patient prefers an alternative approach or treatment",
            "patient-refuses": "Patient refuses/declines (no context given)*",
        },
    ),
    "not-convenient-feasible": (
        "Recommendation is not convenient or feasible",
        {
            "inadequate-support": "Patient has inadequate caregiver/social support",
            "service-not-available": "Treatment or service is not practically available",
            "implementation-challenges": "Recommended action cannot be implemented due to technology/challenges",
            "too-costly-uncovered": "Recommended action is too costly or not covered by insurance",
            "recipient-does-not-understand": (
                "Recipient does not understand the recommended action or know how to perform the recommended action"
            ),
            "comorbidity-disability": (
                "Patient has co-morbidity or disability that hinders them from completing recommended action"
            ),
        },
    ),
}
"""Each category with its display, and its reasons with theirs."""
DISPLAYS = {code: display for _, reasons in CATEGORIES.values() for code, display in reasons.items()}
NOT_MAPPED = "not mapped to a category of HL7"
_USUAL = (
    "patient-ineligible",
    "action-completed",
    "need-more-info",
    "expert-contradicts",
    "risk-benefit-ratio",
    "patient-contraindication",
    "patient-does-not-want-change",
)


class Reason(NamedTuple):
    """A reason that cards offer; ``category`` is that of HL7."""

    code: str
    display: str
    category: str
    system: str = SYSTEM


def category_of(code: str) -> str:
    """The category of a code of HL7, which may be one itself; empty for any other code."""
    return next((name for name, (_, reasons) in CATEGORIES.items() if code == name or code in reasons), "")


def offered(reasons: tuple[Reason, ...]) -> list[Json]:
    """The reasons as a card has them (``overrideReasons``)."""
    return [{"code": one.code, "system": one.system, "display": one.display} for one in reasons]


USUAL = tuple(Reason(code, DISPLAYS[code], category_of(code)) for code in _USUAL)
"""What every card offers where a hospital says nothing else."""
