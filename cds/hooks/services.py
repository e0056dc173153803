"""The services of the discovery answer, and the prefetch that the rules can read, derived from the rulebook."""

from __future__ import annotations

from typing import Any

from cds.rulebook.model import Condition, Measurement, RuleBook

Json = dict[str, Any]
HOOKS = {"calcium-review": "patient-view", "calcium-order-select": "order-select", "calcium-order-sign": "order-sign"}
"""One service id for each hook: clients that key services by id would lose one of two with the same id."""
ABOUT = {
    "patient-view": "Should this patient go on with the calcium supplement? Which co-nutrients need review?",
    "order-select": "What the selected calcium, vitamin D, K or magnesium order means together with the record.",
    "order-sign": "What the orders about to be signed mean for calcium and co-nutrients.",
}
PATIENT = "{{context.patientId}}"
USAGE = (
    "For health professionals. Without a key of the prefetch nothing of its kind is taken as absent: cards say "
    "less. Not a cleared medical device; every rule is a draft until a clinician signs it."
)


def prefetch_of(book: RuleBook) -> dict[str, str]:
    """The queries of what rules can read; observations by code, within the portable subset of the standard."""
    codes: dict[str, None] = {}
    for term in book.terms.values():
        listed = term.codes if isinstance(term, Measurement) else term.questions if isinstance(term, Condition) else ()
        codes.update(dict.fromkeys(f"{code.system}|{code.code}" for code in listed))
    return {
        "patient": f"Patient/{PATIENT}",
        "observations": f"Observation?patient={PATIENT}&code={','.join(codes)}",
        "conditions": f"Condition?patient={PATIENT}",
        "statements": f"MedicationStatement?patient={PATIENT}",
        "requests": f"MedicationRequest?patient={PATIENT}",
        "goals": f"Goal?patient={PATIENT}",
    }


def discovery(book: RuleBook) -> Json:
    """The answer to ``GET /cds-services``."""
    prefetch = prefetch_of(book)
    return {
        "services": [
            {
                "id": name, "hook": hook, "title": "Calcium supplement and co-nutrients", "description": ABOUT[hook],
                "prefetch": prefetch, "usageRequirements": USAGE, "version": "2.0.1",
            }
            for name, hook in HOOKS.items()
        ]
    }  # fmt: skip
